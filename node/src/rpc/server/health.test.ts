import { expect, test } from 'vitest'
import { createFakeNode } from '../../../test/rpc/fakeNode.ts'
import { ChainError } from '../../chain/chainService.ts'
import type { RpcBackend } from '../backend.ts'
import { HEALTH_ANSWER_TIMEOUT, HEALTH_LOOK_INTERVAL, MAX_UNDECIDED_TIME } from '../limits.ts'
import { Health } from './health.ts'

function healthOf(changes: Partial<RpcBackend> = {}) {
  const node = createFakeNode()
  const state = { height: 1n, round: 0, step: 'waiting', halted: null as 'fork' | 'failure' | null, peers: 3 }
  const backend: RpcBackend = {
    ...node.backend,
    peerCount: () => state.peers,
    consensus: () => ({
      ...{ height: state.height, round: state.round, step: state.step },
      ...{ proposer: null, isValidator: true, abstaining: false, twin: null },
      halted: state.halted === null ? null : ({ kind: state.halted } as never),
    }),
    ...changes,
  }
  return { node, state, health: new Health(backend), clock: node.clock }
}

test('a node that waits for work is ready, however long', async () => {
  const { health, clock } = healthOf()
  await clock.advance(10 * MAX_UNDECIDED_TIME)
  expect(health.ready()).toEqual({
    ...{ ready: true, height: '0x0', syncing: false, finalising: true, peers: 3, reasons: [] },
  })
  health.close()
  expect(clock.waiting).toBe(0)
})

test('a height that takes too long makes it unready, until one is decided', async () => {
  const { health, state, clock } = healthOf()
  await clock.advance(MAX_UNDECIDED_TIME)
  Object.assign(state, { step: 'prevote', round: 2 })
  await clock.advance(MAX_UNDECIDED_TIME)
  expect(health.ready().ready).toBe(true)
  await clock.advance(HEALTH_LOOK_INTERVAL)
  expect(health.ready()).toMatchObject({
    ready: false,
    finalising: false,
    reasons: ['height 1 has not been decided for 31 s (round 2)'],
  })
  Object.assign(state, { height: 2n })
  expect(health.ready().ready).toBe(true)
  // Heights that follow each other without a pause are no standstill.
  for (let height = 3n; height < 100n; height++) {
    state.height = height
    await clock.advance(HEALTH_LOOK_INTERVAL)
  }
  expect(health.ready().ready).toBe(true)
})

test('a node that syncs, has no peer or has stopped is not ready, and says why', () => {
  const { health, node, state } = healthOf()
  Object.assign(node.sync, { syncing: true, currentBlock: 5n, highestBlock: 9n })
  expect(health.ready()).toMatchObject({ ready: false, finalising: true, reasons: ['syncing: at block 5 of 9'] })
  node.sync.syncing = false
  state.halted = 'fork'
  expect(health.ready()).toMatchObject({ ready: false, finalising: false })
  expect(health.ready().reasons).toEqual([expect.stringMatching(/^two chains are certified/)])
  state.halted = null
  state.peers = 0
  // A validator that is the only one needs nobody.
  expect(health.ready().ready).toBe(true)
  const follower = healthOf({ consensus: () => ({ ...healthOf().node.backend.consensus(), isValidator: false }) })
  follower.state.peers = 0
  expect(follower.health.ready()).toMatchObject({ ready: false, reasons: ['no peer is connected'] })
})

test('is healthy while the chain answers, with an error too', async () => {
  const answers: (() => Promise<never>)[] = [
    () => Promise.reject(new ChainError('busy', 'too many')),
    () => Promise.reject(new Error('closed')),
  ]
  expect(await healthOf().health.live()).toEqual({ healthy: true, height: '0x0', reasons: [] })
  for (const [index, block] of answers.entries()) {
    const { backend } = createFakeNode()
    const { health } = healthOf({ chain: { ...backend.chain, block } })
    expect((await health.live()).healthy).toBe(index === 0)
  }
})

test('a worker that does not answer is one question, and no health', async () => {
  let asked = 0
  const { backend } = createFakeNode()
  const block = () => {
    asked++
    return new Promise<never>(() => undefined)
  }
  const { health, clock } = healthOf({ chain: { ...backend.chain, block } })
  const asking = [health.live(), health.live()]
  await clock.advance(HEALTH_ANSWER_TIMEOUT)
  for (const answer of await Promise.all(asking)) {
    expect(answer).toEqual({ healthy: false, height: '0x0', reasons: ['the chain has not answered for 30000 ms'] })
  }
  expect(asked).toBe(1)
})

test('a node that has stopped for good is not healthy', async () => {
  const { health, state } = healthOf()
  state.halted = 'failure'
  expect((await health.live()).reasons).toEqual([expect.stringMatching(/a fault of this node/)])
})
