/** How a test reaches its chain: a node in this process, or one that answers at a URL. */
import { startInProcessNode } from '@touchstone/node/in-process'
import { custom, type EIP1193RequestFn, hexToBytes, http, RpcRequestError, type Transport } from 'viem'
import { DEV_KEYS } from './keys.ts'

/** Wei that each account starts with: 10 000 ether, as on a devnet. */
const BALANCE = 10_000n * 10n ** 18n

export interface Connection {
  readonly transport: Transport
  /** The texts that contracts printed; stays empty on a network, whose nodes have it in their logs. */
  readonly printed: string[]
  close(): Promise<void>
}

export interface InProcessOptions {
  readonly engine?: 'compiled' | 'reference'
  /** Unix seconds of the genesis; now unless said. */
  readonly timestamp?: bigint
}

export function connectTo(url: string): Connection {
  return { transport: http(url, { retryCount: 0 }), printed: [], close: async () => {} }
}

export async function startInProcess(options: InProcessOptions): Promise<Connection> {
  const printed: string[] = []
  const node = await startInProcessNode({
    ...options,
    keys: DEV_KEYS.map((key) => hexToBytes(key)),
    balance: BALANCE,
    onPrint: (text) => printed.push(text),
  })
  let ids = 0
  const request = async ({ method, params }: { readonly method: string; readonly params?: unknown }) => {
    const body = { jsonrpc: '2.0', id: ++ids, method, params: params ?? [] }
    const answer = JSON.parse((await node.answer(JSON.stringify(body)))!)
    if (answer.error === undefined) return answer.result
    throw new RpcRequestError({ body, error: answer.error, url: 'in process' })
  }
  const transport = custom({ request: request as EIP1193RequestFn }, { retryCount: 0 })
  return { transport, printed, close: () => node.close() }
}
