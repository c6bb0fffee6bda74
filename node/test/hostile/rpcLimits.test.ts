/** Bounds of the JSON-RPC server that test/rpc does not look at: who connects and does nothing, or asks and does not read. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type RpcServerOptions, startRpcServer } from '../../src/rpc/server.ts'
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
  test('over maxConnections are closed, and there is room again when one goes', async () => {
    const { port } = await start({ maxConnections: 2 })
    const first = await socketTo(port)
    await socketTo(port)
    const third = await socketTo(port)
    await closed(third)
    first.destroy()
    for (let answered = false; !answered; ) answered = await isAnswered(port).catch(() => false)
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
    // What was read is given back.
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
    const asking = setInterval(() => slow.send(batch), 2)
    // Its socket is read again, and the end of the connection is seen, only now and then.
    const peeking = setInterval(() => {
      if (slow.bufferedAmount > 4 * 1024 * 1024) slow.resume()
    }, 100)
    await Promise.race([closed, untilRefused(slow)])
    clearInterval(asking)
    clearInterval(peeking)
    expect(await isAnswered(port)).toBe(true)
  })

  /** The other end is gone: what is written comes back as an error. */
  async function untilRefused(socket: WebSocket): Promise<void> {
    await once(socket, 'error')
  }
})

test('a batch whose client is gone is not run to its end', async () => {
  const { dispatcher, context, slots } = createHarness({ batchConcurrency: 2 })
  const requests = Array.from({ length: 100 }, (_, id) => ({
    jsonrpc: '2.0',
    id,
    method: 'eth_getBalance',
    params: [],
  }))
  let asked = 0
  const body = new TextEncoder().encode(JSON.stringify(requests))
  const answer = await dispatcher.answer(body, context, slots, () => ++asked > 10)
  expect(JSON.parse(answer!)).toHaveLength(10)
})

describe('parameters', () => {
  const address = `0x${'11'.repeat(20)}`
  const hash = `0x${'22'.repeat(32)}`
  const cases: [limit: string, method: string, params: (count: number) => unknown[]][] = [
    ['maxLogAddresses', 'eth_getLogs', (count) => [{ address: Array(count).fill(address) }]],
    ['maxLogTopics', 'eth_getLogs', (count) => [{ topics: [Array(count).fill(hash)] }]],
    ['maxProofKeys', 'eth_getProof', (count) => [address, Array(count).fill(hash), 'latest']],
    ['maxRewardPercentiles', 'eth_feeHistory', (count) => ['0x1', 'latest', Array(count).fill(1)]],
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
