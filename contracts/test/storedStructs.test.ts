/** Structs with mappings and arrays in storage among their members: Solidity's layout, pointers to them, refusals. */

import { concat, type Hex, hexToBigInt, keccak256, pad, toHex } from 'viem'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Artifact } from '../src/index.ts'
import { BUILD_TIMEOUT } from './fixtures.ts'
import { build, complaints } from './sources.ts'
import { account, TestChain, type TestContract } from './testChain.ts'

const SOURCE = `
@struct class Point { x: u64; y: U256 }
@struct class Vote { weight: U256; open: bool; who: Address }
@struct class Poll {
  open: bool
  count: u64
  name: string
  votes: Mapping<Address, Vote>
  totals: StorageArray<U256>
  at: Point
  data: Bytes
}
@struct class Club { polls: StorageArray<Poll>; main: Poll; byName: Mapping<string, Mapping<u64, U256>>; size: u8 }
@contract export class Clubs {
  before: u8
  club: Club
  clubs: Mapping<u64, Club>
  @view after: u8
  @external fill(): void {
    this.before = 1
    this.after = 2
    const main = this.club.main
    main.open = true
    main.count += 7
    main.name = 'main'
    main.votes[msg.sender] = new Vote(u256(3), true, msg.sender)
    main.votes[msg.sender].weight += u256(4)
    main.totals.push(u256(11))
    main.totals.push(u256(12))
    main.totals[1] += u256(100)
    main.at.y = u256(9)
    main.at.x++
    main.data = Bytes.fromHex('0x0102')
    main.data[1] = 0xff
    this.club.size = 5
    this.club.byName['k'][3] = u256(33)
    this.deepen(this.clubs[7], 2)
  }
  private deepen(club: Club, n: u64): void {
    let poll = club.main
    for (let i: u64 = 0; i < n; i++) {
      poll = club.polls.grow()
      poll.count = 10 + i
      poll.votes[msg.sender].open = true
    }
    poll.at = new Point(1, u256(2))
  }
  @view read(): U256 {
    const { count } = this
    return count
  }
  get count(): U256 {
    const vote = this.club.main.votes[msg.sender]
    return vote.weight + u256(this.club.main.totals.length) + this.club.main.totals[1] + this.club.main.at.y
  }
  @view polls(club: u64): u64[] {
    const found: u64[] = []
    const polls = this.clubs[club].polls
    for (let i = 0; i < polls.length; i++) found.push(polls[i].count)
    return found
  }
  @external drop(club: u64): void { this.clubs[club].polls.pop() }
  @external remove(club: u64): void { this.clubs.delete(club) }
}`.replace('const { count } = this\n    return count', 'return this.count')

const word = (value: bigint | number): Hex => pad(toHex(value), { size: 32 })
const plus = (slot: Hex, n: number): Hex => word(hexToBigInt(slot) + BigInt(n))
const entry = (key: Hex, slot: Hex): Hex => keccak256(concat([key, slot]))

let artifact: Artifact
let contract: TestContract
beforeAll(async () => {
  artifact = (await build(SOURCE))['Clubs'] as Artifact
}, BUILD_TIMEOUT)
beforeEach(() => {
  contract = new TestChain().deploy(artifact)
  contract.send('fill')
})
const at = (slot: Hex): Hex => contract.chain.slot(contract.address, slot)

/** Slots of a Poll, from its first: open and count; name; votes; totals; at.x, at.y; data. */
const POLL = { flags: 0, name: 1, votes: 2, totals: 3, x: 4, y: 5, data: 6 } as const
/** The club begins at slot 1: polls; main (7 slots); byName; size. */
const MAIN = word(2)

describe('a struct with mappings and arrays', () => {
  it('is laid out as Solidity lays it out', () => {
    const flags = pad(concat([toHex(7, { size: 8 }), '0x01']), { size: 32 })
    expect([at(word(0)), at(plus(MAIN, POLL.flags)), at(word(10)), at(word(12))]).toEqual([
      word(1),
      flags,
      word(5),
      word(2),
    ])
    expect([at(plus(MAIN, POLL.x)), at(plus(MAIN, POLL.y))]).toEqual([word(1), word(9)])
    expect(at(plus(MAIN, POLL.data))).toBe(concat([pad('0x01ff', { dir: 'right', size: 31 }), '0x04']))
    const vote = entry(pad(account(0)), plus(MAIN, POLL.votes))
    expect([at(vote), at(plus(vote, 1))]).toEqual([word(7), pad(concat([account(0), '0x01']), { size: 32 })])
    const totals = keccak256(plus(MAIN, POLL.totals))
    expect([at(plus(MAIN, POLL.totals)), at(totals), at(plus(totals, 1))]).toEqual([word(2), word(11), word(112)])
    expect(at(entry(word(3), entry(toHex('k'), word(9))))).toBe(word(33))
    const polls = entry(word(7), word(11))
    expect([at(polls), at(plus(keccak256(polls), 7 + POLL.y))]).toEqual([word(2), word(2)])
  })

  it('is in the artifact as solc writes it', () => {
    const { storage, types } = artifact.storageLayout
    expect(storage.map(({ label, slot }) => [label, slot])).toEqual([
      ['before', '0'],
      ['club', '1'],
      ['clubs', '11'],
      ['after', '12'],
    ])
    expect(types['t_struct(Club)_storage']?.numberOfBytes).toBe('320')
    expect(types['t_struct(Poll)_storage']?.members?.map(({ label, slot, type }) => [label, slot, type])).toEqual([
      ['open', '0', 't_bool'],
      ['count', '0', 't_uint64'],
      ['name', '1', 't_string_storage'],
      ['votes', '2', 't_mapping(t_address,t_struct(Vote)_storage)'],
      ['totals', '3', 't_array(t_uint256)dyn_storage'],
      ['at', '4', 't_struct(Point)_storage'],
      ['data', '6', 't_bytes_storage'],
    ])
  })

  it('is read where it is, and cleared with what holds it, but for mappings', () => {
    expect([contract.send('read'), contract.send('polls', [7n])]).toEqual([7n + 2n + 112n + 9n, [10n, 11n]])
    const polls = entry(word(7), word(11))
    const second = plus(keccak256(polls), 7)
    const open = plus(entry(pad(account(0)), plus(second, POLL.votes)), 1)
    contract.send('drop', [7n])
    expect([contract.send('polls', [7n]), at(second), at(plus(second, POLL.y)), at(open)]).toEqual([
      [10n],
      word(0),
      word(0),
      word(1),
    ])
    contract.send('remove', [7n])
    expect([contract.send('polls', [7n]), at(keccak256(polls))]).toEqual([[], word(0)])
  })
})

const STRUCT = '@struct class Box { n: U256; by: Mapping<U256, U256> } '
const ONLY = 'Box has a mapping or an array in storage, so'
it.each<[string, string]>([
  [
    '@contract export class A { @external f(b: Box): void {} }',
    `${ONLY} it cannot leave the contract; pass its members`,
  ],
  [
    '@contract export class A { @view f(): Box[] { return [] } }',
    `${ONLY} it cannot leave the contract; pass its members`,
  ],
  ['@event class E { b: Box } @contract export class A {}', `${ONLY} it cannot leave the contract; pass its members`],
  ['@contract export class A { @view b: Box }', `${ONLY} it has no getter`],
  [
    '@contract export class A { @transient b: Box }',
    'a @transient field has a value type (bool, integer, Address, BytesN)',
  ],
  [
    '@contract export class A { b: Box; @external f(): void { const b = new Box() } }',
    `${ONLY} there is none but in storage`,
  ],
])('is refused where it cannot be: %s', async (source, words) => {
  expect(await complaints(STRUCT + source)).toEqual([words])
})

it('is not assigned as a whole, nor given values', async () => {
  const whole = 'b: Box; m: Mapping<U256, Box>; l: StorageArray<Box>;'
  const place = 'Box is a place in storage, which is not put into another one as a whole'
  for (const [statement, words] of [
    ['this.b = this.m[n]', 'b is a constant, or a place in storage, which is not assigned as a whole'],
    ['this.m[n] = this.b', place],
    ['this.l.push(this.b)', place],
    ['hashStruct<Box>(this.b)', 'Box is in storage only, so it has no ABI encoding'],
  ]) {
    const source = `import { hashStruct } from '@touchstone/contracts/as'; ${STRUCT}@contract export class A { ${whole} @external f(n: U256): void { ${statement} } }`
    expect([statement, ...(await complaints(source))]).toEqual([statement, words])
  }
  expect(
    await complaints('@struct class C { n: U256 = u256(1); l: StorageArray<U256> } @contract export class A {}'),
  ).toEqual(['C has a mapping or an array in storage, so it is in storage only, where members begin as zeros'])
  expect(
    await complaints('@struct class C { l: StorageArray<U256>; constructor() {} } @contract export class A {}'),
  ).toEqual(['C has a mapping or an array in storage, so it is in storage only, and is not made'])
})
