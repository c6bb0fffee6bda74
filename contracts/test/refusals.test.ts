/** Statements that would compile and mean something else than they say are refused, at their place, with what to write. */

import { describe, expect, it } from 'vitest'
import { compileProgram } from '../src/builder/compileProgram.ts'
import { readSdk } from '../src/builder/sdk.ts'
import { BuildError } from '../src/index.ts'
import { BUILD_TIMEOUT } from './fixtures.ts'

const HEAD = `import { Address, Bytes, Bytes32, I256, Mapping, StorageArray, U256, i256, msg, u256 } from '@touchstone/contracts/as'
@struct class Pair {
  a: U256; b: U256; c: U256
  setA(v: U256): void { this.put(v) }
  put(v: U256): void { this.a = v }
  sum(): U256 { return this.a + this.b }
  get twice(): U256 { return this.a * u256(2) }
  set twice(v: U256) { this.a = v / u256(2) }
}
function raise(p: Pair): void { p.a += u256(1) }
function raised(p: Pair): Pair { p.a += u256(1); return p }
@contractInterface class IX { @view look(): U256; @pure sum(a: U256): U256; @payable pay(): void }
class Node { next: Node | null = null; v: u32 = 0 }
const E19: u64 = 10 ** 19
class Rates { static readonly FACTOR: u64 = 100 }
@contract export class C {
  pair: Pair
  pairs: Mapping<Address, Pair>
  list: StorageArray<Pair>
  raw: Bytes
  get current(): Pair { return this.pair }
  private make(): Pair { return this.pair }
  private bytes(): Bytes { return this.raw }
  private fill(i: i32, p: Pair): void { if (i > 1) p.a = p.b }
`

/** The build's words about methods of a contract: the line of the method (from 0), and the words. */
async function refusalsOf(lines: readonly string[]): Promise<readonly string[]> {
  const source = `${HEAD}${lines.join('\n')}\n}`
  const first = HEAD.split('\n').length
  try {
    await compileProgram('index.ts', (path) => (path === 'index.ts' ? source : null), readSdk())
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    return error.problems.map(
      ({ line, message, hint }) => `${line - first}: ${[message, hint].filter(Boolean).join('; ')}`,
    )
  }
  return []
}

/** Builds all methods at once and expects of each the sentences beside it. */
function refuses(rows: readonly (readonly [string, ...string[]])[]): () => Promise<void> {
  return async () => {
    const expected = rows.flatMap(([, ...sentences], line) => sentences.map((sentence) => `${line}: ${sentence}`))
    const found = await refusalsOf(rows.map(([line]) => line))
    expect([...found].sort()).toEqual([...expected].sort())
  }
}

const condition = (what: string, instead: string) =>
  `${what} is not a condition: it would be true whatever it holds; ${instead}`
const zero = (text: string) => `write ${text}.isZero or !${text}.isZero`
const equality = (operator: string, of: string, instead: string) =>
  `${operator} would compare where two objects of ${of} are in memory, not their contents; ${instead}`
const pairs = (operator: string, join: string) =>
  equality(operator, 'Pair', `compare their members: a.a ${operator} b.a ${join} a.b ${operator} b.b …`)
const copy = (source: string, target: string) =>
  `${source} gives a copy, so a write to ${target} is lost; write to storage itself (this.items[id].member = …), or put the copy in a variable, change it there and write it back`
const lost = (name: string, from: string, member: string) =>
  `${name} is a copy of ${from}, and nothing reads the write to it here; write to ${from}.${member} itself, or write the copy back: ${from} = ${name}`
const argument = (call: string, from: string) =>
  `${call.replace('this.', '')} gets a copy of ${from}, and nothing reads the a that it writes to it; let it return the copy, and write that back`
const tooBig = (text: string, value: string, type: string, instead: string) =>
  `${text} is ${value}, which does not fit ${type}; ${instead}`
const inexact = (text: string, value: string, cast: string) =>
  `${text} is ${value}, and ${cast} in the types it is cast to; leave the casts out`
const U64 = 'u64 (0 to 18446744073709551615)'
const stays = (name: string, value: string) =>
  `${name} is a @view or @pure method, which takes no value: ${value} would be sent nowhere; leave out .withValue(…), or mark ${name} of the interface @payable if it takes wei`
const uncalled = (name: string) =>
  `nobody can call ${name}: it is not marked @external, and nothing in these contracts calls it; write @external (or @view, @pure, @payable) before ${name} to let callers in, or private to keep it`
const negative = 'a U256 cannot be -1; write U256.MAX for all ones, or i256(…) for a signed number'

describe('refused', () => {
  it(
    'objects as conditions',
    refuses([
      ["@pure f0(a: U256): string { if (a) return 'yes'; return 'no' }", condition('a U256', zero('a'))],
      ['@pure f1(a: I256): bool { return !a }', condition('an I256', zero('a'))],
      ['@pure f2(a: Address, b: bool): bool { return b && a ? true : false }', condition('an Address', zero('a'))],
      ['@pure f3(a: U256, b: bool): bool { if (b || a) return true; return false }', condition('a U256', zero('a'))],
      ['@pure f4(a: U256): u32 { let n = 0; while (a) n++; return n }', condition('a U256', zero('a'))],
      ['@pure f5(a: U256): u32 { let n = 0; for (; a; ) n++; return n }', condition('a U256', zero('a'))],
      ['@pure f6(a: U256): u32 { let n = 0; do n++; while (a); return n }', condition('a U256', zero('a'))],
      ['@pure f7(a: U256): void { assert(a) }', condition('a U256', zero('a'))],
      ["@pure f8(a: string): void { assert(a, 'no') }", condition('a String', 'write a.length > 0')],
      ['@pure f9(a: Bytes): u8 { return a ? 1 : 2 }', condition('a Bytes', 'write a.length > 0')],
      ['@pure g0(a: u8[]): u8 { return a ? 1 : 2 }', condition('an Array<u8>', 'write a.length > 0')],
      ['@pure g1(a: Bytes32): u8 { return a ? 1 : 2 }', condition('a Bytes32', zero('a'))],
      ['@view g2(): u8 { return this.pair ? 1 : 2 }', condition('a Pair', 'compare its contents')],
      ['@view g3(): u8 { return this.list ? 1 : 2 }', condition('a StorageArray<Pair>', 'write this.list.length > 0')],
      [
        '@pure g4(a: string): u8 { const n = U256.tryParse(a); return n ? 1 : 2 }',
        'as a condition a U256 says only whether it is there, not whether it is zero; write n !== null',
      ],
    ]),
    BUILD_TIMEOUT,
  )

  it(
    'equality by place, in library code too',
    refuses([
      [
        '@pure f0(a: U256[], b: U256[]): bool { return a == b }',
        equality('==', 'Array<U256>', 'compare their lengths and elements'),
      ],
      ['@view f1(b: Pair): bool { return this.pair == b }', pairs('==', '&&')],
      ['@view f2(b: Pair): bool { return this.pair !== b }', pairs('!=', '||')],
      ['@pure f3(a: Pair[], b: Pair): bool { return a.includes(b) }', pairs('==', '&&')],
      [
        '@pure f4(a: Pair): u32 { switch (a) { case new Pair(u256(1), u256(1), u256(1)): return 1; default: return 2 } }',
        pairs('==', '&&'),
      ],
      [
        '@pure f5(a: U256): i32 { const seen = new Map<U256, i32>(); seen.set(a, 1); return seen.size }',
        'a Map or Set in memory finds U256 by where it is, not by its contents; use a Mapping in storage, or its text as the key',
      ],
    ]),
    BUILD_TIMEOUT,
  )

  it(
    'constants that do not fit',
    refuses([
      ['@pure f0(): U256 { return u256(-1) }', negative],
      ['@pure f1(): U256 { return new U256(-1) }', negative],
      ['@pure f2(): U256 { return u256(2 ** 256) }', '2 ** 256 does not fit U256; the largest is U256.MAX'],
      ['@pure f3(): I256 { return i256(2 ** 255) }', '2 ** 255 does not fit I256; the largest is I256.MAX'],
      [
        '@pure f4(): U256 { return u256(E19 * 1000) }',
        tooBig('E19 * 1000', '10000000000000000000000', U64, 'compute it in U256: u256(E19) * u256(1000)'),
      ],
      [
        '@pure f5(): U256 { return u256(Rates.FACTOR * 10 ** 18) }',
        tooBig(
          'Rates.FACTOR * 10 ** 18',
          '100000000000000000000',
          U64,
          'compute it in U256: u256(Rates.FACTOR) * u256(10 ** 18)',
        ),
      ],
      [
        '@pure f6(n: u64): U256 { return u256(n * (1000 * 10 ** 18)) }',
        tooBig('1000 * 10 ** 18', '1000000000000000000000', U64, 'a U256 holds it: u256(1000 * 10 ** 18)'),
      ],
      [
        '@pure f7(): u64 { return 10 ** 20 }',
        tooBig('10 ** 20', '100000000000000000000', U64, 'a U256 holds it: u256(10 ** 20)'),
      ],
      [
        '@pure f8(): u8 { const n: u8 = 200 + 100; return n }',
        tooBig('200 + 100', '300', 'u8 (0 to 255)', 'a U256 holds it: u256(200 + 100)'),
      ],
      [
        '@pure f9(): u32 { return 1 << 40 }',
        tooBig('1 << 40', '1099511627776', 'u32 (0 to 4294967295)', 'a U256 holds it: u256(1 << 40)'),
      ],
      [
        '@pure g0(): U256 { return u256(<u64>100 * 10 ** 18) }',
        '<u64>100 * 10 ** 18 is 100000000000000000000, which the types it is cast to do not hold; leave the casts out',
      ],
      ['@pure g1(): I256 { return i256((200 as i8) * 2) }', inexact('(200 as i8) * 2', '400', '-112')],
    ]),
    BUILD_TIMEOUT,
  )

  it(
    'writes that are lost',
    refuses([
      ['@external f0(): void { this.make().a = u256(1) }', copy('this.make()', 'this.make().a')],
      ['@external f1(): void { this.make().a += u256(1) }', copy('this.make()', 'this.make().a')],
      ['@external f2(): void { this.current.b = u256(1) }', copy('this.current', 'this.current.b')],
      [
        '@external f3(i: bool): void { (i ? this.pair : this.list[0]).a = u256(1) }',
        copy('this.pair', '(i ? this.pair : this.list[0]).a'),
      ],
      ['@external f4(): void { this.pair.twice = u256(1) }', copy('this.pair', 'this.pair.twice')],
      ['@external f5(): void { this.bytes()[0] = 1 }', copy('this.bytes()', 'this.bytes()[0]')],
      [
        '@external f6(): void { this.pair.setA(u256(1)) }',
        'setA changes a copy of this.pair, which is lost; put this.pair in a variable, call it there and write the variable back',
      ],
      [
        '@external f7(): void { const p = this.pairs[msg.sender]; p.a += u256(1) }',
        lost('p', 'this.pairs[msg.sender]', 'a'),
      ],
      [
        '@external f8(): U256 { const p = this.pair; p.a = u256(1); p.b = u256(2); return p.b }',
        lost('p', 'this.pair', 'a'),
      ],
      ['@external f9(): void { raise(this.pair) }', argument('raise', 'this.pair')],
      ['@external g0(i: i32): void { this.fill(i, this.list[i]) }', argument('this.fill', 'this.list[i]')],
    ]),
    BUILD_TIMEOUT,
  )

  it(
    'value that a static call would not carry',
    refuses([
      ['@payable f0(a: Address): U256 { return new IX(a).withValue(msg.value).look() }', stays('look', 'msg.value')],
      [
        '@payable f1(a: Address): U256 { const x = new IX(a); return x.withValue(u256(1)).withGas(9).sum(u256(2)) }',
        stays('sum', 'u256(1)'),
      ],
      ['@payable f2(a: Address): U256 { new IX(a).withValue(msg.value).pay(); return new IX(a).withGas(9).look() }'],
    ]),
    BUILD_TIMEOUT,
  )

  it(
    'methods that nobody can call',
    refuses([
      ['public add(): void { this.pair.a += u256(1) }', uncalled('add')],
      ['count(): U256 { return this.pair.a }', uncalled('count')],
      ['public help(): U256 { return this.pair.a }'],
      ['@view a(): U256 { return this.help() }'],
      ['private spare(): U256 { return this.pair.a }'],
      ['protected hook(): U256 { return this.pair.a }'],
      ['static of(): U256 { return u256(1) }'],
    ]),
    BUILD_TIMEOUT,
  )
})

it(
  'not refused: what says what it does',
  refuses([
    [
      '@pure f0(): u32 { let n = 0; let at: Node | null = new Node(); while (at) { n++; at = at.next } return n + (at ? at.v : 1) }',
    ],
    ['@pure f1(a: string): u32 { if (!a) return 1; const b: string | null = a; return b !== null ? b.length : 2 }'],
    [
      '@external f2(): U256 { const p = this.pair; p.a = u256(1); this.list.push(p); return this.pair.sum() + this.pair.twice }',
    ],
    ['@external f3(): void { const p = this.pair; p.setA(u256(1)); this.pair = p }'],
    ['@external g0(): void { this.pair = raised(this.pair); const p = this.pair; raise(p); this.list.push(p) }'],
    ['@pure g1(): U256[] { return [u256(<u64>100 * 10 ** 17), u256(<u8>200), i256(-(5 as i8)).bits] }'],
    ['@pure f4(a: Pair[]): U256 { a[0].a = u256(1); const p = a[1]; p.b = u256(2); return a[0].a + a[1].b }'],
    ['@pure f5(a: u32[], b: U256[], c: U256): bool { return a.includes(3) && b.includes(c) && b[0] == c }'],
    ['@pure f6(): u32 { return (1 << 31) + ~0 - 0x7fffffff }'],
    ['@pure f7(a: u64, b: Address): bool { if (a && !b.isZero) return true; assert(a); return b != Address.zero }'],
  ]),
  BUILD_TIMEOUT,
)
