import { expect, test } from 'vitest'
import { logOf } from '../../../test/rpc/fakeNode.ts'
import { createHarness } from '../../../test/rpc/harness.ts'
import { DEFAULT_RPC_LIMITS, LONGEST_STRETCH, MAX_DUE_NOTIFICATIONS } from '../limits.ts'
import { Blocks } from './blocks.ts'
import { Subscriptions } from './subscriptions.ts'

function scene() {
  const { node } = createHarness()
  const tasks: (() => void)[] = []
  let now = 0
  const clock = {
    ...node.backend.clock,
    // Each look at it is a stretch later.
    monotonic: () => (now += LONGEST_STRETCH),
    after(_milliseconds: number, task: () => void) {
      tasks.push(task)
      return () => {}
    },
  }
  const backend = { ...node.backend, clock }
  const blocks = new Blocks(backend.chain, DEFAULT_RPC_LIMITS)
  let ids = 0
  const subscriptions = new Subscriptions(backend, blocks, 64, () => `0x${++ids}`)
  const open = () => {
    const told: { subscription: string; result: { logIndex?: string } }[] = []
    const ended: true[] = []
    const socket = subscriptions.open(
      (text) => told.push(JSON.parse(text).params),
      () => ended.push(true),
    )
    return { told, ended, socket }
  }
  return { node, tasks, open }
}

test('the logs of a block are told in order, and in between others have their turn', () => {
  const { node, tasks, open } = scene()
  const { told, socket } = open()
  const ids = [1, 2].map(() => socket.add({ kind: 'logs', pattern: { addresses: [], topics: [] } }))
  socket.start(JSON.stringify(ids))
  node.mine([[node.transaction(0n), Array.from({ length: 200 }, () => logOf('A'))]])
  let turns = 0
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) {
    const before = told.length
    task()
    expect(told.length - before).toBeLessThanOrEqual(64)
    turns++
  }
  expect(turns).toBeGreaterThan(400 / 64)
  const expected = ids.flatMap((id) => Array.from({ length: 200 }, (_, index) => `${id} ${index}`))
  expect(told.map(({ subscription, result }) => `${subscription} ${Number(result.logIndex)}`)).toEqual(expected)
})

test('one that has ended meanwhile is told nothing more', () => {
  const { node, tasks, open } = scene()
  const [one, other] = [open(), open()]
  for (const { socket } of [one, other]) {
    socket.start(JSON.stringify([socket.add({ kind: 'logs', pattern: { addresses: [], topics: [] } })]))
  }
  node.mine([[node.transaction(0n), Array.from({ length: 200 }, () => logOf('A'))]])
  tasks.shift()!()
  one.socket.close()
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task()
  expect(one.told.length).toBeLessThanOrEqual(64)
  expect(other.told).toHaveLength(200)
})

test('a client for whom more is due than there is room for is disconnected', () => {
  const { node, open } = scene()
  const { ended, socket } = open()
  socket.start(JSON.stringify([socket.add({ kind: 'newPendingTransactions', full: false })]))
  const transaction = node.transaction(0n)
  for (let index = 0; index < MAX_DUE_NOTIFICATIONS; index++) node.offer(transaction)
  expect(ended).toEqual([])
  node.offer(transaction)
  expect(ended).toEqual([true])
  expect(socket.size).toBe(0)
})

test('who has more due than others goes, and those are told everything', () => {
  const { node, open, tasks } = scene()
  const [quiet, loud] = [open(), open()]
  const topic = { kind: 'newPendingTransactions', full: false } as const
  quiet.socket.start(JSON.stringify([quiet.socket.add(topic)]))
  loud.socket.start(JSON.stringify(Array.from({ length: 3 }, () => loud.socket.add(topic))))
  const transaction = node.transaction(0n)
  const times = MAX_DUE_NOTIFICATIONS / 4 + 10
  for (let index = 0; index < times; index++) node.offer(transaction)
  expect([quiet.ended, loud.ended]).toEqual([[], [true]])
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task()
  expect([quiet.told.length, loud.told.length]).toEqual([times, 0])
})

test('what waited for clients that have left takes no room', () => {
  const { node, open, tasks } = scene()
  const topic = { kind: 'newPendingTransactions', full: false } as const
  const transaction = node.transaction(0n)
  const listen = () => {
    const client = open()
    client.socket.start(JSON.stringify([client.socket.add(topic)]))
    return client
  }
  const gone = [1, 2, 3, 4].map(() => {
    const client = listen()
    for (let index = 1; index < MAX_DUE_NOTIFICATIONS; index++) node.offer(transaction)
    client.socket.close()
    return client
  })
  const stays = listen()
  for (let index = 0; index < MAX_DUE_NOTIFICATIONS; index++) node.offer(transaction)
  expect([...gone, stays].flatMap(({ ended }) => ended)).toEqual([])
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) task()
  expect([...gone, stays].map(({ told }) => told.length)).toEqual([0, 0, 0, 0, MAX_DUE_NOTIFICATIONS])
})
