/**
 * The pool on disk: key is the transaction's hash, value its bytes. Changes while a batch is being written go
 * into the next one together, so a busy pool writes a few batches a second and an idle one at once. Batches are not
 * synced: they survive the process being killed, which is what an acknowledgement promises; not the machine losing power.
 */
import type { KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import type { Logger } from '../runtime/logging/logger.ts'

const FIRST_KEY = new Uint8Array(0)
const PAST_LAST_KEY = new Uint8Array(33).fill(0xff)

export class TxPoolJournal {
  readonly #store: KeyValueStore
  readonly #logger: Logger
  #waiting = new Map<string, StoreOperation>()
  /** The batch that what is waiting will be in; null when nothing waits. */
  #next: Promise<void> | null = null
  /** The newest batch, written or not. */
  #last: Promise<void> = Promise.resolve()
  readonly #onFailure: (error: unknown) => void
  #failed = false

  /** `onFailure` is called once: the pool cannot keep its promises any more. */
  constructor(store: KeyValueStore, logger: Logger, onFailure: (error: unknown) => void = () => {}) {
    this.#store = store
    this.#logger = logger
    this.#onFailure = onFailure
  }

  /** Something could not be written; nothing after it may be acknowledged. */
  get failed(): boolean {
    return this.#failed
  }

  /** Every entry, at most `limit`. */
  async load(limit: number): Promise<{ readonly hash: Uint8Array; readonly raw: Uint8Array }[]> {
    const entries: { hash: Uint8Array; raw: Uint8Array }[] = []
    for await (const [hash, raw] of this.#store.range({ from: FIRST_KEY, to: PAST_LAST_KEY, limit })) {
      entries.push({ hash, raw })
    }
    return entries
  }

  /** Resolves when the entry is written, or could not be ({@link failed}). */
  put(key: string, hash: Uint8Array, raw: Uint8Array): Promise<void> {
    this.#waiting.set(key, { type: 'put', key: hash, value: raw })
    return this.#write()
  }

  delete(key: string, hash: Uint8Array): void {
    this.#waiting.set(key, { type: 'del', key: hash })
    void this.#write()
  }

  /** Resolves when everything so far is written. */
  async flush(): Promise<void> {
    await this.#write()
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
