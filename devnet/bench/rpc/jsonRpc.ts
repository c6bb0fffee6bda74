/** JSON-RPC over kept connections with as little work as can be, so that what is measured is the server. */
import { Agent, request } from 'node:http'

export interface RpcClient {
  /** @throws Error with the server's message */
  call(method: string, params: readonly unknown[]): Promise<unknown>
  close(): void
}

export function rpcClient(url: string): RpcClient {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port } = new URL(url)
  let id = 0
  return {
    call(method, params) {
      id++
      const body = JSON.stringify({ jsonrpc: '2.0', id, method, params })
      return new Promise((resolve, reject) => {
        const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
        const sent = request({ hostname, port, method: 'POST', path: '/', agent, headers }, (answer) => {
          const parts: Buffer[] = []
          answer.on('data', (part: Buffer) => parts.push(part))
          answer.on('error', reject)
          answer.on('end', () => {
            try {
              resolve(resultOf(Buffer.concat(parts).toString()))
            } catch (error) {
              reject(error)
            }
          })
        })
        sent.on('error', reject)
        sent.end(body)
      })
    },
    close: () => agent.destroy(),
  }
}

function resultOf(text: string): unknown {
  const { result, error } = JSON.parse(text) as { result?: unknown; error?: { message: string } }
  if (error !== undefined) throw new Error(error.message)
  return result
}
