/** New block headers of one node, over its WebSocket; goes on after the node was away. */

export interface Head {
  readonly number: bigint
  readonly hash: string
  readonly stateRoot: string
  readonly gasUsed: bigint
}

const RECONNECT_MS = 1_000
const SUBSCRIPTION_ID = 1

/** Returns the way to stop. */
export function streamHeads(url: string, onHead: (head: Head) => void): () => void {
  let stopped = false
  let socket: WebSocket | undefined
  let timer: NodeJS.Timeout | undefined
  const connect = async () => {
    const Socket = await socketClass()
    if (stopped) return
    const opened = new Socket(url)
    socket = opened
    opened.onopen = () =>
      opened.send(
        JSON.stringify({ jsonrpc: '2.0', id: SUBSCRIPTION_ID, method: 'eth_subscribe', params: ['newHeads'] }),
      )
    opened.onmessage = ({ data }) => {
      const head = headOf(String(data))
      if (head !== null) onHead(head)
    }
    // A node that is down refuses the connection, which is an error and a close.
    opened.onerror = () => {}
    opened.onclose = () => {
      if (!stopped) timer = setTimeout(() => void connect(), RECONNECT_MS)
    }
  }
  void connect()
  return () => {
    stopped = true
    clearTimeout(timer)
    socket?.close()
  }
}

/** Node 20 has none of its own. */
async function socketClass(): Promise<typeof WebSocket> {
  if (globalThis.WebSocket !== undefined) return globalThis.WebSocket
  const { WebSocket: packaged } = await import('ws')
  return packaged as unknown as typeof WebSocket
}

const quantity = /^0x(0|[1-9a-f][0-9a-f]{0,15})$/

/** Null for any other message: the answer to the subscription, or whatever else has the port of a node that ended. */
export function headOf(text: string): Head | null {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
  const { method, params } = fieldsOf(message)
  if (method !== 'eth_subscription') return null
  const { number, hash, stateRoot, gasUsed } = fieldsOf(fieldsOf(params)['result'])
  if (!isQuantity(number) || !isQuantity(gasUsed)) return null
  if (typeof hash !== 'string' || typeof stateRoot !== 'string') return null
  return { number: BigInt(number), hash, stateRoot, gasUsed: BigInt(gasUsed) }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function isQuantity(value: unknown): value is string {
  return typeof value === 'string' && quantity.test(value)
}
