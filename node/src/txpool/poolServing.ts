/** The answering side of the exchange of pools: what this node has, within a bound of bytes for each peer. */

import { Quota } from '../bounds/quota.ts'
import type { Network } from '../network/network.ts'
import type { Clock } from '../runtime/clock.ts'
import { decodeHashes, encodeHashes } from './bundleCodec.ts'
import {
  EXCHANGED_BYTES,
  EXCHANGED_HASHES,
  EXCHANGED_TRANSACTIONS,
  HASH_ANSWERS_BURST,
  HASH_ANSWERS_PER_SECOND,
  REMEMBERED_PEERS,
  SERVED_BYTES_BURST,
  SERVED_BYTES_PER_SECOND,
  STRANGERS_SERVED_BYTES_BURST,
  STRANGERS_SERVED_BYTES_PER_SECOND,
} from './limits.ts'
import type { TxPool } from './txPool.ts'

/** Request protocols. */
export const HASHES = 'pool-hashes'
export const TRANSACTIONS = 'pool-transactions'

interface Served {
  readonly hashAnswers: Quota
  readonly bytes: Quota
}

export interface PoolServingOptions {
  readonly network: Network
  readonly pool: TxPool
  readonly clock: Clock
  isNamed(peer: string): boolean
}

/** A few bytes ask for megabytes; requests over the bounds are refused, and the peer may ask again later. */
class Serving {
  readonly #options: PoolServingOptions
  readonly #peers = new Map<string, Served>()
  readonly #strangers: Quota

  constructor(options: PoolServingOptions) {
    this.#options = options
    const now = options.clock.monotonic()
    this.#strangers = new Quota(STRANGERS_SERVED_BYTES_PER_SECOND, STRANGERS_SERVED_BYTES_BURST, now)
  }

  /** The second frame says of when they are (docs/protocol/dev.md, "Going back"). */
  hashes(peer: string): readonly Uint8Array[] {
    const { pool, clock } = this.#options
    const now = clock.monotonic()
    if (!this.#of(peer).hashAnswers.take(now)) {
      throw new Error(`busy: at most ${HASH_ANSWERS_PER_SECOND} answer a second about ${HASHES}`)
    }
    const hashes: Uint8Array[] = []
    for (const { hash } of pool.transactions()) {
      if (hashes.length >= EXCHANGED_HASHES) break
      hashes.push(hash)
    }
    const seen = pool.devSeen()
    return [encodeHashes(hashes), ...(seen === null ? [] : [seen])]
  }

  transactions(request: Uint8Array, peer: string): readonly Uint8Array[] {
    const asked = decodeHashes(request, EXCHANGED_TRANSACTIONS)
    const now = this.#options.clock.monotonic()
    const { bytes: own } = this.#of(peer)
    const quotas = this.#options.isNamed(peer) ? [own] : [own, this.#strangers]
    if (quotas.some((quota) => !quota.take(now, 0)))
      throw new Error(`busy: too many bytes in answers to ${TRANSACTIONS}`)
    const raws: Uint8Array[] = []
    let bytes = 0
    for (const hash of asked) {
      const tx = this.#options.pool.get(hash)
      if (tx === undefined) continue
      if (bytes + tx.raw.length > EXCHANGED_BYTES) break
      bytes += tx.raw.length
      raws.push(tx.raw)
    }
    for (const quota of quotas) quota.spend(bytes)
    return raws
  }

  /** Not forgotten when the peer leaves, or it would come back for more. */
  #of(peer: string): Served {
    const known = this.#peers.get(peer)
    if (known !== undefined) {
      this.#peers.delete(peer)
      this.#peers.set(peer, known)
      return known
    }
    const now = this.#options.clock.monotonic()
    const served: Served = {
      hashAnswers: new Quota(HASH_ANSWERS_PER_SECOND, HASH_ANSWERS_BURST, now),
      bytes: new Quota(SERVED_BYTES_PER_SECOND, SERVED_BYTES_BURST, now),
    }
    this.#peers.set(peer, served)
    if (this.#peers.size > REMEMBERED_PEERS) this.#peers.delete(this.#peers.keys().next().value!)
    return served
  }
}

/** Sets the network's handlers, so it is called before the network starts. */
export function servePool(options: PoolServingOptions): void {
  const serving = new Serving(options)
  options.network.setRequestHandler(HASHES, async (_request, peer) => serving.hashes(peer))
  options.network.setRequestHandler(TRANSACTIONS, async (request, peer) => serving.transactions(request, peer))
}
