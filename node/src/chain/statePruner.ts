/**
 * Lets the states of old blocks go, some nodes at a time and beside everything else: only the writing of a block waits for
 * it, and that for one write at most, or for one more where blocks come faster than nodes can go. After a write that failed
 * there is no other: what is remembered here and in the pins is ahead of the disk then.
 *
 * A write lets nodes go, says so in `states`, and is on the disk before the next block is: a block that gave a node a place
 * again would else have counted on its not being there. After a crash it goes on where `states` says.
 */
import type { KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import type { KeptStates } from './keptStates.ts'
import {
  MAX_BLOCKS_PRUNED_AT_ONCE,
  MAX_NODES_PINNED_AT_ONCE,
  MAX_NODES_PRUNED_AT_ONCE,
  MAX_NODES_PRUNED_BEFORE_BLOCK,
  MAX_STATES_BEHIND,
  STATES_PRUNED_TOGETHER,
} from './limits.ts'
import { hashesOfPart, letGo } from './nodeCounts.ts'
import { encodeStates, type StatesRecord } from './records.ts'
import { keys } from './schema.ts'
import type { StatePins } from './statePins.ts'

export interface StatePrunerOptions {
  readonly store: KeyValueStore
  /** Null: nodes are not counted, and none goes. */
  readonly states: StatesRecord | null
  /** Newest blocks whose states are kept; null: all. */
  readonly keep: bigint | null
  readonly head: bigint
  /** Of a chain in dev mode, whose snapshots keep states. */
  readonly pins?: StatePins | null
  /** MAX_NODES_PRUNED_AT_ONCE unless a test has fewer. */
  readonly nodesAtOnce?: number
  /** Some states went, and it goes on: of many it is told after some each time. */
  readonly onPruned?: ((states: KeptStates) => void) | undefined
}

export class StatePruner {
  readonly #store: KeyValueStore
  readonly #keep: bigint | null
  readonly #pins: StatePins | null
  readonly #nodesAtOnce: number
  readonly #onPruned: NonNullable<StatePrunerOptions['onPruned']>
  readonly isCounted: boolean
  #states: StatesRecord
  #head: bigint
  #letGo = 0
  /** The oldest state that was told. */
  #told: bigint
  /** Of the writes, which take turns. */
  #last: Promise<unknown> = Promise.resolve()
  #running: Promise<void> | null = null
  #failure: Error | null = null
  #isStopped = false
  #steps = 0
  #isInStep = false

  constructor({
    store,
    states,
    keep,
    head,
    pins = null,
    nodesAtOnce = MAX_NODES_PRUNED_AT_ONCE,
    onPruned = () => {},
  }: StatePrunerOptions) {
    this.#store = store
    this.isCounted = states !== null
    this.#states = states ?? { oldest: 0n, part: 0 }
    this.#told = this.#states.oldest
    this.#keep = states === null ? null : keep
    this.#head = head
    this.#pins = pins
    this.#nodesAtOnce = nodesAtOnce
    this.#onPruned = onPruned
    this.#begin()
  }

  get states(): KeptStates {
    return { oldest: this.#states.oldest, kept: this.#keep, letGo: this.#letGo }
  }

  /**
   * How many writes were begun; null while one is under way. What was read of trie nodes and their counts holds as long as
   * this is the same number and no block is written.
   */
  get writes(): number | null {
    return this.#isInStep ? null : this.#steps
  }

  /**
   * Writes a block, with no other write beside it. `gone`: how many nodes it replaces. @throws what a write of ours
   * failed with.
   */
  async commit<T>(gone: number, write: () => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      if (this.#isFarBehind()) await this.#step(Math.min(2 * gone, MAX_NODES_PRUNED_BEFORE_BLOCK))
      return write()
    })
  }

  /** The block is on the disk. */
  headIs(number: bigint): void {
    this.#head = number
    this.#begin()
  }

  /** Until what may go is gone. */
  async finish(): Promise<void> {
    while (!this.#isStopped && (await this.#inTurn(() => this.#step())));
  }

  /** Nothing is written any more when it resolves. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
    await this.#last
  }

  /** Height of the oldest state that has to stay. */
  #oldestKept(): bigint {
    if (this.#keep === null || this.#head < this.#keep) return 0n
    return this.#head - this.#keep + 1n
  }

  #isFarBehind(): boolean {
    return this.#states.oldest + MAX_STATES_BEHIND < this.#oldestKept()
  }

  #begin(): void {
    if (this.#running !== null || this.#isStopped) return
    if (this.#states.oldest + STATES_PRUNED_TOGETHER > this.#oldestKept()) return
    this.#running = this.#run().finally(() => {
      this.#running = null
    })
  }

  async #run(): Promise<void> {
    try {
      await this.finish()
    } catch (error) {
      // The next block is told: without its database a node has to stop.
      this.#failure = error instanceof Error ? error : new Error(String(error))
    }
    this.#tell()
  }

  #tell(): void {
    this.#told = this.#states.oldest
    this.#onPruned(this.states)
  }

  #inTurn<T>(write: () => Promise<T>): Promise<T> {
    const result = this.#last.then(() => {
      if (this.#failure !== null) throw this.#failure
      return write()
    })
    this.#last = result.catch(() => {})
    return result
  }

  /** One write, for so many nodes or a part more. False when there is nothing to do. */
  async #step(most = this.#nodesAtOnce): Promise<boolean> {
    this.#steps += 1
    this.#isInStep = true
    try {
      return await this.#letSomeGo(most)
    } catch (error) {
      // At once: a write that waits for its turn comes before those who wait for this one.
      this.#failure ??= error instanceof Error ? error : new Error(String(error))
      throw error
    } finally {
      this.#isInStep = false
    }
  }

  async #letSomeGo(most: number): Promise<boolean> {
    const oldestKept = this.#oldestKept()
    const released = await this.#pins?.release(this.#states.oldest, most)
    if (released != null) {
      await this.#store.batch(released.operations, { sync: true })
      this.#letGo += released.nodes
      return true
    }
    const hashes: Uint8Array[] = []
    const operations: StoreOperation[] = []
    let { oldest, part } = this.#states
    for (let blocks = 0; hashes.length < most && blocks < MAX_BLOCKS_PRUNED_AT_ONCE; ) {
      const key = keys.goneNodes(oldest, part)
      const record = oldest > oldestKept ? undefined : this.#store.get(key)
      if (record !== undefined) {
        for (const hash of hashesOfPart(record)) hashes.push(hash)
        operations.push({ type: 'del', key })
        part += 1
      } else if (oldest < oldestKept && this.#pins?.isToPin(oldest) !== true) {
        oldest += 1n
        part = 0
        blocks += 1
      } else break
    }
    if (oldest === this.#states.oldest && part === this.#states.part) return this.#pin(most)
    const gone = await letGo(this.#store, hashes)
    operations.push(...gone.operations, { type: 'put', key: keys.states, value: encodeStates({ oldest, part }) })
    // Before the write: nobody is to begin with a state that is about to go.
    this.#states = { oldest, part }
    await this.#store.batch(operations, { sync: true })
    this.#letGo += gone.nodes
    if (oldest - this.#told >= STATES_PRUNED_TOGETHER) this.#tell()
    return true
  }

  /** Goes on pinning the oldest state, before it goes. False when it has not to be. */
  async #pin(most: number): Promise<boolean> {
    const { oldest } = this.#states
    if (this.#pins === null || oldest >= this.#oldestKept() || !this.#pins.isToPin(oldest)) return false
    const operations = await this.#pins.pin(oldest, Math.min(most, MAX_NODES_PINNED_AT_ONCE))
    await this.#store.batch(operations, { sync: true })
    return true
  }
}
