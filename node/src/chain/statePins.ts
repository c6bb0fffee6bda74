/**
 * States of a chain in dev mode that stay when the states of old blocks go: those of the snapshots that the chain may
 * go back to.
 *
 * Such a state is pinned when the state of its block is to go, if the snapshot is still there then: each of its nodes
 * gets one place more for each that it has in it (nodeCounts.ts), and the nodes are written down, so that they can lose
 * these places when no kept state knows the snapshot any more. Both go part by part, and what is on the disk tells
 * where to go on: a part that is there has its places. A number is never given to a second snapshot.
 *
 * The state that a reset goes back to has its places from block 0 on, and keeps them (genesisBlock.ts).
 */
import { concatBytes, equalBytes } from '../codec/bytes.ts'
import { DEV_ADDRESS, genesisRootOf, liveSnapshots, readSlot, rootOfSnapshot } from '../execution/dev/devStorage.ts'
import type { KeyRange, KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import { type JournaledState, openState } from '../state/journaledState.ts'
import { placesOf } from '../state/places.ts'
import type { NodeReader } from '../trie/nodeStore.ts'
import { MAX_HASHES_IN_PART } from './limits.ts'
import type { BatchWriter, NodeCensus } from './nodeCensus.ts'
import { givePlaces, hashesOfPart, type LettingGo, letGo } from './nodeCounts.ts'
import { allPinnedNodes, keys, pinnedPartOf } from './schema.ts'

export interface StatePinsOptions {
  readonly store: KeyValueStore
  /** Root of the state of a block; one that is whole. */
  rootAt(number: bigint): Uint8Array
  /** MAX_HASHES_IN_PART unless a test has fewer; the same for a database as long as it is there. */
  readonly hashesInPart?: number
}

/** A state that is being pinned. */
interface Pinning {
  readonly id: bigint
  readonly places: Iterator<Uint8Array, void, void>
  part: number
}

export class StatePins {
  readonly #store: KeyValueStore
  readonly #rootAt: StatePinsOptions['rootAt']
  readonly #hashesInPart: number
  readonly #nodes: NodeReader
  /** How many parts of a snapshot's nodes are on the disk, from part 0 on. */
  readonly #parts: Map<bigint, number>
  /** The snapshot whose state this run has pinned in full last: no other is asked about before that state has gone. */
  #whole: bigint | null = null
  #pinning: Pinning | null = null
  /** Of the account that says which snapshots there are, in the states that were looked at last. */
  readonly #devRoots = new Map<bigint, Uint8Array | null>()
  /** Storage root of that account where it was last seen that no snapshot is to be let go. */
  #releasedBy: Uint8Array | null = null

  private constructor(
    { store, rootAt, hashesInPart = MAX_HASHES_IN_PART }: StatePinsOptions,
    parts: Map<bigint, number>,
  ) {
    this.#store = store
    this.#hashesInPart = hashesInPart
    this.#rootAt = rootAt
    // Not the cache of the newest states' nodes, which are read for every block.
    this.#nodes = { node: (hash) => store.get(keys.node(hash)) }
    this.#parts = parts
  }

  static async open(options: StatePinsOptions): Promise<StatePins> {
    const parts = new Map<bigint, number>()
    // Their parts go from 0 on without a gap, so the last of each is enough: all together are as large as their states.
    for (let to: Uint8Array | null = allPinnedNodes.to; to !== null; ) {
      const last: KeyRange = { from: allPinnedNodes.from, to, reverse: true, limit: 1 }
      to = null
      for await (const [key] of options.store.range(last)) {
        const { snapshot, part } = pinnedPartOf(key)
        parts.set(snapshot, part + 1)
        to = keys.pinnedNodes(snapshot, 0)
      }
    }
    return new StatePins(options, parts)
  }

  /** Whether the state of a block, the oldest that is kept, has to be pinned before it goes; `pin` does it. */
  isToPin(oldest: bigint): boolean {
    const id = this.#named(oldest)
    return id !== null && this.#whole !== id
  }

  /**
   * The next writes that pin the state of a block, for so many places, or one part where that is more. The caller puts
   * them on the disk before anything else is written.
   */
  async pin(oldest: bigint, most: number): Promise<readonly StoreOperation[]> {
    const id = this.#named(oldest)!
    if (this.#pinning?.id !== id) {
      this.#pinning = { id, places: placesOf(this.#nodes, this.#rootAt(oldest)), part: 0 }
    }
    const pinning = this.#pinning
    const operations: StoreOperation[] = []
    const given: Uint8Array[] = []
    let looked = 0
    while ((looked === 0 || looked + this.#hashesInPart <= most) && this.#pinning !== null) {
      const hashes: Uint8Array[] = []
      while (hashes.length < this.#hashesInPart) {
        const next = pinning.places.next()
        if (next.done === true) {
          this.#whole = id
          this.#pinning = null
          break
        }
        hashes.push(next.value)
      }
      looked += hashes.length
      const part = pinning.part++
      // An earlier run has written it.
      if (hashes.length === 0 || part < (this.#parts.get(id) ?? 0)) continue
      given.push(...hashes)
      operations.push({ type: 'put', key: keys.pinnedNodes(id, part), value: concatBytes(...hashes) })
      this.#parts.set(id, part + 1)
    }
    operations.push(...(await givePlaces(this.#store, given)))
    return operations
  }

  /**
   * The next writes by which pinned states go whose snapshots the oldest kept state does not know any more, for so many
   * places or a part more; null when there are none. The caller puts them on the disk before anything else is written.
   */
  async release(oldest: bigint, most: number): Promise<LettingGo | null> {
    const id = this.#snapshotToRelease(oldest)
    if (id === null) return null
    const hashes: Uint8Array[] = []
    const operations: StoreOperation[] = []
    let left = this.#parts.get(id)!
    while (left > 0 && hashes.length < most) {
      left -= 1
      const key = keys.pinnedNodes(id, left)
      hashes.push(...hashesOfPart(this.#store.get(key)!))
      operations.push({ type: 'del', key })
    }
    if (left === 0) this.#parts.delete(id)
    else this.#parts.set(id, left)
    const gone = await letGo(this.#store, hashes)
    return { operations: [...operations, ...gone.operations], nodes: gone.nodes }
  }

  /**
   * One that has parts on the disk, was made before that state and is not in it; the next one may be about to be
   * pinned. Snapshots go at both ends alone: the oldest of too many, and all from the one on that the chain goes back
   * to. So of up to MAX_DEV_SNAPSHOTS two are asked about, and none while nothing in the account has changed.
   */
  #snapshotToRelease(oldest: bigint): bigint | null {
    if (this.#parts.size === 0) return null
    const devRoot = this.#devRootAt(oldest)
    if (devRoot === null || (this.#releasedBy !== null && equalBytes(devRoot, this.#releasedBy))) return null
    const state = this.#stateAt(oldest)
    const last = readSlot(state, 'lastSnapshot')
    let first: bigint | null = null
    let newest: bigint | null = null
    for (const id of this.#parts.keys()) {
      if (id > last) continue
      if (first === null || id < first) first = id
      if (newest === null || id > newest) newest = id
    }
    for (const id of [first, newest]) if (id !== null && rootOfSnapshot(state, id) === null) return id
    this.#releasedBy = devRoot
    return null
  }

  /** The snapshot that the block after this one made of its state, and which is there after it. */
  #named(number: bigint): bigint | null {
    const [before, after] = [this.#devRootAt(number), this.#devRootAt(number + 1n)]
    // All but two states are forgotten: those of the next question are this one's second and a newer one.
    for (const known of this.#devRoots.keys()) if (known < number) this.#devRoots.delete(known)
    if (before !== null && after !== null && equalBytes(before, after)) return null
    const state = this.#stateAt(number + 1n)
    const id = readSlot(state, 'lastSnapshot')
    if (id === readSlot(this.#stateAt(number), 'lastSnapshot')) return null
    const root = rootOfSnapshot(state, id)
    return root !== null && equalBytes(root, this.#rootAt(number)) ? id : null
  }

  #devRootAt(number: bigint): Uint8Array | null {
    let root = this.#devRoots.get(number)
    if (root === undefined) {
      root = this.#stateAt(number).account(DEV_ADDRESS)?.storageRoot ?? null
      this.#devRoots.set(number, root)
    }
    return root
  }

  #stateAt(number: bigint): JournaledState {
    return stateOf(this.#nodes, this.#rootAt(number))
  }
}

/**
 * Counts the states that a chain in dev mode may go back to from a block's on, and writes down the nodes of those that
 * can be let go: where nobody has pinned them one by one. @throws MissingNodeError.
 */
export async function countPinned(
  census: NodeCensus,
  writer: BatchWriter,
  nodes: NodeReader,
  stateRoot: Uint8Array,
): Promise<void> {
  const state = stateOf(nodes, stateRoot)
  for (const hash of placesOf(nodes, genesisRootOf(state))) census.add(hash)
  for (const { id, root } of liveSnapshots(state)) {
    let hashes: Uint8Array[] = []
    let part = 0
    const end = async () => {
      if (hashes.length > 0)
        await writer.add({ type: 'put', key: keys.pinnedNodes(id, part++), value: concatBytes(...hashes) })
      hashes = []
    }
    for (const hash of placesOf(nodes, root)) {
      census.add(hash)
      hashes.push(hash)
      if (hashes.length === MAX_HASHES_IN_PART) await end()
    }
    await end()
  }
}

function stateOf(nodes: NodeReader, root: Uint8Array): JournaledState {
  return openState({ root, nodes, codes: { code: () => undefined } })
}
