/** Arrays of fixed length, Solidity's `T[N]`: encoding, storage, places, zeros, order, and what the build refuses. */

import {
  type Abi,
  concat,
  encodeAbiParameters,
  encodeFunctionData,
  getAddress,
  type Hex,
  hashStruct,
  keccak256,
  pad,
  toHex,
} from 'viem'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Artifact } from '../src/index.ts'
import { BUILD_TIMEOUT } from './fixtures.ts'
import { build, complaints, failure, IMPORTS } from './sources.ts'
import { account, TestChain, type TestContract } from './testChain.ts'

const MORE = "import { abiDecode, abiEncode, FixedArray, hashStruct } from '@touchstone/contracts/as'; "
const SOURCE = `
@struct class Point { x: u64; y: U256 }
@struct class Box { name: string; sides: FixedArray<u32, 3>; points: FixedArray<Point, 2>; owner: Address }
@struct class Poll { votes: Mapping<u8, u8>; sides: FixedArray<u16, 20>; n: u8 }
@event class Moved { path: FixedArray<U256, 2>; by: Indexed<Address> }
@error class Far { at: FixedArray<i16, 2> }
@returns class Two { first: FixedArray<u8, 2>; second: FixedArray<string, 2> }
@contract export class Arrays {
  before: u8
  small: FixedArray<u8, 33>
  @view flags: FixedArray<bool, 3>
  @view owners: FixedArray<Address, 2>
  @view grid: FixedArray<FixedArray<u128ish, 3>, 2>
  @view names: FixedArray<string, 2>
  points: FixedArray<Point, 3>
  box: Box
  byId: Mapping<u64, FixedArray<U256, 2>>
  list: StorageArray<FixedArray<u64, 5>>
  tags: FixedArray<Bytes4, 9>
  @view after: u8
  @external fill(): void {
    this.before = 1
    this.after = 2
    for (let i = 0; i < this.small.length; i++) this.small[i] = <u8>(i + 1)
    this.flags = [true, false, true]
    this.owners[1] = msg.sender
    this.grid[1][2] = 7
    this.grid[0] = [1, 2, 3]
    this.grid[0][1] += 40
    this.grid[0][0]++
    this.names = ['a', 'a text that is longer than thirty-one bytes']
    this.points[2].y = u256(9)
    this.points[2].x += 3
    this.points[0] = new Point(5, u256(6))
    this.box = new Box('box', [1, 2, 3], [new Point(1, u256(2)), new Point(3, u256(4))], msg.sender)
    this.box.sides[1] = 77
    this.box.points[1].x = 99
    this.byId[4][1] = u256(11)
    this.byId[4][1] += u256(2)
    this.list.grow()
    this.list.push([1, 2, 3, 4, 5])
    this.list[1][4] *= 9
    this.tags[8] = Bytes4.parse('0xdeadbeef')
  }
  @external empty(): void { this.list.pop(); this.byId.delete(4); this.names = new FixedArray<string, 2>() }
  @view readBox(): Box { return this.box }
  @view readPoints(): FixedArray<Point, 3> { return this.points }
  @view readSmall(): FixedArray<u8, 33> { return this.small }
  @external setOwners(owners: FixedArray<Address, 2>): void { this.owners = owners }
  @view smallAt(i: i32): u8 { return this.small[i] }
  @external setSmall(i: i32, v: u8): void { this.small[i] = v }
  @view rowAt(i: i32, j: i32): u64 { return this.grid[i][j] }
  @pure echo(a: FixedArray<U256, 3>, b: FixedArray<string, 2>, c: FixedArray<FixedArray<u8, 2>, 3>, d: u8): FixedArray<U256, 3> {
    assert(d == 7 && a.length == 3 && b.length == 2)
    return a
  }
  @pure texts(b: FixedArray<string, 2>): FixedArray<string, 2> { return b }
  @pure nested(c: FixedArray<FixedArray<i8, 2>, 3>): FixedArray<FixedArray<i8, 2>, 3> { return c }
  @pure dynamic(c: FixedArray<u64[], 2>): FixedArray<u64[], 2> { return c }
  @pure lists(c: FixedArray<Bytes, 2>[]): FixedArray<Bytes, 2>[] { return c }
  @pure boxes(b: Box): Box { return b }
  @pure two(): Two { return new Two([1, 2], ['x', 'y']) }
  @external move(): void { emit(new Moved([u256(1), u256(2)], msg.sender)) }
  @pure far(): void { throw new Far([-1, 300]) }
  @pure zeros(): Box { return new FixedArray<Box, 2>()[1] }
  @pure more(): string {
    const all = new FixedArray<U256, 2>(), own = new FixedArray<Point, 2>(), bytes = new FixedArray<Bytes, 2>()
    own[0].x = 5
    const same = own
    same[1].x = 6
    return all[1].toString() + own[0].x.toString() + own[1].x.toString() + bytes[1].length.toString()
  }
  @pure at(i: i32): U256 { const a: FixedArray<U256, 3> = [u256(5), u256(6), u256(7)]; return a[i] }
  @pure put(i: i32): U256 { const a = new FixedArray<U256, 3>(); a[i] = u256(9); return a[i] }
  @pure coded(): Bytes {
    const a: FixedArray<string, 2> = ['one', 'two']
    const back = abiDecode<FixedArray<string, 2>>(abiEncode<FixedArray<string, 2>>(a))
    assert(back[0] == 'one' && back[1] == 'two')
    return abiEncode<FixedArray<string, 2>>(back)
  }
  @view hashed(b: Box): Bytes32 { return hashStruct(b) }
  @external order(): string {
    this.trail = ''
    this.grid[this.note('a', 1)][this.note('b', 2)] = <u64>this.note('c', 5)
    this.grid[this.note('d', 1)][this.note('e', 2)] += <u64>this.note('f', 6)
    const m = new FixedArray<i32, 2>()
    m[this.note('g', 1)] = this.note('h', 3)
    const l: FixedArray<i32, 2> = [this.note('i', 1), this.note('j', 2)]
    assert(this.grid[1][2] == 11 && m[1] == 3 && l[1] == 2)
    return this.trail
  }
  trail: string
  poll: Poll
  @external vote(): void {
    const poll = this.poll
    poll.n = 3
    poll.votes[1] = 4
    poll.sides[17] += 5
    poll.sides[0] = 6
  }
  private note(text: string, value: i32): i32 { this.trail = this.trail + text; return value }
  @pure rounds(n: i32): U256 {
    const kept: FixedArray<U256, 2> = [u256(1), u256(1)]
    for (let i = 0; i < n; i++) kept[i == 0 ? 0 : 1] = u256(i) + u256(3)
    return kept[0] + kept[1]
  }
}`.replace('u128ish', 'u64')

const HEAD = IMPORTS + MORE
let artifact: Artifact
beforeAll(async () => {
  artifact = (await build({ 'index.ts': HEAD + SOURCE }))['Arrays']!
}, BUILD_TIMEOUT)
let chain: TestChain
let contract: TestContract
beforeEach(() => {
  chain = new TestChain()
  contract = chain.deploy(artifact)
})

const word = (value: bigint | number): Hex => pad(toHex(value), { size: 32 })
const bytes = (values: readonly number[], width: number): Hex =>
  pad(concat([...values].reverse().map((value) => toHex(value, { size: width }))), { size: 32 })
const plus = (slot: Hex, n: number): Hex => word(BigInt(slot) + BigInt(n))
const slotOf = (label: string) => Number(artifact.storageLayout.storage.find((entry) => entry.label === label)?.slot)
const at = (label: string, n = 0) => chain.slot(contract.address, BigInt(slotOf(label) + n))
const PANIC = 'array index out of bounds (panic 0x32)'

describe('in storage', () => {
  it('lie as Solidity has them, each write in its own slot', () => {
    contract.send('fill')
    const { storage, types } = artifact.storageLayout
    // As solc 0.8.30 says of the same declarations.
    expect(storage.map(({ label, slot }) => `${label} ${slot}`).join(', ')).toBe(
      'before 0, small 1, flags 3, owners 4, grid 6, names 8, points 10, box 16, byId 23, list 24, tags 25, after 27, trail 28, poll 29',
    )
    expect(types['t_array(t_array(t_uint64)3_storage)2_storage']).toEqual({
      base: 't_array(t_uint64)3_storage',
      encoding: 'inplace',
      label: 'uint64[3][2]',
      numberOfBytes: '64',
    })
    expect([at('before'), at('after')]).toEqual([word(1), word(2)])
    expect([at('small'), at('small', 1)]).toEqual([
      bytes(
        Array.from({ length: 32 }, (_, i) => i + 1),
        1,
      ),
      word(33),
    ])
    expect(at('flags')).toBe(bytes([1, 0, 1], 1))
    expect([at('owners'), at('owners', 1)]).toEqual([word(0), pad(account(0))])
    expect([at('grid'), at('grid', 1)]).toEqual([bytes([2, 42, 3], 8), bytes([0, 0, 7], 8)])
    expect(at('names')).toBe(concat([toHex('a'), pad('0x', { size: 30 }), '0x02']))
    expect(at('names', 1)).toBe(word(2 * 43 + 1))
    expect([0, 1, 2, 3, 4, 5].map((n) => at('points', n))).toEqual([5, 6, 0, 0, 3, 9].map(word))
    expect([1, 2, 3, 4, 5].map((n) => at('box', n))).toEqual([bytes([1, 77, 3], 4), ...[1, 2, 99, 4].map(word)])
    expect(at('box', 6)).toBe(pad(account(0)))
    expect([at('tags'), at('tags', 1)]).toEqual([word(0), word(0xdeadbeef)])
    const entry = keccak256(concat([word(4), word(slotOf('byId'))]))
    expect([entry, plus(entry, 1)].map((slot) => chain.slot(contract.address, slot))).toEqual([word(0), word(13)])
    const list = keccak256(word(slotOf('list')))
    const found = [0, 1, 2, 3].map((n) => chain.slot(contract.address, plus(list, n)))
    expect(found).toEqual([word(0), word(0), bytes([1, 2, 3, 4], 8), word(45)])
    contract.send('empty')
    expect([2, 3].map((n) => chain.slot(contract.address, plus(list, n)))).toEqual([word(0), word(0)])
    expect([chain.slot(contract.address, plus(entry, 1)), at('names'), at('names', 1)]).toEqual([0, 0, 0].map(word))
  })

  it('are members of structs that are in storage only', () => {
    contract.send('vote')
    expect([1, 2, 3].map((n) => at('poll', n))).toEqual([word(6), bytes([0, 5], 2), word(3)])
  })

  it('have getters by index', () => {
    contract.send('fill')
    expect([0n, 1n, 2n].map((i) => contract.send('flags', [i]))).toEqual([true, false, true])
    expect(contract.send('owners', [1n])).toBe(getAddress(account(0)))
    expect([contract.send('grid', [0n, 1n]), contract.send('grid', [1n, 2n])]).toEqual([42n, 7n])
    expect(contract.send('names', [1n])).toBe('a text that is longer than thirty-one bytes')
    for (const i of [3n, 2n ** 255n]) expect(failure(contract, 'flags', [i])).toContain(PANIC)
  })

  it('are read by the element: one slot', () => {
    contract.send('fill')
    const [one, all] = ['smallAt', 'readPoints'].map((name) =>
      Number(contract.trySend(name, name === 'smallAt' ? [32] : []).gasUsed),
    )
    // A slot is 2 100 gas; the points are six.
    expect(all! - one!).toBeGreaterThan(5 * 2100)
  })

  it('panic outside, with every index that an i32 can have', () => {
    for (const i of [33, -1, 2 ** 31 - 1, -(2 ** 31)]) {
      expect(failure(contract, 'smallAt', [i]), `${i}`).toContain(PANIC)
      expect(failure(contract, 'setSmall', [i, 1])).toContain(PANIC)
      expect(failure(contract, 'rowAt', [i, 0])).toContain(PANIC)
      expect(failure(contract, 'rowAt', [0, i])).toContain(PANIC)
    }
  })
})

const BOX = {
  name: 'b',
  sides: [1, 2, 4_294_967_295],
  points: [
    { x: 1n, y: 2n },
    { x: 3n, y: 2n ** 255n },
  ],
  owner: getAddress(account(1)),
} as const

describe('in calls', () => {
  it('are encoded as viem encodes them, static and dynamic, nested and in structs', () => {
    const values: Readonly<Record<string, unknown>> = {
      texts: ['', 'x'.repeat(65)],
      nested: [
        [-128, 127],
        [0, -1],
        [1, 2],
      ],
      dynamic: [[1n, 2n, 3n], []],
      lists: [
        ['0x', `0x${'ab'.repeat(33)}`],
        ['0x01', '0x'],
      ],
      boxes: BOX,
    }
    for (const [name, value] of Object.entries(values)) expect(contract.send(name, [value]), name).toEqual(value)
    expect(
      contract.send('echo', [
        [1n, 2n, 3n],
        ['a', 'b'],
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        7,
      ]),
    ).toEqual([1n, 2n, 3n])
    expect(contract.send('two')).toEqual([
      [1, 2],
      ['x', 'y'],
    ])
    expect(contract.events('move')[0]?.args).toEqual({ path: [1n, 2n], by: getAddress(account(0)) })
    expect(failure(contract, 'far')).toBe('Far(-1,300)')
    expect(contract.send('coded')).toBe(encodeAbiParameters([{ type: 'string[2]' }], [['one', 'two']]))
    const types = (name: string) =>
      (artifact.abi as Abi).flatMap((item) => (item.type === 'function' && item.name === name ? item.inputs : []))
    expect(types('echo').map(({ type }) => type)).toEqual(['uint256[3]', 'string[2]', 'uint8[2][3]', 'uint8'])
    expect(types('boxes')[0]).toMatchObject({ components: [{}, { type: 'uint32[3]' }, { type: 'tuple[2]' }, {}] })
  })

  it('are refused where bytes are missing, or point outside', () => {
    const abi = artifact.abi as Abi
    const texts = encodeFunctionData({ abi, functionName: 'texts', args: [['a', 'b']] })
    const owners = encodeFunctionData({ abi, functionName: 'setOwners', args: [[account(0), account(1)]] })
    const broken = [
      texts.slice(0, -64),
      texts.slice(0, 10 + 64),
      // The second element's offset, all ones, and just behind the end.
      texts.slice(0, 10 + 128) + 'f'.repeat(64) + texts.slice(10 + 192),
      texts.slice(0, 10 + 128) + toHex(192, { size: 32 }).slice(2) + texts.slice(10 + 192),
      owners.slice(0, -64),
      owners.slice(0, 10 + 64),
      `${owners.slice(0, 10)}01${owners.slice(12)}`,
    ]
    for (const data of broken) {
      const sent = chain.send(contract.address, data as Hex)
      expect([sent.kind, sent.output.slice(0, 10)], data).toEqual(['revert', '0x08c379a0'])
    }
  })

  it('are hashed as EIP-712 has them', () => {
    const types = {
      Box: [
        { name: 'name', type: 'string' },
        { name: 'sides', type: 'uint32[3]' },
        { name: 'points', type: 'Point[2]' },
        { name: 'owner', type: 'address' },
      ],
      Point: [
        { name: 'x', type: 'uint64' },
        { name: 'y', type: 'uint256' },
      ],
    }
    expect(contract.send('hashed', [BOX])).toBe(hashStruct({ data: BOX as never, primaryType: 'Box', types }))
  })
})

describe('in memory', () => {
  it('begin with zeros, of structs too, each its own, and are shared by their variables', () => {
    const none = { x: 0n, y: 0n }
    expect(contract.send('zeros')).toEqual({
      name: '',
      sides: [0, 0, 0],
      points: [none, none],
      owner: '0x0000000000000000000000000000000000000000',
    })
    expect(contract.send('more')).toBe('0560')
  })

  it('panic outside', () => {
    expect([0, 1, 2].map((i) => contract.send('at', [i]))).toEqual([5n, 6n, 7n])
    expect(contract.send('put', [2])).toBe(9n)
    for (const i of [3, -1, 2 ** 31 - 1, -(2 ** 31)]) {
      for (const name of ['at', 'put']) expect(failure(contract, name, [i]), `${name} ${i}`).toContain(PANIC)
    }
  })

  it('run their parts in the order of Solidity', () => {
    expect(contract.send('order')).toBe('cabfdehgij')
  })

  it('hold what a loop has put into them', () => {
    expect(contract.send('rounds', [40_001])).toBe(40_006n)
  })
})

it('go to other contracts and come back, by aliases, in mappings and with literals in literals', async () => {
  const source = `import { contractAt } from '@touchstone/contracts/as'; ${HEAD}
type Row = FixedArray<u8, /* red, green, blue */ 3>
type Grid = FixedArray<
  Row, // as they are told
  2
>
@event class Names { a: FixedArray<string, 2>; g: Grid }
@contractInterface class IOther { @view f(g: Grid, n: FixedArray<string, 2>): Grid; @view two(): FixedArray<Bytes, 2> }
function both(a: bool, b: bool): bool { return a && b }
@contract export class Other {
  m: Mapping<Address, Grid>
  @view f(g: Grid, n: FixedArray<string, 2>): Grid { g[1][2] = <u8>n[1].length; return g }
  @view two(): FixedArray<Bytes, 2> { return [Bytes.fromHex('0x01'), Bytes.empty] }
  @external go(at: Address): u64 {
    this.m[msg.sender] = [[1, 2, 3], [4, 5, 6]]
    this.m[msg.sender][1][0] += 9
    const other = new IOther(at)
    const g = other.f(this.m[msg.sender], ['x', 'long'])
    const two = contractAt<IOther>(at).two()
    emit(new Names(['p', 'q'], g))
    const a = 1, b = 2, c = 1
    // No arguments of a type.
    assert(both(a < b, 3 > c))
    return <u64>two[0].length + <u64>two.length
  }
}`
  const other = (await build({ 'index.ts': source }))['Other']!
  const [one, two] = [chain.deploy(other), chain.deploy(other)]
  expect(one.events('go', [two.address])[0]?.args).toEqual({
    a: ['p', 'q'],
    g: [
      [1, 2, 3],
      [13, 5, 4],
    ],
  })
  expect(one.send('go', [two.address])).toBe(3n)
})

const wrong = async (members: string) =>
  complaints({
    'index.ts': `${HEAD}@struct class P { x: u64; y: u64 }\n@struct class T { u: FixedArray<u8, 2>; v: FixedArray<u8, 2> }\n@contract export class C { ${members} }`,
  })

describe('the build refuses', () => {
  it('lengths that are none', async () => {
    const length = 'the length of an array is a number from 1 to 65536, in digits: FixedArray<U256, 3>'
    for (const text of ['0', '65537', '0x3', '1_0', 'U256', '"3"']) {
      expect(await wrong(`a: FixedArray<u8, ${text}>`), text).toEqual([length])
    }
    for (const text of ['0', '65537', '9999999']) {
      const body = `@pure f(): u8 { const a = new FixedArray<u8, ${text}>(); return a[0] }`
      expect(await wrong(body), text).toEqual([length])
    }
    const named = 'an array of fixed length names the type of its elements and their number: FixedArray<U256, 3>'
    for (const text of ['<u8>', '', '<u8, 3, 4>']) expect(await wrong(`a: FixedArray${text}`), text).toEqual([named])
    expect(await wrong('a: FixedArray<FixedArray<u8, 65536>, 5>')).toEqual([
      'this array has 327680 words of 32 bytes; allowed: 262144; use a StorageArray',
    ])
  })

  it('elements that are no values, and places where Solidity has none', async () => {
    const values = 'a FixedArray is made of values; what is in storage only goes into a StorageArray or a @struct'
    expect(await wrong('a: FixedArray<Mapping<u8, u8>, 2>')).toEqual([values])
    expect(await wrong('a: FixedArray<StorageArray<u8>, 2>')).toEqual([values])
    expect(await wrong('a: FixedArray<u8[], 2>')).toEqual(['T[] lives in memory; in storage use StorageArray<T>'])
    expect(await wrong('a: Mapping<FixedArray<u8, 2>, u8>')).toEqual([
      'the key of a mapping is a value type, string or Bytes',
    ])
  })

  it('literals of another length, and elements of another type', async () => {
    const few = 'FixedArray<u8,3> has 3 elements, and here are 2'
    expect(await wrong('@pure f(): FixedArray<u8, 3> { return [1, 2] }')).toEqual([few])
    expect(await wrong('@pure f(): FixedArray<U256, 1> { return [1] }')).toEqual([
      "Type 'i32' is not assignable to type 'U256'. (AS2322)",
    ])
  })

  it('literals that leave an element out, of arrays of any length too', async () => {
    const missing = 'an element is missing between two commas'
    expect(await wrong('@pure f(): FixedArray<u8, 3> { return [1, , 2] }')).toEqual([missing])
    expect(await wrong('@pure f(): U256[] { return [u256(1), , u256(2)] }')).toEqual([missing])
  })

  it('numbers outside as indexes', async () => {
    const outside = '3 is outside of FixedArray<u8,3>: its last element is 2'
    for (const body of [
      'this.a[3] = 1',
      'this.a[3] += 1',
      'this.a[3]++',
      'this.n = this.a[3]',
      'const b = this.a; this.n = b[(3)]',
    ]) {
      expect(await wrong(`a: FixedArray<u8, 3>; n: u8\n@external f(): void { ${body} }`), body).toEqual([outside])
    }
  })

  it('writes to a copy that nothing sees', async () => {
    const fields = 'a: FixedArray<u8, 3>; p: FixedArray<P, 2>\n'
    const copy = 'b is a copy of this.a, and nothing reads the write to it here'
    expect(await wrong(`${fields}@external f(): void { const b = this.a; b[1] = 2 }`)).toEqual([copy])
    expect(await wrong(`${fields}@external f(): void { this.a.set(1, 2) }`)).toEqual([
      'set changes a copy of this.a, which is lost',
    ])
    expect(await wrong(`${fields}@external f(): void { const b = this.a; b[1] = 2; this.a = b }`)).toEqual([])
    expect(await wrong(`${fields}@external f(): u8 { const b = this.a; b[1] = 2; return b[1] }`)).toEqual([])
    expect(await wrong(`${fields}@external f(): void { this.p[1].x = 2; this.p[0].y += 3 }`)).toEqual([])
    expect(await wrong(`${fields}@external f(): i32 { const b = this.a; b[1] = 2; return b.length }`)).toEqual([copy])
    expect(await wrong(`${fields}@external f(): void { const b = this.a; b[1] = 2; b.set(0, 1) }`)).toEqual([copy])
  })

  const FIELDS = 'a: FixedArray<u8, 3>; o: FixedArray<u8, 3>; g: FixedArray<FixedArray<u8, 2>, 2>; p: P; t: T; n: u8\n'
  const HELPERS = `
    private given(): FixedArray<u8, 3> { return this.a }
    private chosen(i: bool): FixedArray<u8, 3> { const r = this.a; if (i) return new FixedArray<u8, 3>(); return r }
    private made(): FixedArray<u8, 3> { return [1, 2, 3] }
    private put(b: FixedArray<u8, 3>): void { const c = b; c[0] = 1 }
    private fill(b: FixedArray<u8, 3>): FixedArray<u8, 3> { b[0] = 1; return b }
    private both(p: P): void { p.x = 1; p.y = 2 }\n`
  const judged = (body: string, result = 'void') =>
    wrong(
      `${FIELDS}${HELPERS}@external f(i: bool, q: FixedArray<u8, 3>): ${result} { this.made(); this.given(); this.chosen(i); this.fill(q); this.put(q); this.both(new P(1, 2)); ${body} }`,
    )
  const lost = (name: string, from = 'this.a') => `${name} is a copy of ${from}, and nothing reads the write to it here`

  it.each([
    ['by another name', 'const b = this.a; const c = b; c[1] = 2', 'c', 'this.a'],
    ['given later', 'let b = new FixedArray<u8, 3>(); b = this.a; b[1] = 2', 'b', 'this.a'],
    ['given in an expression', 'let b = new FixedArray<u8, 3>(), c = b; c = b = this.a; c[1] += 2', 'c', 'this.a'],
    ['of a choice', 'const b = i ? this.made() : this.a; b[1] = 2', 'b', 'this.a'],
    ['of a choice of variables', 'const b = this.a, d = this.made(); const c = i ? b : d; c[1]++', 'c', 'this.a'],
    ['with a cast', 'const b = this.a as FixedArray<u8, 3>; b[1] = 2', 'b', 'this.a'],
    ['out of a method', 'const b = this.given(); b[1] = 2', 'b', 'this.given()'],
    ['out of a method with a variable', 'const b = this.chosen(i); b[1] = 2', 'b', 'this.chosen(i)'],
    ['by a function that is given it', 'const b = this.a; this.put(b)', 'b', 'this.a'],
    ['of which a part was read before', 'const b = this.a; this.n = b[1]; b[1] = 2', 'b', 'this.a'],
    ['that was written back before', 'const b = this.a; this.o = b; b[1] = 2', 'b', 'this.a'],
    ['before the function is left', 'const b = this.a; if (i) { b[1] = 2; return } this.n = b[1]', 'b', 'this.a'],
    [
      'with a loop that is left before the function is',
      'const b = this.a; if (i) { b[1] = 2; while (true) { break } return } this.n = b[1]',
      'b',
      'this.a',
    ],
    ['of which the old value is taken', 'const b = this.a; this.n = b[1]++', 'b', 'this.a'],
    ['by a function that writes two members', 'const p = this.p; this.n = <u8>p.x; this.both(p)', 'p', 'this.p'],
    ['in the other branch', 'const b = this.a; if (i) { b[1] = 2 } else { this.n = b[1] }', 'b', 'this.a'],
    ['in each round', 'for (let k = 0; k < 3; k++) { const b = this.a; this.n = b[1]; b[1] = 2 }', 'b', 'this.a'],
    [
      'of one of two with a name',
      'if (i) { const b = this.a; b[1] = 2 } else { const b = this.o; this.n = b[1] }',
      'b',
      'this.a',
    ],
    ['by set', 'const b = this.a; b.set(1, 2)', 'b', 'this.a'],
    ['of a struct, given later', 'let b = new P(1, 2); b = this.p; b.x = 2; this.n = <u8>b.y', 'b', 'this.p'],
  ])('a write to a copy %s', async (_how, body, name, from) => {
    expect(await judged(body)).toEqual([lost(name, from)])
  })

  it('writes to parts of copies, and to what a function does not hand on', async () => {
    expect(await judged('const b = this.g; const r = b[0]; r[1] = 3')).toEqual([
      'r is part of a copy of this.g, and nothing reads the write to it here',
    ])
    const gets = 'put gets a copy of this.a, and nothing reads the element that it writes to it'
    expect(await judged('this.put(i ? this.a : this.o)')).toEqual([gets])
    expect(await judged('this.put(this.given())')).toEqual([gets.replace('this.a', 'this.given()')])
  })

  it.each([
    ['with another name', 'const b = this.a; const c = b; c[1] = 2; return b[1]', 'u8'],
    ['in the next round', 'const b = this.a; for (let k = 0; k < 3; k++) { this.n = b[1]; b[1] = 2 }', 'void'],
    ['after a break', 'const b = this.a; while (true) { if (i) { b[1] = 2; break } return 0 } return b[1]', 'u8'],
    [
      'after a continue',
      'const b = this.a; while (true) { if (b[1] > 3) return 1; b[1] = 4; if (i) continue; return 0 }',
      'u8',
    ],
    ['in the head of a loop', 'for (let b = this.a; b[1] < 5; b[1]++) this.n++', 'void'],
    ['by what writes it in the next round', 'const b = this.a; while (b[1]-- > 0) this.n++', 'void'],
    ['in one of two members that a function wrote', 'const p = this.p; this.both(p); this.n = <u8>p.y', 'void'],
    ['when it is written back', 'const b = this.a; const c = b; c[1] = 2; this.a = c', 'void'],
    ['by the caller', 'const b = i ? this.a : this.made(); b[1] = 2; return b', 'FixedArray<u8, 3>'],
    ['by a function', 'const b = this.a; b[1] = 2; this.fill(b); return this.fill(b)[1]', 'u8'],
    ['within an object', 'const b = this.a; const all: FixedArray<u8, 3>[] = [b]; b[1] = 2; return all[0][1]', 'u8'],
    ['by a name for two parts', 'const b = this.t; b.v[0] = 2; let r = b.u; r = b.v; r[1] = 1; return r[0]', 'u8'],
    ['of parts that are each other', 'const b = this.g; let r = b[0], s = r; r = s; s[1] = 3; return b[0][1]', 'u8'],
    ['of a part', 'const b = this.g; const r = b[0]; r[1] = 3; return b[0][1]', 'u8'],
    ['of what a function wrote', 'const b = this.a; this.put(b); return b[0]', 'u8'],
    ['of memory', 'const b = this.made(); b[1] = 2', 'void'],
    ['in the condition', 'const b = this.a; if ((b[1] = 2) == 2) this.n = b[1]', 'void'],
    ['by the target, which is found after that', 'const b = this.a; this.a[b[1]] = (b[1] = 2)', 'void'],
    ['by the target of a sum', 'const b = this.a; this.a[b[1]] += (b[1] = 2) + 1', 'void'],
  ])('no write to a copy that is read %s', async (_how, body, result) => {
    expect(await judged(body, result)).toEqual([])
  })

  it('functions that hand a copy on to each other, each once', async () => {
    const calls = (n: number) => (n < 5 ? `this.h${n + 1}(b); `.repeat(30) : 'b[0] = 1')
    const hand = Array.from({ length: 6 }, (_, n) => `private h${n}(b: FixedArray<u8, 3>): void { ${calls(n)} }`)
    expect(await wrong(`${FIELDS}${hand.join('\n')}\n@external f(): void { this.h0(this.a) }`)).toEqual([
      'h0 gets a copy of this.a, and nothing reads the element that it writes to it',
    ])
  })

  it('no write to a copy of which a method is called then, which may read it', async () => {
    for (const read of ['b.slice(1, 2).length', 'b.toString().length', 'b.get(0)']) {
      const body = `const b = this.t; b[0] = 1; return <i32>${read}`
      expect(await wrong(`t: Bytes\n@external f(): i32 { ${body} }`), read).toEqual([])
    }
    expect(
      await wrong('a: FixedArray<u8, 3>\n@external f(): u8 { const b = this.a; b[1] = 2; return b.get(1) }'),
    ).toEqual([])
    const given = 'g(b: Bytes): string { b[0] = 1; return b.toString() }'
    expect(await wrong(`t: Bytes\n${given}\n@external f(): string { return this.g(this.t) }`)).toEqual([])
    const struct =
      '@struct class R { x: u64; y: u64; sum(): u64 { return this.x + this.y } get half(): u64 { return this.x / 2 } }'
    for (const read of ['r.sum()', 'r.half']) {
      const source = `${HEAD}${struct}\n@contract export class C { r: R\n@external f(): u64 { const r = this.r; r.x = 1; return ${read} } }`
      expect(await complaints({ 'index.ts': source }), read).toEqual([])
    }
  })

  it('comparisons', async () => {
    expect(await wrong('@pure f(a: FixedArray<u8, 2>): bool { return a == a }')).toEqual([
      '== would compare where two objects of FixedArray<u8,2> are in memory, not their contents',
    ])
  })

  it('getters of structs with arrays, of which Solidity leaves something out', async () => {
    const source = `${HEAD}@struct class Q { x: u8; a: FixedArray<u8, 2> }\n@contract export class C { @view q: Q }`
    expect(await complaints({ 'index.ts': source })).toEqual([
      "Q has an array among its members, which Solidity's getter leaves out",
    ])
  })
})
