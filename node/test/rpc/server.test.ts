/** The server over real sockets: HTTP, CORS, hosts, bodies, WebSockets, and what happens at each bound. */
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { defineMethod, type RpcMethod } from '../../src/rpc/method.ts'
import { METHODS } from '../../src/rpc/registry.ts'
import { type RpcServer, type RpcServerOptions, startRpcServer } from '../../src/rpc/server/server.ts'
import { createFakeNode, type FakeNode } from './fakeNode.ts'
import type { RpcAnswer } from './harness.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function start(options: Partial<RpcServerOptions> = {}): Promise<RpcServer & { url: string; node: FakeNode }> {
  const node = createFakeNode()
  const server = await startRpcServer({ backend: node.backend, port: 0, ...options })
  open.push(server)
  return { ...server, url: `http://127.0.0.1:${server.port}`, node }
}

const CHAIN_ID = { jsonrpc: '2.0', id: 1, method: 'eth_chainId' }
const CHAIN_ID_ANSWER = { jsonrpc: '2.0', id: 1, result: '0x7a69' }

function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } })
}

async function answerOf(response: Response): Promise<RpcAnswer> {
  return (await response.json()) as RpcAnswer
}

async function socketTo(
  server: RpcServer,
  options = {},
): Promise<WebSocket & { ask(message: unknown): Promise<unknown> }> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}`, options)
  open.push({ close: () => socket.terminate() })
  await once(socket, 'open')
  return Object.assign(socket, {
    async ask(message: unknown) {
      socket.send(typeof message === 'string' ? message : JSON.stringify(message))
      const [data] = await once(socket, 'message')
      return JSON.parse(String(data))
    },
  })
}

describe('HTTP', () => {
  test('answers POST with 200 and JSON, whatever is wrong with the JSON-RPC', async () => {
    const { url } = await start()
    for (const body of [JSON.stringify(CHAIN_ID), '{', '[]', '{"jsonrpc":"2.0","id":1,"method":"nothing"}']) {
      const response = await post(url, body)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('application/json')
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      // Only preflights are asked what may be sent.
      expect(response.headers.has('access-control-allow-methods')).toBe(false)
      expect(await response.json()).toMatchObject({ jsonrpc: '2.0' })
    }
  })

  test('a notification gets 204 and no body', async () => {
    const { url } = await start()
    const response = await post(url, '{"jsonrpc":"2.0","method":"eth_chainId"}')
    expect([response.status, await response.text()]).toEqual([204, ''])
  })

  test('OPTIONS is the preflight of a browser', async () => {
    const { url } = await start()
    const response = await fetch(url, { method: 'OPTIONS', headers: { Origin: 'https://app.example' } })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-methods')).toContain('POST')
    expect(response.headers.get('access-control-allow-headers')).toMatch(/content-type/i)
  })

  test('a preflight may ask for any headers, and for nothing but headers', async () => {
    const { port } = await start()
    const allowed = async (asked: string) => {
      const headers = { Origin: 'https://app.example', 'Access-Control-Request-Headers': asked }
      const request = httpRequest({ host: '127.0.0.1', port, method: 'OPTIONS', headers }).end()
      const [response] = await once(request, 'response')
      response.resume()
      return response.headers['access-control-allow-headers']
    }
    for (const asked of ['content-type,traceparent', 'x-a', 'baggage, sentry-trace,content-type']) {
      expect(await allowed(asked)).toBe(asked)
    }
    for (const asked of ['', 'a b', 'a,', 'a;b', '"a"']) expect(await allowed(asked)).toMatch(/^Content-Type, /)
  })

  test('a health check gets 200 and a sentence', async () => {
    const { url } = await start()
    for (const path of ['', '/', '/?probe=1']) {
      const response = await fetch(url + path)
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('Touchstone node')])
    }
    const head = await fetch(url, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test('other methods and pages are refused and told what to do', async () => {
    const { url } = await start()
    for (const [path, method] of [
      ['/', 'PUT'],
      ['/index.html', 'GET'],
    ] as const) {
      const response = await fetch(url + path, { method })
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe('POST, GET, HEAD, OPTIONS')
      expect((await answerOf(response)).error?.message).toContain('POST')
    }
  })

  test('eth_subscribe needs a WebSocket', async () => {
    const { url } = await start()
    const response = await post(url, '{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}')
    expect((await answerOf(response)).error).toMatchObject({ code: -32601, message: /WebSocket/ })
  })

  test('a port that is taken is an error', async () => {
    const { port, node } = await start()
    await expect(startRpcServer({ backend: node.backend, port })).rejects.toThrow('EADDRINUSE')
  })
})

describe('bodies', () => {
  test('over the limit: refused with 200 when it could be thrown away', async () => {
    const { url } = await start({ limits: { maxBodyBytes: 1_000 } })
    const fits = JSON.stringify({ ...CHAIN_ID, pad: 'x'.repeat(900) })
    expect(await (await post(url, fits)).json()).toEqual(CHAIN_ID_ANSWER)
    const response = await post(url, ' '.repeat(1_000_000))
    expect(response.status).toBe(200)
    expect((await answerOf(response)).error).toMatchObject({ code: -32005, message: /1000 bytes \(maxBodyBytes\)/ })
  })

  test('all together over maxHeldBodyBytes: one that does not come to its end makes room, and is told', async () => {
    const { url, port } = await start({ limits: { maxHeldBodyBytes: 1_000 } })
    const holder = connect(port, '127.0.0.1')
    let told = ''
    holder
      .on('error', () => {})
      .on('data', (data) => {
        told += data
      })
    holder.write(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n${' '.repeat(800)}`)
    const ask = async () => answerOf(await post(url, JSON.stringify({ ...CHAIN_ID, pad: 'x'.repeat(300) })))
    while (told === '') expect(await ask()).toEqual(CHAIN_ID_ANSWER)
    expect(told).toMatch(/"code":-32005,"message":"[^"]*maxHeldBodyBytes[^"]*try again"/)
    holder.destroy()
  })

  test('over maxHeldBodyBytes by themselves, or with what is being answered: busy', async () => {
    const { url, node } = await start({ limits: { maxHeldBodyBytes: 1_000 } })
    const big = JSON.stringify({ ...CHAIN_ID, pad: 'x'.repeat(2_000) })
    const busy = { code: -32005, message: /maxHeldBodyBytes/ }
    expect((await answerOf(await post(url, big))).error).toMatchObject(busy)
    const { promise, resolve } = Promise.withResolvers<void>()
    node.answers.call = async () => {
      await promise
      return { kind: 'success', output: new Uint8Array(0), gasUsed: 0n, logs: [] }
    }
    const held = post(url, JSON.stringify({ ...CHAIN_ID, method: 'eth_call', params: [{}], pad: 'x'.repeat(700) }))
    while (node.asked.length === 0) await new Promise(setImmediate)
    expect(
      (await answerOf(await post(url, JSON.stringify({ ...CHAIN_ID, pad: 'x'.repeat(300) })))).error,
    ).toMatchObject(busy)
    resolve()
    expect((await answerOf(await held)).result).toBe('0x')
  })

  test('announced far over the limit: refused unread', async () => {
    const { port } = await start({ limits: { maxDrainBytes: 10_000 } })
    const request = httpRequest({ port, method: 'POST', headers: { 'Content-Length': '1000000000000' } })
    request.flushHeaders()
    const [response] = await once(request, 'response')
    expect(response.headers.connection).toBe('close')
    request.on('error', () => {})
    request.destroy()
  })

  test('endless: cut off', async () => {
    const { port } = await start({ limits: { maxBodyBytes: 1_000, maxDrainBytes: 100_000 } })
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
    const chunk = `10000\r\n${'['.repeat(0x10000)}\r\n`
    const send = () => {
      while (!socket.destroyed && socket.write(chunk));
    }
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    socket.on('close', resolve).on('drain', send).resume()
    send()
    await closed
  })

  test('a deep body is refused and the server goes on', async () => {
    const { url } = await start()
    const response = await post(url, '['.repeat(2_000_000))
    expect((await answerOf(response)).error?.message).toContain('maxJsonDepth')
    expect(await (await post(url, JSON.stringify(CHAIN_ID))).json()).toEqual(CHAIN_ID_ANSWER)
  })
})

/** The status for a request with this Host header. */
async function statusFor(port: number, headers: Record<string, string>): Promise<number> {
  const request = httpRequest({ host: '127.0.0.1', port, method: 'POST', headers })
  request.end(JSON.stringify(CHAIN_ID))
  const [response] = await once(request, 'response')
  response.resume()
  return response.statusCode
}

describe('hosts and origins', () => {
  test('on loopback: addresses and localhost only, so that no rebound name gets in', async () => {
    const { port } = await start()
    for (const Host of ['localhost', 'LOCALHOST:8545', '127.0.0.1:8545', '[::1]:8545', '10.1.2.3']) {
      expect(await statusFor(port, { Host }), Host).toBe(200)
    }
    for (const Host of ['evil.example', 'evil.example:8545', 'localhost.evil.example', '127.0.0.1.evil.example']) {
      expect(await statusFor(port, { Host }), Host).toBe(403)
    }
  })

  test('allowedHosts adds names', async () => {
    const { port } = await start({ allowedHosts: ['node.test'] })
    expect(await statusFor(port, { Host: 'node.test:1' })).toBe(200)
    expect(await statusFor(port, { Host: 'localhost' })).toBe(403)
  })

  test('a WebSocket under a foreign name is refused', async () => {
    const server = await start()
    await expect(socketTo(server, { headers: { Host: 'evil.example' } })).rejects.toThrow('403')
  })
})

/** One method of each kind, and eth_call as it is. */
const KINDS = ['read', 'send', 'sign', 'control', 'trace'] as const
const methods = new Map<string, RpcMethod>([
  ...KINDS.map((kind) => {
    const name = `test_${kind}`
    return [name, defineMethod({ name, kind, summary: name, result: {}, params: [], handle: () => kind })] as const
  }),
  ['eth_call', METHODS.get('eth_call')!],
])
const ATTACK = { jsonrpc: '2.0', id: 1, method: 'eth_call', params: [{ to: `0x${'11'.repeat(20)}`, gas: '0x2faf080' }] }

describe('web pages', () => {
  const allowedOrigins = ['https://remix.example']
  const origins: [origin: string | undefined, mayDoAll: boolean][] = [
    [undefined, true],
    ['http://localhost:3000', true],
    ['http://[::1]:3000', true],
    ['https://remix.example', true],
    ['https://evil.example', false],
    ['null', false],
  ]

  test.each(origins)('of %s: kinds of methods, content types, preflights', async (origin, mayDoAll) => {
    const { url, node } = await start({ methods, allowedOrigins })
    const headers: Record<string, string> = origin === undefined ? {} : { Origin: origin }
    const preflight = { ...headers, 'Access-Control-Request-Private-Network': 'true' }
    const asked = await fetch(url, { method: 'OPTIONS', headers: preflight })
    expect([asked.status, asked.headers.get('access-control-allow-private-network')]).toEqual([204, 'true'])
    expect(asked.headers.get('access-control-allow-origin')).toBe('*')
    const plain = await fetch(url, { method: 'OPTIONS', headers })
    expect(plain.headers.has('access-control-allow-private-network')).toBe(false)

    for (const kind of KINDS) {
      const answer = await answerOf(await post(url, JSON.stringify({ ...CHAIN_ID, method: `test_${kind}` }), headers))
      if (mayDoAll || kind === 'read' || kind === 'send') expect(answer.result, kind).toBe(kind)
      else expect(answer.error, kind).toMatchObject({ code: 4100, message: /--allow-origin/ })
    }
    let calls = 0
    node.answers.call = () => {
      calls++
      return { kind: 'success', output: new Uint8Array(0), gasUsed: 0n, logs: [] }
    }
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=b', '']) {
      const response = await post(url, JSON.stringify(ATTACK), { ...headers, 'Content-Type': type })
      if (origin === undefined) {
        expect([response.status, (await answerOf(response)).error], type).toEqual([200, undefined])
      } else {
        expect(response.status, type).toBe(415)
        expect((await answerOf(response)).error).toMatchObject({ code: -32600, message: /must send application\/json/ })
      }
    }
    expect(calls).toBe(origin === undefined ? 4 : 0)
    const response = await post(url, JSON.stringify(ATTACK), {
      ...headers,
      'Content-Type': 'application/json; charset=UTF-8',
    })
    expect((await answerOf(response)).error).toBeUndefined()
    expect(response.headers.get('access-control-allow-origin')).toBe('*')
  })

  test.each(origins)('of %s may do the same over a WebSocket', async (origin, mayDoAll) => {
    const server = await start({ methods, allowedOrigins })
    const socket = await socketTo(server, origin === undefined ? {} : { origin })
    for (const kind of KINDS) {
      const answer = await socket.ask({ ...CHAIN_ID, method: `test_${kind}` })
      if (mayDoAll || kind === 'read' || kind === 'send') expect(answer, kind).toMatchObject({ result: kind })
      else expect(answer, kind).toMatchObject({ error: { code: 4100 } })
    }
  })

  test('a batch is judged request by request', async () => {
    const { url } = await start({ methods })
    const batch = ['test_read', 'test_sign'].map((method) => ({ ...CHAIN_ID, method }))
    const answers = await (await post(url, JSON.stringify(batch), { Origin: 'https://evil.example' })).json()
    expect(answers).toMatchObject([{ result: 'read' }, { error: { code: 4100 } }])
  })

  test('of other sites leave room for everybody else, over HTTP and WebSockets together', async () => {
    const server = await start({ limits: { maxSlowRequests: 3, maxSlowRequestsOfPages: 2 } })
    const { url, node } = server
    const held = Promise.withResolvers<void>()
    let running = 0
    node.answers.call = async () => {
      running++
      await held.promise
      return { kind: 'success', output: new Uint8Array(0), gasUsed: 0n, logs: [] }
    }
    const first = post(url, JSON.stringify(ATTACK), { Origin: 'https://evil.example' })
    const socket = await socketTo(server, { origin: 'null' })
    const second = socket.ask(ATTACK)
    await expect.poll(() => running).toBe(2)
    let thirdAnswered = false
    const third = post(url, JSON.stringify(ATTACK), { Origin: 'https://other.example' }).then((response) => {
      thirdAnswered = true
      return answerOf(response)
    })
    const fromProgram = post(url, JSON.stringify(ATTACK))
    await expect.poll(() => running).toBe(3)
    expect(thirdAnswered).toBe(false)
    held.resolve()
    expect((await third).result).toBe('0x')
    expect((await answerOf(await fromProgram)).result).toBe('0x')
    expect((await answerOf(await first)).result).toBe('0x')
    expect(await second).toMatchObject({ result: '0x' })
    expect((await answerOf(await post(url, JSON.stringify(CHAIN_ID), { Origin: 'null' }))).result).toBe('0x7a69')
  })

  test('a preflight under a foreign name is not answered', async () => {
    const { port } = await start()
    const headers = {
      Host: 'evil.example',
      Origin: 'http://evil.example',
      'Access-Control-Request-Private-Network': 'true',
    }
    const request = httpRequest({ host: '127.0.0.1', port, method: 'OPTIONS', headers }).end()
    const [response] = await once(request, 'response')
    response.resume()
    expect([response.statusCode, response.headers['access-control-allow-private-network']]).toEqual([403, undefined])
  })
})

describe('WebSocket', () => {
  test('answers requests and batches, and errors', async () => {
    const socket = await socketTo(await start())
    expect(await socket.ask(CHAIN_ID)).toEqual(CHAIN_ID_ANSWER)
    expect(await socket.ask([CHAIN_ID])).toEqual([CHAIN_ID_ANSWER])
    expect(await socket.ask('garbage')).toMatchObject({ id: null, error: { code: -32700 } })
    socket.send(JSON.stringify(CHAIN_ID), { binary: true })
    expect(JSON.parse(String((await once(socket, 'message'))[0]))).toEqual(CHAIN_ID_ANSWER)
  })

  test('subscriptions end with their socket', async () => {
    const server = await start()
    const [a, b] = [await socketTo(server), await socketTo(server)]
    await a.ask({ ...CHAIN_ID, method: 'eth_subscribe', params: ['newHeads'] })
    const answer = (await b.ask({ ...CHAIN_ID, method: 'eth_subscribe', params: ['newHeads'] })) as { result: string }
    a.close()
    await once(a, 'close')
    server.node.mine()
    server.node.clock.jump(0)
    const [data] = await once(b, 'message')
    expect(JSON.parse(String(data))).toMatchObject({
      method: 'eth_subscription',
      params: { subscription: answer.result, result: { number: '0x1' } },
    })
  })

  test('a message over the limit is told which, and closes the socket with 1009', async () => {
    const socket = await socketTo(await start({ limits: { maxBodyBytes: 1_000 } }))
    const message = 'request body too large: at most 1000 bytes (maxBodyBytes); send less at a time'
    const answer = once(socket, 'message')
    socket.send('x'.repeat(1_001))
    expect(JSON.parse(String((await answer)[0]))).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32005, message },
    })
    const [code, reason] = await once(socket, 'close')
    expect([code, String(reason)]).toEqual([1009, message])
  })

  test('over maxSockets the idlest goes; with none idle the new one is told to try again', async () => {
    const server = await start({ limits: { maxSockets: 2 } })
    const waits = await socketTo(server)
    await waits.ask({ ...CHAIN_ID, method: 'eth_subscribe', params: ['newHeads'] })
    const idle = await socketTo(server)
    const gone = once(idle, 'close')
    const third = await socketTo(server)
    const [code, reason] = await gone
    expect([code, String(reason)]).toEqual([1013, expect.stringContaining('maxSockets')])
    expect(await third.ask(CHAIN_ID)).toEqual(CHAIN_ID_ANSWER)
    expect(await waits.ask(CHAIN_ID)).toEqual(CHAIN_ID_ANSWER)
    // Both are being answered.
    server.node.answers.call = () => new Promise(() => {})
    for (const one of [waits, third]) one.send(JSON.stringify({ ...CHAIN_ID, method: 'eth_call', params: [{}] }))
    while (server.node.asked.length < 2) await new Promise(setImmediate)
    await expect(socketTo(server)).rejects.toThrow('503')
    expect([waits.readyState, third.readyState]).toEqual([WebSocket.OPEN, WebSocket.OPEN])
  })

  test('a client that does not answer pings is disconnected, one that does is not', async () => {
    const server = await start({ limits: { pingInterval: 1_000 } })
    const [deaf, alive] = [await socketTo(server, { autoPong: false }), await socketTo(server)]
    const [pinged, closed] = [once(alive, 'ping'), once(deaf, 'close')]
    server.node.clock.jump(1_000)
    await pinged
    // The pong is on its way before this answer.
    expect(await alive.ask(CHAIN_ID)).toEqual(CHAIN_ID_ANSWER)
    server.node.clock.jump(1_000)
    await closed
    expect(await alive.ask(CHAIN_ID)).toEqual(CHAIN_ID_ANSWER)
  })

  test('a client that does not read is disconnected', async () => {
    const server = await start({ limits: { maxSocketBufferBytes: 100_000 } })
    const socket = await socketTo(server)
    await socket.ask({ ...CHAIN_ID, method: 'eth_subscribe', params: ['newHeads'] })
    socket.pause()
    const closed = () => server.node.logged.some(({ message }) => message.includes('does not read'))
    for (let i = 0; i < 100_000 && !closed(); i++) {
      server.node.mine()
      server.node.clock.jump(0)
      if (i % 100 === 0) await new Promise(setImmediate)
    }
    expect(closed()).toBe(true)
  })

  test('a client that asks faster than it is answered is read more slowly; all is answered', async () => {
    const server = await start({ limits: { maxInFlightPerSocket: 2, maxSlowRequests: 1, pingInterval: 1_000 } })
    const { promise: go, resolve } = Promise.withResolvers<void>()
    server.node.answers.call = async () => {
      await go
      return { kind: 'success', output: new Uint8Array(0), gasUsed: 0n, logs: [] }
    }
    const socket = await socketTo(server)
    const ids = new Set<number>()
    const all = new Promise<void>((done) => {
      socket.on('message', (data) => {
        ids.add(JSON.parse(String(data)).id)
        if (ids.size === 3_000) done()
      })
    })
    for (let id = 0; id < 3_000; id++) {
      const pad = 'x'.repeat(id % 7 === 0 ? 2_000 : 0)
      socket.send(JSON.stringify({ ...CHAIN_ID, id, method: 'eth_call', params: [{}], pad }))
    }
    while (server.node.asked.length === 0) await new Promise(setImmediate)
    // While it is not read, its pongs are not either: no reason to end it.
    for (let pings = 0; pings < 3; pings++) {
      server.node.clock.jump(1_000)
      await new Promise(setImmediate)
    }
    expect([server.node.asked.length, ids.size]).toEqual([1, 0])
    resolve()
    await all
    expect(socket.readyState).toBe(WebSocket.OPEN)
    expect(await socket.ask(CHAIN_ID)).toEqual(CHAIN_ID_ANSWER)
  })

  test('messages wait for room in maxHeldBodyBytes', async () => {
    const server = await start({ limits: { maxHeldBodyBytes: 1_500 } })
    const socket = await socketTo(server)
    const { promise: go, resolve } = Promise.withResolvers<void>()
    server.node.answers.call = async () => {
      await go
      return { kind: 'success', output: new Uint8Array(0), gasUsed: 0n, logs: [] }
    }
    const held = { ...CHAIN_ID, method: 'eth_call', params: [{}], pad: 'x'.repeat(1_000) }
    socket.send(JSON.stringify(held))
    while (server.node.asked.length === 0) await new Promise(setImmediate)
    const other = await socketTo(server)
    const answered = other.ask(held)
    server.node.clock.jump(1_000)
    expect(server.node.asked).toHaveLength(1)
    resolve()
    await once(socket, 'message')
    server.node.clock.jump(1_000)
    expect(await answered).toMatchObject({ result: '0x' })
  })

  test('of pages of strangers take neither the bytes of bodies nor the places of others', async () => {
    const server = await start({
      limits: { maxHeldBodyBytes: 1_500, maxHeldBodyBytesOfPages: 1_500, maxSockets: 2, maxSocketsOfPages: 2 },
    })
    const { promise: go, resolve } = Promise.withResolvers<void>()
    server.node.answers.call = async () => {
      await go
      return { kind: 'success', output: new Uint8Array(0), gasUsed: 0n, logs: [] }
    }
    const held = { ...CHAIN_ID, method: 'eth_call', params: [{}], pad: 'x'.repeat(500) }
    for (const page of ['https://a.example', 'https://b.example']) {
      const socket = await socketTo(server, { origin: page })
      socket.send(JSON.stringify(held))
    }
    while (server.node.asked.length < 2) await new Promise(setImmediate)
    await expect(socketTo(server, { origin: 'https://c.example' })).rejects.toThrow('503')
    const own = await socketTo(server)
    expect(await own.ask({ ...CHAIN_ID, pad: 'x'.repeat(1_000) })).toEqual(CHAIN_ID_ANSWER)
    expect(await answerOf(await post(server.url, JSON.stringify({ ...CHAIN_ID, pad: 'x'.repeat(1_000) })))).toEqual(
      CHAIN_ID_ANSWER,
    )
    resolve()
  })

  test('close ends every connection', async () => {
    const server = await start()
    const socket = await socketTo(server)
    const closed = once(socket, 'close')
    await server.close()
    await closed
    await expect(post(server.url, '{}')).rejects.toThrow()
    open.splice(0)
  })
})
