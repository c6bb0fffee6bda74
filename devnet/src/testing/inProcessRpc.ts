/** JSON-RPC of a node in this process at a URL, for commands that ask a network: ready in a moment, and nothing is left. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startInProcessNode } from '@touchstone/node/in-process'
import { hexToBytes } from 'viem'
import { devAccounts } from '../network/devAccounts.ts'

export interface InProcessRpc {
  readonly url: string
  close(): Promise<void>
}

export async function startInProcessRpc(): Promise<InProcessRpc> {
  const keys = (await devAccounts()).map(({ privateKey }) => hexToBytes(privateKey))
  const node = await startInProcessNode({ keys, balance: 10n ** 22n })
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request) chunks.push(chunk as Uint8Array)
    const answer = await node.answer(Buffer.concat(chunks).toString('utf8'))
    response.setHeader('content-type', 'application/json')
    // On a busy machine the idle time of a kept connection is over just when it is used again.
    response.setHeader('connection', 'close')
    response.end(answer ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
      await node.close()
    },
  }
}
