/** New block headers of one node, over its WebSocket; goes on after the node was away. */

export interface Head {
  readonly number: bigint
  readonly hash: string
  readonly stateRoot: string
  readonly gasUsed: bigint
}

const reconnectMs = 1_000
const subscriptionId = 1

interface SubscriptionMessage {
  readonly method?: string
  readonly params?: { readonly result: { number: string; hash: string; stateRoot: string; gasUsed: string } }
}

/** Returns the way to stop. */
export function streamHeads(url: string, onHead: (head: Head) => void): () => void {
  let stopped = false
  let socket: WebSocket
  let timer: NodeJS.Timeout | undefined
  const connect = () => {
    socket = new WebSocket(url)
    socket.onopen = () =>
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: subscriptionId, method: 'eth_subscribe', params: ['newHeads'] }))
    socket.onmessage = ({ data }) => {
      const { method, params } = JSON.parse(String(data)) as SubscriptionMessage
      if (method !== 'eth_subscription' || params === undefined) return
      const { number, hash, stateRoot, gasUsed } = params.result
      onHead({ number: BigInt(number), hash, stateRoot, gasUsed: BigInt(gasUsed) })
    }
    // A node that is down refuses the connection, which is an error and a close.
    socket.onerror = () => {}
    socket.onclose = () => {
      if (!stopped) timer = setTimeout(connect, reconnectMs)
    }
  }
  connect()
  return () => {
    stopped = true
    clearTimeout(timer)
    socket.close()
  }
}
