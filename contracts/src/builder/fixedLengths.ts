/**
 * Numbers in the place of a type's argument. TypeScript takes `FixedArray<U256, 3>`, AssemblyScript's parser does not: there
 * a number behind a comma is read as the name of the class that stands for it (sdk.ts).
 */

import { internals, type Method, numberOf, type Range, type Replacement } from './internals.ts'
import { BETWEEN, LENGTH_PREFIX } from './sdk.ts'

/** Characters of space and comments between a comma and the number that are looked at. */
const MAX_BETWEEN = 1000
const BEHIND_COMMA = new RegExp(`,${BETWEEN}$`)
const NUMBER = numberOf(internals.Token, 'IntegerLiteral')

/** The parser's way through a text. */
interface Tokens {
  readonly source: { readonly text: string }
  readonly pos: number
  /** Where the token begins that was read last. */
  readonly tokenPos: number
  peek(): number
  next(): number
  mark(): unknown
  reset(mark: unknown): void
  readInteger(): unknown
  range(start: number, end: number): Range
}

export const FIXED_LENGTHS: readonly Replacement[] = [
  {
    owner: 'Parser',
    methods: ['parseType'],
    replace: (original: Method) =>
      function (this: unknown, tokens: Tokens, ...rest: unknown[]): unknown {
        return lengthAt(tokens) ?? original.call(this, tokens, ...rest)
      },
  },
]

function lengthAt(tokens: Tokens): unknown {
  if (tokens.peek() !== NUMBER) return null
  const before = tokens.mark()
  tokens.next()
  const { text } = tokens.source
  const start = tokens.tokenPos
  tokens.readInteger()
  if (!isBehindComma(text, start)) {
    tokens.reset(before)
    return null
  }
  const range = tokens.range(start, tokens.pos)
  const name = internals.Node.createSimpleTypeName(LENGTH_PREFIX + text.slice(start, tokens.pos), range)
  return internals.Node.createNamedType(name, [], false, range)
}

function isBehindComma(text: string, at: number): boolean {
  return BEHIND_COMMA.test(text.slice(Math.max(0, at - MAX_BETWEEN), at))
}
