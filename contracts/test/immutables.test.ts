/** Fields marked @immutable: set once in the constructor, read by one load at most, nothing to a foreign storage. */

import {
  type Abi,
  concat,
  encodeFunctionData,
  getAddress,
  type Hex,
  keccak256,
  numberToHex,
  pad,
  stringToHex,
  toHex,
} from 'viem'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Artifact } from '../src/index.ts'
import { BUILD_TIMEOUT } from './fixtures.ts'
import { build, complaints, failure, IMPORTS } from './sources.ts'
import { account, describeFailure, TestChain, TestContract } from './testChain.ts'

const SOURCE = `
@contract export abstract class Base {
  @view @immutable maker: Address
  total: U256
  constructor(maker: Address) { this.maker = maker }
}
@contract export class Vault extends Base {
  @view @immutable readonly opened: u32
  @immutable small: i16
  @immutable on: bool
  @view @immutable tag: Bytes4
  @view @immutable cap: U256
  @view @immutable low: I256
  @view @immutable rate: u64 = 7
  @view after: U256 = u256(9)
  constructor(cap: U256, low: I256) {
    super(msg.sender)
    const half = (cap / u256(2))
    this.opened = (<u32>(block.number))
    this.small = -5; this.on = true
    this.tag /* the tag */ = Bytes4.parse(
      '0xdeadbeef',
    )
    this.cap = half + half
    this.low = low
    assert(this.cap == cap && this.small == -5 && this.rate == 7)
  }
  @view all(): string {
    return this.maker.toString() + ' ' + this.opened.toString() + ' ' + this.small.toString() + ' ' +
      this.on.toString() + ' ' + this.tag.toString() + ' ' + this.cap.toString() + ' ' + this.low.toString() +
      ' ' + this.rate.toString()
  }
  @external spend(amount: U256): U256 {
    this.total += amount
    assert(this.total <= this.cap)
    let sum = u256(0)
    for (let i = 0; i < 4; i++) sum += this.cap + u256(this.opened)
    return sum
  }
  @view twice(): Address { assert(this.maker == this.maker); return this.maker }
  @view rounds(n: i32): U256 {
    let sum = u256(0)
    for (let i = 0; i < n; i++) sum = this.cap + u256(this.rate)
    return sum
  }
  @view once(): Address { return this.maker }
}
@contract export class Plain {
  @external run(code: Address, data: Bytes): Bytes { return delegateCall(code, data).orRevert() }
}
@contractInterface class IAsker { @external ask(): void }
@contractInterface class IAsking { @view n(): u64 }
@contract export class Asker {
  @view answer: string
  @external ask(): void { this.answer = staticCall(msg.sender, Bytes.fromHex('0x2e52d606')).reason }
}
@contract export class Asking {
  @immutable m: u64
  constructor(asker: Address) { new IAsker(asker).ask(); this.m = 9 }
  @view @reentrant n(): u64 { return this.m }
}
@contract export class Runner {
  @view @immutable own: u8 = 3
  @external run(code: Address, data: Bytes): Bytes { return delegateCall(code, data).orRevert() }
}
@contract export class Poker {
  @external poke(key: Bytes32, value: Bytes32): void { storeSlot(key, value) }
}
@contract export abstract class Early {
  constructor() { this.hook() }
  protected abstract hook(): void
}
@contract export class Late extends Early {
  @immutable n: u64
  constructor() { super(); this.n = 1 }
  protected hook(): void { assert(this.n == 0) }
}`.replace(/^/, "import { delegateCall, storeSlot } from '@touchstone/contracts/as';")

const GUARD = keccak256(stringToHex('stylus_constructor'))
const CAP = 2n ** 200n
const LOW = -3n

let artifacts: Readonly<Record<string, Artifact>>
beforeAll(async () => {
  artifacts = await build(SOURCE)
}, BUILD_TIMEOUT)
let chain: TestChain
beforeEach(() => {
  chain = new TestChain()
})

const deploy = () => chain.deploy(artifacts['Vault']!, [CAP, LOW])
const keyOf = (tag: Hex, word: number) => keccak256(concat([GUARD, tag, toHex(word, { size: 4 })]))

describe('immutable fields', () => {
  it('are what the constructor made them, of every kind, for good', () => {
    const vault = deploy()
    const maker = getAddress(account(0))
    const values = [maker.toLowerCase(), 1, -5, true, '0xdeadbeef', CAP, LOW, 7].join(' ')
    expect(vault.send('all')).toBe(values)
    expect(['maker', 'opened', 'tag', 'cap', 'low', 'rate'].map((name) => vault.send(name))).toEqual([
      maker,
      1,
      '0xdeadbeef',
      CAP,
      LOW,
      7n,
    ])
    expect(vault.send('spend', [5n])).toBe(4n * (CAP + 1n))
    expect(vault.send('all')).toBe(values)
    expect(failure(vault, 'spend', [CAP])).toContain('assertion')
  })

  it('lie beside the mark of the constructor, packed, and take no slot of the layout', () => {
    const { address, artifact } = deploy()
    const first = chain.slot(address, GUARD)
    const tag: Hex = `0x${first.slice(-10, -2)}`
    expect(first).toBe(concat(['0x01', '0xfffb', '0x00000001', account(0), tag, '0x01']))
    expect(chain.slot(address, keyOf(tag, 1))).toBe(pad('0xdeadbeef', { size: 32 }))
    expect(chain.slot(address, keyOf(tag, 2))).toBe(toHex(CAP, { size: 32 }))
    expect(chain.slot(address, keyOf(tag, 3))).toBe(numberToHex(LOW, { size: 32, signed: true }))
    expect(chain.slot(address, keyOf(tag, 4))).toBe(toHex(7n, { size: 32 }))
    expect(artifact.storageLayout.storage.map(({ label, slot }) => `${label} ${slot}`)).toEqual(['total 0', 'after 1'])
  })

  it('are read by one load of storage in a call', () => {
    const vault = deploy()
    const [once, twice] = ['once', 'twice'].map((name) => vault.trySend(name).gasUsed)
    // A warm load is 100 gas.
    expect(Number(twice! - once!)).toBeLessThan(90)
  })

  it('may be zero', () => {
    const vault = chain.deploy(artifacts['Vault']!, [0n, 0n])
    expect([vault.send('cap'), vault.send('low')]).toEqual([0n, 0n])
  })

  it('revert on the storage of another contract, constructed or not', () => {
    const vault = deploy()
    const refused = 'Error(immutable fields are not set here)'
    for (const name of ['Runner', 'Plain']) {
      const runner = chain.deploy(artifacts[name]!)
      // The first word, one of its own, and one that is zero on both.
      for (const field of ['maker', 'cap', 'low']) {
        const data = encodeFunctionData({ abi: vault.artifact.abi as Abi, functionName: field })
        expect(failure(runner, 'run', [vault.address, data]), `${name} ${field}`).toBe(refused)
      }
    }
    // Sent without its constructor (init code of version 00), it has none either.
    const bare = chain.send(
      null,
      `${vault.artifact.bytecode.slice(0, 86)}00${vault.artifact.bytecode.slice(88)}` as Hex,
    )
    const unmade = new TestContract(chain, vault.artifact, bare.contractAddress!, 0n)
    expect(failure(unmade, 'maker')).toBe(refused)
  })

  it('are no safer than the storage of the contract, and code of the same class reads those of where it runs', () => {
    const [one, other, poker] = ['Runner', 'Runner', 'Poker'].map((name) => chain.deploy(artifacts[name]!))
    const mark = chain.slot(one!.address, GUARD)
    const changed = mark.replace(/03(?=.{10}$)/, '09')
    expect(changed).not.toBe(mark)
    const data = { abi: poker!.artifact.abi as Abi, functionName: 'poke', args: [GUARD, changed] }
    one!.send('run', [poker!.address, encodeFunctionData(data)])
    expect([one!.send('own'), other!.send('own')]).toEqual([9, 3])
    const own = encodeFunctionData({ abi: other!.artifact.abi as Abi, functionName: 'own' })
    expect(BigInt(one!.send('run', [other!.address, own]) as Hex)).toBe(9n)
  })

  it('revert when a function that the constructor calls reads one that is not set yet', () => {
    const sent = chain.tryDeploy(artifacts['Late']!)
    expect(describeFailure(artifacts['Late']!, sent)).toBe('Error(immutable fields are not set here)')
  })

  it('are not there for somebody who is called by the constructor and calls back', () => {
    const asker = chain.deploy(artifacts['Asker']!)
    const asked = chain.deploy(artifacts['Asking']!, [asker.address])
    expect(asker.send('answer')).toBe('immutable fields are not set here')
    expect(asked.send('n')).toBe(9n)
  })

  it('outlive a loop that gives its memory back', () => {
    expect(deploy().send('rounds', [200_000])).toBe(CAP + 7n)
  })
})

it('are those of every contract in a line of several bases, and of a proxy itself', async () => {
  const source = `import { Bases, construct } from '@touchstone/contracts/as'
import { Proxy } from '@touchstone/contracts/as/parts/proxy'
${IMPORTS}
@contract export abstract class A { @view @immutable a: u64; constructor(n: u64) { this.a = n } }
@contract export abstract class B { @view @immutable b: u32 = 255 }
@contract export abstract class D { @view @immutable d: U256; constructor() { this.d = u256(77) } }
@contract export class C extends Bases<A, B, D> {
  @view @immutable c: bool
  constructor() { super(); construct<A>(5); this.c = this.a == 5 && this.d == u256(77) }
}
@contract export class E extends Bases<B, A> { @view @immutable e: u8; constructor() { super(); construct<A>(6); this.e = 1 } }
@contract export class Mine extends Proxy { @view @immutable n: u64 = 8; constructor(i: Address, data: Bytes) { super(i, data) } }
@contract export class Code { ran: u64; @external initialize(): void { this.ran = 4 } }`
  const made = await build({ 'index.ts': source })
  const values = (contract: TestContract, names: string) => [...names].map((name) => contract.send(name))
  expect(values(chain.deploy(made['C']!), 'abcd')).toEqual([5n, 255, true, 77n])
  expect(values(chain.deploy(made['E']!), 'abe')).toEqual([6n, 255, 1])
  const code = chain.deploy(made['Code']!)
  const initialize = encodeFunctionData({ abi: made['Code']!.abi as Abi, functionName: 'initialize' })
  expect(values(chain.deploy(made['Mine']!, [code.address, initialize]), 'n')).toEqual([8n])
})

const refused = (fields: string, body: string, more = '') =>
  complaints(`@contract export class C { ${fields}\n constructor(c: bool) { ${body} }\n ${more} }`)

describe('the build refuses', () => {
  it('fields that are not set, set twice, or elsewhere', async () => {
    const n = '@immutable n: u64;'
    expect(await refused(n, '')).toEqual(['n is @immutable, and nothing sets it'])
    expect(await complaints(`@contract export class C { ${n} }`)).toEqual(['n is @immutable, and nothing sets it'])
    expect(await refused(n, 'this.n = 1; this.n = 2')).toEqual(['n is @immutable and is set above already'])
    expect(await refused('@immutable n: u64 = 1;', 'this.n = 2')).toEqual([
      'n is @immutable and has its value where it is declared',
    ])
    const top = 'n is @immutable: this.n = … stands for itself at the top of the constructor'
    for (const body of ['if (c) this.n = 1', 'for (let i = 0; i < 2; i++) this.n = 1', 'const m = this.n = 1']) {
      expect(await refused(n, body), body).toEqual([top])
    }
    expect(await refused(n, 'if (c) return; this.n = 1')).toEqual(['this return would leave out this.n = …'])
    const only = 'n is @immutable: only the constructor of C sets it'
    for (const body of ['this.n = 2', 'this.n += 2', 'this.n <<= 2', 'this.n++', '--this.n']) {
      expect(await refused(n, 'this.n = 1', `@external set(): void { ${body} }`), body).toEqual([only])
    }
    const above = 'n is @immutable and is set above already'
    expect(await refused(n, 'this.n = 1; this.n++; if (c) this.n **= 2')).toEqual([above, above])
    expect(await refused(n, 'this.n += 1; this.n = 1')).toEqual(['n is read before this.n = … has set it'])
  })

  it('no return of a function that the constructor has in it', async () => {
    for (const f of [
      '(x: u64): u64 => { return x + 1 }',
      '(x: u64): u64 => x + 1',
      'function (x: u64): u64 { return x + 1 }',
    ]) {
      const own = `@immutable n: u64\n constructor() { const f = ${f}; this.n = f(4) }`
      expect(await complaints(`@contract export class C { ${own} }`), f).toEqual([])
      const base = '@contract export abstract class B { a: u64\n constructor(n: u64) { this.a = n } }'
      const derived = `@contract export class C extends B { constructor() { const f = ${f}; super(f(4)) } }`
      expect(await complaints(`${base}\n${derived}`), f).toEqual([])
    }
  })

  it('writes through another name, and in a contract that inherits', async () => {
    const base = '@contract export class B { @immutable n: u64\n constructor() { this.n = 1 } }'
    expect(
      await complaints(`${base}\n@contract export class C extends B { constructor() { super(); this.n = 2 } }`),
    ).toEqual(['n is @immutable: only the constructor of B sets it'])
    expect(
      await refused('@immutable n: u64;', 'this.n = 1', '@external set(): void { const c = this; c.n = 2 }'),
    ).toEqual(['n is @immutable: only the constructor of its contract sets it, as this.n = …'])
  })

  it('reads before the field is set', async () => {
    const early = 'n is read before this.n = … has set it'
    expect(await refused('@immutable n: u64;', 'assert(this.n == 0); this.n = 1')).toEqual([early])
    expect(await refused('@immutable n: u64;', 'this.n = this.n + 1')).toEqual([early])
  })

  it('types that are no values, other marks, and more fields than there is room for', async () => {
    expect(await refused('@immutable n: string;', "this.n = 'a'")).toEqual([
      'an @immutable field has a value type (bool, integer, Address, BytesN)',
    ])
    expect(await refused('@immutable @transient n: u8;', '')).toEqual(['a field is @transient or @immutable, not both'])
    const many = Array.from({ length: 65 }, (_, i) => `@immutable n${i}: u8 = 1\n`).join('')
    expect(await refused(many, '')).toEqual(['C has 65 @immutable fields; allowed: 64'])
  })

  it('what runs on the storage of a proxy', async () => {
    const files = {
      'index.ts': `import { Upgradeable } from '@touchstone/contracts/as/parts/proxy'
@contract export class C extends Upgradeable { @immutable n: u64 = 1 }`,
    }
    expect(await complaints(files)).toEqual([
      'n is @immutable, and C runs on the storage of its proxy, where that is never set',
    ])
  })
})
