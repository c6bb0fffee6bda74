/**
 * The RPCs that gossipsub is handed, counted first. It remembers every message id for as long as `seenTTL`, a record of each
 * delivery for two minutes, ids that peers do not want whatever their length, and when a peer may be asked back for
 * as long as the peer says; a message it keeps holds the whole RPC it came in. So each of these is bounded here, before
 * gossipsub sees the RPC. `handleReceivedRpc` is what it calls for each one, and made to be overridden.
 */
import type { GossipSub } from '@libp2p/gossipsub'
import type { RPC } from '@libp2p/gossipsub/message'
import type { PeerId } from '@libp2p/interface'
import { Quota } from '../../bounds/quota.ts'
import type { Clock } from '../../runtime/clock.ts'
import { FairShare } from '../conduct/fairShare.ts'
import { dropOldest, MAX_TRACKED } from '../conduct/scoring.ts'
import type { NetworkLimits } from '../limits.ts'

const ID_BYTES = 32
/** Seconds a peer may ask not to be grafted. */
const LONGEST_BACKOFF = 60
/** A slice of a buffer this much larger than itself is copied, so that it does not hold the rest. */
const MOST_WASTE = 4_096
/** Milliseconds. */
const SHARE_WINDOW = 1_000

export interface GossipRpcOptions {
  readonly limits: NetworkLimits
  readonly clock: Clock
  isNamed(peer: string): boolean
  /** The peer sent what no honest one does. */
  onFault(peer: string, what: string): void
  onFlood(peer: string, what: string): void
}

type Handler = { handleReceivedRpc(from: PeerId, rpc: RPC): Promise<void> }

export class GossipRpcs {
  readonly #options: GossipRpcOptions
  readonly #quotas = new Map<string, Quota>()
  readonly #share: FairShare

  constructor(options: GossipRpcOptions) {
    this.#options = options
    this.#share = new FairShare(options.limits.gossipPerSecond, SHARE_WINDOW)
  }

  /** Puts this in front of gossipsub. */
  guard(pubsub: GossipSub): void {
    const handler = pubsub as GossipSub & Handler
    const handle = handler.handleReceivedRpc.bind(handler)
    handler.handleReceivedRpc = async (from, rpc) => {
      // Counted first: a peer whose other stream gossipsub gave up is none to it, and can still send.
      if (!this.admits(from.toString(), rpc)) return
      // Gossipsub would remember for ever anything read of a peer that is gone.
      if (pubsub.getPeers().some((peer) => peer.equals(from))) await handle(from, rpc)
    }
  }

  forget(peer: string): void {
    this.#quotas.delete(peer)
  }

  /** Whether gossipsub may have it; the part that gossipsub may keep is made small. */
  admits(peer: string, rpc: RPC): boolean {
    const { limits, clock, isNamed, onFault, onFlood } = this.#options
    const ids = [
      ...(rpc.control?.ihave ?? []),
      ...(rpc.control?.iwant ?? []),
      ...(rpc.control?.idontwant ?? []),
    ].flatMap(({ messageIDs }) => messageIDs)
    if (ids.some(({ length }) => length !== ID_BYTES)) {
      onFault(peer, 'a message id by gossip that has not 32 bytes')
      return false
    }
    const now = clock.monotonic()
    let quota = this.#quotas.get(peer)
    if (quota === undefined) {
      quota = new Quota(limits.gossipPerSecondOfPeer, limits.gossipBurstOfPeer, now)
      this.#quotas.set(peer, quota)
      // An RPC that came as its peer left is counted too, and nobody forgets it then.
      dropOldest(this.#quotas, MAX_TRACKED)
    }
    const cost = 1 + rpc.messages.length + Math.ceil(ids.length / limits.idsPerFrame)
    if (!quota.take(now, cost)) {
      // The messages of a named peer come by its kept stream as well.
      if (isNamed(peer)) return false
      onFlood(peer, `a flood: over ${limits.gossipPerSecondOfPeer} messages by gossip a second`)
      return false
    }
    if (!isNamed(peer) && this.#share.take(peer, cost, now) > 0) return false
    for (const prune of rpc.control?.prune ?? []) {
      if (prune.backoff !== undefined) prune.backoff = Math.min(prune.backoff, LONGEST_BACKOFF)
    }
    for (const message of rpc.messages) {
      const { data } = message
      if (data !== undefined && data.buffer.byteLength > data.length + MOST_WASTE) message.data = Uint8Array.from(data)
    }
    return true
  }
}
