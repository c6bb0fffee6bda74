/** What a command makes of a node that never stops answering. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CliError } from '../output/errors.ts'
import { connect, nodeFailure } from './connection.ts'

const CHUNK = Buffer.alloc(1_048_576, ' ')
/** Beyond the bound, and an end for a command that has none. */
const MOST_CHUNKS = 200
let given = 0

const server = createServer(async (request, response) => {
  let asked = ''
  for await (const chunk of request) asked += chunk
  response.setHeader('content-type', 'application/json')
  if (asked.includes('eth_chainId')) return response.end('{"jsonrpc":"2.0","id":1,"result":"0x7a69"}')
  const more = () => {
    while (!response.destroyed && given < MOST_CHUNKS) {
      given++
      if (!response.write(CHUNK)) return response.once('drain', more)
    }
    return response.end()
  }
  return more()
})
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
afterAll(() => server.close())

it('takes no more of an answer than its bound, and says so', async () => {
  const rpc = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { client } = await connect({ rpc, dataDir: '.', dataIsGiven: true, node: 1 }, () => {})
  const error: unknown = await client.getBlockNumber().catch((failure: unknown) => failure)
  const told = nodeFailure(error)
  expect(told).toBeInstanceOf(CliError)
  expect(told?.message).toBe("the node's answer has more than 33554432 bytes, and is not taken")
  expect(given).toBeLessThan(MOST_CHUNKS)
})
