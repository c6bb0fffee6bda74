/**
 * Bounds of the JSON-RPC server that test/rpc does not look at: who connects and does nothing, or asks and does not read.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type RpcServerOptions, startRpcServer } from '../../src/rpc/server/server.ts'
import { createFakeNode } from '../rpc/fakeNode.ts'
import { createHarness } from '../rpc/harness.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function start(limits: RpcServerOptions['limits']) {
  const server = await startRpcServer({ backend: createFakeNode().backend, port: 0, ...(limits && { limits }) })
  open.push(server)
  return server
}

async function socketTo(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  open.push({ close: () => socket.destroy() })
  await once(socket, 'connect')
  return socket
}

/** Whether by an end or a reset. */
const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve))

const isAnswered = async (port: number) => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' })
  const response = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body, headers: { connection: 'close' } })
  return ((await response.json()) as { result?: string }).result === '0x7a69'
}

const head = (length: number) => `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${length}\r\n\r\n`

describe('connections', () => {
  test('over maxConnections take the place of the idlest, so that nobody is locked out by those who do nothing', async () => {
    const { port } = await start({ maxConnections: 3 })
    const idle = await Promise.all(Array.from({ length: 3 }, () => socketTo(port)))
    const first = closed(idle[0]!.resume())
    expect(await isAnswered(port)).toBe(true)
    await first
    // Requests that do not come to their end, and headers that do not, are no better.
    for (const socket of idle) if (!socket.destroyed) socket.write(head(1_000))
    for (let round = 0; round < 20; round++) {
      const more = await socketTo(port)
      more.write(round % 2 === 0 ? head(1_000) : 'POST / HTTP/1.1\r\n')
      expect(await isAnswered(port)).toBe(true)
    }
  })

  test('that are being answered stay, and with none idle the new one goes', async () => {
    const node = createFakeNode()
    const { promise, resolve } = Promise.withResolvers<void>()
    node.answers.call = async () => {
      await promise
      return { kind: 'success', output: new Uint8Array(0), gasUsed: 0n, logs: [] }
    }
    const server = await startRpcServer({
      backend: node.backend,
      port: 0,
      limits: { maxConnections: 2, idleTimeout: 100 },
    })
    open.push(server)
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_call', params: [{}] })
    const slow = Array.from({ length: 2 }, () => fetch(`http://127.0.0.1:${server.port}`, { method: 'POST', body }))
    while (node.asked.length < 2) await new Promise(setImmediate)
    await closed((await socketTo(server.port)).resume())
    // Longer than a connection may do nothing.
    await new Promise((later) => setTimeout(later, 300))
    resolve()
    for (const one of slow) expect(await (await one).json()).toMatchObject({ result: '0x' })
    expect(await isAnswered(server.port)).toBe(true)
  })

  test('that do nothing are closed', async () => {
    const { port } = await start({ idleTimeout: 50, requestTimeout: 50 })
    await closed((await socketTo(port)).resume())
  })

  test('whose request does not come to its end are closed, however busy they look', async () => {
    const { port } = await start({ requestTimeout: 200 })
    const socket = await socketTo(port)
    socket.resume().write(head(1_000_000))
    const dribble = setInterval(() => socket.write(' '), 20)
    await closed(socket)
    clearInterval(dribble)
  })
})

test('one client that has all the places it may keeps nobody from a turn', async () => {
  const node = createFakeNode()
  const waiting: (() => void)[] = []
  node.answers.call = async () => {
    await new Promise<void>((go) => waiting.push(go))
    return { kind: 'success', output: new Uint8Array(0), gasUsed: 0n, logs: [] }
  }
  const server = await startRpcServer({
    backend: node.backend,
    port: 0,
    limits: { maxSlowRequests: 8, maxSlowRequestsOfPages: 8 },
  })
  open.push(server)
  const url = `http://127.0.0.1:${server.port}`
  const call = (id: number) => ({ jsonrpc: '2.0', id, method: 'eth_call', params: [{}] })
  const greedy = fetch(url, { method: 'POST', body: JSON.stringify(Array.from({ length: 200 }, (_, id) => call(id))) })
  // Three quarters are the most that one client has.
  while (waiting.length < 6) await new Promise(setImmediate)
  // Pages of other sites have places of their own.
  const fromPage = { Origin: 'https://app.example', 'Content-Type': 'application/json' }
  const body = JSON.stringify(call(1))
  const page = fetch(url, { method: 'POST', body, headers: fromPage })
  while (waiting.length < 7) await new Promise(setImmediate)
  // And what is quick does not wait, not even the same client's.
  expect(await isAnswered(server.port)).toBe(true)
  expect(server.counts().requests).toEqual({ running: 7, waiting: 10 })
  // Others have the places that are left.
  const modest = fetch(url, { method: 'POST', body, headers: { ...fromPage, Origin: 'http://localhost:3000' } })
  const draining = setInterval(() => {
    for (const go of waiting.splice(0)) go()
  }, 1)
  for (const one of [page, modest]) expect(await (await one).json()).toMatchObject({ result: '0x' })
  expect(await (await greedy).json()).toHaveLength(200)
  clearInterval(draining)
})

describe('answers nobody reads', () => {
  const BATCH = 200
  const batch = JSON.stringify(
    Array.from({ length: BATCH }, (_, id) => ({ jsonrpc: '2.0', id, method: 'rpc_modules', params: [] })),
  )

  test('are bounded over HTTP; who reads is told to try again meanwhile', async () => {
    const answer = await startAndAsk({})
    // Room for one answer of this length and no second one.
    const { port } = await start({ maxHeldAnswerBytes: Math.floor(answer.length * 1.5) })
    const ask = async () => (await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: batch })).text()
    expect(await ask()).toHaveLength(answer.length)
    const none = await start({ maxHeldAnswerBytes: answer.length - 1 })
    const refused = await (await fetch(`http://127.0.0.1:${none.port}`, { method: 'POST', body: batch })).text()
    expect(refused).toContain('maxHeldAnswerBytes')
    // Bytes that were read are given back.
    for (let again = 0; again < 3; again++) expect(await ask()).toHaveLength(answer.length)
  })

  async function startAndAsk(limits: RpcServerOptions['limits']): Promise<string> {
    const { port } = await start(limits)
    return (await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: batch })).text()
  }

  test('cost a WebSocket its connection when all hold too much together', async () => {
    const { port } = await start({ maxHeldAnswerBytes: 1024 * 1024, maxSocketBufferBytes: 1024 * 1024 * 1024 })
    const slow = new WebSocket(`ws://127.0.0.1:${port}`)
    open.push({ close: () => slow.terminate() })
    await once(slow, 'open')
    slow.pause()
    const closed = once(slow, 'close')
    // The longest answer that asking costs little for: the buffers of the system take megabytes before any of ours.
    const question = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'rpc.discover', params: [] })
    const asking = setInterval(() => slow.send(question), 2)
    await Promise.race([closed, untilRefused(slow)])
    clearInterval(asking)
    expect(await isAnswered(port)).toBe(true)
  })

  /** The other end is gone: what is written comes back as an error. */
  async function untilRefused(socket: WebSocket): Promise<void> {
    await once(socket, 'error')
  }
})

test('a batch whose client is gone is not run to its end', async () => {
  const { dispatcher, context, visitor } = createHarness({ batchConcurrency: 2 })
  const requests = Array.from({ length: 100 }, (_, id) => ({
    jsonrpc: '2.0',
    id,
    method: 'eth_getBalance',
    params: [],
  }))
  let asked = 0
  const body = new TextEncoder().encode(JSON.stringify(requests))
  const answer = await dispatcher.answer(body, context, visitor, () => ++asked > 10)
  expect(JSON.parse(answer!)).toHaveLength(10)
})

test.each([
  ['eth_feeHistory', ['0x400', 'latest', [50]], 'the fee history came to block 2'],
  [
    'eth_getStorageValues',
    [{ [`0x${'11'.repeat(20)}`]: Array(9).fill(`0x${'00'.repeat(32)}`) }],
    'the reading came to slot 0x00',
  ],
])('%s ends with its client', async (method, params, words) => {
  const { node, dispatcher, context, visitor } = createHarness()
  for (let number = 0; number < 5; number++) node.mine()
  let looks = 0
  const body = new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))
  const answer = await dispatcher.answer(body, context, visitor, () => looks++ === 2)
  expect(JSON.parse(answer!).error).toMatchObject({ code: -32002, message: expect.stringContaining(words) })
  expect(looks).toBe(3)
})

describe('searches through many blocks', () => {
  const search = { jsonrpc: '2.0', method: 'eth_getLogs', params: [{ fromBlock: '0x0' }] }

  function stuck(limits: Parameters<typeof createHarness>[0] = {}) {
    const harness = createHarness({ maxSearches: 4, logRangeStep: 1, ...limits })
    const { node, dispatcher, context, visitor } = harness
    for (let number = 0; number < 5; number++) node.mine()
    let steps = 0
    const waiting: (() => void)[] = []
    Object.assign(node.backend.chain, {
      logs() {
        steps++
        return new Promise((resolve) => waiting.push(() => resolve([])))
      },
    })
    const ask = (isGone = () => false) =>
      dispatcher.answer(new TextEncoder().encode(JSON.stringify({ ...search, id: 1 })), context, visitor, isGone)
    const step = async () => {
      for (const go of waiting.splice(0)) go()
      await new Promise(setImmediate)
    }
    return { ...harness, ask, step, steps: () => steps }
  }

  test('run a few at a time, and what is quick does not wait for them', async () => {
    const { call, ask, steps } = stuck({ maxInFlight: 4 })
    for (let asked = 0; asked < 50; asked++) void ask()
    expect(steps()).toBe(3)
    expect((await call('eth_blockNumber')).result).toBe('0x5')
  })

  test('end with their client, and with the time they have', async () => {
    const { node, ask, step, steps } = stuck({ requestTimeout: 1_000 })
    let gone = false
    const first = ask(() => gone)
    await step()
    expect(steps()).toBe(2)
    gone = true
    await step()
    expect([steps(), JSON.parse((await first)!).error.message]).toEqual([
      2,
      'the search came to block 2 (requestTimeout)',
    ])
    const second = ask()
    await step()
    node.clock.advance(1_000)
    expect(JSON.parse((await second)!).error.message).toContain('requestTimeout')
    const before = steps()
    for (let turn = 0; turn < 5; turn++) await step()
    expect(steps()).toBe(before)
  })

  test('that wait too long are told for what', async () => {
    const { node, ask } = stuck({ requestTimeout: 1_000 })
    const answers = Array.from({ length: 4 }, () => ask())
    node.clock.advance(1_000)
    expect(JSON.parse((await answers[3])!).error.message).toBe(
      'busy: the request waited 1000 ms for its turn (requestTimeout, maxSearches); try again',
    )
  })
})

describe('parameters', () => {
  const address = `0x${'11'.repeat(20)}`
  const hash = `0x${'22'.repeat(32)}`
  const cases: [limit: string, method: string, params: (count: number) => unknown[]][] = [
    ['maxLogAddresses', 'eth_getLogs', (count) => [{ address: Array(count).fill(address) }]],
    ['maxLogTopics', 'eth_getLogs', (count) => [{ topics: [Array(count).fill(hash)] }]],
    ['maxProofKeys', 'eth_getProof', (count) => [address, Array(count).fill(hash), 'latest']],
    [
      'maxRewardPercentiles',
      'eth_feeHistory',
      (count) => ['0x1', 'latest', Array.from({ length: count }, (_, index) => index / 2)],
    ],
  ]
  test.each(cases)('over %s are refused by name', async (limit, method, params) => {
    const { call } = createHarness({ [limit]: 3 })
    expect((await call(method, ...params(4))).error?.message).toContain(limit)
    expect((await call(method, ...params(3))).error?.message ?? '').not.toContain(limit)
  })

  test('over maxFeeHistory give as many blocks as there may be', async () => {
    const { call } = createHarness({ maxFeeHistory: 1 })
    expect((await call('eth_feeHistory', '0x400', 'latest', [])).result.gasUsedRatio.length).toBeLessThanOrEqual(1)
  })
})
