/**
 * All trie nodes and codes of one state, or of several, fetched by hash from the state root down, from several peers at a
 * time.
 *
 * Every answer is checked by hashing it, and what to ask for next is read from what was checked: a peer can put nothing
 * in. Nor can it hold things up: while nobody is known that gives anything, ever more peers are asked for the same few
 * items (hedge.ts); then a peer that gave what it was asked for comes first, and for as much as it has earned
 * (peerHeights.ts). Goes down before it goes wide, so that what is known and not yet fetched stays small. Nodes in the
 * store are not fetched again, which is all there is to going on after a kill.
 */
import type { SnapshotStore, StateItem, StateItemKind } from '../chain/snapshotStore.ts'
import { equalBytes, keyOf } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { EMPTY_CODE_HASH, keccak256 } from '../crypto/keccak.ts'
import type { Network } from '../network/network.ts'
import { NetworkError } from '../network/networkError.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { contentsOfNode } from '../trie/scan.ts'
import { decodeAccount, EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { Hedge } from './hedge.ts'
import {
  MAX_MET_ITEMS,
  type SnapshotLimits,
  STATE_ANSWER_BYTES,
  STATE_BYTES,
  STATE_ITEMS,
  STATE_TRIAL_ITEMS,
} from './limits.ts'
import { decodeStateItems, encodeHashes, STATE_REQUEST } from './messages.ts'
import type { SnapshotPeers } from './snapshotPeers.ts'

export interface StateDownloadOptions {
  readonly network: Network
  readonly store: Pick<SnapshotStore, 'item' | 'add'>
  /** Of states that share most of what they are, where there are several. */
  readonly roots: readonly Uint8Array[]
  /** Of the block whose state it is, or which keeps these states. */
  readonly height: bigint
  readonly peers: SnapshotPeers
  readonly clock: Clock
  readonly logger: Logger
  readonly limits: SnapshotLimits
}

export interface DownloadOutcome {
  /** False when nobody gives the rest: peers went away, or do not have this state (any more), or keep it to themselves. */
  readonly isComplete: boolean
  /** Items and bytes that came over the network. */
  readonly fetched: number
  readonly bytes: number
  /** Peers that gave something. */
  readonly gave: ReadonlySet<string>
}

/** `account` and `storage` say in which kind of trie a node is: the values of the first name tries and codes in turn. */
interface Wanted {
  readonly hash: Uint8Array
  readonly in: 'account' | 'storage' | 'code'
}

/** Stored items looked at before other work gets a turn. */
const LOOKS_PER_TURN = 512

/** @throws what is a fault of this node. */
export function downloadState(options: StateDownloadOptions): Promise<DownloadOutcome> {
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
  /** Storage tries and codes that were met: many contracts may share one. Of several states all nodes. */
  readonly #met = new Set<string>()
  readonly #gave = new Set<string>()
  /** Not asked any more for this snapshot. */
  readonly #liars = new Set<string>()
  /** While nobody is known who gives anything. */
  #search: Hedge<true> | null = null
  /** Ends what is under way when all is there, or nothing comes. */
  readonly #end = new AbortController()
  #fetched = 0
  #bytes = 0
  #failure: { readonly error: unknown } | null = null
  /** Something came since the loop looked last. */
  #news = false
  #wake: () => void = () => undefined

  constructor(options: StateDownloadOptions) {
    this.#options = options
    for (const hash of options.roots) {
      if (!equalBytes(hash, EMPTY_TRIE_ROOT)) this.#meet({ hash, in: 'account' })
    }
  }

  async run(): Promise<DownloadOutcome> {
    const stopListening = this.#options.peers.onNews(() => {
      this.#search?.poke()
      this.#tell()
    })
    try {
      const isComplete = await this.#run()
      await this.#write()
      return { isComplete, fetched: this.#fetched, bytes: this.#bytes, gave: this.#gave }
    } finally {
      stopListening()
      this.#search?.end()
      this.#end.abort()
    }
  }

  async #run(): Promise<boolean> {
    const { clock, limits } = this.#options
    let progressAt = clock.monotonic()
    let fetchedAt = progressAt
    let fetched = 0
    let windowAt = progressAt
    let windowFetched = 0
    for (;;) {
      const now = clock.monotonic()
      if (this.#failure !== null) throw this.#failure.error
      if (this.#unwrittenBytes >= limits.writeBytes) await this.#write()
      const stoppedEarly = this.#look()
      if (this.#stack.length === 0 && this.#needed.size === 0) return true
      this.#ask()
      if (this.#fetched > fetched) fetchedAt = now
      fetched = this.#fetched
      if (fetched - windowFetched >= STATE_ITEMS) {
        windowAt = now
        windowFetched = fetched
      }
      if (stoppedEarly) await this.#pause(0)
      else {
        const patience = fetched === 0 ? limits.firstItemTime : limits.giveUpAfter
        if (now - fetchedAt >= patience || now - windowAt >= limits.slowestRequest) return false
        await this.#pause(limits.retryDelay)
      }
      if (now - progressAt >= limits.progressInterval) {
        progressAt = now
        this.#reportProgress()
      }
    }
  }

  /** Resolves after so long, or when there is something to do. */
  async #pause(milliseconds: number): Promise<void> {
    if (milliseconds === 0 || !this.#news) {
      await new Promise<void>((resolve) => {
        const cancel = this.#options.clock.after(milliseconds, resolve)
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
    const enough = STATE_ITEMS * this.#options.limits.requestsPerPeer * Math.max(1, this.#trusted())
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
    for (const { hash } of children) {
      const child = { hash: hash.slice(), in: wanted.in }
      // States that share nodes would be walked through again for each of them.
      if (this.#options.roots.length > 1) this.#meet(child)
      else this.#stack.push(child)
    }
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
    // A node that is met again is looked at again, and found to be here.
    if (this.#met.size === MAX_MET_ITEMS) this.#met.clear()
    this.#met.add(name)
    this.#stack.push(wanted)
  }

  #trusted(): number {
    const { peers, height, clock } = this.#options
    return peers.ranking.trusted(height, clock.monotonic())
  }

  /** Hands what is queued to the peers that are likely to give it first. */
  #ask(): void {
    const trusted = this.#trusted()
    if (trusted === 0) this.#searchOne()
    if (trusted === 0) return
    const { ranking } = this.#options.peers
    while (this.#queue.length > 0) {
      const peer = this.#freePeer()
      if (peer === undefined) return
      const share = Math.max(STATE_TRIAL_ITEMS, Math.ceil(this.#queue.length / trusted))
      const batch = this.#takeQueued(Math.min(share, ranking.share(peer)))
      if (batch.length > 0) void this.#request(peer, batch)
    }
  }

  #takeQueued(count: number): Wanted[] {
    const batch: Wanted[] = []
    while (batch.length < count) {
      const wanted = this.#queue.pop()
      if (wanted === undefined) break
      if (this.#needed.has(nameOf(wanted))) batch.push(wanted)
    }
    return batch
  }

  /** A peer that may be asked now. One that has given nothing yet gets one request at a time. */
  #freePeer(): string | undefined {
    const { peers, height, clock, limits } = this.#options
    const { ranking } = peers
    return ranking.pick(height, clock.monotonic(), {
      except: (peer) =>
        this.#liars.has(peer) ||
        ranking.load(peer) >= (ranking.share(peer) > STATE_TRIAL_ITEMS ? limits.requestsPerPeer : 1),
    })
  }

  /** Asks ever more peers for the same few items, until one of them gives some. */
  #searchOne(): void {
    const { peers, height, clock, limits } = this.#options
    const pick = (before: ReadonlySet<string>) =>
      peers.ranking.pick(height, clock.monotonic(), { except: (peer) => before.has(peer) || this.#liars.has(peer) })
    if (this.#search !== null || pick(new Set()) === undefined) return
    const batch = this.#takeQueued(STATE_TRIAL_ITEMS)
    if (batch.length === 0) return
    const search = new Hedge<true>({
      clock,
      first: limits.provers,
      patience: () => limits.hedge,
      pick,
      ask: async (peer, signal) => ((await this.#fetch(peer, batch, signal)) ? true : null),
      onLate: (peer, waited) => this.#noteLate(peer, waited, batch.length),
    })
    this.#search = search
    const end = () => {
      search.end()
      this.#search = null
      this.#giveBack(batch)
    }
    search.next().then(end, end)
  }

  async #request(peer: string, batch: readonly Wanted[]): Promise<void> {
    const { clock, limits, peers } = this.#options
    const expected = 4 * (peers.ranking.bestTime(batch.length) ?? 0)
    const patience = Math.min(limits.patience, Math.max(limits.hedge, expected))
    // Others are asked too when it takes long; duplicates are dropped.
    const cancel = clock.after(patience, () => {
      this.#noteLate(peer, patience, batch.length)
      this.#giveBack(batch)
    })
    await this.#fetch(peer, batch, this.#end.signal)
    cancel()
    this.#giveBack(batch)
  }

  /**
   * Whether some of it came; whose fault it is when not has been noted. Never rejects: a fault of this node ends the run.
   */
  async #fetch(peer: string, batch: readonly Wanted[], signal: AbortSignal): Promise<boolean> {
    const { network, clock, logger, peers } = this.#options
    const { ranking } = peers
    const started = clock.monotonic()
    ranking.busy(peer, 1)
    try {
      const hashes = batch.map(({ hash }) => hash)
      const wanted = { signal, maxFrames: 1, maxBytes: STATE_ANSWER_BYTES }
      const frames = await network.request(peer, STATE_REQUEST, encodeHashes(hashes), wanted)
      if (this.#end.signal.aborted) return false
      const items = decodeStateItems(frames, batch.length)
      const { good, bytes } = this.#take(batch, items)
      if (good > 0) {
        this.#gave.add(peer)
        ranking.took(peer, clock.monotonic() - started, good)
      }
      // An answer may be cut where it is full. Less than that is next to nothing.
      if (good === batch.length) ranking.kept(peer, Math.max(good, STATE_TRIAL_ITEMS))
      else if (2 * good < batch.length && 2 * bytes < STATE_BYTES) ranking.failed(peer, clock.monotonic())
      return good > 0
    } catch (error) {
      if (signal.aborted) return false
      if (error instanceof CodecError) {
        network.penalize(peer, `state: ${error.message}`)
        this.#liars.add(peer)
      } else if (!(error instanceof NetworkError)) this.#failure = { error }
      ranking.failed(peer, clock.monotonic())
      logger.debug({ peer, error: String(error) }, 'a peer did not give state, asking another')
      return false
    } finally {
      ranking.busy(peer, -1)
    }
  }

  /** @throws CodecError for an item that is not what was asked for; items before it are kept. */
  #take(batch: readonly Wanted[], items: readonly Uint8Array[]): { readonly good: number; readonly bytes: number } {
    let good = 0
    let goodBytes = 0
    for (const [index, bytes] of items.entries()) {
      if (bytes.length === 0) continue
      const wanted = batch[index]!
      if (!equalBytes(keccak256(bytes), wanted.hash)) {
        throw new CodecError('out-of-range', `items[${index}]`, 'does not have the hash that was asked for')
      }
      good += 1
      goodBytes += bytes.length
      const name = nameOf(wanted)
      if (!this.#needed.delete(name)) continue
      this.#fetched += 1
      this.#bytes += bytes.length
      this.#unwritten.set(name, { kind: kindOf(wanted), hash: wanted.hash, bytes })
      this.#unwrittenBytes += bytes.length
      this.#goDown(wanted, bytes)
    }
    return { good, bytes: goodBytes }
  }

  /** Asks again for the items of the batch that did not come. */
  #giveBack(batch: readonly Wanted[]): void {
    for (const wanted of batch) if (this.#needed.has(nameOf(wanted))) this.#queue.push(wanted)
    this.#tell()
  }

  /** It is left alone for a while, and asked last; when its answer comes, that counts. */
  #noteLate(peer: string, waited: number, items: number): void {
    const { peers, clock } = this.#options
    peers.ranking.late(peer, waited, items, clock.monotonic())
    peers.ranking.failed(peer, clock.monotonic())
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
