import { describe, expect, test } from 'vitest'
import { createHarness, type RpcAnswer } from '../../../test/rpc/harness.ts'
import { systemClock } from '../../runtime/clock.ts'
import { anything } from '../decode/decoder.ts'
import { LONGEST_STRETCH } from '../limits.ts'
import { defineMethod, required } from '../method.ts'
import { ANYTHING } from '../schema/schema.ts'
import { Dispatcher } from './dispatcher.ts'

const request = (method: string, id: unknown = 1, params: unknown = []) => ({ jsonrpc: '2.0', id, method, params })

async function error(body: string, harness = createHarness()): Promise<NonNullable<RpcAnswer['error']>> {
  const answer = JSON.parse((await harness.raw(body))!) as RpcAnswer
  expect(answer.error, body).toBeDefined()
  return answer.error!
}

describe('JSON-RPC 2.0', () => {
  test('answers with the id it was asked with', async () => {
    const { raw } = createHarness()
    for (const id of [1, 'a"b', 0, null, 1.5]) {
      const answer = JSON.parse((await raw(JSON.stringify(request('eth_chainId', id))))!)
      expect(answer).toEqual({ jsonrpc: '2.0', id, result: '0x7a69' })
    }
  })

  test('gives ids back byte for byte, with results and with errors, alone and in batches', async () => {
    const { raw } = createHarness()
    const ids = ['9007199254740993', '-9007199254740993', '1e400', '1.50', '1E+2', '"\\u0041\\/"', '"é"', 'null']
    const asked = (id: string, method: string) => `{"id" : ${id} ,"jsonrpc":"2.0","method":"${method}","params":[]}`
    for (const id of ids) {
      expect(await raw(asked(id, 'eth_chainId'))).toBe(`{"jsonrpc":"2.0","id":${id},"result":"0x7a69"}`)
      expect(await raw(asked(id, 'nothing'))).toContain(`{"jsonrpc":"2.0","id":${id},"error":{"code":-32601,`)
    }
    const batch = await raw(`[${ids.map((id) => asked(id, 'eth_chainId')).join(',')}]`)
    expect(batch).toBe(`[${ids.map((id) => `{"jsonrpc":"2.0","id":${id},"result":"0x7a69"}`).join(',')}]`)
    expect(await raw(asked('{}', 'eth_chainId'))).toContain('"id":null,"error"')
  })

  test('refuses what is no JSON with -32700', async () => {
    for (const body of ['', '{', '{"a":}', 'undefined', '[1,]', '"\\x"']) expect((await error(body)).code).toBe(-32700)
    const { raw } = createHarness()
    const invalid = Uint8Array.of(0x22, 0xff, 0x22)
    expect(JSON.parse((await raw(invalid))!).error).toMatchObject({
      code: -32700,
      message: expect.stringMatching(/UTF-8/),
    })
  })

  test('refuses what is no request with -32600', async () => {
    const bodies = [
      '1',
      '"eth_chainId"',
      'null',
      '{}',
      '[]',
      '{"id":1,"method":"eth_chainId"}',
      '{"jsonrpc":"1.0","id":1,"method":"eth_chainId"}',
      '{"jsonrpc":"2.0","id":{},"method":"eth_chainId"}',
      '{"jsonrpc":"2.0","id":1,"method":7}',
      '{"jsonrpc":"2.0","id":1}',
    ]
    for (const body of bodies) expect((await error(body)).code, body).toBe(-32600)
  })

  test('refuses an unknown method with -32601, in the words ethers looks for, and suggests one', async () => {
    expect(await error(JSON.stringify(request('eth_getBalanse')))).toEqual({
      code: -32601,
      message: 'the method eth_getBalanse does not exist/is not available; did you mean eth_getBalance?',
    })
    expect((await error(JSON.stringify(request('x'.repeat(1000))))).message.length).toBeLessThan(200)
    expect((await error(JSON.stringify(request('__proto__')))).code).toBe(-32601)
  })

  test('refuses parameters with -32602 and says which and why', async () => {
    const of = (params: unknown) => error(JSON.stringify(request('eth_getBalance', 1, params)))
    expect(await of({ address: '0x' })).toMatchObject({ code: -32602, message: /array/ })
    expect((await of([])).message).toBe('invalid params: missing value for required argument 0: address')
    expect((await of(['0x12'])).message).toBe(
      'invalid params: address must be an address: 0x and 40 hex digits, not "0x12"',
    )
    expect((await of([`0x${'1'.repeat(40)}`, 5])).message).toContain('not the number 5')
    expect((await of([`0x${'1'.repeat(40)}`, 'latest', 1])).message).toContain('at most 2 parameters (address, block)')
  })

  test('says that a method takes none, and what a filter of pending transactions does not give', async () => {
    expect((await error(JSON.stringify(request('eth_chainId', 1, [1])))).message).toBe(
      'invalid params: eth_chainId takes no parameters, not 1',
    )
    const { call } = createHarness()
    expect((await call('eth_newPendingTransactionFilter', false)).result).toMatch(/^0x/)
    expect((await call('eth_newPendingTransactionFilter', true)).error).toMatchObject({
      code: -32602,
      message: expect.stringContaining('eth_subscribe'),
    })
  })

  test('takes trailing nulls for absent parameters', async () => {
    const { call } = createHarness()
    expect((await call('eth_getBalance', `0x${'1'.repeat(40)}`, null, null)).result).toBe('0x5')
  })

  test('does not answer notifications, alone or in a batch', async () => {
    const { raw } = createHarness()
    const notification = { jsonrpc: '2.0', method: 'eth_chainId' }
    expect(await raw(JSON.stringify(notification))).toBeNull()
    expect(await raw(JSON.stringify([notification, notification]))).toBeNull()
    expect(JSON.parse((await raw(JSON.stringify([notification, request('eth_chainId')])))!)).toHaveLength(1)
    // A failing one neither; its author cannot tell which it was.
    expect(await raw(JSON.stringify({ ...notification, method: 'nothing' }))).toBeNull()
  })

  test('answers a batch in its order, bad requests included', async () => {
    const { raw } = createHarness()
    const batch = [request('eth_chainId', 'a'), 7, request('nothing', 'b'), request('eth_accounts', 'c')]
    const answers = JSON.parse((await raw(JSON.stringify(batch)))!) as RpcAnswer[]
    expect(answers.map(({ id, error: failed }) => [id, failed?.code])).toEqual([
      ['a', undefined],
      [null, -32600],
      ['b', -32601],
      ['c', undefined],
    ])
  })

  test('a fault of ours is -32603 with an id, by which the log tells the rest', async () => {
    const { call, node } = createHarness()
    node.answers.call = () => {
      throw new TypeError('secret')
    }
    const answer = await call('eth_call', {})
    expect(answer.error).toMatchObject({ code: -32603, message: /^internal error cafe/ })
    expect(JSON.stringify(answer)).not.toContain('secret')
    expect(node.logged).toContainEqual({
      level: 'error',
      message: 'JSON-RPC fault',
      fields: expect.objectContaining({ fault: 'cafe', method: 'eth_call', error: 'TypeError: secret' }),
    })
  })
})

describe('bounds', () => {
  test('maxBatchLength', async () => {
    const harness = createHarness({ maxBatchLength: 2 })
    const of = (length: number) => JSON.stringify(Array.from({ length }, () => request('eth_chainId')))
    expect(JSON.parse((await harness.raw(of(2)))!)).toHaveLength(2)
    expect(await error(of(3), harness)).toMatchObject({ code: -32005, message: /batch too large.*maxBatchLength/ })
  })

  test('maxResponseLength, over a whole batch, whose rest is not run', async () => {
    const harness = createHarness({ maxResponseLength: 3_000, batchConcurrency: 1 })
    let calls = 0
    harness.node.answers.call = () => {
      calls++
      return { kind: 'success', output: new Uint8Array(1_000), gasUsed: 0n, logs: [] }
    }
    const batch = Array.from({ length: 5 }, (_, id) => request('eth_call', id, [{}]))
    const answers = JSON.parse((await harness.raw(JSON.stringify(batch)))!) as RpcAnswer[]
    expect(answers.map((answer) => answer.error?.message.slice(0, 18))).toEqual([
      undefined,
      undefined,
      'response too large',
      'response too large',
      'response too large',
    ])
    expect(calls).toBe(2)
    harness.node.answers.call = () => ({ kind: 'success', output: new Uint8Array(2_000), gasUsed: 0n, logs: [] })
    expect((await harness.call('eth_call', {})).error?.message).toContain('maxResponseLength')
  })

  test('maxSlowRequests: the rest waits, and is answered afterwards', async () => {
    const harness = createHarness({ maxSlowRequests: 1, maxWaitingRequests: 2 })
    const { promise, resolve } = Promise.withResolvers<void>()
    harness.node.answers.call = async () => {
      await promise
      return { kind: 'success', output: new Uint8Array(0), gasUsed: 0n, logs: [] }
    }
    const first = harness.call('eth_call', {})
    const second = harness.call('eth_call', {})
    // Of two that may wait, one client has half.
    expect((await harness.call('eth_call', {})).error).toMatchObject({ code: -32005, message: /maxWaitingRequests/ })
    resolve()
    expect((await first).result).toBe('0x')
    expect((await second).result).toBe('0x')
    expect((await harness.call('eth_call', {})).result).toBe('0x')
  })

  test('requestTimeout; the slot stays taken as long as the work lasts', async () => {
    const harness = createHarness({ maxSlowRequests: 1, requestTimeout: 50 })
    const { promise, resolve } = Promise.withResolvers<void>()
    harness.node.answers.call = async () => {
      await promise
      return { kind: 'success', output: new Uint8Array(0), gasUsed: 0n, logs: [] }
    }
    const slow = harness.call('eth_call', {})
    await Promise.resolve()
    harness.node.clock.jump(50)
    expect((await slow).error).toMatchObject({ code: -32002, message: /timed out after 50 ms/ })
    const late = harness.call('eth_call', {})
    harness.node.clock.jump(50)
    expect((await late).error).toMatchObject({ code: -32005, message: /waited 50 ms .*requestTimeout.*try again/ })
    const next = harness.call('eth_call', {})
    resolve()
    expect((await next).result).toBe('0x')
  })
})

test('requests whose answers are at hand let everything else on the thread have its turns', async () => {
  const { context, visitor } = createHarness()
  let [now, turns] = [0, 0]
  const took: number[] = []
  const method = defineMethod({
    ...{ name: 'busy', kind: 'read', summary: 'takes a while', result: ANYTHING, params: [] },
    handle() {
      now += LONGEST_STRETCH / 2
      took.push(turns)
      return null
    },
  })
  const backend = { ...context.backend, clock: { ...systemClock, monotonic: () => now } }
  const dispatcher = new Dispatcher(new Map([[method.name, method]]), () => '0xcafe')
  const turn = (): void => {
    turns++
    if (took.length < 8) setImmediate(turn)
  }
  setImmediate(turn)
  const body = new TextEncoder().encode(JSON.stringify(Array.from({ length: 8 }, (_, id) => request('busy', id))))
  const answer = await dispatcher.answer(body, { ...context, backend }, visitor)
  expect(JSON.parse(answer!)).toHaveLength(8)
  // Two fit a stretch.
  for (let index = 2; index < 8; index++) expect(took[index]).toBeGreaterThan(took[index - 2]!)
})

test('a batch that goes on for long keeps nobody else waiting until its end', async () => {
  const { context, visitor } = createHarness()
  let now = 0
  const begun: unknown[] = []
  const method = defineMethod({
    ...{ name: 'busy', kind: 'read', summary: 'takes a while', result: ANYTHING },
    params: [required('which', anything)],
    handle(_, which) {
      now += LONGEST_STRETCH
      begun.push(which)
      return null
    },
  })
  const backend = { ...context.backend, clock: { ...systemClock, monotonic: () => now } }
  const dispatcher = new Dispatcher(new Map([[method.name, method]]), () => '0xcafe')
  const bodyOf = (...which: readonly string[]) =>
    new TextEncoder().encode(JSON.stringify(which.map((one, id) => request('busy', id, [one]))))
  const own = { ...context, backend, limits: { ...context.limits, batchConcurrency: 2 } }
  const ask = (...which: readonly string[]) => dispatcher.answer(bodyOf(...which), own, visitor)
  await Promise.all([ask(...new Array<string>(8).fill('batch')), ask('first'), ask('second')])
  expect(begun.indexOf('first')).toBeLessThan(begun.indexOf('second'))
  // Behind the one that began, and as many of the batch as it runs at a time.
  expect(begun.indexOf('second')).toBeLessThanOrEqual(4)
})
