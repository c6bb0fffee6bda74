/**
 * All trie nodes and codes of one state, fetched by hash from the state root down, from several peers at a time.
 *
 * Every answer is checked by hashing it, and what to ask for next is read from what was checked: a peer can hold things
 * up, never put anything in. Goes down before it goes wide, so that what is known and not yet fetched stays small. What
 * the store has is not fetched again, which is all there is to going on after a kill.
 */
import type { SnapshotStore, StateItem, StateItemKind } from '../chain/snapshotStore.ts'
import { equalBytes, keyOf } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { EMPTY_CODE_HASH, keccak256 } from '../crypto/keccak.ts'
import type { Network } from '../network/network.ts'
import { NetworkError } from '../network/networkError.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { contentsOfNode } from '../trie/scan.ts'
import { decodeAccount, EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { type SnapshotLimits, STATE_ITEMS } from './limits.ts'
import { decodeStateItems, encodeHashes, STATE_REQUEST } from './messages.ts'

export interface StateDownloadOptions {
  readonly network: Network
  readonly store: Pick<SnapshotStore, 'item' | 'add'>
  readonly root: Uint8Array
  /** Whether this peer should have the state; asked again and again, as peers come and go. */
  serves(peer: string): boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: SnapshotLimits
}

export interface DownloadCounts {
  /** Items and bytes that came over the network. */
  readonly fetched: number
  readonly bytes: number
}

/** `account` and `storage` say in which kind of trie a node is: the values of the first name tries and codes in turn. */
interface Wanted {
  readonly hash: Uint8Array
  readonly in: 'account' | 'storage' | 'code'
}

/** Items that are not worth asking two peers for. */
const SMALLEST_REQUEST = 32
/** Stored items looked at before other work gets a turn. */
const LOOKS_PER_TURN = 512

/** Null when nobody gives the rest: peers went away, or do not have this state (any more). @throws what is a fault of this node. */
export async function downloadState(options: StateDownloadOptions): Promise<DownloadCounts | null> {
  return new StateDownload(options).run()
}

class StateDownload {
  readonly #options: StateDownloadOptions
  /** Known to be part of the state, not looked for yet; the last one next. */
  readonly #stack: Wanted[] = []
  /** Not here: wanted from peers, by hash. An item leaves when it has come. */
  readonly #needed = new Map<string, Wanted>()
  /** Of the needed ones, those nobody is being asked for; some may have come meanwhile. */
  readonly #queue: Wanted[] = []
  /** Come and checked, not on disk yet. */
  readonly #unwritten = new Map<string, StateItem>()
  #unwrittenBytes = 0
  /** Storage tries and codes that were met: many contracts may share one. */
  readonly #met = new Set<string>()
  readonly #load = new Map<string, number>()
  readonly #failures = new Map<string, number>()
  /** Peers that said they are busy, until when they are left alone. */
  readonly #resting = new Map<string, number>()
  #underWay = 0
  #fetched = 0
  #bytes = 0
  #failure: { readonly error: unknown } | null = null
  /** Something came since the loop looked last. */
  #news = false
  #wake: () => void = () => undefined

  constructor(options: StateDownloadOptions) {
    this.#options = options
    if (!equalBytes(options.root, EMPTY_TRIE_ROOT)) this.#stack.push({ hash: options.root, in: 'account' })
  }

  async run(): Promise<DownloadCounts | null> {
    const { clock, limits } = this.#options
    let progressAt = clock.monotonic()
    let fetchedAt = progressAt
    let fetched = 0
    for (;;) {
      const now = clock.monotonic()
      if (this.#failure !== null) throw this.#failure.error
      if (this.#unwrittenBytes >= limits.writeBytes) await this.#write()
      const stoppedEarly = this.#look()
      if (this.#stack.length === 0 && this.#needed.size === 0) break
      this.#ask()
      if (this.#fetched > fetched) fetchedAt = now
      fetched = this.#fetched
      if (stoppedEarly) await this.#pause(0)
      else if (this.#underWay > 0) await this.#pause(null)
      else if (now - fetchedAt >= limits.giveUpAfter) {
        await this.#write()
        return null
      } else await this.#pause(limits.retryDelay)
      if (now - progressAt >= limits.progressInterval) {
        progressAt = now
        this.#reportProgress()
      }
    }
    await this.#write()
    return { fetched: this.#fetched, bytes: this.#bytes }
  }

  /** Resolves after so long, or when an answer comes; null waits for an answer. */
  async #pause(milliseconds: number | null): Promise<void> {
    if (milliseconds === 0 || !this.#news) {
      await new Promise<void>((resolve) => {
        const cancel = milliseconds === null ? () => undefined : this.#options.clock.after(milliseconds, resolve)
        this.#wake = () => {
          cancel()
          resolve()
        }
      })
    }
    this.#news = false
  }

  #tell(): void {
    this.#news = true
    this.#wake()
  }

  /** Goes down through what is here, until enough is known that is not. True when it stopped for others to get a turn. */
  #look(): boolean {
    const enough =
      STATE_ITEMS * this.#options.limits.requestsPerPeer * Math.max(1, this.#options.network.peers().length)
    for (let looks = 0; this.#queue.length < enough; looks++) {
      if (looks === LOOKS_PER_TURN) return true
      const wanted = this.#stack.pop()
      if (wanted === undefined) return false
      const name = nameOf(wanted)
      if (this.#needed.has(name)) continue
      const here = this.#unwritten.get(name)?.bytes ?? this.#options.store.item(kindOf(wanted), wanted.hash)
      if (here !== undefined) this.#goDown(wanted, here)
      else {
        this.#needed.set(name, wanted)
        this.#queue.push(wanted)
      }
    }
    return false
  }

  #goDown(wanted: Wanted, bytes: Uint8Array): void {
    if (wanted.in === 'code') return
    const { children, values } = contentsOfNode(bytes)
    for (const { hash } of children) this.#stack.push({ hash: hash.slice(), in: wanted.in })
    if (wanted.in === 'storage') return
    for (const { value } of values) {
      const { storageRoot, codeHash } = decodeAccount(value)
      if (!equalBytes(storageRoot, EMPTY_TRIE_ROOT)) this.#meet({ hash: storageRoot.slice(), in: 'storage' })
      if (!equalBytes(codeHash, EMPTY_CODE_HASH)) this.#meet({ hash: codeHash.slice(), in: 'code' })
    }
  }

  #meet(wanted: Wanted): void {
    const name = nameOf(wanted)
    if (this.#met.has(name)) return
    this.#met.add(name)
    this.#stack.push(wanted)
  }

  /** Hands what is queued to the peers that have least to do. */
  #ask(): void {
    const peers = Math.max(1, this.#options.network.peers().length)
    const share = Math.max(SMALLEST_REQUEST, Math.ceil(this.#queue.length / peers))
    while (this.#queue.length > 0) {
      const peer = this.#freePeer()
      if (peer === undefined) return
      const batch: Wanted[] = []
      while (batch.length < Math.min(share, STATE_ITEMS)) {
        const wanted = this.#queue.pop()
        if (wanted === undefined) break
        if (this.#needed.has(nameOf(wanted))) batch.push(wanted)
      }
      if (batch.length > 0) void this.#request(peer, batch)
    }
  }

  #freePeer(): string | undefined {
    const { network, clock, limits, serves } = this.#options
    const now = clock.monotonic()
    let best: string | undefined
    for (const { id } of network.peers()) {
      const load = this.#load.get(id) ?? 0
      if (load >= limits.requestsPerPeer || (this.#failures.get(id) ?? 0) >= limits.failures) continue
      if ((this.#resting.get(id) ?? 0) > now || !serves(id)) continue
      if (best === undefined || load < (this.#load.get(best) ?? 0)) best = id
    }
    return best
  }

  async #request(peer: string, batch: readonly Wanted[]): Promise<void> {
    const { network, clock, limits, logger } = this.#options
    this.#load.set(peer, (this.#load.get(peer) ?? 0) + 1)
    this.#underWay += 1
    // Others are asked too when it takes long; what comes twice is dropped.
    const cancel = clock.after(limits.patience, () => {
      this.#noteFailure(peer)
      this.#giveBack(batch)
    })
    try {
      const hashes = batch.map(({ hash }) => hash)
      const items = decodeStateItems(await network.request(peer, STATE_REQUEST, encodeHashes(hashes)), batch.length)
      this.#take(peer, batch, items)
    } catch (error) {
      if (error instanceof CodecError) {
        network.penalize(peer, `state: ${error.message}`)
        this.#failures.set(peer, limits.failures)
      } else if (error instanceof NetworkError) this.#noteRefusal(peer, error)
      else this.#failure = { error }
      logger.debug({ peer, error: String(error) }, 'a peer did not give state, asking another')
    } finally {
      cancel()
      this.#load.set(peer, this.#load.get(peer)! - 1)
      this.#underWay -= 1
      this.#giveBack(batch)
    }
  }

  /** @throws CodecError for an item that is not what was asked for; what came before it is kept. */
  #take(peer: string, batch: readonly Wanted[], items: readonly Uint8Array[]): void {
    let good = 0
    for (const [index, bytes] of items.entries()) {
      if (bytes.length === 0) continue
      const wanted = batch[index]!
      if (!equalBytes(keccak256(bytes), wanted.hash)) {
        throw new CodecError('out-of-range', `items[${index}]`, 'does not have the hash that was asked for')
      }
      good += 1
      const name = nameOf(wanted)
      if (!this.#needed.delete(name)) continue
      this.#fetched += 1
      this.#bytes += bytes.length
      this.#unwritten.set(name, { kind: kindOf(wanted), hash: wanted.hash, bytes })
      this.#unwrittenBytes += bytes.length
      this.#goDown(wanted, bytes)
    }
    if (good > 0) this.#failures.delete(peer)
    else this.#noteFailure(peer)
  }

  /** What did not come is asked for again. */
  #giveBack(batch: readonly Wanted[]): void {
    for (const wanted of batch) if (this.#needed.has(nameOf(wanted))) this.#queue.push(wanted)
    this.#tell()
  }

  #noteFailure(peer: string): void {
    this.#failures.set(peer, (this.#failures.get(peer) ?? 0) + 1)
  }

  /** Being asked too often is no failure of the peer. */
  #noteRefusal(peer: string, { code, message }: NetworkError): void {
    const { clock, limits } = this.#options
    if (code === 'busy' || message.startsWith('busy')) {
      this.#resting.set(peer, clock.monotonic() + limits.retryDelay)
    } else this.#noteFailure(peer)
  }

  async #write(): Promise<void> {
    const written = [...this.#unwritten]
    if (written.length === 0) return
    await this.#options.store.add(written.map(([, item]) => item))
    for (const [name, { bytes }] of written) {
      this.#unwritten.delete(name)
      this.#unwrittenBytes -= bytes.length
    }
  }

  #reportProgress(): void {
    const { logger } = this.#options
    const mebibytes = (this.#bytes / 2 ** 20).toFixed(1)
    logger.info(
      { fetched: this.#fetched, bytes: this.#bytes, known: this.#stack.length + this.#needed.size },
      `fetching the snapshot: ${this.#fetched} nodes and codes, ${mebibytes} MiB`,
    )
  }
}

function kindOf({ in: place }: Wanted): StateItemKind {
  return place === 'code' ? 'code' : 'node'
}

function nameOf(wanted: Wanted): string {
  return `${kindOf(wanted)} ${keyOf(wanted.hash)}`
}
