/**
 * Modules of functions whose blocks stand inside each other, written as bytes: the parser of the text format takes for ever
 * with some thousand. A body is a nest as deep as the shape has `statements`, or a row of so many parts, `nests` times;
 * locals 0 and 1 are i32, and as many i64 as the shape has `locals` come after them.
 */
import { type Body, code, I32, I64, leb, moduleBytes, repeated, vector } from '../../../../vm/test/bombs/moduleBytes.ts'
import type { ModuleShape } from './attack.ts'

const BLOCK = [0x02, 0x40]
const LOOP = [0x03, 0x40]
const END = [0x0b]
const GET = [0x20, 1]
/** Local 1 is 9, so that it is not taken. */
const branchIfZero = (depth: number): number[] => [...GET, 0x45, 0x0d, ...leb(depth)]
const branchIfSet = (depth: number): number[] => [...GET, 0x0d, ...leb(depth)]
/** local 0 += 1, on while it is below 2, unsigned: a loop that metering counts. */
const COUNTED = [0x20, 0, 0x41, 1, 0x6a, 0x22, 0, 0x41, 2, 0x49, 0x0d, 0]

type Bytes = readonly number[]

const times = (count: number, part: (i: number) => Bytes): number[] =>
  Array.from({ length: count }, (_, i) => part(i)).flat()
const nest = (depth: number, opener: Bytes, inner: Bytes, closer: Bytes = END): number[] => [
  ...repeated(depth, opener),
  ...inner,
  ...repeated(depth, closer),
]

/** Most targets of a br_table, less the default. */
const MOST_TARGETS = 4_096
/** Loops in nests that are deeper than loops may be. */
const MOST_LOOPS = 250

/** Side by side: what takes few bytes, and more of a compiler than these tell. */
const ROWS: Readonly<Record<string, (i: number) => Bytes>> = {
  'empty loops': () => [...LOOP, ...END],
  'loops of one branch': () => [...LOOP, ...branchIfZero(0), ...END],
  'blocks left by a branch': () => [...BLOCK, ...branchIfSet(0), ...END],
  ifs: () => [...GET, 0x04, 0x40, ...END],
  'ifs with else': () => [...GET, 0x04, 0x40, 0x05, ...END],
  // (i32.eqz (local.get 1)) once, then again and again: a byte each.
  'one-byte instructions': (i) => (i === 0 ? [...GET, 0x45] : [0x45]),
  divisions: () => [...GET, ...GET, 0x6e, 0x1a],
  loads: () => [...GET, 0x28, 2, 0, 0x1a],
  stores: () => [...GET, ...GET, 0x36, 2, 0],
  'calls of nothing': () => [0x10, 0],
  'memory.grow': () => [0x41, 0, 0x40, 0, 0x1a],
  'memory.fill': () => [...GET, ...GET, 0x41, 0, 0xfc, 0x0b, 0],
  'br_table of two': () => [...BLOCK, ...GET, 0x0e, 1, 0, 0, ...END],
}
const NESTS: Readonly<Record<string, (depth: number) => Bytes>> = {
  'nested loops': (depth) => nest(depth, LOOP, [], [...branchIfZero(0), ...END]),
  'nested counted loops': (depth) => nest(depth, LOOP, [], [...COUNTED, ...END]),
  'loops that go on with the loop around them': (depth) => [
    ...times(depth, (i) => (i === 0 ? LOOP : [...LOOP, ...branchIfZero(1)])),
    ...repeated(depth, END),
  ],
  'nested loops, branches from the innermost to each': (depth) =>
    nest(
      depth,
      LOOP,
      times(depth, (i) => branchIfZero(i)),
    ),
  'nested loops with br_table': (depth) => [
    ...BLOCK,
    // 9 is one of the targets that leave all of them.
    ...nest(depth, LOOP, [...GET, 0x0e, ...leb(depth + 9), ...repeated(10, leb(depth)), ...times(depth, leb)]),
    ...END,
  ],
  'loops in nests of blocks': (depth) => {
    const loops = Math.min(depth >> 1, MOST_LOOPS)
    return [
      ...repeated(depth - loops, BLOCK),
      ...nest(loops, LOOP, branchIfSet(loops), [...branchIfZero(0), ...END]),
      ...repeated(depth - loops, END),
    ]
  },
  'blocks and loops by turns': (depth) => [
    ...times(depth, (i) => (i % 2 === 1 && i < 2 * MOST_LOOPS ? LOOP : BLOCK)),
    ...times(depth, (i) => branchIfZero(i)),
    ...repeated(depth, END),
  ],
  'nested blocks': (depth) => nest(depth, BLOCK, []),
  'nested blocks, branches from the innermost to each': (depth) =>
    nest(
      depth,
      BLOCK,
      times(depth, (i) => branchIfZero(i)),
    ),
  'nested ifs': (depth) => nest(depth, [...GET, 0x04, 0x40], []),
  'nested ifs with else': (depth) => nest(depth, [...GET, 0x04, 0x40, ...GET, 0x21, 0, 0x05], []),
  'br_table into nested blocks': (depth) => {
    const targets = Math.min(depth - 1, MOST_TARGETS)
    return nest(depth, BLOCK, [...GET, 0x0e, ...leb(targets), ...times(targets + 1, leb)])
  },
}
export const NEST_BODIES: readonly string[] = [...Object.keys(NESTS), ...Object.keys(ROWS)]

function partOf(body: string, size: number): Bytes | null {
  const row = ROWS[body]
  return row === undefined ? (NESTS[body]?.(size) ?? null) : times(size, row)
}

/** Null for a shape whose body is none of these. Declarations of the shape beside functions and pages are left out. */
export function nestModule(shape: ModuleShape): Uint8Array | null {
  const { body, functions, statements, nests, locals, pages, callsAll } = shape
  const part = partOf(body, Math.max(1, statements))
  if (part === null) return null
  const count = Math.max(1, functions)
  const inside = times(Math.max(1, nests), () => part)
  // The values that a row of one-byte instructions leaves on the stack are dropped, and no others.
  const rest = body === 'one-byte instructions' ? repeated(Math.max(1, nests), [0x1a]) : []
  const nested: Body = { type: 0, locals: [[locals, I64]], code: [...inside, ...rest, 0x20, 0] }
  // (drop (call f (i32.const 0) (i32.const 9)))
  const calls = callsAll ? times(count, (f) => [0x41, 0, 0x41, 9, 0x10, ...leb(f + 1), 0x1a]) : []
  const entry: Body = { type: 1, code: [...calls, 0x41, 0] }
  const nothing: Body = { type: 2, code: [] }
  return moduleBytes({
    types: [
      [[I32, I32], [I32]],
      [[I32], [I32]],
      [[], []],
    ],
    bodies: [nothing, ...Array.from({ length: count }, () => nested), entry],
    raw: {
      5: vector(1, (writer) => {
        writer.byte(0)
        writer.u32(pages)
      }),
      7: code((writer) => {
        writer.u32(2)
        writer.name('memory')
        writer.byte(2)
        writer.u32(0)
        writer.name('user_entrypoint')
        writer.byte(0)
        writer.u32(count + 1)
      }),
    },
  })
}
