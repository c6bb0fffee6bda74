/**
 * The differences of two tries whose nodes are in one store, found by their hashes: it does not look at shared parts, so it
 * takes as long as there are differences, whatever the size of the tries. For keys of one length, as secure tries have.
 */
import { equalBytes } from '../codec/bytes.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { joinNibbles, keyOfNibbles, type Nibbles } from './nibbles.ts'
import {
  BRANCH,
  branchChild,
  decodeNode,
  EXTENSION,
  HASHED,
  hashRef,
  LEAF,
  type LoadedNode,
  type TrieNode,
} from './node.ts'
import { MissingNodeError, type NodeReader } from './nodeStore.ts'

export interface TrieDifference {
  readonly key: Uint8Array
  /** Null where a trie has no such key. */
  readonly before: Uint8Array | null
  readonly after: Uint8Array | null
}

/** In the order of their keys. @throws MissingNodeError. */
export function differencesBetween(
  nodes: NodeReader,
  before: Uint8Array,
  after: Uint8Array,
): Generator<TrieDifference, void, void> {
  const rootOf = (hash: Uint8Array): TrieNode | null =>
    equalBytes(hash, EMPTY_TRIE_ROOT) ? null : { kind: HASHED, ref: hashRef(hash) }
  return below(nodes, rootOf(before), rootOf(after), new Uint8Array(0))
}

function* below(
  nodes: NodeReader,
  before: TrieNode | null,
  after: TrieNode | null,
  path: Nibbles,
): Generator<TrieDifference, void, void> {
  if (isSame(before, after)) return
  const one = loaded(nodes, before)
  const other = loaded(nodes, after)
  const left = one?.kind === LEAF ? one : null
  const right = other?.kind === LEAF ? other : null
  const isLeafAtMost = (one === null || left !== null) && (other === null || right !== null)
  const atOnePath = left === null || right === null || equalBytes(left.path, right.path)
  if (isLeafAtMost && atOnePath) {
    const key = keyOfNibbles(joinNibbles(path, (left ?? right)!.path))
    const [was, is] = [left?.value ?? null, right?.value ?? null]
    if (was === null || is === null || !equalBytes(was, is)) yield { key, before: was, after: is }
    return
  }
  for (let nibble = 0; nibble < BRANCH_WIDTH; nibble++) {
    yield* below(nodes, childAt(one, nibble), childAt(other, nibble), joinNibbles(path, Uint8Array.of(nibble)))
  }
}

const BRANCH_WIDTH = 16

function isSame(one: TrieNode | null, other: TrieNode | null): boolean {
  if (one === null || other === null) return one === other
  return one.ref !== null && other.ref !== null && equalBytes(one.ref, other.ref)
}

function loaded(nodes: NodeReader, node: TrieNode | null): LoadedNode | null {
  if (node === null || node.kind !== HASHED) return node
  const hash = node.ref.subarray(1)
  const rlp = nodes.node(hash)
  if (rlp === undefined) throw new MissingNodeError(hash.slice())
  return decodeNode(rlp, node.ref)
}

/** The node below another at a nibble, as if every node were a branch. */
function childAt(node: LoadedNode | null, nibble: number): TrieNode | null {
  if (node === null) return null
  if (node.kind === BRANCH) return branchChild(node, nibble)
  if (node.path[0] !== nibble) return null
  const rest = node.path.subarray(1)
  if (node.kind === LEAF) return { kind: LEAF, path: rest, value: node.value, ref: null, owner: null }
  return rest.length === 0 ? node.child : { kind: EXTENSION, path: rest, child: node.child, ref: null, owner: null }
}
