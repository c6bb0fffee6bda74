/**
 * Counts the nodes of one state from its tries, where nobody has counted them block by block (nodeCounts.ts): that of a
 * snapshot, and that of a database which kept every state until now. All other nodes are deleted.
 *
 * A node is remembered by 52 bits of its hash, eight bytes for each place. Should two nodes have these in common, both are
 * taken to stand at the places of both: one of them may stay for ever, and none goes too early.
 */
import type { KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import { placesOf } from '../state/places.ts'
import type { NodeReader } from '../trie/nodeStore.ts'
import type { Head } from './chainService.ts'
import { put } from './commit.ts'
import type { ChainDatabase } from './database.ts'
import { SNAPSHOT_BATCH_OPERATIONS } from './limits.ts'
import { encodeFormat, encodeNumber, encodeStates } from './records.ts'
import { allNodes, allPinnedNodes, type KeySpan, keys, nodeCounts, SCHEMA_VERSION } from './schema.ts'
import { countPinned } from './statePins.ts'

const FIRST_CAPACITY = 1 << 16

export class NodeCensus {
  #marks = new Float64Array(FIRST_CAPACITY)
  #size = 0

  /** A reader for a walk that reads each node once for each place it has. */
  counting(nodes: NodeReader): NodeReader {
    return {
      node: (hash) => {
        this.add(hash)
        return nodes.node(hash)
      },
    }
  }

  /** The node has one place more. */
  add(hash: Uint8Array): void {
    if (this.#size === this.#marks.length) {
      const larger = new Float64Array(2 * this.#size)
      larger.set(this.#marks)
      this.#marks = larger
    }
    this.#marks[this.#size] = markOf(hash)
    this.#size += 1
  }

  /** Deletes every node that was not read, and every count there is, and writes the counts of those that were. */
  async settle(store: KeyValueStore): Promise<void> {
    await clearRange(store, nodeCounts)
    const marks = this.#marks.subarray(0, this.#size).sort((a, b) => a - b)
    const writer = new BatchWriter(store)
    let at = 0
    for await (const [key] of store.range(allNodes)) {
      const hash = key.subarray(1)
      const mark = markOf(hash)
      while (at < marks.length && marks[at]! < mark) at += 1
      let places = 0
      while (marks[at + places] === mark) places += 1
      if (places === 0) await writer.add({ type: 'del', key })
      else if (places > 1) await writer.add(put(keys.moreOfNode(hash), encodeNumber(BigInt(places - 1))))
    }
    await writer.end()
  }
}

/** The first 52 bits: an exact number, in the order of hashes. */
function markOf(hash: Uint8Array): number {
  const view = new DataView(hash.buffer, hash.byteOffset, 8)
  return view.getUint32(0, false) * 2 ** 20 + (view.getUint32(4, false) >>> 12)
}

/**
 * Makes a database that kept the states of all blocks one that keeps those from its newest block on. Until it is done
 * the database says so, and who opens it has to do it again. `isDev`: those that the chain may go back to stay, too.
 */
export async function countNodes(
  database: ChainDatabase,
  { header }: Head,
  { isDev }: { readonly isDev: boolean },
): Promise<void> {
  const { store } = database
  const { genesisHash } = database.format()!
  const begun = [
    put(keys.format, encodeFormat({ version: SCHEMA_VERSION, genesisHash })),
    put(keys.states, encodeStates({ oldest: header.number, part: 0 })),
    put(keys.unfinishedCount, new Uint8Array(0)),
  ]
  await store.batch(begun, { sync: true })
  const census = new NodeCensus()
  for (const hash of placesOf(database, header.stateRoot)) census.add(hash)
  await clearRange(store, allPinnedNodes)
  if (isDev) {
    const writer = new BatchWriter(store)
    await countPinned(census, writer, database, header.stateRoot)
    await writer.end()
  }
  await census.settle(store)
  await store.batch([{ type: 'del', key: keys.unfinishedCount }], { sync: true })
}

/** In several synced writes. */
export async function clearRange(store: KeyValueStore, span: KeySpan): Promise<void> {
  const writer = new BatchWriter(store)
  for await (const [key] of store.range(span)) await writer.add({ type: 'del', key })
  await writer.end()
}

/** Writes so many operations that one batch would take too much memory. */
export class BatchWriter {
  readonly #store: KeyValueStore
  #operations: StoreOperation[] = []

  constructor(store: KeyValueStore) {
    this.#store = store
  }

  async add(operation: StoreOperation): Promise<void> {
    this.#operations.push(operation)
    if (this.#operations.length >= SNAPSHOT_BATCH_OPERATIONS) await this.end()
  }

  async end(): Promise<void> {
    const operations = this.#operations
    this.#operations = []
    await this.#store.batch(operations, { sync: true })
  }
}
