/**
 * How trie nodes are counted, so that those of old states can go. A node is stored once, under its hash, and may stand at
 * many places: in the storage of two contracts, in the states of many blocks, and again after it was gone.
 *
 * Kept is, of each node, how many places it got in all blocks and lost in those that were looked at: 1 is not written, more
 * is (`moreOfNode`); and of each block, which nodes lost a place in it (`goneNodes`). A block writes what it gave; what it
 * took is looked at when the state before it may go (statePruner.ts). So a node whose count comes to 0 then stands in no
 * later state either: what a later block gave it was counted long before.
 *
 * Why it is so: docs/rationale/state.md.
 */
import { concatBytes, keyOf } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import type { KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import type { StateChanges } from '../state/stateStore.ts'
import { damaged } from './databaseError.ts'
import { MAX_HASHES_IN_PART } from './limits.ts'
import { decodeNumber, encodeNumber } from './records.ts'
import { keys } from './schema.ts'

const HASH_BYTES = 32
/** Nodes of a block that are looked up without another thread; each takes some microseconds. */
const MOST_LOOKED_UP_AT_ONCE = 32

interface Change {
  readonly hash: Uint8Array
  /** Null when the node only lost places. */
  rlp: Uint8Array | null
  /** Places got, less places lost. */
  places: number
}

/** The writes of a block for the nodes that it gave places to or took them from; nobody else may write meanwhile. */
export async function countedNodes(
  store: KeyValueStore,
  number: bigint,
  changes: Pick<StateChanges, 'nodes' | 'goneNodes'>,
): Promise<StoreOperation[]> {
  const { given, taken } = netChanges(changes)
  const isThere = await areThere(
    store,
    given.map(({ hash }) => keys.node(hash)),
  )
  const operations: StoreOperation[] = []
  const more: { hash: Uint8Array; by: number }[] = []
  for (const [index, { hash, rlp, places }] of given.entries()) {
    const by = isThere[index]! ? places : places - 1
    if (!isThere[index]!) operations.push({ type: 'put', key: keys.node(hash), value: rlp! })
    if (by > 0) more.push({ hash, by })
  }
  const counts = await countsOf(
    store,
    more.map(({ hash }) => hash),
  )
  for (const [index, { hash, by }] of more.entries()) operations.push(countOf(hash, counts[index]! + BigInt(by)))
  for (let part = 0; part * MAX_HASHES_IN_PART < taken.length; part++) {
    const hashes = taken.slice(part * MAX_HASHES_IN_PART, (part + 1) * MAX_HASHES_IN_PART)
    operations.push({ type: 'put', key: keys.goneNodes(number, part), value: concatBytes(...hashes) })
  }
  return operations
}

/**
 * Few are looked up at once, as another thread takes longer to be woken than to look; a lone transaction's client waits for
 * it. Asked for whole records, as LevelDB's filters tell it then that nearly none is there; to say only whether they are, it
 * reads a block of each level for each.
 */
async function areThere(store: KeyValueStore, nodes: readonly Uint8Array[]): Promise<readonly boolean[]> {
  const looked =
    nodes.length > MOST_LOOKED_UP_AT_ONCE ? await store.getMany(nodes) : nodes.map((node) => store.get(node))
  return looked.map((rlp) => rlp !== undefined)
}

/** A node that went from one place to another has as many as before. */
function netChanges({ nodes, goneNodes }: Pick<StateChanges, 'nodes' | 'goneNodes'>) {
  const changes = new Map<string, Change>()
  const changeOf = (hash: Uint8Array): Change => {
    const key = keyOf(hash)
    let change = changes.get(key)
    if (change === undefined) {
      change = { hash, rlp: null, places: 0 }
      changes.set(key, change)
    }
    return change
  }
  for (const [hash, rlp] of nodes) {
    const change = changeOf(hash)
    change.rlp = rlp
    change.places++
  }
  for (const hash of goneNodes) changeOf(hash).places--
  const given: Change[] = []
  const taken: Uint8Array[] = []
  for (const change of changes.values()) {
    if (change.places > 0) given.push(change)
    for (let places = change.places; places < 0; places++) taken.push(change.hash)
  }
  return { given, taken }
}

/** The writes by which these nodes, which are all there, get one place more each, as often as they are named. */
export async function givePlaces(store: KeyValueStore, hashes: readonly Uint8Array[]): Promise<StoreOperation[]> {
  const given = timesOf(hashes)
  const counts = await countsOf(
    store,
    given.map(({ hash }) => hash),
  )
  return given.map(({ hash, places }, index) => countOf(hash, counts[index]! + places))
}

export interface LettingGo {
  readonly operations: readonly StoreOperation[]
  /** How many nodes go. */
  readonly nodes: number
}

/** The writes by which these nodes, one as often as it is named, lose places that nobody needs any more. */
export async function letGo(store: KeyValueStore, hashes: readonly Uint8Array[]): Promise<LettingGo> {
  const lost = timesOf(hashes)
  const counts = await countsOf(
    store,
    lost.map(({ hash }) => hash),
  )
  const operations: StoreOperation[] = []
  let nodes = 0
  for (const [index, { hash, places }] of lost.entries()) {
    const left = counts[index]! - places
    if (left < -1n) throw damaged(`trie node ${toHex(hash)} lost more places than it had`)
    if (counts[index]! > 0n)
      operations.push(left > 0n ? countOf(hash, left) : { type: 'del', key: keys.moreOfNode(hash) })
    if (left >= 0n) continue
    operations.push({ type: 'del', key: keys.node(hash) })
    nodes += 1
  }
  return { operations, nodes }
}

/** Each hash once, and how often it is named. */
function timesOf(hashes: readonly Uint8Array[]): readonly { readonly hash: Uint8Array; readonly places: bigint }[] {
  const byHash = new Map<string, { readonly hash: Uint8Array; places: bigint }>()
  for (const hash of hashes) {
    const named = byHash.get(keyOf(hash))
    if (named === undefined) byHash.set(keyOf(hash), { hash, places: 1n })
    else named.places += 1n
  }
  return [...byHash.values()]
}

/** Places beyond one. */
async function countsOf(store: KeyValueStore, hashes: readonly Uint8Array[]): Promise<bigint[]> {
  if (hashes.length === 0) return []
  const records = await store.getMany(hashes.map((hash) => keys.moreOfNode(hash)))
  return records.map((record) => (record === undefined ? 0n : decodeNumber(record)))
}

function countOf(hash: Uint8Array, more: bigint): StoreOperation {
  return { type: 'put', key: keys.moreOfNode(hash), value: encodeNumber(more) }
}

export function hashesOfPart(record: Uint8Array): Uint8Array[] {
  return Array.from({ length: record.length / HASH_BYTES }, (_, index) =>
    record.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  )
}
