/**
 * A disk that loses what was not synced. A batch is seen at once; it is durable when a later (or its own) sync has ended,
 * some simulated milliseconds on. A crash drops everything that is not durable; of a batch whose sync was under way it
 * keeps all or nothing, with everything before it, as LevelDB's log does.
 */
import type { Random } from '@touchstone/vm/testing/random'
import { compareBytes, keyOf } from '../../src/codec/bytes.ts'
import type { KeyRange, KeyValueStore, StoreOperation } from '../../src/runtime/keyValueStore.ts'
import type { Scheduler } from './scheduler.ts'

type Contents = Map<string, readonly [key: Uint8Array, value: Uint8Array]>

export class SimDisk {
  readonly #scheduler: Scheduler
  readonly #random: Random
  #durable: Contents = new Map()
  #seen: Contents = new Map()
  #pending: (readonly StoreOperation[])[] = []
  /** Pending batches up to which a sync is under way. */
  #syncing = 0
  #incarnation = 0

  constructor(scheduler: Scheduler, random: Random) {
    this.#scheduler = scheduler
    this.#random = random
  }

  /** The store as one run of the node sees it: after a crash it never answers again. */
  open(): KeyValueStore {
    const incarnation = this.#incarnation
    const alive = () => incarnation === this.#incarnation
    return {
      get: (key) => this.#seen.get(keyOf(key))?.[1],
      getMany: async (keys) => keys.map((key) => this.#seen.get(keyOf(key))?.[1]),
      range: (range) => rangeOf(this.#seen, range),
      batch: (operations, { sync }) => {
        if (!alive()) return new Promise(() => {})
        apply(this.#seen, operations)
        this.#pending.push(operations)
        if (!sync) return Promise.resolve()
        this.#syncing = this.#pending.length
        const upTo = operations
        return new Promise((resolve) => {
          this.#scheduler.after(0.3 + this.#random.fraction(), () => {
            if (!alive()) return
            this.#flush(upTo)
            resolve()
          })
        })
      },
      close: async () => {},
    }
  }

  crash(): void {
    this.#incarnation += 1
    if (this.#syncing > 0 && this.#random.chance(0.5)) {
      for (const operations of this.#pending.slice(0, this.#syncing)) apply(this.#durable, operations)
    }
    this.#pending = []
    this.#syncing = 0
    this.#seen = new Map(this.#durable)
  }

  /** The process ends, the machine goes on: what was written is there, synced or not. */
  kill(): void {
    this.#incarnation += 1
    this.#pending = []
    this.#syncing = 0
    this.#durable = new Map(this.#seen)
  }

  /** Everything is gone: a new machine. */
  wipe(): void {
    this.#durable = new Map()
    this.#seen = new Map()
  }

  #flush(last: readonly StoreOperation[]): void {
    const end = this.#pending.indexOf(last) + 1
    for (const operations of this.#pending.splice(0, end)) apply(this.#durable, operations)
    this.#syncing = Math.max(0, this.#syncing - end)
  }
}

function apply(contents: Contents, operations: readonly StoreOperation[]): void {
  for (const operation of operations) {
    if (operation.type === 'put') contents.set(keyOf(operation.key), [operation.key, operation.value])
    else contents.delete(keyOf(operation.key))
  }
}

async function* rangeOf(contents: Contents, { from, to, reverse = false, limit = Number.POSITIVE_INFINITY }: KeyRange) {
  const entries = [...contents.values()].filter(([key]) => compareBytes(key, from) >= 0 && compareBytes(key, to) < 0)
  entries.sort((a, b) => (reverse ? compareBytes(b[0], a[0]) : compareBytes(a[0], b[0])))
  yield* entries.slice(0, limit)
}
