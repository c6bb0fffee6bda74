/** What becomes of a question to a node that answers well, otherwise, too much, or not at all. */
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { MAX_ANSWER_BYTES } from './limits.ts'
import { ask, askAll, RpcRefusal } from './nodeRpc.ts'

let server: Server | null = null
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function serve(listener: RequestListener): Promise<{ index: number; rpc: string }> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  return { index: 1, rpc: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function textOf(request: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const part of request) text += part
  return text
}

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

it('tells a refusal from an answer that is none', async () => {
  let text = '{"id":1,"error":{"message":"no","code":-32000}}'
  const target = await serve((_, response) => void response.end(text))
  await expect(ask(target, 'm', [])).rejects.toThrow(new RpcRefusal('no', -32_000))
  text = '{"id":1}'
  await expect(ask(target, 'm', [])).rejects.toThrow('it answered m with something else than JSON-RPC')
  text = '{'
  await expect(ask(target, 'm', [])).rejects.toThrow('it answered with something else than JSON')
})

it('takes no more than its bound', async () => {
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
  await expect(ask(target, 'm', [], 60_000)).rejects.toThrow(`its answer has more than ${MAX_ANSWER_BYTES} bytes`)
  expect(given).toBeLessThan(64)
})

it('says so when nothing answers in time, in the middle of an answer too, or nobody is there', async () => {
  let begins = false
  const target = await serve((_, response) => {
    if (begins) response.write('{')
  })
  await expect(ask(target, 'm', [], 50)).rejects.toMatchObject({ name: 'TimeoutError' })
  begins = true
  await expect(ask(target, 'm', [], 200)).rejects.toMatchObject({ name: 'TimeoutError' })
  server!.closeAllConnections()
  await new Promise((resolve) => server!.close(resolve))
  await expect(ask(target, 'm', [])).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } })
})
