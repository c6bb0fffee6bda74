import { describe, expect, it } from 'vitest'
import type { NodeStanding } from './agreement.ts'
import type { ReadyNode } from './readyFile.ts'
import { clocks, STANDSTILL_MS, StandstillWatch } from './standstill.ts'

const nodes = [1, 2, 3, 4].map((index) => ({ index, validator: true, state: 'running' }) as ReadyNode)
const node = (index: number, more: Partial<NodeStanding> = {}): NodeStanding => ({
  index,
  height: 7,
  hash: '0x1',
  stateRoot: '0x2',
  peers: 3,
  round: 0,
  timestamp: 1_000n,
  clock: 1_005n,
  timeAhead: 0n,
  pending: 0,
  wantsBlock: null,
  deciding: false,
  evidence: [],
  abstaining: false,
  hasVote: true,
  voters: null,
  twin: null,
  setAside: [],
  halted: null,
  divergence: null,
  error: null,
  ...more,
})
const silent = (index: number): NodeStanding => node(index, { height: null, timestamp: null, clock: null, error: 'no' })

describe('a chain stands', () => {
  it('when something waits and no block comes, and not before that has lasted', () => {
    const watch = new StandstillWatch()
    const look = (now: number, more: Partial<NodeStanding>) =>
      watch.look(
        nodes,
        nodes.map(({ index }) => node(index, index === 2 ? more : {})),
        now,
      )
    expect(look(0, { pending: 1 })).toBeNull()
    expect(look(STANDSTILL_MS - 1, { pending: 1 })).toBeNull()
    expect(look(STANDSTILL_MS, { pending: 3 })).toMatchObject({ height: 7, seconds: 4, pending: 3, round: null })
    expect(look(STANDSTILL_MS, { deciding: true, round: 5 })).toMatchObject({ round: 5 })
    // A block came.
    expect(look(STANDSTILL_MS + 1, { pending: 1, height: 8 })).toBeNull()
    expect(look(2 * STANDSTILL_MS, { pending: 1, height: 8 })).toBeNull()
    expect(look(2 * STANDSTILL_MS + 1, { deciding: true, height: 8 })?.reasons).toEqual([
      'no cause is to be seen from here; the logs of the nodes say more',
    ])
    // Nothing to decide.
    expect(look(9 * STANDSTILL_MS, { height: 8 })).toBeNull()
    expect(look(9 * STANDSTILL_MS + 1, { pending: 1, height: 8 })).toBeNull()
  })

  it('not where transactions wait that no block is to be made for, as without automatic blocks', () => {
    const watch = new StandstillWatch()
    const look = (now: number, more: Partial<NodeStanding>) => watch.look(nodes, [node(1, more), ...rest], now)
    const rest = [node(2), node(3), node(4)]
    for (const now of [0, STANDSTILL_MS, 2 * STANDSTILL_MS]) {
      expect(look(now, { pending: 3, wantsBlock: false })).toBeNull()
    }
    expect(look(2 * STANDSTILL_MS + 1, { pending: 0, wantsBlock: true })).toBeNull()
    expect(look(3 * STANDSTILL_MS + 1, { pending: 0, wantsBlock: true })).toMatchObject({ pending: 0 })
  })

  it('when nothing waits, but too few could decide it; the silence of who was furthest is no block', () => {
    const watch = new StandstillWatch()
    const look = (now: number, ...standings: NodeStanding[]) => watch.look(nodes, standings, now)
    expect(look(0, node(1), node(2, { height: 8 }), node(3), silent(4))).toBeNull()
    expect(look(1, node(1), node(2, { height: 8 }), silent(3), silent(4))).toBeNull()
    const rest = [node(1), silent(2), silent(3), silent(4)]
    expect(look(STANDSTILL_MS, ...rest)).toMatchObject({ height: 7, pending: 0, reasons: [expect.any(String)] })
    expect(look(STANDSTILL_MS + 1, node(1), node(2), node(3), silent(4))).toBeNull()
    expect(look(9 * STANDSTILL_MS, ...nodes.map(({ index }) => silent(index)))).toBeNull()
  })

  it('for want of votes, which is said with who is missing', () => {
    const why = (standings: NodeStanding[], places = nodes) => {
      const watch = new StandstillWatch()
      watch.look(places, standings, 0)
      return watch.look(places, standings, STANDSTILL_MS)?.reasons
    }
    const paused = nodes.map((one) => (one.index === 3 ? { ...one, state: 'paused' as const } : one))
    expect(why([node(1, { pending: 1 }), node(2), silent(3), silent(4)], paused)).toEqual([
      '2 of 4 validators can vote, and 3 have to: node 3 (paused), node 4 (not answering) cannot',
    ])
    expect(
      why([node(1, { pending: 1 }), node(2, { abstaining: true }), node(3, { halted: 'fork' }), node(4, { peers: 0 })]),
    ).toEqual([
      '1 of 4 validators can vote, and 3 have to: node 2 (abstains), node 3 (stopped), node 4 (without a peer) cannot',
    ])
    expect(why([node(1, { pending: 1 }), node(2), node(3), silent(4)])![0]).toContain('no cause is to be seen')
    const follower = nodes.map((one) => (one.index === 4 ? { ...one, validator: false } : one))
    expect(why([node(1, { pending: 1 }), node(2), silent(3), node(4)], follower)![0]).toContain('2 of 3 validators')
  })

  it('for a partition of which no side has the votes, and not for one of which a side has', () => {
    const why = (partition: readonly (readonly number[])[], standings = nodes.map(({ index }) => node(index))) => {
      const watch = new StandstillWatch()
      watch.look(nodes, standings, 0, partition)
      return watch.look(nodes, standings, STANDSTILL_MS, partition)?.reasons
    }
    expect(why([[1, 2]])).toEqual([
      '2 of 4 validators can vote together, and 3 have to: the network is split: 1,2 / 3,4',
    ])
    expect(why([[4]])).toBeUndefined()
    expect(why([[4]], [node(1), node(2), silent(3), node(4)])).toEqual([
      '2 of 4 validators can vote together, and 3 have to: the network is split: 4 / 1,2,3; node 3 (not answering) cannot',
    ])
  })

  it('by the validators that the chain has now, where a node was asked for them', () => {
    const keyed = nodes.map((one) => ({ ...one, validatorKey: `0x0${one.index}` }))
    const voters = (...powers: readonly (readonly [number, bigint])[]) =>
      powers.map(([index, power]) => ({ publicKey: `0x0${index}`, power }))
    const why = (standings: NodeStanding[], partition: readonly (readonly number[])[] | null = null) => {
      const watch = new StandstillWatch()
      watch.look(keyed, standings, 0, partition)
      return watch.look(keyed, standings, STANDSTILL_MS, partition)?.reasons
    }
    // Two were removed and are gone; one of the rest may not be missing.
    const rest = voters([1, 1n], [2, 1n])
    expect(why([node(1, { voters: rest }), node(2), silent(3), silent(4)])).toBeUndefined()
    expect(why([node(1, { voters: rest }), silent(2), node(3), node(4)])).toEqual([
      '1 of 2 validators can vote, and 2 have to: node 2 (not answering) cannot',
    ])
    // Alone it needs no peer.
    expect(why([node(1, { voters: voters([1, 5n]), peers: 0 }), silent(2), silent(3), silent(4)])).toBeUndefined()
    // All of one power, which is not 1, are counted by heads; a stranger, of which nothing is seen, is taken to vote.
    const more = voters([1, 3n], [2, 3n], [3, 3n], [9, 3n])
    expect(why([node(1, { voters: more }), node(2), silent(3), silent(4)])).toBeUndefined()
    expect(why([node(1, { voters: more }), silent(2), silent(3), node(4)])![0]).toMatch(
      /^2 of 4 validators can vote, and 3/,
    )
    const unequal = voters([1, 1n], [2, 1n], [3, 5n], [4, 1n])
    expect(why([node(1, { voters: unequal }), silent(2), node(3), silent(4)])).toBeUndefined()
    expect(why([node(1, { voters: unequal }), node(2), silent(3), node(4)])).toEqual([
      'validators with 3 of 8 of the power can vote, and 6 is needed: node 3 (not answering) cannot',
    ])
    expect(why([node(1, { voters: unequal }), node(2), node(3), node(4)], [[3]])).toEqual([
      'validators with 5 of 8 of the power can vote together, and 6 is needed: the network is split: 3 / 1,2,4',
    ])
  })

  it('because one executes otherwise, where that takes the votes', () => {
    const divergence = {
      record: { kind: 'proposal', block: '8', reason: 'state root: header 0x1, ours 0x2' },
    } as NodeStanding['divergence']
    const watch = new StandstillWatch()
    const standings = nodes.map(({ index }) => node(index, { pending: 1, divergence: index === 3 ? divergence : null }))
    watch.look(nodes, standings, 0)
    expect(watch.look(nodes, standings, STANDSTILL_MS)?.reasons).toEqual([
      'node 3 makes something else of block 8: state root: header 0x1, ours 0x2',
    ])
  })

  it('for wrong clocks, which are told also while it goes on', () => {
    expect(clocks([node(1), node(2), silent(3)])).toEqual([])
    expect(clocks([node(1, { timestamp: 1_015n }), node(2, { clock: 1_015n })])).toEqual([])
    expect(clocks([node(1), node(2, { clock: 1_016n })])).toEqual([
      'the clock of node 1 is 11 s behind that of node 2: it does not vote for blocks of more than 10 s ahead of it',
    ])
    expect(clocks([node(1, { timestamp: 4_605n }), node(2)])).toEqual([
      "the newest block is 3600 s ahead of the nodes' clocks: they were ahead when it was made. Blocks have its time until the clocks are past it",
    ])
  })

  it('for no time that dev controls have set, but for one that stands until the time set since is past it', () => {
    expect(clocks([node(1, { timestamp: 87_405n, timeAhead: 86_400n })])).toEqual([])
    expect(clocks([node(1, { timestamp: 9_000_000n, timeAhead: null })])).toEqual([])
    expect(clocks([node(1, { timestamp: 87_405n, timeAhead: -400n })])).toEqual([
      'the newest block is 86800 s ahead of the time that dev controls have set since: blocks have its time until that is past it',
    ])
  })
})
