/** Names mean what the language says they mean where they stand: layout, ABI and code agree, or the build refuses. */

import { describe, expect, it } from 'vitest'
import type { Artifact } from '../src/index.ts'
import { BUILD_TIMEOUT } from './fixtures.ts'
import { build, complaints, failure, problems } from './sources.ts'
import { TestChain } from './testChain.ts'

const SDK = "'@touchstone/contracts/as'"
const inputs = (abi: readonly object[], name: string): readonly string[] =>
  (abi.find((item) => 'name' in item && item.name === name) as { inputs: { type: string }[] }).inputs.map((i) => i.type)

describe('names in several files', () => {
  it(
    'stand for what their own file says, through imports, renamed ones, re-exports and namespaces',
    async () => {
      const { Till } = await build({
        'index.ts': `
          import { Base } from './base'
          import * as types from './types'
          import { Coins, Pair as Two, Narrow } from './again'
          import { U256 as N, u256 as n, Mapping as M, Address, Indexed as I, emit } from ${SDK}
          type Wei = N
          type Marked = I<N>
          @event class Paid { by: I<Address>; amount: I<N>; also: Marked }
          @error class Odd { text: string }
          @contract export class Till extends Base {
            @view x: Wei
            @view y: Wei
            @view coins: Coins
            @view small: types.Small
            @view inner: types.more.Inner
            @view two: Two
            @view held: M<Address, N>
            @external set(x: N, y: Wei, by: Address): void {
              this.x = x; this.y = y; this.two = new Two(n(5), 6); this.coins = n(7); this.small = 8; this.inner = 9
              this.held[by] = n(10)
              emit(new Paid(by, x, y))
            }
            @external more(a: Narrow, b: types.Small, c: Coins): void { throw new Odd('of words') }
          }`,
        'base.ts': `
          import { Address, msg } from ${SDK}
          type Wei = u8
          type Coins = u16
          @contract export abstract class Base { @view fee: Wei = 9; @view extra: Coins = 1; @view from: Address = msg.sender }`,
        'types.ts': `
          export type Small = u32
          export namespace more { type Deep = u64; export type Inner = Deep }`,
        'again.ts': `export * from './deep'\nexport { Thin as Narrow } from './deep'`,
        'deep.ts': `
          import { U256 } from ${SDK}
          export type Coins = U256
          export type Thin = i16
          @struct export class Pair { a: U256; b: u8 }`,
      })
      const chain = new TestChain()
      const till = chain.deploy(Till!)
      const by = till.send<`0x${string}`>('from')
      expect(inputs(Till!.abi, 'set')).toEqual(['uint256', 'uint256', 'address'])
      expect(inputs(Till!.abi, 'more')).toEqual(['int16', 'uint32', 'uint256'])
      const [paid] = till.events('set', [111n, 222n, by])
      expect(paid).toMatchObject({ eventName: 'Paid', args: { by, amount: 111n, also: 222n } })
      const names = ['fee', 'extra', 'x', 'y', 'coins', 'small', 'inner', 'two']
      expect(names.map((name) => till.send(name))).toEqual([9, 1, 111n, 222n, 7n, 8, 9n, [5n, 6]])
      expect(till.send('held', [by])).toBe(10n)
      // The base's bytes share slot 0; x, y and coins have slots of their own, as solc lays them out.
      expect([1n, 2n, 3n].map((slot) => BigInt(chain.slot(till.address, slot)))).toEqual([111n, 222n, 7n])
      expect(() => till.send('more', [1, 2, 3n])).toThrow('Odd(of words)')
    },
    BUILD_TIMEOUT,
  )

  it('are not those of another file: a class of the same name elsewhere is no struct and no error', async () => {
    const other = `import { U256 } from ${SDK}\n@struct export class P { a: U256 }`
    const index = `import './other'\nclass P { a: u8 = 1 }\n@contract export class A { @view p: P }`
    expect(await complaints({ 'index.ts': index, 'other.ts': other })).toEqual([
      expect.stringMatching(/^type 'P' has no Solidity counterpart/),
    ])
    const unknown = 'import { Q } from "./other"\n@contract export class A { @view p: P; @view q: Q }'
    expect((await complaints({ 'index.ts': unknown, 'other.ts': other })).map((text) => text.slice(0, 35))).toEqual([
      "type 'P' has no Solidity counterpart".slice(0, 35),
      "type 'Q' has no Solidity counterpart".slice(0, 35),
    ])
  })
})

describe('names that are taken', () => {
  it('cannot be given to something else', async () => {
    const taken = (name: string) => `${name} is a type of the language or the SDK; choose another name`
    const contract = '@contract export class A { @view a: u8 }'
    const cases: readonly (readonly [string, string])[] = [
      [`import { U256 } from ${SDK}\n@struct class Address { v: U256; w: U256 }`, 'Address'],
      ['type u64 = u8', 'u64'],
      ['class Mapping<K, V> {}', 'Mapping'],
      ['enum Bytes7 { a }', 'Bytes7'],
      ['namespace Bytes { export const a: u8 = 1 }', 'Bytes'],
      ['const Array = 1', 'Array'],
      ['@error class Error { text: string }', 'Error'],
      ["import { Foo as U256 } from './foo'", 'U256'],
      ["import * as I256 from './foo'", 'I256'],
    ]
    const foo = 'export class Foo {}'
    for (const [text, name] of cases) {
      expect([text, ...(await complaints({ 'index.ts': `${text}\n${contract}`, 'foo.ts': foo }))]).toEqual([
        text,
        taken(name),
      ])
    }
  })

  it('are named with both places', async () => {
    const two = {
      'index.ts': "import './b'\n@event class E { a: u8 }\n@contract export class A {}",
      'b.ts': '\n@error class E {}',
    }
    expect(await problems(two)).toEqual([
      'b.ts:2: there is a class E marked @event already (assembly/index.ts:2); rename one',
    ])
  })

  it('stand at the top of a file', async () => {
    const text = 'namespace n { @struct class P { a: u8 } }\n@contract export default class A {}'
    expect(await problems({ 'index.ts': text })).toEqual([
      'index.ts:1: a class marked @struct stands in a file by its name, not in a namespace',
      'index.ts:2: a class marked @contract stands in a file by its name, and not as a default export',
    ])
  })

  it('end in a sentence when they go round in circles', async () => {
    const text = `type A = B\ntype B = A\ntype C = Mapping<D, u8>\ntype D = C\n@contract export class X { @view a: A; c: C }`
    expect(await complaints(text)).toEqual(["type 'A' is an alias of itself", "type 'C' is an alias of itself"])
  })
})

describe('interfaces', () => {
  it('take what callers pass, from public functions', async () => {
    const said = await complaints(`@contract export class A {
      static count: u32 = 1
      static readonly LIMIT: u32 = 1
      @external f(n: U256 = u256(3)): void {}
      @external g(n?: U256): void {}
      @external private i(): void {}
      @view protected j(): void {}
      @view @external k(): void {}
      @view @view l(): void {}
      @view get m(): u8 { return 1 }
      @external @inline n(): void {}
      @fallback @view o(): void {}
      constructor(a: u8 = 3) {}
    }`)
    const all = 'callers from outside pass every parameter, and the ABI knows no others'
    expect([...said].sort()).toEqual(
      [
        "a static field is forgotten when the call ends: write 'static readonly' for a constant, or a field without static for storage",
        `n cannot have a default value: ${all}; write a second function`,
        `n cannot be optional: ${all}; write a second function`,
        '@external makes i callable by everyone, private by few: write one of them',
        '@view makes j callable by everyone, protected by few: write one of them',
        'a function marked @view can be called from outside already; leave @external out',
        '@view is written twice',
        "an accessor cannot be called from outside: leave out 'get'",
        'a function called from outside is called, not inlined: leave out @inline',
        '@receive and @fallback cannot be @view, as in Solidity',
        `a cannot have a default value: ${all}; write a second function`,
      ].sort(),
    )
  })
})

describe('events and errors of one name in two files', () => {
  const TWO = {
    'coin.ts':
      "import { emit, Indexed, U256 } from '@touchstone/contracts/as'\n@event class Moved { by: Indexed<U256>; to: U256 }\n@error class Bad { a: U256 }\n@contract export class Coin { @external move(n: U256): void { if (n.isZero) throw new Bad(n); emit(new Moved(n, n)) } }",
    'deed.ts':
      "import { emit, Indexed, U256 } from '@touchstone/contracts/as'\n@event class Moved { by: U256; to: Indexed<U256> }\n@error class Bad { a: string }\n@contract export class Deed { @external sell(n: U256): void { if (n.isZero) throw new Bad('none'); emit(new Moved(n, n)) } }\nexport function sold(n: U256): void { emit(new Moved(n, n)) }",
  }
  const items = (artifact: Artifact | undefined) =>
    artifact?.abi.flatMap((item) =>
      item.type === 'event' || item.type === 'error'
        ? [
            `${item.type} ${item.name}(${item.inputs.map((input) => `${input.type}${input.indexed ? ' indexed' : ''}`)})`,
          ]
        : [],
    )

  it('are in the ABI of the contract that makes them, each with its own members', async () => {
    const { Coin, Deed, Still } = await build({
      ...TWO,
      'index.ts': "import './coin'\nimport './deed'\n@contract export class Still {}",
    })
    expect(items(Coin)).toEqual(['error Bad(uint256)', 'event Moved(uint256 indexed,uint256)'])
    expect(items(Deed)).toEqual(['error Bad(string)', 'event Moved(uint256,uint256 indexed)'])
    expect(items(Still)).toEqual([])
    const chain = new TestChain()
    expect(chain.deploy(Coin as Artifact).events('move', [7n])).toEqual([
      { eventName: 'Moved', args: { by: 7n, to: 7n } },
    ])
    const deed = chain.deploy(Deed as Artifact)
    expect(deed.events('sell', [8n])).toEqual([{ eventName: 'Moved', args: { by: 8n, to: 8n } }])
    expect(failure(deed, 'sell', [0n])).toBe('Bad(none)')
  })

  it('are one in an ABI when they are the same, and refused when readers of logs could not tell them apart', async () => {
    const both = '@contract export class Both extends Coin { @external also(n: U256): void { sold(n) } }'
    const files = {
      ...TWO,
      'index.ts': `import { U256 } from '@touchstone/contracts/as'\nimport { Coin } from './coin'\nimport { sold } from './deed'\n${both}`,
    }
    expect(await problems(files)).toEqual([
      'index.ts:4: Both logs two events Moved(uint256,uint256) that differ in what is Indexed, so that nobody can tell which it is',
    ])
    const same = {
      ...files,
      'deed.ts': TWO['deed.ts'].replace('by: U256; to: Indexed<U256>', 'by: Indexed<U256>; to: U256'),
    }
    expect(items((await build(same))['Both'])).toEqual(['error Bad(uint256)', 'event Moved(uint256 indexed,uint256)'])
  })

  it('of the parts are in one project', async () => {
    const from = (file: string, name: string) => `import { ${name} } from '@touchstone/contracts/as/parts/${file}'\n`
    const { Gold, Art } = await build({
      'index.ts': `${from('erc20', 'ERC20')}${from('erc721', 'ERC721')}
@contract export class Gold extends ERC20 { constructor() { super('Gold', 'GLD') } }
@contract export class Art extends ERC721 { constructor() { super('Art', 'ART') } }`,
    })
    expect(items(Gold)).toContain('event Transfer(address indexed,address indexed,uint256)')
    expect(items(Gold)?.filter((item) => item.startsWith('event Transfer'))).toHaveLength(1)
    expect(items(Art)).toContain('event Transfer(address indexed,address indexed,uint256 indexed)')
    expect(items(Art)?.filter((item) => item.startsWith('event Transfer'))).toHaveLength(1)
  })
})

describe('functions of one name', () => {
  const OVERLOADED = `
@struct class Pair { a: U256; b: U256 }
@contractInterface class ISetter { @named('set') setBoth(a: U256, b: U256): void; @view @named('get') first(a: Pair): U256 }
@contract export abstract class Base {
  @view total: U256
  @external set(a: U256): void { this.total = a }
  @external @named('set') setBoth(a: U256, b: U256): void { this.set(a + b) }
  @external @payable @named('set') setPair(pair: Pair): void { this.setBoth(pair.a, pair.b) }
  @pure @named('get') number(a: U256): U256 { return a }
}
@contract export class Setter extends Base {
  @external @named('set') setBoth(a: U256, b: U256): void { super.setBoth(a, b + u256(100)) }
  @pure @named('get') first(pair: Pair): U256 { return pair.a }
  @external forward(to: Address, a: U256): void { new ISetter(to).setBoth(a, new ISetter(to).first(new Pair(a, a))) }
}`

  it('are told apart by their parameters, in the ABI, by callers, through bases and interfaces', async () => {
    const { Setter } = await build(OVERLOADED)
    const functions = Setter?.abi.flatMap((item) =>
      item.type === 'function' ? [`${item.name}(${item.inputs.map(({ type }) => type)}) ${item.stateMutability}`] : [],
    )
    expect(functions?.sort()).toEqual([
      'forward(address,uint256) nonpayable',
      'get(tuple) pure',
      'get(uint256) pure',
      'set(tuple) payable',
      'set(uint256) nonpayable',
      'set(uint256,uint256) nonpayable',
      'total() view',
    ])
    const setter = new TestChain().deploy(Setter as Artifact)
    const totalAfter = (args: readonly unknown[]) => {
      setter.send('set', args)
      return setter.send('total')
    }
    expect([totalAfter([1n]), totalAfter([1n, 2n]), totalAfter([{ a: 5n, b: 6n }])]).toEqual([1n, 103n, 111n])
    expect(setter.send('get', [{ a: 7n, b: 8n }])).toBe(7n)
    const other = setter.chain.deploy(Setter as Artifact)
    setter.send('forward', [other.address, 20n])
    expect(other.send('total')).toBe(140n)
  })

  it.each<[string, string]>([
    [
      "@external set(a: U256): void {} @external @named('set') put(b: U256): void {}",
      'set and put are both set(uint256) to callers; functions of one name differ in parameters',
    ],
    [
      "@external @named('stylus_constructor') again(): void {}",
      'the constructor and again are both stylus_constructor() to callers; functions of one name differ in parameters',
    ],
    ["@named('set') put(b: U256): void {}", '@named tells callers a name, and put cannot be called from outside'],
    ["@named('a') constructor() {}", '@named tells callers a name, and the constructor is called by no name'],
    ["@receive @named('a') got(): void {}", '@named tells callers a name, and got is called by no name'],
    ['@external @named(set) put(): void {}', "@named takes one text, the name that callers know: @named('transfer')"],
    ['@external @named put(): void {}', "@named takes one text, the name that callers know: @named('transfer')"],
    [
      "@external @named('set it') put(): void {}",
      "'set it' cannot be the name of a function: letters, digits, _ and $, no digit first and not two underscores",
    ],
    ["@external @named('a') @named('b') put(): void {}", '@named is written twice'],
  ])('are refused: %s', async (member, words) => {
    expect(await complaints(`@contract export class A { ${member} }`)).toEqual([words])
  })

  it('keep the name of their base', async () => {
    const source = `@contract export class Base { @external @named('set') put(a: U256): void {} }
@contract export class A extends Base { @external put(a: U256): void {} }`
    expect(await complaints(source)).toEqual([
      'an override is set(uint256): void as in its base, not put(uint256): void',
    ])
  })
})
