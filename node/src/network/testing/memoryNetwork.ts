/** Networks in memory for tests: every message arrives at once, unless the link is cut. */
import type { GossipHandler, Network, RequestHandler, Topic } from '../network.ts'
import { NetworkError } from '../networkError.ts'

export interface MemoryNetwork extends Network {
  /** Every message this node got: topic, sender and what became of it. */
  readonly received: { readonly topic: Topic; readonly from: string; readonly verdict: string }[]
  readonly penalties: { readonly peer: string; readonly reason: string }[]
}

export interface MemoryNetworks {
  /** `named`: the peers that the configuration of this node would name. */
  join(id: string, named?: readonly string[]): MemoryNetwork
  /** Both directions. The nodes see each other leave. */
  cut(a: string, b: string): void
  heal(a: string, b: string): void
  /** Each frame of the node's answers waits for it; they come at once otherwise. */
  slow(id: string, pace: () => Promise<void>): void
}

interface Member {
  readonly network: MemoryNetwork
  readonly gossip: Map<Topic, GossipHandler>
  readonly requests: Map<string, RequestHandler>
  readonly listeners: Set<(event: { kind: 'connected' | 'disconnected'; peer: string }) => void>
  started: boolean
}

export function memoryNetworks(): MemoryNetworks {
  const members = new Map<string, Member>()
  const cuts = new Set<string>()
  const paces = new Map<string, () => Promise<void>>()
  const connected = (a: string, b: string) =>
    a !== b && members.get(a)?.started === true && members.get(b)?.started === true && !cuts.has(pair(a, b))
  const tell = (kind: 'connected' | 'disconnected', a: string, b: string) => {
    for (const listener of members.get(a)?.listeners ?? []) listener({ kind, peer: b })
    for (const listener of members.get(b)?.listeners ?? []) listener({ kind, peer: a })
  }
  const deliver = async (topic: Topic, message: Uint8Array, from: string, seen: Set<string>) => {
    for (const id of members.keys()) {
      if (!connected(from, id) || seen.has(id)) continue
      seen.add(id)
      await deliverTo(id, topic, message, from, seen)
    }
  }
  const deliverTo = async (id: string, topic: Topic, message: Uint8Array, from: string, seen: Set<string>) => {
    const member = members.get(id)!
    const verdict = (await member.gossip.get(topic)?.(message, from)) ?? 'ignore'
    member.network.received.push({ topic, from, verdict })
    if (verdict === 'accept') await deliver(topic, message, id, seen)
  }

  return {
    cut(a, b) {
      const were = connected(a, b)
      cuts.add(pair(a, b))
      if (were) tell('disconnected', a, b)
    },
    heal(a, b) {
      cuts.delete(pair(a, b))
      if (connected(a, b)) tell('connected', a, b)
    },
    slow: (id, pace) => void paces.set(id, pace),
    join(id, named = []) {
      const network: MemoryNetwork = {
        id,
        received: [],
        penalties: [],
        addresses: () => [`/memory/${id}`],
        peers: () =>
          [...members.keys()]
            .filter((other) => connected(id, other))
            .map((other) => ({ id: other, address: other, named: named.includes(other) })),
        onPeer(listener) {
          member.listeners.add(listener)
          return () => member.listeners.delete(listener)
        },
        setGossipHandler: (topic, handler) => void member.gossip.set(topic, handler),
        publish: (topic, message) => deliver(topic, message, id, new Set([id])),
        announce: (topic, message) => deliver(topic, message, id, new Set([id])),
        async send(peer, topic, message) {
          if (connected(id, peer)) await deliverTo(peer, topic, message, id, new Set([id, peer]))
        },
        setRequestHandler: (protocol, handler) => void member.requests.set(protocol, handler),
        async request(peer, protocol, request, options = {}) {
          const handler = members.get(peer)?.requests.get(protocol)
          if (!connected(id, peer)) throw new NetworkError('not-connected', `no connection to ${peer}`)
          if (handler === undefined) throw new NetworkError('unsupported', protocol)
          const answer = await unlessAborted(
            handler(request, id).catch((error: unknown) => {
              throw new NetworkError('refused', String(error))
            }),
            options.signal,
          )
          const { maxFrames = answer.length, maxBytes = Number.POSITIVE_INFINITY } = options
          if (answer.length > maxFrames || answer.reduce((sum, frame) => sum + frame.length, 0) > maxBytes) {
            network.penalize(peer, `answering ${protocol}: more than was asked for`)
            throw new NetworkError('protocol-violation', 'more than was asked for')
          }
          for (const frame of answer) {
            const pace = paces.get(peer)
            if (pace !== undefined) await unlessAborted(pace(), options.signal)
            options.onFrame?.(frame)
          }
          if (!connected(id, peer)) throw new NetworkError('not-connected', `${peer} went away`)
          return answer
        },
        penalize: (peer, reason) => void network.penalties.push({ peer, reason }),
        async start() {
          member.started = true
          for (const other of members.keys()) if (connected(id, other)) tell('connected', id, other)
        },
        async stop() {
          for (const other of members.keys()) if (connected(id, other)) tell('disconnected', id, other)
          member.started = false
          members.delete(id)
        },
      }
      const member: Member = { network, gossip: new Map(), requests: new Map(), listeners: new Set(), started: false }
      members.set(id, member)
      return network
    },
  }
}

function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const aborted = () => reject(new NetworkError('aborted', 'the answer is not wanted any more'))
  if (signal.aborted) aborted()
  signal.addEventListener('abort', aborted)
  answer.then(resolve, reject)
  return promise.finally(() => signal.removeEventListener('abort', aborted))
}

function pair(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}
