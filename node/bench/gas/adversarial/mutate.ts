/** Changes cases a little, or makes new ones, by a seeded generator. */
import type { Random } from '@touchstone/vm/testing/random'
import { type Attack, type ModuleShape, PLAIN_MODULE } from './attack.ts'
import { loopParts } from './loopParts.ts'
import { BODIES, ENTRY_KINDS } from './moduleText.ts'
import { NEST_BODIES } from './nests.ts'

const PARTS = Object.keys(loopParts)
const KINDS = ['loop', 'loop', 'loop', 'frames', 'ring', 'nest', 'loads', 'loads', 'creations', 'transactions'] as const
/** Most parts of a loop. */
const MOST_PARTS = 5
/** Most codes that are called in turn. */
const MOST_CODES = 1_000

/** Numbers of a shape, and the most of each. */
const SIZES = {
  functions: 3_000,
  statements: 400,
  locals: 990,
  nests: 40,
  tables: 16,
  tableElements: 10_000,
  segments: 40,
  segmentElements: 10_000,
  dataSegments: 20,
  dataBytes: 60_000,
  globals: 990,
  exports: 990,
  imports: 900,
  pages: 120,
} as const
type Size = keyof typeof SIZES
/** Instructions of a module at most, elements and bytes alike, so that making it takes less time than running it. */
const MOST_WORK = 150_000

/** Small numbers are as likely as large ones. */
const sizeBelow = (random: Random, most: number): number =>
  random.below(2 ** random.below(Math.ceil(Math.log2(most + 1)) + 1)) % (most + 1)

function mutateModule(random: Random, module: ModuleShape): ModuleShape {
  const changed: { -readonly [K in keyof ModuleShape]: ModuleShape[K] } = { ...module }
  const sizes = Object.keys(SIZES) as Size[]
  for (let count = 1 + random.below(3); count > 0; count--) {
    switch (random.below(6)) {
      case 0:
        changed.body = random.pick(BODIES)
        break
      case 1:
        changed.entry = random.pick(ENTRY_KINDS)
        break
      case 2:
        changed.callsAll = !changed.callsAll
        break
      case 3:
        changed.packed = !changed.packed
        break
      case 4: {
        const size = random.pick(sizes)
        changed[size] = sizeBelow(random, SIZES[size])
        break
      }
      default: {
        const size = random.pick(sizes)
        const by = random.pick([0.25, 0.5, 0.8, 1.25, 2, 4])
        changed[size] = Math.min(SIZES[size], Math.round((changed[size] + 1) * by))
      }
    }
  }
  changed.pages = Math.max(1, changed.pages)
  const { functions, statements, locals, nests, body } = changed
  const each = NEST_BODIES.includes(body) ? statements * nests : statements + locals
  const work = functions * (each + 4) + changed.segments * changed.segmentElements
  return work + changed.dataSegments * changed.dataBytes > MOST_WORK * 4 || work > MOST_WORK ? module : changed
}

export function randomAttack(random: Random): Attack {
  const module = mutateModule(random, mutateModule(random, mutateModule(random, PLAIN_MODULE)))
  switch (random.pick(KINDS)) {
    case 'loop':
      return {
        kind: 'loop',
        parts: Array.from({ length: 1 + random.below(3) }, () => random.pick(PARTS)),
        pages: 1 + random.below(8),
      }
    case 'frames':
      return random.below(3) === 0
        ? { kind: 'frames', module, gas: 2_000 + sizeBelow(random, 100_000) }
        : { kind: 'frames', module }
    case 'ring':
      return { kind: 'ring', module, codes: 1 + sizeBelow(random, MOST_CODES) }
    case 'nest':
      return { kind: 'nest', module, depth: 1 + random.below(126) }
    case 'loads':
      return { kind: 'loads', module, each: random.pick([1, 1, 2, 3, 10, 40]) }
    case 'creations':
      return { kind: 'creations', module, inside: random.below(3) === 0, valid: random.below(4) > 0 }
    case 'transactions':
      return {
        kind: 'transactions',
        to: random.pick(['new', 'old', 'self', 'warm code', `precompile ${1 + random.below(9)}`] as const),
        value: random.below(2),
        zeros: sizeBelow(random, 100_000),
        nonzeros: sizeBelow(random, 30_000),
        addresses: sizeBelow(random, 300),
        keys: sizeBelow(random, 30),
      }
  }
}

export function mutate(random: Random, attack: Attack): Attack {
  switch (attack.kind) {
    case 'loop': {
      const parts = [...attack.parts]
      const at = random.below(parts.length)
      const what = random.below(4)
      if (what === 0 && parts.length < MOST_PARTS) parts.splice(at, 0, random.pick(PARTS))
      else if (what === 1 && parts.length > 1) parts.splice(at, 1)
      else if (what === 2) parts.push(parts[at]!)
      else parts[at] = random.pick(PARTS)
      return { ...attack, parts: parts.slice(0, MOST_PARTS), pages: 1 + random.below(64) }
    }
    case 'ring':
      return { ...attack, module: mutateModule(random, attack.module), codes: 1 + sizeBelow(random, MOST_CODES) }
    case 'nest':
      return { ...attack, module: mutateModule(random, attack.module), depth: 1 + random.below(126) }
    case 'loads':
      return { ...attack, module: mutateModule(random, attack.module), each: random.pick([1, attack.each, 2, 10]) }
    case 'transactions': {
      const fresh = randomAttack(random)
      return fresh.kind === 'transactions'
        ? fresh
        : { ...attack, keys: sizeBelow(random, 30), addresses: sizeBelow(random, 300) }
    }
    default:
      return { ...attack, module: mutateModule(random, attack.module) }
  }
}
