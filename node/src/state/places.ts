/**
 * The places of trie nodes in a state: in the trie of its accounts and in the tries of their storage. A node that stands
 * at several places is named as often.
 */
import { equalBytes } from '../codec/bytes.ts'
import { differencesBetween } from '../trie/differences.ts'
import { decodeNode, HASHED, hashRef, type LoadedNode, type TrieNode } from '../trie/node.ts'
import { MissingNodeError, type NodeReader, type StoredNode } from '../trie/nodeStore.ts'
import { compareBelow } from '../trie/replacedNodes.ts'
import { contentsOfNode } from '../trie/scan.ts'
import { decodeAccount, EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'

/** The hash of the node at each place of a state, always in the same order. @throws MissingNodeError. */
export function* placesOf(nodes: NodeReader, root: Uint8Array): Generator<Uint8Array, void, void> {
  const stack = [{ hash: root, isOfAccounts: true }]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { hash, isOfAccounts } = next
    if (equalBytes(hash, EMPTY_TRIE_ROOT)) continue
    const rlp = nodes.node(hash)
    if (rlp === undefined) throw new MissingNodeError(hash.slice())
    yield hash
    const { children, values } = contentsOfNode(rlp)
    for (const child of children) stack.push({ hash: child.hash, isOfAccounts })
    if (!isOfAccounts) continue
    for (const { value } of values) stack.push({ hash: decodeAccount(value).storageRoot, isOfAccounts: false })
  }
}

export interface ChangedPlaces {
  /** Nodes that stand in the later state where others, or none, stand in the earlier one. */
  readonly nodes: readonly StoredNode[]
  /** Hashes of the nodes that stand there in the earlier one. */
  readonly goneNodes: readonly Uint8Array[]
}

/**
 * Between two states, both of which can be read in full. Takes as long as there are differences. @throws MissingNodeError.
 */
export function placesBetween(nodes: NodeReader, before: Uint8Array, after: Uint8Array): ChangedPlaces {
  const changed = { nodes: [] as StoredNode[], goneNodes: [] as Uint8Array[] }
  compareTries(nodes, before, after, changed)
  for (const account of differencesBetween(nodes, before, after)) {
    compareTries(nodes, storageRootOf(account.before), storageRootOf(account.after), changed)
  }
  return changed
}

function compareTries(
  nodes: NodeReader,
  before: Uint8Array,
  after: Uint8Array,
  changed: { readonly nodes: StoredNode[]; readonly goneNodes: Uint8Array[] },
): void {
  if (equalBytes(before, after)) return
  const read = (hash: Uint8Array): Uint8Array => {
    const rlp = nodes.node(hash)
    if (rlp === undefined) throw new MissingNodeError(hash.slice())
    return rlp
  }
  const rootOf = (hash: Uint8Array): TrieNode | null =>
    equalBytes(hash, EMPTY_TRIE_ROOT) ? null : { kind: HASHED, ref: hashRef(hash) }
  const gone = (ref: Uint8Array): void => {
    changed.goneNodes.push(ref.slice(1))
  }
  const added = (ref: Uint8Array): void => {
    const hash = ref.slice(1)
    changed.nodes.push([hash, read(hash)])
  }
  const [one, other] = [rootOf(before), rootOf(after)]
  if (one !== null) gone(hashRef(before))
  if (other !== null) added(hashRef(after))
  const load = (ref: Uint8Array): LoadedNode => decodeNode(read(ref.subarray(1)), ref)
  compareBelow(one, other, { load, gone, added })
}

function storageRootOf(account: Uint8Array | null): Uint8Array {
  return account === null ? EMPTY_TRIE_ROOT : decodeAccount(account).storageRoot
}
