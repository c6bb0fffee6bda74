/**
 * The core's bytes, handler by handler: where 32 or fewer bits become 64 with their sign. A compiler that makes one load of
 * a load and its extension can give a sign to what has none (an address, an index), or take it from what has one.
 */
import { expect, it } from 'vitest'
import { decode } from '../../binary/decode.ts'
import { type InstructionList, WORDS } from '../../binary/module.ts'
import { INSTRUCTIONS, OP } from '../../binary/opcodes.ts'
import { DEFAULT_LIMITS } from '../../limits.ts'
import { CORE_BASE64 } from './core.ts'
import { membersOf, NAMES } from './operations.ts'

it('only handlers that ask for it widen a number with its sign', () => {
  const asked = new Map(NAMES.map((name) => [name, signsAsked(name)]))
  const found = new Map([...handlersOfCore()].map(([name, ops]) => [name, ops.filter(widensWithSign).length]))
  expect(found).toEqual(asked)
  expect([...asked.values()].filter((count) => count > 0).length).toBeGreaterThan(40)
})

/** How often the members of an instruction widen with the sign. */
function signsAsked(name: string): number {
  const members = membersOf(name)
  let count = 0
  for (const [i, { operation, from }] of members.entries()) {
    if (WITH_SIGN.test(operation.name)) count++
    // Constants of 64 bits are words of 32.
    count += [...operation.inputs].filter((letter) => letter === 'I').length
    // Moved to where 64 bits fit; nobody reads the upper half of what is of type i32.
    const moved = from !== null && operation.inputs[from] === 'S' && members[i - 1]!.operation.result === 'i32'
    if (moved) count++
  }
  return count
}

const WITH_SIGN = /^i64\.(load\d+|extend\d+|extend_i32)_s$/

function widensWithSign(op: number): boolean {
  return WITH_SIGN.test(INSTRUCTIONS[op]!.name)
}

/** The opcodes of each handler: what follows the block that its target of the core's br_table ends. */
function handlersOfCore(): Map<string, number[]> {
  const { bodies } = decode(Buffer.from(CORE_BASE64, 'base64'), { floats: 'reject', limits: DEFAULT_LIMITS })
  const { words, count, labels } = bodies[0]!.code
  expect(bodies.length).toBe(1)
  const opens: number[] = []
  let dispatch = 0
  for (; words[dispatch * WORDS] !== OP.br_table; dispatch++) {
    const op = words[dispatch * WORDS]!
    if (op === OP.block || op === OP.loop || op === OP.if) opens.push(words[dispatch * WORDS + 3]!)
    else if (op === OP.end) opens.pop()
    expect(dispatch).toBeLessThan(count)
  }
  const [first, targets] = [words[dispatch * WORDS + 2]!, words[dispatch * WORDS + 3]!]
  const ends = Array.from({ length: targets }, (_, i) => opens[opens.length - 1 - labels[first + i]!]!)
  expect(ends.length).toBe(NAMES.length)
  expect(new Set(ends).size).toBe(ends.length)
  const borders = [...opens].sort((a, b) => a - b)
  return new Map(
    ends.map((end, i) => {
      const next = borders.find((border) => border > end)!
      return [NAMES[i]!, opcodes(words, end + 1, next)]
    }),
  )
}

function opcodes(words: InstructionList['words'], from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => words[(from + i) * WORDS]!)
}
