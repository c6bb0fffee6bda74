/** Native integers that leave their type: Panic 0x11 as in Solidity, unless the code asks to wrap. */

import { beforeAll, describe, expect, it } from 'vitest'
import { BUILD_TIMEOUT } from './fixtures.ts'
import { build, complaints, failure } from './sources.ts'
import { TestChain, type TestContract } from './testChain.ts'

const TYPES = ['i8', 'u8', 'u16', 'i32', 'u32', 'i64', 'u64'] as const
type Native = (typeof TYPES)[number]
const bitsOf = (type: Native) => Number(type.slice(1))
const [lowest, highest] = [0, 1].map((end) => (type: Native) => {
  const bits = BigInt(bitsOf(type))
  if (!type.startsWith('i')) return end === 0 ? 0n : 2n ** bits - 1n
  return end === 0 ? -(2n ** (bits - 1n)) : 2n ** (bits - 1n) - 1n
}) as [(type: Native) => bigint, (type: Native) => bigint]

/** What a function of a and b of a type does, and what that is without ends. */
const OPERATIONS: Readonly<Record<string, readonly [body: string, exact: (a: bigint, b: bigint) => bigint]>> = {
  add: ['return a + b', (a, b) => a + b],
  sub: ['return a - b', (a, b) => a - b],
  mul: ['return a * b', (a, b) => a * b],
  up: ['a += b; return a', (a, b) => a + b],
  plusFive: ['return 5 + a', (a) => a + 5n],
  lessFive: ['return a - 5', (a) => a - 5n],
  timesSeven: ['return a * 7', (a) => a * 7n],
  postfix: ['const old = a++; return old', (a) => a],
  down: ['return --a', (a) => a - 1n],
  field: ['const box = new Box(); box.TYPE += a; return box.TYPE++ + b', (a, b) => a + b],
  cube: ['return a ** 3', (a) => a ** 3n],
  negative: ['return -a', (a) => -a],
}
/** Of those whose last value is not what has to fit. */
const FURTHER: Readonly<Record<string, (a: bigint) => bigint>> = { postfix: (a) => a + 1n, field: (a) => a + 1n }

const SOURCE = `
let known: u32 = 0
class Box { ${TYPES.map((type) => `${type}: ${type} = 0`).join('; ')} }
function wrapped(a: i32): i32 { 'unchecked'; return a + a }
function checked(a: i32): i32 { return a + a }
@contract export class Native {
  @view count: u8 = 254
  @view steps: string
  @view big: i64 = i64.MAX_VALUE
  ${TYPES.flatMap((type) =>
    Object.entries(OPERATIONS).map(
      ([name, [body]]) => `@pure ${name}_${type}(a: ${type}, b: ${type}): ${type} { ${body.replaceAll('TYPE', type)} }`,
    ),
  ).join('\n  ')}
  @external tick(): void { this.count++ }
  @external more(n: i64): void { this.big -= n }
  @pure assignedRight(a: u32): u32[] { let x: u32 = 1; const sum = a + (x = 5); return [sum, x] }
  @pure assignedLeft(a: u64): u64[] { let x: u64 = 1; const product = (x = 5) * a; return [product, x] }
  @pure assignedBoth(): i32[] { let x = 1; let y = 2; const left = (x = 9) - (y = 4); return [left, x, y] }
  @external assignedGlobal(a: u32): u32[] { known = 1; const left = a - (known = 5); return [left, known] }
  @pure far(): i64 { const x: i64 = -(2 ** 40); return x - -(1 << 40) }
  @external items(by: u8): u8[] { const list: u8[] = [1, 250, 3]; list[this.told(1)] += this.told(by); return list }
  told(n: u8): u8 { this.steps = this.steps + n.toString(); return n }
  @pure twice(a: u8): u8[] { let x = a; const sum: u8 = x++ + ++x; return [sum, x] }
  @pure toTheEnd(n: u8): u8 { let turns: u8 = 0; for (let i: u8 = 250; i <= n; i++) { turns++; if (turns > 20) break } return turns }
  @pure byTwo(n: u8): u8 { let turns: u8 = 0; for (let i: u8 = 250; i < n; i += 2) { turns++; if (turns > 20) break } return turns }
  @pure within(n: u8): u8 { let turns: u8 = 0; for (let i: u8 = 0; i < n; i++) { turns++; if (turns > 20) break; for (i = 9; i < 255; i++) { if (i == 0) break } } return turns }
  @pure inBlock(a: u8): u8 { let b = a; { 'unchecked'; b += 200 } return b }
  @pure afterBlock(a: u8): u8 { let b = a; { 'unchecked'; b += 200 } b += 200; return b }
  @pure inCall(a: u32): u32 { return unchecked(a * a - 1) }
  @pure called(a: i32): i32 { 'unchecked'; return wrapped(a) + checked(a) }
  @pure index(n: i32): u8 { const list: u8[] = [1, 2, 3]; return unchecked(list[n]) }
  @pure before(n: u32): u8 { const list: u8[] = [1, 2, 3]; return list[n - 1] }
  @pure room(n: i32): i32 { return new Array<u64>(n * 1000000).length }
  @pure sum(n: i32): i64 { let s: i64 = 0; for (let i = 0; i < n; i++) s += i; return s }
  @pure loop(n: i64): i32 { let i: i32 = 2147483646; for (; i < n; i++) { if (i == 0) break } return i }
  @pure skips(n: u8): u8 { let i: u8 = 250; for (; i < n; i++) { i += 3 } return i }
}`

let native: TestContract
beforeAll(async () => {
  const { Native } = await build(SOURCE)
  native = new TestChain().deploy(Native!)
}, BUILD_TIMEOUT)

const OVERFLOW = 'arithmetic underflow or overflow (panic 0x11)'

describe('native integers', () => {
  it.each(TYPES)('of %s give what is exact, or panic', (type) => {
    const [low, high] = [lowest(type), highest(type)]
    const ends = [low, -1n, 0n, 1n, 7n, high / 7n + 1n, high / 2n + 1n, high - 4n, high]
    const values = [...new Set(ends.filter((value) => low <= value && value <= high))]
    const wrong: string[] = []
    for (const [name, [, exact]] of Object.entries(OPERATIONS)) {
      const takesTwo = exact.length === 2
      for (const a of values) {
        for (const b of takesTwo ? values : [0n]) {
          const all = [exact(a, b), FURTHER[name]?.(a) ?? 0n]
          const fits = all.every((value) => low <= value && value <= high)
          const sent = native.trySend(`${name}_${type}`, bitsOf(type) === 64 ? [a, b] : [Number(a), Number(b)])
          const got = sent.kind === 'success' ? String(BigInt.asIntN(256, BigInt(sent.output))) : 'panic'
          if (got !== (fits ? String(exact(a, b)) : 'panic')) wrong.push(`${name}(${a}, ${b}) gives ${got}`)
        }
      }
    }
    expect(wrong).toEqual([])
  })

  it('in storage, where nothing is written then', () => {
    native.send('tick')
    expect(failure(native, 'tick')).toBe(OVERFLOW)
    expect(native.send('count')).toBe(255)
    expect(failure(native, 'more', [-1n])).toBe(OVERFLOW)
    native.send('more', [1n])
    expect(native.send('big')).toBe(2n ** 63n - 2n)
  })

  it('are made of operands that each are evaluated once, in order, also where one is an assignment of a constant', () => {
    expect(native.send('assignedRight', [1])).toEqual([6, 5])
    expect(native.send('assignedLeft', [2n])).toEqual([10n, 5n])
    expect(native.send('assignedBoth')).toEqual([5, 9, 4])
    expect(native.send('assignedGlobal', [9])).toEqual([4, 5])
    expect(native.send('items', [5])).toEqual([1, 255, 3])
    expect(native.send('steps')).toBe('51')
    expect(failure(native, 'items', [6])).toBe(OVERFLOW)
    expect(native.send('twice', [3])).toEqual([8, 5])
  })

  it('are as wide before a sign as what they are for', () => {
    expect(native.send('far')).toBe(0n)
  })

  it('wrap where the code says so: in a block, a function, an expression, and not in what those call', () => {
    expect(native.send('inBlock', [100])).toBe(44)
    expect(native.send('afterBlock', [100])).toBe(244)
    expect(failure(native, 'afterBlock', [250])).toBe(OVERFLOW)
    expect(native.send('inCall', [0x10000])).toBe(0xffffffff)
    expect(native.send('called', [2 ** 30 - 1])).toBe(-4)
    expect(failure(native, 'called', [2 ** 30])).toBe(OVERFLOW)
  })

  it('are no way past the end of an array, nor to a length that cannot be', () => {
    const outside = 'array index out of bounds (panic 0x32)'
    expect([3, -1].map((n) => failure(native, 'index', [n]))).toEqual([outside, outside])
    expect(failure(native, 'before', [0])).toBe(OVERFLOW)
    expect(native.send('before', [3])).toBe(3)
    expect(failure(native, 'room', [2_000_000_000])).toBe(OVERFLOW)
    expect(failure(native, 'room', [-1])).toMatch(/panic 0x41/)
    expect(native.send('room', [1])).toBe(1_000_000)
  })

  it('count loops to their ends', () => {
    expect(native.send('sum', [1000])).toBe(499_500n)
    expect(failure(native, 'loop', [2n ** 40n])).toBe(OVERFLOW)
    expect(native.send('loop', [2n ** 31n - 1n])).toBe(2 ** 31 - 1)
    expect(failure(native, 'skips', [255])).toBe(OVERFLOW)
    expect(native.send('toTheEnd', [254])).toBe(5)
    for (const name of ['toTheEnd', 'byTwo', 'within']) expect(failure(native, name, [255])).toBe(OVERFLOW)
  })
})

it('numbers of the source that do not fit are refused, and texts that do nothing', async () => {
  const contract = (body: string) => `@contract export class A { @pure f(): u32 { ${body} } }`
  const refused: (readonly [string, readonly string[]])[] = [
    ['return 65536 * 65536 * 2', ['65536 * 65536 is 4294967296, which does not fit u32 (0 to 4294967295)']],
    ["'uncheckd'; return 1", ['this text does nothing']],
    ["let a: u8 = 1; 'unchecked'; return a", ["'unchecked' stands at the beginning of a block or function"]],
    ["if (1 > 2) 'unchecked'; return 1", ["'unchecked' stands at the beginning of a block or function"]],
  ]
  const name = 'unchecked(...) lets integers wrap, and is nothing else: choose another name'
  refused.push(['const unchecked = (x: u32): u32 => x + 7; return unchecked(1)', [name]])
  expect(
    await complaints(`function unchecked(a: u32): u32 { return a + 7 }\n${contract('return unchecked(1)')}`),
  ).toEqual([name])
  for (const [body, said] of refused) expect([body, ...(await complaints(contract(body)))]).toEqual([body, ...said])
})
