/** The promises @view and @pure are held against all that a function's code can call. */

import { describe, expect, it } from 'vitest'
import { analyse } from '../src/builder/analyse.ts'
import { compileWasm } from '../src/builder/compileWasm.ts'
import { entrySource } from '../src/builder/generateContract.ts'
import { codeOf, initCodeOf, toHex } from '../src/builder/initCode.ts'
import type { BuildError } from '../src/builder/problem.ts'
import { rewrite } from '../src/builder/rewrite.ts'
import { loadSources } from '../src/builder/sources.ts'
import { BUILD_TIMEOUT } from './fixtures.ts'
import { build, failure, IMPORTS, problems } from './sources.ts'
import { account, TestChain } from './testChain.ts'

const KINDS = `
  @event class E { a: u8 }
  @error class Odd { a: U256 }
  @contractInterface class IX { @view see(): U256; set(a: U256): void }
  function sort(a: U256[]): U256[] { return a.sort((x, y) => x < y ? -1 : 1) }
  function note(): void { emit(new E(1)) }
  class Box<T> { constructor(public value: T) {} put(to: Mapping<U256, T>): void { to[u256(0)] = this.value } }
`

describe('@view and @pure', () => {
  it(
    'are refused when something is reached that they exclude',
    async () => {
      const said = await problems(`${KINDS}
        @contract export abstract class Base {
          x: U256; @transient t: u8; m: Mapping<U256, U256>; s: StorageArray<U256>; @view open: U256
          @view virtual(): U256 { return this.hook() }
          protected hook(): U256 { return u256(1) }
          @pure inherited(): U256 { return u256(1) }
        }
        @contract export class A extends Base {
          @view a1(): void { this.x = u256(1) }
          @view a2(): void { this.t = 1 }
          @view a3(): void { this.deep() }
          @view a4(): void { note() }
          @view a5(): void { new Box<U256>(u256(1)).put(this.m) }
          @view a6(o: Address): void { new IX(o).set(u256(1)) }
          @view a7(o: Address): void { call(o, Bytes.empty) }
          @view a8(): void { this.s.push(u256(1)) }
          @view a9(): i32[] { return [1, 2].sort((a, b) => { note(); return a - b }) }
          @pure b1(): U256 { return this.x }
          @pure b2(): Address { return msg.sender }
          @pure b3(): U256 { return self.balance }
          @pure b4(): u64 { return block.timestamp }
          @pure b5(o: Address): U256 { return new IX(o).see() }
          @pure b6(): void { this.deep() }
          private deep(): void { this.s[0] = u256(1) }
          protected override hook(): U256 { this.x = u256(2); return this.x }
          override inherited(): U256 { return this.open }
        }`)
      const found = said.map((text) => /^index\.ts:\d+: (\w+) is (.*)$/.exec(text)?.slice(1) ?? [text, ''])
      const mayChange =
        '@view and makes a call that may change state (static calls and @view methods of interfaces do not)'
      expect(Object.fromEntries(found)).toEqual({
        a1: '@view and writes a field, through Base#set:x',
        a2: '@view and writes a field, through Base#set:t',
        a3: '@view and writes a field, through A#deep',
        a4: '@view and emits an event, through note, E#__emit',
        a5: '@view and writes a field, through Box<U256>#put',
        a6: `${mayChange}, through IX#set`,
        a7: mayChange,
        a8: '@view and writes a field',
        a9: '@view and emits an event, through A#a9~anonymous|0, note, E#__emit',
        b1: '@pure and reads a field, through Base#get:x',
        b2: '@pure and reads msg.sender',
        b3: '@pure and reads a balance',
        b4: '@pure and reads the chain (block_timestamp)',
        b5: '@pure and calls a contract, through IX#see',
        b6: '@pure and reads a field, through A#deep',
        inherited: '@pure and reads a field, through Base#get:open',
        virtual: '@view and writes a field, through Base#hook@override, A#hook, Base#set:x',
      })
    },
    BUILD_TIMEOUT,
  )

  it(
    'are refused with the mark that fits what they do',
    async () => {
      const hints = (source: string) =>
        build(source).then(
          () => [],
          (error: BuildError) => error.problems.map(({ hint }) => hint),
        )
      const marks = await hints(`@contract export class A {
        x: U256
        @view puts(): void { this.x = u256(1) }
        @pure gives(): U256 { return this.x }
        @pure both(): U256 { this.x += u256(1); return this.x }
      }`)
      expect(marks).toEqual(['@external', '@view', '@external'].map((mark) => `write ${mark}, if it is meant to`))
      // What is at fault there is not the function.
      expect(await hints('@contract export class A { @pure f(): void {} }\nconst me = self.address')).toEqual([
        undefined,
      ])
    },
    BUILD_TIMEOUT,
  )

  it(
    'are refused for what the start of the module does before them',
    async () => {
      const contract =
        '@contract export class A { @view see(): U256 { return u256(1) } @pure give(): U256 { return u256(1) } }'
      const when = 'where the module starts, which each call does first'
      expect(
        await problems({
          'index.ts': `${IMPORTS} import { mark } from './mark'\n${contract}\n@event class E { a: U256 }\n function log(): U256 { emit(new E(mark)); return mark }\n const logged = log()`,
          'mark.ts': `${IMPORTS} export let mark = u256(3); mark += u256(1)`,
        }),
      ).toEqual([
        `index.ts:2: see is @view and emits an event ${when}, through log, E#__emit`,
        `index.ts:2: give is @pure and emits an event ${when}, through log, E#__emit`,
      ])
      expect(await problems(`${contract}\nconst me = self.address`)).toEqual([
        `index.ts:1: give is @pure and reads the address of the contract ${when}`,
      ])
    },
    BUILD_TIMEOUT,
  )

  it(
    'may read, or compute, print and fail, whatever a relative does',
    async () => {
      const { A } = await build(`${KINDS}
        @contract export abstract class Base {
          x: U256
          @view virtual(): U256 { return this.hook() }
          protected hook(): U256 { return u256(1) }
        }
        @contract export class Writer extends Base {
          @external go(): U256 { return this.hook() }
          override virtual(): U256 { return u256(0) }
          protected override hook(): U256 { this.x = u256(2); return this.x }
        }
        @contract export class A extends Base {
          m: Mapping<string, U256>; s: StorageArray<U256>; names: StorageArray<string>
          @view a(o: Address): U256 { return new IX(o).see() + this.m['a'] + self.balance + u256(this.s.length) }
          @view b(o: Address): bool { return staticCall(o, Bytes.fromString(this.names[0])).success }
          @view see(): U256 { return msg.value }
          @pure c(a: U256[]): U256 { print('sorts'); return sort(a)[0].mulDiv(U256.MAX, a[0] + u256(1)) / a[0] }
          @pure d(a: U256): U256 { if (a.isZero) throw new Odd(a); require(a > u256(1), 'more'); return U256.parse(a.toString()).sqrt() }
          @pure größe(): u8 { return 1 }
          @pure e(a: string, n: u64): Bytes32 { return Bytes.fromString(a + n.toString()).keccak256() }
        }`)
      const contract = new TestChain().deploy(A!)
      expect(contract.send('c', [[3n, 2n, 7n]])).toBe((2n * (2n ** 256n - 1n)) / 3n / 2n)
      expect(() => contract.send('d', [0n])).toThrow('Odd(0)')
      expect(contract.send('virtual')).toBe(1n)
    },
    BUILD_TIMEOUT,
  )

  it(
    'are kept when they run, too: the build alone is not trusted',
    async () => {
      const functions = (code: readonly [string, string, string]) => `${KINDS}@contract export class A {
        @view x: U256 = u256(6)
        @view writes(): void { ${code[0]} } @view logs(): void { ${code[1]} } @view calls(to: Address): void { ${code[2]} }
      }`
      const text = IMPORTS + functions(['this.x = u256(1)', 'note()', 'call(to, Bytes.empty)'])
      const files = loadSources('assembly/index.ts', (path) => (path === 'assembly/index.ts' ? text : null))
      const { A } = await build(functions(['', '', '']))
      const program = analyse(files)
      const glue = rewrite(program, program.contracts[0]!)
      const { wasm } = await compileWasm(entrySource(program.contracts[0]!), files, (path) => glue.get(path) ?? null)
      const unchecked = new TestChain().deploy({ ...A!, bytecode: toHex(initCodeOf(codeOf(wasm))) })
      const calls: readonly (readonly [string, readonly unknown[]])[] = [
        ['writes', []],
        ['logs', []],
        ['calls', [account(1)]],
      ]
      for (const [name, args] of calls) {
        expect(failure(unchecked, name, args)).toBe('Error(a view function may not change state)')
      }
      expect(unchecked.send('x')).toBe(6n)
    },
    BUILD_TIMEOUT,
  )
})
