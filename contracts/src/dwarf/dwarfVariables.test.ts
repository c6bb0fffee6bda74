/**
 * Variables by DWARF: modules that clang and rustc made (testing/makeVariables.mjs), places as llvm-dwarfdump 19 has them,
 * and what nobody's compiler made. Values of a contract that runs are in devnet's debugVariables.test.ts.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { DebugSections } from './debugEntries.ts'
import type { StoppedMachine } from './debugLocations.ts'
import { NOT_KEPT, type SourceVariable } from './debugValues.ts'
import { DwarfLines } from './dwarfLines.ts'
import { DwarfVariables } from './dwarfVariables.ts'
import { sectionsOf } from './wasmSections.ts'

const { stripped } = (await import(new URL('../../templates/strip.mjs', import.meta.url).href)) as {
  stripped(module: Uint8Array): Uint8Array
}
const vector = (name: string) => new Uint8Array(readFileSync(new URL(`testing/${name}`, import.meta.url)))
const MEMORY = Uint8Array.from({ length: 65_536 }, (_, i) => (i * 7) & 255)
const MACHINE: StoppedMachine = {
  local: (index) => BigInt(1_000 + 8 * index),
  global: () => 9_000n,
  operand: () => null,
  read: (at, length) => (at < 0 || at + length > MEMORY.length ? null : MEMORY.slice(at, at + length)),
}

/** Sections in the order in which the reader takes them. */
const SECTIONS: Readonly<Record<keyof DebugSections, string>> = {
  ...{ info: '.debug_info', abbrev: '.debug_abbrev', strings: '.debug_str', lineStrings: '.debug_line_str' },
  ...{ stringOffsets: '.debug_str_offsets', addresses: '.debug_addr', locations: '.debug_loc' },
  ...{ locationLists: '.debug_loclists', ranges: '.debug_ranges', rangeLists: '.debug_rnglists' },
}
function sectionsIn(module: Uint8Array) {
  const all = sectionsOf(module)
  const of = (wanted: string) => {
    const found = all.find(({ name }) => name === wanted)
    return found === undefined ? new Uint8Array(0) : module.slice(found.contents, found.end)
  }
  const code = all.find(({ id }) => id === 10)!
  const sections = Object.fromEntries(Object.entries(SECTIONS).map(([key, name]) => [key, of(name)]))
  return { sections: sections as unknown as Record<keyof DebugSections, Uint8Array>, code: code.end - code.contents }
}

/** At an address the variables that have a place, and those that have none behind a bar. */
function namesAt(variables: DwarfVariables, address: number): string {
  const all = variables.at(address, MACHINE)
  const names = (isKept: boolean) =>
    all
      .filter(({ value }) => (value !== NOT_KEPT) === isKept)
      .map(({ name }) => name)
      .join(' ')
  return `${names(true)}|${names(false)}`
}

describe.each(['variables.c.O2.dwarf4.wasm', 'variables.c.O2.dwarf5.wasm'])('the variables of %s', (file) => {
  const { sections, code } = sectionsIn(vector(file))
  const variables = new DwarfVariables(sections, code)

  it('are in scope, and have a place, where the compiler says', () => {
    const inlined = Array.from({ length: code }, (_, at) => at).filter((at) => variables.inlinedAt(at).length > 0)
    expect(new Set(inlined.flatMap((at) => variables.inlinedAt(at)))).toEqual(new Set(['weighed']))
    expect(namesAt(variables, inlined[0]!)).toBe('i account amount of moved sum|amount where weight step note')
    expect(namesAt(variables, 0)).toBe('|')
    expect(namesAt(variables, 1)).toBe('|')
    expect(namesAt(variables, code)).toBe('|')
  })
})

it('tells of a local by its type, of a frame by its base, and of pointers what they point to', () => {
  const { sections, code } = sectionsIn(vector('variables.c.O0.dwarf5.wasm'))
  const variables = new DwarfVariables(sections, code)
  const all = Array.from({ length: code }, (_, at) => variables.at(at, MACHINE)).flat()
  const account = all.find(({ name, type }) => name === 'account' && type === 'account *')!
  expect(account.children![0]).toMatchObject({ name: '*', type: 'account' })
  expect(account.children![0]!.children!.map(({ name, type }) => `${name}: ${type}`)).toEqual([
    ...['owner: u8[20]', 'flags: u32', 'kind: u32', 'at: point', 'to: const point *', 'color: color', 'either: union'],
  ])
  expect(all.find(({ name }) => name === 'note')).toMatchObject({ type: 'const char *' })
  // Before the frame is made its place is 0, and no variable is there.
  const inside = Array.from({ length: code }, (_, at) => at).find((at) => variables.inlinedAt(at).length > 0)!
  const unmade = variables.at(inside, { ...MACHINE, local: () => 0n })
  expect(unmade.map(({ value }) => value)).toEqual(unmade.map(() => NOT_KEPT))
  expect(all.find(({ name }) => name === 'is_small')!.value).toMatch(/^(true|false)/)
})

it('has names and types of Rust', () => {
  const { sections, code } = sectionsIn(vector('variables.rs.O2.dwarf5.wasm'))
  const variables = new DwarfVariables(sections, code)
  const types = new Set<string>()
  for (let at = 0; at < code; at++)
    for (const { name, type } of variables.at(at, MACHINE)) types.add(`${name}: ${type}`)
  const some = ['self: &mut variables::Wallet', 'notes: &[u16]', 'letter: char', 'input: u8[36]', 'wallet: Wallet']
  for (const one of [...some, 'color: Color', 'pair: (bool, u64)', 'step: Point']) expect(types).toContain(one)
})

it('says what is damaged, and leaves the lines', () => {
  const debug = vector('variables.c.O2.dwarf5.wasm')
  const deployed = stripped(debug)
  const info = sectionsOf(debug).find(({ name }) => name === '.debug_info')!
  debug.fill(0xff, info.contents, info.contents + 4)
  const lines = new DwarfLines(debug, deployed, { nameOf: (path) => path, textOf: () => '' })
  const code = sectionsOf(deployed).find(({ id }) => id === 10)!
  const at = code.contents + 0x20
  expect(lines.at(at)).toMatchObject({ file: 'variables.c' })
  const why = { name: 'variables', value: 'not known: .debug_info is damaged at byte 4: the 64-bit format is not read' }
  expect(lines.variablesAt(at, MACHINE)).toMatchObject([why])
  expect(lines.variablesAt(at, MACHINE)).toMatchObject([why])
  expect(lines.inlinedAt(at)).toEqual([])
})

it('refuses in words whatever the sections are', () => {
  let seed = 7
  const below = (most: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * most)
  }
  const files = ['variables.c.O0.dwarf4.wasm', 'variables.c.O2.dwarf5.wasm', 'variables.rs.O2.dwarf4.wasm'].map(
    (file) => sectionsIn(vector(file)),
  )
  const keys = Object.keys(SECTIONS) as (keyof DebugSections)[]
  let refused = 0
  for (let round = 0; round < 300; round++) {
    const { sections, code } = files[below(files.length)]!
    const damaged = Object.fromEntries(keys.map((key) => [key, sections[key].slice()])) as typeof sections
    for (let count = 1 + below(3); count > 0; count--) {
      const section = damaged[below(2) === 0 ? 'info' : keys[below(keys.length)]!]
      if (section.length > 0) section[below(section.length)] = below(2) === 0 ? below(256) : [0, 0x7f, 0xff][below(3)]!
    }
    try {
      const variables = new DwarfVariables(damaged, code)
      for (let look = 0; look < 3; look++) variables.at(below(code), MACHINE)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw new Error(`round ${round} of seed 7`, { cause: error })
      refused++
    }
  }
  expect(refused).toBeGreaterThan(50)
})

/** Abbreviations: what the entries below are, each with its number. */
const ABBREVIATIONS = [
  ...[1, 0x11, 1, 0x11, 0x01, 0, 0],
  ...[2, 0x2e, 1, 0x11, 0x01, 0x12, 0x06, 0x40, 0x18, 0, 0],
  ...[3, 0x34, 0, 0x03, 0x08, 0x49, 0x13, 0x02, 0x18, 0, 0],
  ...[4, 0x0f, 0, 0x49, 0x13, 0, 0],
  ...[5, 0x16, 0, 0x49, 0x13, 0, 0],
  ...[6, 0x01, 1, 0x49, 0x13, 0, 0],
  ...[7, 0x21, 0, 0x37, 0x0b, 0, 0],
  ...[8, 0x13, 1, 0x0b, 0x0b, 0, 0],
  ...[9, 0x0d, 0, 0x03, 0x08, 0x49, 0x13, 0x38, 0x0b, 0, 0],
  ...[10, 0x0b, 1, 0, 0],
  ...[11, 0x24, 0, 0x3e, 0x0b, 0x0b, 0x0b, 0, 0],
  ...[12, 0x34, 0, 0x03, 0x08, 0x49, 0x13, 0x02, 0x17, 0, 0],
  ...[13, 0x24, 0, 0x3e, 0x0b, 0x0b, 0x0d, 0, 0],
  ...[14, 0x0d, 0, 0x49, 0x13, 0x0d, 0x0b, 0x6b, 0x0b, 0, 0],
  ...[15, 0x1d, 0, 0x6e, 0x0e, 0x11, 0x01, 0x12, 0x0b, 0, 0],
  0,
]
const u32 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24]
const name = (text: string) => [...new TextEncoder().encode(text), 0]
/** Of the unit's header, and of what begins it: the first type of a test is behind them. */
const HEADER = 11
const FIRST_TYPE = HEADER + 5

/** A unit with types, and a function over addresses 1 to 99 whose frame is at 512, with entries in it. */
function made(types: readonly number[], entries: readonly number[], more: Partial<DebugSections> = {}): DwarfVariables {
  const begun = [2, ...u32(1), ...u32(99), 4, 0x0a, 0x00, 0x02, 0x9f]
  const body = [1, ...u32(1), ...types, ...begun, ...entries, 0, 0]
  const none = new Uint8Array(0)
  const info = Uint8Array.from([...u32(body.length + 7), 4, 0, ...u32(0), 4, ...body])
  return new DwarfVariables(
    {
      ...{ info, abbrev: Uint8Array.from(ABBREVIATIONS), strings: none, lineStrings: none, stringOffsets: none },
      ...{ addresses: none, locations: none, locationLists: none, ranges: none, rangeLists: none, ...more },
    },
    1_000,
  )
}
const variable = (text: string, type: number, ...expression: readonly number[]) => [
  ...[3, ...name(text), ...u32(type), expression.length, ...expression],
]
const U32 = [11, 7, 4]
const I32 = [11, 5, 4]

it('computes what expressions say', () => {
  const [unsigned, signed] = [FIRST_TYPE, FIRST_TYPE + 3]
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ['1008', [0xed, 0, 1, 0x9f]],
    ['9000', [0xed, 3, 5, 0, 0, 0, 0x9f]],
    [NOT_KEPT, [0xed, 2, 0, 0x9f]],
    ['7', [0x37, 0x9f]],
    ['-1', [0x30, 0x31, 0x1c, 0x9f]],
    ['6', [0x32, 0x33, 0x1e, 0x9f]],
    [NOT_KEPT, [0x32, 0x30, 0x1b, 0x9f]],
    ['-2', [0x11, 0x7e, 0x9f]],
    ['300', [0x0a, 44, 1, 0x9f]],
    ['-128', [0x09, 0x80, 0x9f]],
    ['67305985', [0x9e, 4, 1, 2, 3, 4]],
    // A byte of one part and three of the next; the second has no place.
    ['84149253', [0x35, 0x9f, 0x93, 1, 0x08, 4, 0x9f, 0x93, 1, 0x0a, 4, 5, 0x9f, 0x93, 2]],
    [NOT_KEPT, [0x35, 0x9f, 0x93, 1, 0x93, 3]],
    [NOT_KEPT, [0x93, 4]],
    [NOT_KEPT, [0x2f, 0, 0]],
    [NOT_KEPT, []],
    // In the frame, from 512 on, and what the word there is the address of.
    [String(new DataView(MEMORY.buffer).getInt32(520, true)), [0x91, 8]],
    ['not in the memory', [0x10, 0xff, 0xff, 0x7f, 0x23, 1]],
  ]
  for (const [value, expression] of cases) {
    const variables = made([...U32, ...I32], variable('x', value === '84149253' ? unsigned : signed, ...expression))
    expect([expression, variables.at(5, MACHINE)]).toEqual([
      expression,
      [{ name: 'x', type: 'a type without a name', value, ...(value === NOT_KEPT ? { isKept: false } : {}) }],
    ])
  }
  expect(made([...U32], variable('x', unsigned, 0x91, 8)).at(5, { ...MACHINE, local: () => null })).toHaveLength(1)
  const damaged = made(U32, [...variable('x', unsigned, 0x22), ...variable('y', unsigned, 0x31, 0x9f)])
  expect(damaged.at(5, MACHINE)).toMatchObject([
    { name: '?', value: expect.stringContaining('it takes what is not there') },
    { name: 'y', value: '1' },
  ])
  const deep = made(U32, variable('x', unsigned, ...new Array<number>(100).fill(0x31)))
  expect(deep.at(5, MACHINE)).toMatchObject([{ value: expect.stringContaining('it pushes too much') }])
})

it('ends with types that have themselves in them', () => {
  const own = u32(FIRST_TYPE)
  for (const type of [
    [4, ...own],
    [5, ...own],
    [6, ...own, 7, 200, 0],
    [8, 255, 9, ...name('a'), ...own, 0, 9, ...name('b'), ...own, 8, 9, ...name('c'), ...own, 16, 0],
    // The list of an array's dimensions is without end.
    [6, ...own],
  ]) {
    const variables = made(type, variable('x', FIRST_TYPE, 0x91, 0))
    expect(() => {
      const count = (all: readonly { readonly children?: readonly object[] }[]): number =>
        all.reduce((sum, { children = [] }) => sum + 1 + count(children), 0)
      expect(count(variables.at(5, MACHINE))).toBeLessThanOrEqual(513)
    }).not.toThrow(RangeError)
  }
})

it('shows later variables whatever is in earlier ones', () => {
  // 60 fields each of the structure itself: its parts have no end.
  const fields = Array.from({ length: 60 }, (_, i) => [9, ...name(`f${i}`), ...u32(FIRST_TYPE + 3), 0]).flat()
  const types = [...U32, 8, 8, ...fields, 0]
  const large = variable('large', FIRST_TYPE + 3, 0x91, 0)
  const one = made(types, [...large, ...variable('small', FIRST_TYPE, 0x31, 0x9f)]).at(5, MACHINE)
  expect(one.map((each) => each.name)).toEqual(['large', 'small'])
  expect(one[0]!.children!.at(-1)).toMatchObject({ name: '…' })
  expect(one[1]).toMatchObject({ value: '1' })
  const many = made(types, Array.from({ length: 256 }, () => large).flat()).at(5, MACHINE)
  expect(many.map((each) => each.name.split(' ')[0])).toEqual(new Array(256).fill('large'))
  // A list of 300,000 places, none of which is here, for the first and for the second.
  const places = new Uint8Array(10 * 300_000 + 8)
  for (let i = 0; i < 300_000; i++) places.set([...u32(200), ...u32(201)], 10 * i)
  const listed = [12, ...name('first'), ...u32(FIRST_TYPE), ...u32(0)]
  const two = made(U32, [...listed, ...listed], { locations: places }).at(5, MACHINE)
  expect(two).toMatchObject([
    { name: 'more variables', value: expect.stringContaining('more than 524288 steps') },
    { name: 'first', value: NOT_KEPT },
  ])
})

it('refuses what is nested too deep, too much, and lists without end', () => {
  const nested = [...new Array<number>(300).fill(10), ...new Array<number>(300).fill(0)]
  expect(() => made(U32, nested)).toThrow('entries inside each other 256 times')
  const wide = made(U32, Array.from({ length: 180_000 }, () => variable('x', 0, 0x30)).flat())
  expect(() => wide.at(5, MACHINE)).toThrow('.debug_info takes more than 524288 steps to read')
  const many = made(U32, Array.from({ length: 400 }, () => variable('x', FIRST_TYPE, 0x30, 0x9f)).flat())
  expect(many.at(5, MACHINE)).toHaveLength(256)
  // Pairs of a list of places, none of which is here, and no end.
  const locations = Uint8Array.from(Array.from({ length: 30 }, () => [...u32(200), ...u32(201), 0, 0]).flat())
  const listed = made(U32, [12, ...name('x'), ...u32(FIRST_TYPE), ...u32(0)], { locations })
  expect(listed.at(5, MACHINE)).toMatchObject([
    { value: 'not known: .debug_loc is damaged at byte 300: it ends too early' },
  ])
  const abbrev = Uint8Array.from([1, 0x11, 0, ...Array.from({ length: 1_048_577 }, () => [1, 0x19]).flat(), 0, 0, 0])
  expect(() => made([], [], { abbrev })).toThrow('more than 1048576 attributes')
  // The attributes of one abbreviation, without end.
  const endless = new Uint8Array(3_000_000).fill(1)
  expect(() => made([], [], { abbrev: endless })).toThrow('more than 1048576 attributes')
})

it('shows nothing of a size below zero', () => {
  for (const expression of [
    [0x91, 0],
    [0x31, 0x9f],
    [0x31, 0x9f, 0x93, 4],
  ])
    expect(made([13, 7, 0x7b], variable('x', FIRST_TYPE, ...expression)).at(5, MACHINE)).toHaveLength(1)
})

it('counts fields of bits as parts', () => {
  // 60 structures of 250 fields of a bit each.
  const type = FIRST_TYPE + U32.length
  const bits = Array.from({ length: 250 }, (_, i) => [14, ...u32(FIRST_TYPE), 1, i]).flat()
  const types = [...U32, 8, 32, ...bits, 0, 6, ...u32(type), 7, 60, 0]
  const array = type + 2 + bits.length + 1
  const [found] = made(types, variable('x', array, 0x91, 0)).at(5, MACHINE)
  const count = (all: readonly SourceVariable[]): number =>
    all.reduce((sum, { children = [] }) => sum + 1 + count(children), 0)
  expect(found!.children![0]!.children!.at(-1)).toMatchObject({ value: expect.stringMatching(/^[01]$/) })
  expect(count([found!])).toBeLessThan(600)
})

it('names some of the functions that are inlined, and reads no long name again and again', () => {
  const inlined = (count: number) => Array.from({ length: count }, () => [15, ...u32(0), ...u32(1), 99]).flat()
  const named = (count: number, text: string) => made([], inlined(count), { strings: Uint8Array.from(name(text)) })
  const names = named(1_000, '_ZN1aE').inlinedAt(5)
  expect(names).toEqual([...new Array<string>(64).fill('a'), '…'])
  const long = named(10_000, 'x'.repeat(4_000))
  expect(() => long.inlinedAt(5)).toThrow('.debug_info takes more than 524288 steps to read')
  expect(named(2, 'x'.repeat(4_000)).inlinedAt(5)).toHaveLength(2)
})
