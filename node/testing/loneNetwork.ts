/** A network that nobody else is on: it keeps what the node registers and sends, so that a test can be all of its peers. */
import type { DiallingNetwork, GossipHandler, Network, RequestHandler, Topic } from '../src/network/network.ts'
import { NetworkError } from '../src/network/networkError.ts'

export interface Sent {
  readonly topic: Topic
  readonly message: Uint8Array
  /** The peer, of a message that was not for everybody. */
  readonly to?: string
}

export interface LoneNetwork extends DiallingNetwork {
  readonly sent: Sent[]
  readonly gossip: ReadonlyMap<Topic, GossipHandler>
  readonly requests: ReadonlyMap<string, RequestHandler>
  /** Tells the node that a peer has connected. */
  meet(peer: string): void
}

/** `onSent` hears of each message at once, for a test that must act before it is counted as sent. */
export function loneNetwork(onSent: (sent: Sent) => void = () => {}): LoneNetwork {
  const sent: Sent[] = []
  const gossip = new Map<Topic, GossipHandler>()
  const requests = new Map<string, RequestHandler>()
  const listeners = new Set<Parameters<Network['onPeer']>[0]>()
  const keep = (message: Sent): void => {
    sent.push(message)
    onSent(message)
  }
  return {
    sent,
    gossip,
    requests,
    meet(peer) {
      for (const listener of listeners) listener({ kind: 'connected', peer })
    },
    id: 'alone',
    addresses: () => [],
    peers: () => [],
    onPeer(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    setGossipHandler: (topic, handler) => void gossip.set(topic, handler),
    publish: async (topic, message) => keep({ topic, message }),
    announce: async (topic, message) => keep({ topic, message }),
    send: async (to, topic, message) => keep({ topic, message, to }),
    setRequestHandler: (protocol, handler) => void requests.set(protocol, handler),
    request: () => Promise.reject(new NetworkError('not-connected', 'nobody is there')),
    penalize() {},
    async movePeers() {},
    async start() {},
    async stop() {},
  }
}
