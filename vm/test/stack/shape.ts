/**
 * Shapes of recursive functions: what is computed before the recursive call, and again after it, is what a compiler may
 * keep in the frame meanwhile. A shape is data, so that a search can change one a little and look what the frame does.
 */
import type { Random } from '../../testing/random.ts'

/** Ways to make values from the function's first parameter, one term after another. */
export const TERMS = [
  'add',
  'mul',
  'unary',
  'i64',
  'div',
  'rem',
  'div64',
  'select',
  'load',
  'store',
  'compare',
] as const
export type Term = (typeof TERMS)[number]

export type Piece =
  /** `count` terms, in an unrolled row. */
  | { readonly kind: 'terms'; readonly term: Term; readonly count: number }
  /** Terms inside a loop of `turns` turns, whose counter goes into them unless `turns` is 0. */
  | { readonly kind: 'loop'; readonly term: Term; readonly count: number; readonly turns: number }
  /** Calls of a small function of `count` terms, at `sites` places, `depth` small functions deep. */
  | {
      readonly kind: 'callee'
      readonly term: Term
      readonly count: number
      readonly sites: number
      readonly depth: number
      readonly indirect: boolean
    }
  /** A `br_table` into `segments` nested blocks; each segment gives `count` locals new values and may call. */
  | { readonly kind: 'joins'; readonly segments: number; readonly count: number; readonly calls: boolean }
  /** `count` terms as the arguments of one call. */
  | { readonly kind: 'arguments'; readonly term: Term; readonly count: number }
  /** `count` terms left on the operand stack until the end of the part. */
  | { readonly kind: 'operands'; readonly term: Term; readonly count: number }

export const RECURSIONS = ['direct', 'indirect', 'mutual', 'loop', 'tail', 'inlined'] as const

export interface Shape {
  readonly pieces: readonly Piece[]
  /** Whether the pieces are computed again after the call, or only what they left is used. */
  readonly again: boolean
  readonly recursion: (typeof RECURSIONS)[number]
  /** i64 parameters, locals that get a value each, and i64 results past the first. */
  readonly params: number
  readonly locals: number
  readonly results: number
}

/** Most of each number in a shape. */
const MOST = {
  terms: 3000,
  inLoop: 300,
  turns: 6,
  sites: 60,
  inCallee: 120,
  depth: 6,
  segments: 60,
  joined: 60,
  arguments: 90,
}

const between = (random: Random, low: number, high: number): number => low + random.below(high - low + 1)
/** Small numbers are as likely as large ones. */
const spread = (random: Random, high: number): number => 1 + random.below(between(random, 1, high))

function randomPiece(random: Random): Piece {
  const term = random.pick(TERMS)
  switch (random.below(6)) {
    case 0:
      return { kind: 'terms', term, count: spread(random, MOST.terms >> 2) }
    case 1:
      return { kind: 'loop', term, count: spread(random, MOST.inLoop), turns: random.below(MOST.turns + 1) }
    case 2: {
      const count = spread(random, MOST.inCallee)
      const depth = random.below(3) === 0 ? between(random, 2, MOST.depth) : 1
      return { kind: 'callee', term, count, sites: spread(random, MOST.sites), depth, indirect: random.below(3) === 0 }
    }
    case 3:
      return {
        kind: 'joins',
        segments: spread(random, MOST.segments),
        count: spread(random, MOST.joined),
        calls: random.below(2) === 0,
      }
    case 4:
      return { kind: 'arguments', term, count: spread(random, MOST.arguments) }
    default:
      return { kind: 'operands', term, count: spread(random, MOST.terms >> 3) }
  }
}

export function randomShape(random: Random): Shape {
  return {
    pieces: Array.from({ length: between(random, 1, 3) }, () => randomPiece(random)),
    again: random.below(4) !== 0,
    recursion: random.pick(RECURSIONS),
    params: random.below(4) === 0 ? spread(random, 90) : 0,
    locals: random.below(4) === 0 ? spread(random, 900) : 0,
    results: random.below(4) === 0 ? spread(random, 12) : 0,
  }
}

/** The shape with one thing changed. */
export function changed(shape: Shape, random: Random): Shape {
  const pieces = [...shape.pieces]
  const at = random.below(pieces.length)
  switch (random.below(9)) {
    case 0:
      pieces[at] = randomPiece(random)
      return { ...shape, pieces }
    case 1:
      if (pieces.length < 5) pieces.push(randomPiece(random))
      return { ...shape, pieces }
    case 2:
      if (pieces.length > 1) pieces.splice(at, 1)
      return { ...shape, pieces }
    case 3:
      return { ...shape, recursion: random.pick(RECURSIONS) }
    case 4:
      return { ...shape, again: !shape.again }
    case 5:
      return { ...shape, locals: random.below(2) === 0 ? 0 : spread(random, 900) }
    case 6:
      return { ...shape, params: random.below(2) === 0 ? 0 : spread(random, 90) }
    default:
      pieces[at] = scaled(pieces[at]!, random)
      return { ...shape, pieces }
  }
}

function scaled(piece: Piece, random: Random): Piece {
  const scale = (value: number, most: number): number =>
    Math.max(
      1,
      Math.min(most, Math.round((value * random.pick([1, 2, 3, 5, 6, 7, 8, 12, 16])) / 8) + random.below(3) - 1),
    )
  if ('term' in piece && random.below(3) === 0) return { ...piece, term: random.pick(TERMS) }
  switch (piece.kind) {
    case 'terms':
    case 'operands':
      return { ...piece, count: scale(piece.count, piece.kind === 'terms' ? MOST.terms : MOST.terms >> 2) }
    case 'loop':
      if (random.below(3) === 0) return { ...piece, turns: random.below(MOST.turns + 1) }
      return { ...piece, count: scale(piece.count, MOST.inLoop) }
    case 'callee':
      if (random.below(2) === 0) return { ...piece, sites: scale(piece.sites, MOST.sites) }
      if (random.below(3) === 0) return { ...piece, depth: between(random, 1, MOST.depth) }
      return { ...piece, count: scale(piece.count, MOST.inCallee) }
    case 'joins':
      if (random.below(2) === 0) return { ...piece, segments: scale(piece.segments, MOST.segments) }
      return { ...piece, count: scale(piece.count, MOST.joined) }
    case 'arguments':
      return { ...piece, count: scale(piece.count, MOST.arguments) }
  }
}
