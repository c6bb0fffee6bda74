/** What becomes of a question to a node that answers well, otherwise, too much, or not at all. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, it, vi } from 'vitest'
import { MAX_ANSWER_BYTES } from './limits.ts'
import { ask, askAll, RpcRefusal, type RpcTarget } from './nodeRpc.ts'

let server: Server | null = null
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  vi.unstubAllGlobals()
})

const ELSEWHERE = 'https://node.example'

/** The same server, by the way to a node of another machine. */
function elsewhere({ rpc }: RpcTarget): RpcTarget {
  const real = globalThis.fetch
  vi.stubGlobal('fetch', (url: string, options: RequestInit) => real(url.replace(ELSEWHERE, rpc), options))
  return { index: 1, rpc: ELSEWHERE }
}

async function serve(listener: RequestListener): Promise<RpcTarget> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  return { index: 1, rpc: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function textOf(request: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const part of request) text += part
  return text
}

const places: readonly (readonly [string, (target: RpcTarget) => RpcTarget])[] = [
  ['here', (target) => target],
  ['elsewhere', elsewhere],
]

it('asks once, and for many together', async () => {
  const seen: string[] = []
  const target = await serve(async (request, response) => {
    const text = await textOf(request)
    seen.push(`${request.method} ${request.headers['content-type']} ${text}`)
    const answer = ({ id, params }: { id: number; params: unknown }) => ({ id, result: { é: params } })
    const asked = JSON.parse(text)
    response.end(JSON.stringify(Array.isArray(asked) ? asked.map(answer) : answer(asked)))
  })
  expect(await ask(target, 'm', [1])).toEqual({ é: [1] })
  expect(seen).toEqual(['POST application/json {"jsonrpc":"2.0","id":1,"method":"m","params":[1]}'])
  expect(await askAll(target, 'm', [[1], [2]])).toEqual([{ é: [1] }, { é: [2] }])
})

it('keeps a connection for questions, and none for what is sent', async () => {
  const ports: (number | undefined)[] = []
  const target = await serve((request, response) => {
    ports.push(request.socket.remotePort)
    response.end('{"id":1,"result":7}')
  })
  for (const method of ['eth_blockNumber', 'touchstone_status', 'eth_sendRawTransaction', 'eth_getBlockByNumber']) {
    await ask(target, method, [])
  }
  const [first, second, sent, third] = ports
  expect([second, third]).toEqual([first, first])
  expect(sent).not.toBe(first)
})

it('asks once more where a kept connection was closed when it was used again', async () => {
  const seen = new Map<Socket, number>()
  const target = await serve((request, response) => {
    const times = (seen.get(request.socket) ?? 0) + 1
    seen.set(request.socket, times)
    if (times === 1) response.end('{"id":1,"result":7}')
    else request.socket.destroy()
  })
  for (let times = 0; times < 3; times++) expect(await ask(target, 'eth_blockNumber', [])).toBe(7)
  expect([...seen.values()].sort()).toEqual([1, 1, 2])
  // The first on a connection is not.
  server!.removeAllListeners('request').on('request', ({ socket }) => socket.destroy())
  await expect(ask(target, 'eth_blockNumber', [])).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
})

it('tells a refusal from an answer that is none', async () => {
  let text = '{"id":1,"error":{"message":"no","code":-32000}}'
  const target = await serve((_, response) => void response.end(text))
  await expect(ask(target, 'm', [])).rejects.toThrow(new RpcRefusal('no', -32_000))
  text = '{"id":1}'
  await expect(ask(target, 'm', [])).rejects.toThrow('it answered m with something else than JSON-RPC')
  text = '{'
  await expect(ask(target, 'm', [])).rejects.toThrow('it answered with something else than JSON')
})

it('asks nodes of other machines as every client does, through a redirect and a compressed answer too', async () => {
  const target = await serve((request, response) => {
    if (request.url === '/') return void response.writeHead(308, { location: '/rpc' }).end()
    const result = `${request.method} ${request.url}`
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(JSON.stringify({ id: 1, result })))
  })
  expect(await ask(elsewhere(target), 'm', [])).toBe('POST /rpc')
})

it('opens a way of its own to this machine, however it is named', async () => {
  const target = await serve((_, response) => void response.end('{"id":1,"result":7}'))
  const fetched = vi.fn()
  vi.stubGlobal('fetch', fetched)
  const { port } = new URL(target.rpc)
  for (const name of ['127.0.0.1', 'localhost']) {
    expect(await ask({ index: 1, rpc: `http://${name}:${port}` }, 'm', [])).toBe(7)
  }
  // Perhaps nobody is there, or the machine has no such address.
  await ask({ index: 1, rpc: `http://[::1]:${port}` }, 'm', []).catch(() => {})
  expect(fetched).not.toHaveBeenCalled()
})

it.each(places)('takes no more than its bound: %s', async (_, place) => {
  const chunk = Buffer.alloc(MAX_ANSWER_BYTES / 32, ' ')
  let given = 0
  const target = await serve((_, response) => {
    const more = (): void => {
      while (given < 64 && !response.destroyed) {
        given++
        if (!response.write(chunk)) return void response.once('drain', more)
      }
      response.end()
    }
    more()
  })
  await expect(ask(place(target), 'm', [], 60_000)).rejects.toThrow(
    `its answer has more than ${MAX_ANSWER_BYTES} bytes`,
  )
  expect(given).toBeLessThan(64)
})

it.each(places)('says so when nothing answers in time, in the middle of an answer too: %s', async (_, place) => {
  let begins = false
  const target = place(
    await serve((_, response) => {
      if (begins) response.write('{')
    }),
  )
  await expect(ask(target, 'm', [], 50)).rejects.toMatchObject({ name: 'TimeoutError' })
  begins = true
  await expect(ask(target, 'm', [], 200)).rejects.toMatchObject({ name: 'TimeoutError' })
})

it.each(places)('says so when nobody is there: %s', async (_, place) => {
  const target = place(await serve(() => {}))
  await new Promise((resolve) => server!.close(resolve))
  await expect(ask(target, 'm', [])).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
})
