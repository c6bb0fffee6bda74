/**
 * The pool on disk: key is the transaction's hash, value its bytes. What is in a block before anybody was told that the
 * pool has it is never written. Changes while a batch is being written go into the next one together, so a busy pool writes
 * a few batches a second. Batches are not synced: they survive the process being killed, which is what an acknowledgement
 * promises; not the machine losing power.
 */
import { keyOf } from '../codec/bytes.ts'
import type { Clock } from '../runtime/clock.ts'
import type { KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { type Refusal, refuse } from './checks.ts'
import { JOURNAL_DELAY } from './limits.ts'

const FIRST_KEY = new Uint8Array(0)
/** After every hash. Its value is what bundles carry of the newest dev transaction in a block (docs/protocol/dev.md). */
const MARK_KEY = new Uint8Array(33).fill(0xff)

export class TxPoolJournal {
  readonly #store: KeyValueStore
  readonly #clock: Clock
  readonly #logger: Logger
  /** Nobody waits for them to be written. Twice as many as the pool has at most: what came, and what left for it. */
  readonly #late = new Map<string, StoreOperation>()
  /** The keys that the disk has, or will have when what is waiting is written: others need no deleting. */
  readonly #kept = new Set<string>()
  #cancelLate: (() => void) | null = null
  #waiting = new Map<string, StoreOperation>()
  /** The batch that what is waiting will be in; null when nothing waits. */
  #next: Promise<void> | null = null
  /** The newest batch, written or not. */
  #last: Promise<void> = Promise.resolve()
  readonly #onFailure: (error: unknown) => void
  #failed = false

  /** `onFailure` is called once: the pool cannot keep its promises any more. */
  constructor(store: KeyValueStore, clock: Clock, logger: Logger, onFailure: (error: unknown) => void = () => {}) {
    this.#store = store
    this.#clock = clock
    this.#logger = logger
    this.#onFailure = onFailure
  }

  /** Every entry, at most `limit`. */
  async load(limit: number): Promise<{ readonly hash: Uint8Array; readonly raw: Uint8Array }[]> {
    const entries: { hash: Uint8Array; raw: Uint8Array }[] = []
    for await (const [hash, raw] of this.#store.range({ from: FIRST_KEY, to: MARK_KEY, limit })) {
      entries.push({ hash, raw })
      this.#kept.add(keyOf(hash))
    }
    return entries
  }

  get mark(): Uint8Array | null {
    return this.#store.get(MARK_KEY) ?? null
  }

  keepMark(raw: Uint8Array): void {
    this.#waiting.set(keyOf(MARK_KEY), { type: 'put', key: MARK_KEY, value: raw })
    void this.#write()
  }

  /** Written after a while, unless it is deleted before. */
  add(key: string, hash: Uint8Array, raw: Uint8Array): void {
    this.#writeLater(key, { type: 'put', key: hash, value: raw })
  }

  /**
   * Resolves when the entry is written, or was deleted before: its sender may be told. All that is late is written along.
   * A refusal when something could not be written, as nothing after it may be acknowledged.
   */
  async keep(key: string): Promise<Refusal | null> {
    if (this.#late.has(key)) await this.flush()
    else if (this.#kept.has(key)) await this.#write()
    if (!this.#failed) return null
    return refuse('pool-full', 'txpool cannot keep the transaction: writing to the disk failed', 'unfit')
  }

  /**
   * `late`: another takes its place, and is late. It leaves the disk in the batch that brings the other, as a crash between
   * them would lose both.
   */
  delete(key: string, hash: Uint8Array, when: 'now' | 'late' = 'now'): void {
    this.#late.delete(key)
    if (!this.#kept.has(key)) return
    if (when === 'late') {
      this.#writeLater(key, { type: 'del', key: hash })
      return
    }
    this.#kept.delete(key)
    this.#waiting.set(key, { type: 'del', key: hash })
    void this.#write()
  }

  /** Resolves when everything so far is written. */
  flush(): Promise<void> {
    this.#cancelLate?.()
    this.#cancelLate = null
    for (const [key, operation] of this.#late) {
      this.#waiting.set(key, operation)
      if (operation.type === 'put') this.#kept.add(key)
      else this.#kept.delete(key)
    }
    this.#late.clear()
    return this.#write()
  }

  #writeLater(key: string, operation: StoreOperation): void {
    this.#late.set(key, operation)
    this.#cancelLate ??= this.#clock.after(JOURNAL_DELAY, () => void this.flush())
  }

  #write(): Promise<void> {
    if (this.#waiting.size === 0) return this.#last
    if (this.#next === null) {
      this.#next = this.#last.then(() => this.#writeWaiting())
      this.#last = this.#next
    }
    return this.#next
  }

  async #writeWaiting(): Promise<void> {
    const operations = [...this.#waiting.values()]
    this.#waiting = new Map()
    this.#next = null
    try {
      await this.#store.batch(operations, { sync: false })
    } catch (error) {
      if (this.#failed) return
      this.#failed = true
      this.#logger.error({ error: String(error) }, 'cannot write the transaction pool to disk')
      this.#onFailure(error)
    }
  }
}
