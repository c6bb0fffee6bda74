/**
 * Malformed input, by the table of methods and at random from a seed: every answer is a JSON-RPC answer, none is a
 * fault of ours (-32603), nothing crashes, and the server answers afterwards as before.
 */
import { once } from 'node:events'
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { METHODS } from '../../src/rpc/registry.ts'
import { type RpcServer, startRpcServer } from '../../src/rpc/server/server.ts'
import { createFakeNode, logOf } from './fakeNode.ts'
import { createHarness, type RpcAnswer } from './harness.ts'

const WORD = `0x${'ab'.repeat(32)}`
const ADDRESS = `0x${'cd'.repeat(20)}`

/** Right for some parameter, wrong for most. */
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  1,
  -1,
  1.5,
  1e308,
  2 ** 53,
  '',
  '0x',
  '0x0',
  '0x1',
  '0x00',
  '0xg',
  '0xffffffffffffffff',
  '0x10000000000000000',
  `0x${'f'.repeat(64)}`,
  `0x${'f'.repeat(65)}`,
  'latest',
  'earliest',
  'newHeads',
  'logs',
  'newPendingTransactions',
  '__proto__',
  'constructor',
  '\u0000',
  '\ud800',
  'x'.repeat(10_000),
  `0x${'00'.repeat(10_000)}`,
  ADDRESS,
  WORD,
  [],
  {},
  [[]],
  [null],
  [WORD, [WORD, null], null],
  [50, 25],
  [0, 50, 100],
  [Number.MAX_VALUE],
  { to: ADDRESS, data: '0x' },
  { to: ADDRESS, value: `0x${'f'.repeat(64)}`, gas: '0xffffffffffffffff' },
  { from: {}, to: [] },
  { fromBlock: '0x1', toBlock: '0x0' },
  { fromBlock: 'earliest', toBlock: 'pending', address: [ADDRESS], topics: [null, [WORD]] },
  { fromBlock: '0xffffffffffffffff' },
  { address: {}, topics: 1 },
  { topics: [[], [], [], [], []] },
  { blockHash: WORD },
  { blockNumber: '0x1', blockHash: WORD },
  { [ADDRESS]: { stateDiff: { '0x1': WORD } } },
  { [ADDRESS]: { state: 1 } },
  JSON.parse('{"__proto__": {"to": 1}}'),
]

/** Plain checks: `expect` costs more than the call it checks. */
function expectAnswer(answer: RpcAnswer, input: unknown): void {
  const { jsonrpc, error } = answer
  const fine =
    jsonrpc === '2.0' &&
    (error === undefined
      ? 'result' in answer
      : Number.isInteger(error.code) &&
        error.code !== -32603 &&
        error.message.length > 5 &&
        error.message.length < 1_000)
  if (!fine)
    throw new Error(`${JSON.stringify(input).slice(0, 300)} was answered ${JSON.stringify(answer).slice(0, 600)}`)
}

/** A node with something in every table, so that right parameters find something. */
function busyHarness() {
  const harness = createHarness({ maxFilters: 100_000, maxSubscriptionsPerSocket: 100_000 })
  const { node } = harness
  node.mine([[node.transaction(0n), [logOf('A'), logOf('B')]]])
  node.mine()
  node.offer(node.transaction(1n))
  return harness
}

describe('every method of the table', () => {
  /** eth_sendRawTransactionSync waits for a block that nobody makes: it has a test of its own. */
  const names = [...METHODS.keys()].filter((name) => name !== 'eth_sendRawTransactionSync')

  test.each(names)('%s: each parameter replaced by each wrong value', async (name) => {
    const { call, context } = busyHarness()
    const { length } = METHODS.get(name)!.params(context)
    for (const value of VALUES) {
      for (let position = 0; position <= length; position++) {
        const params = Array.from({ length: Math.max(length, position + 1) }, (_, i) =>
          i === position ? value : ADDRESS,
        )
        for (const given of [params, params.slice(0, position + 1), Array(length + 1).fill(value)]) {
          expectAnswer(await call(name, ...given), { name, given })
        }
      }
    }
  })

  test('eth_sendRawTransactionSync: wrong values, and a transaction that never gets into a block', async () => {
    const { call, node } = busyHarness()
    for (const value of VALUES) expectAnswer(await call('eth_sendRawTransactionSync', value, value), value)
    const { raw } = node.transaction(2n)
    const waiting = call('eth_sendRawTransactionSync', `0x${Buffer.from(raw).toString('hex')}`, 100)
    await new Promise(setImmediate)
    node.clock.jump(100)
    expect((await waiting).error).toMatchObject({ code: 4, data: /^0x[0-9a-f]{64}$/ })
  })
})

/** A request of methods and values picked at random; sometimes not even that. */
function randomMessage(random: Random, depth = 0): unknown {
  const roll = random.fraction()
  if (roll < 0.1) return random.pick(VALUES)
  if (roll < 0.25 && depth < 3) return Array.from({ length: random.below(4) }, () => randomMessage(random, depth + 1))
  const message: Record<string, unknown> = {
    jsonrpc: random.chance(0.95) ? '2.0' : random.pick(VALUES),
    id: random.chance(0.9) ? random.below(100) : random.pick(VALUES),
    method: random.chance(0.9)
      ? random.pick([...METHODS.keys()].filter((name) => name !== 'eth_sendRawTransactionSync'))
      : random.pick(VALUES),
    params: random.chance(0.9)
      ? Array.from({ length: random.below(5) }, () => random.pick(VALUES))
      : random.pick(VALUES),
  }
  if (random.chance(0.1)) delete message[random.pick(Object.keys(message))]
  return message
}

/** The text of a message, sometimes broken. */
function randomBody(random: Random): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(JSON.stringify(randomMessage(random)))
  const roll = random.fraction()
  if (roll < 0.2) return bytes.slice(0, random.below(bytes.length))
  if (roll < 0.5) {
    for (let i = 0; i < 3; i++) bytes[random.below(bytes.length)] = random.below(256)
  }
  return roll > 0.95 ? bytes.map(() => random.below(256)) : bytes
}

describe('random bodies', () => {
  test('4 000 of them, from seed 1', async () => {
    const { raw, call } = busyHarness()
    const random = seededRandom(1)
    for (let i = 0; i < 4_000; i++) {
      const body = randomBody(random)
      const answer = await raw(body)
      if (answer === null) continue
      for (const one of [JSON.parse(answer)].flat() as RpcAnswer[]) expectAnswer(one, new TextDecoder().decode(body))
    }
    expect((await call('eth_blockNumber')).result).toBe('0x2')
  })
})

describe('over sockets', () => {
  let server: RpcServer
  beforeAll(async () => {
    server = await startRpcServer({ backend: createFakeNode().backend, port: 0 })
  })
  afterAll(() => server.close())

  test('300 random bodies by HTTP, from seed 2', async () => {
    const random = seededRandom(2)
    const url = `http://127.0.0.1:${server.port}`
    for (let i = 0; i < 300; i++) {
      const response = await fetch(url, { method: 'POST', body: randomBody(random) })
      expect([200, 204]).toContain(response.status)
      const text = await response.text()
      if (response.status === 200) for (const one of [JSON.parse(text)].flat() as RpcAnswer[]) expectAnswer(one, i)
    }
  })

  test('300 random messages by WebSocket, text and binary, from seed 3', async () => {
    const random = seededRandom(3)
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}`)
    await once(socket, 'open')
    const answers: RpcAnswer[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    socket.on('message', (data) => {
      const one = JSON.parse(String(data))
      answers.push(...[one].flat())
      if (one.id === 'last') resolve()
    })
    for (let i = 0; i < 300; i++) {
      const body = randomBody(random)
      const asText = random.chance(0.5)
      // As text, broken UTF-8 would end the connection, which is right but tests nothing else.
      socket.send(asText ? new TextDecoder().decode(body) : body, { binary: !asText })
    }
    socket.send('{"jsonrpc":"2.0","id":"last","method":"eth_blockNumber"}')
    await promise
    for (const one of answers) expectAnswer(one, one)
    expect(answers.length).toBeGreaterThan(200)
    socket.close()
  })

  test('frames that are no WebSocket frames end that connection only', async () => {
    const random = seededRandom(4)
    for (let i = 0; i < 20; i++) {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}`)
      await once(socket, 'open')
      socket.on('error', () => {})
      const { promise: closed, resolve } = Promise.withResolvers<void>()
      socket.on('close', () => resolve())
      const { _socket: stream } = socket as unknown as { _socket: { write(bytes: Uint8Array): void } }
      stream.write(random.bytes(200))
      // Whatever was left open by a frame that claims more to come is closed here.
      setImmediate(() => socket.terminate())
      await closed
    }
    const response = await fetch(`http://127.0.0.1:${server.port}`, {
      method: 'POST',
      body: '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}',
    })
    expect(await response.json()).toMatchObject({ result: '0x7a69' })
  })
})
