/**
 * Filters that clients poll: new blocks, new pending transactions, logs. A filter is a cursor into what all filters
 * share, so a thousand forgotten ones hold nothing. One that nobody asks for expires; one that falls behind what is
 * kept is dropped, and its owner is told "filter not found" and makes another: nothing is lost in silence.
 *
 * Why it is so: docs/rationale/rpc.md.
 */
import type { LocatedLog } from '../../chain/chainService.ts'
import { toHex } from '../../codec/hex.ts'
import type { RpcBackend } from '../backend.ts'
import type { LogQuery } from '../decode/logFilter.ts'
import { RpcError, SERVER_ERROR } from '../errors.ts'
import type { RpcLimits } from '../limits.ts'
import type { Blocks } from './blocks.ts'
import { heightOf, type LogSource, logsOfBlock, logsOfRange } from './logSearch.ts'

type FilterTopic =
  /** `next`: position in the shared list of hashes. */
  | { readonly kind: 'blocks'; next: number }
  | { readonly kind: 'pending'; next: number }
  /** `next`: the first height not given yet. */
  | { readonly kind: 'logs'; readonly query: LogQuery; next: bigint }

interface Filter {
  readonly topic: FilterTopic
  /** The client that made it: an origin, or an address. */
  readonly client: string
  /** Monotonic milliseconds. */
  usedAt: number
  /** The answer before the next: two at a time would give the same logs twice. */
  turn: Promise<unknown>
}

type FilterLimits = Pick<RpcLimits, 'maxFilters' | 'filterLifetime' | 'maxFilterBlocks' | 'maxFilterPending'>

export class Filters {
  readonly #backend: RpcBackend
  readonly #limits: FilterLimits
  readonly #newId: () => string
  readonly #filters = new Map<string, Filter>()
  readonly #blockHashes: HashTail
  readonly #pendingHashes: HashTail
  readonly #stop: readonly (() => void)[]

  constructor(backend: RpcBackend, blocks: Blocks, limits: FilterLimits, newId: () => string) {
    this.#backend = backend
    this.#limits = limits
    this.#newId = newId
    this.#blockHashes = new HashTail(limits.maxFilterBlocks)
    this.#pendingHashes = new HashTail(limits.maxFilterPending)
    this.#stop = [
      blocks.onBlock(({ block }) => this.#blockHashes.push(block.hash)),
      backend.txpool.onPending(({ hash }) => this.#pendingHashes.push(hash)),
    ]
  }

  close(): void {
    for (const stop of this.#stop) stop()
    this.#filters.clear()
  }

  addBlocks(client: string): string {
    return this.#add(client, { kind: 'blocks', next: this.#blockHashes.end })
  }

  addPending(client: string): string {
    return this.#add(client, { kind: 'pending', next: this.#pendingHashes.end })
  }

  addLogs(client: string, query: LogQuery): string {
    const head = this.#backend.chain.head().header.number
    const from = heightOf(query.fromBlock ?? 'latest', head)
    return this.#add(client, { kind: 'logs', query, next: from > head ? from : head + 1n })
  }

  /** False when there was none. */
  remove(id: string): boolean {
    return this.#filters.delete(id)
  }

  /** Hashes, or logs, since the last call. @throws RpcError `filter not found`. */
  async changes(id: string, source: LogSource): Promise<readonly string[] | readonly LocatedLog[]> {
    const filter = this.#get(id)
    const { topic } = filter
    if (topic.kind === 'logs') {
      const answer = filter.turn.then(() => newLogs(topic, source))
      filter.turn = answer.catch(() => undefined)
      return answer
    }
    const tail = topic.kind === 'blocks' ? this.#blockHashes : this.#pendingHashes
    const hashes = tail.since(topic.next)
    if (hashes === null) {
      this.#filters.delete(id)
      throw filterNotFound()
    }
    topic.next = tail.end
    return hashes
  }

  /** @throws RpcError `filter not found`, for a filter of another kind too. */
  logQuery(id: string): LogQuery {
    const { topic } = this.#get(id)
    if (topic.kind !== 'logs') throw filterNotFound()
    return topic.query
  }

  #add(client: string, topic: FilterTopic): string {
    const now = this.#backend.clock.monotonic()
    if (this.#filters.size >= this.#limits.maxFilters) {
      for (const [id, filter] of this.#filters) if (this.#expired(filter, now)) this.#filters.delete(id)
    }
    if (this.#filters.size >= this.#limits.maxFilters) this.#filters.delete(this.#leastWanted())
    const id = this.#newId()
    this.#filters.set(id, { topic, client, usedAt: now, turn: Promise.resolve() })
    return id
  }

  /** Of the client that has most, what it has not asked for longest: so nobody else's filters go for it. */
  #leastWanted(): string {
    const counts = new Map<string, number>()
    for (const { client } of this.#filters.values()) counts.set(client, (counts.get(client) ?? 0) + 1)
    const most = Math.max(...counts.values())
    const ofThose = [...this.#filters].filter(([, { client }]) => counts.get(client) === most)
    return ofThose.reduce((a, b) => (b[1].usedAt < a[1].usedAt ? b : a))[0]
  }

  #get(id: string): Filter {
    const filter = this.#filters.get(id)
    const now = this.#backend.clock.monotonic()
    if (filter === undefined || this.#expired(filter, now)) {
      this.#filters.delete(id)
      throw filterNotFound()
    }
    filter.usedAt = now
    return filter
  }

  #expired(filter: Filter, now: number): boolean {
    return now - filter.usedAt > this.#limits.filterLifetime
  }
}

/** As many blocks as fit the limits of logs and of an answer; the rest comes with the next call. */
async function newLogs(
  topic: Extract<FilterTopic, { kind: 'logs' }>,
  source: LogSource,
): Promise<readonly LocatedLog[]> {
  const head = source.backend.chain.head().header.number
  const last = topic.query.toBlock === undefined ? head : heightOf(topic.query.toBlock, head)
  const from = topic.next
  let to = last < head ? last : head
  const widest = from + BigInt(source.limits.maxLogRange) - 1n
  if (to > widest) to = widest
  while (from <= to) {
    const logs =
      from === to
        ? await logsOfBlock(source, { number: from }, topic.query)
        : await logsOfRange(source, topic.query, from, to)
    if (logs !== null && typeof logs !== 'string') {
      topic.next = to + 1n
      return logs
    }
    to = from + (to - from) / 2n
  }
  return []
}

function filterNotFound(): RpcError {
  return new RpcError(SERVER_ERROR, 'filter not found')
}

const HASH_BYTES = 32
const FIRST_HASHES = 64

/** The newest hashes of a sequence, by position in it: one after the other in one array, as there may be thousands. */
class HashTail {
  readonly #limit: number
  #bytes = new Uint8Array(FIRST_HASHES * HASH_BYTES)
  #count = 0
  /** Position of the first one kept. */
  #start = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get end(): number {
    return this.#start + this.#count
  }

  push(hash: Uint8Array): void {
    if (this.#count * HASH_BYTES === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes.set(hash, this.#count * HASH_BYTES)
    this.#count += 1
    // Dropped by the half, so that dropping is rare.
    if (this.#count < 2 * this.#limit) return
    this.#bytes.copyWithin(0, this.#limit * HASH_BYTES)
    this.#start += this.#limit
    this.#count -= this.#limit
  }

  /** Null when some of them are gone. */
  since(position: number): readonly string[] | null {
    if (position < this.#start) return null
    const hashes: string[] = []
    for (let index = position - this.#start; index < this.#count; index++) {
      hashes.push(toHex(this.#bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES)))
    }
    return hashes
  }
}
