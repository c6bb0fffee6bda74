/**
 * Tries as sets of stored nodes: what one node names, and all values below a root. Keeps no nodes in memory but those on
 * the way to where it stands, so a trie of any size can be walked.
 */
import { compareBytes, equalBytes } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { joinNibbles, keyOfNibbles, type Nibbles, nibblesOf } from './nibbles.ts'
import { branchChild, decodeNode, EXTENSION, HASHED, hashRef, LEAF, type TrieNode } from './node.ts'
import { MissingNodeError, type NodeReader, type StoredNode } from './nodeStore.ts'

interface Child {
  readonly path: Nibbles
  /** keccak256 of the node. */
  readonly hash: Uint8Array
}

interface Value {
  readonly path: Nibbles
  readonly value: Uint8Array
}

export interface NodeContents {
  /** The stored nodes right below. */
  readonly children: readonly Child[]
  readonly values: readonly Value[]
}

/** Of a stored node and the nodes embedded in it. `path` is the way to it. @throws CodecError for what is no node. */
export function contentsOfNode(rlp: Uint8Array, path: Nibbles = new Uint8Array(0)): NodeContents {
  const children: { path: Nibbles; hash: Uint8Array }[] = []
  const values: { path: Nibbles; value: Uint8Array }[] = []
  const visit = (node: TrieNode, at: Nibbles): void => {
    if (node.kind === HASHED) children.push({ path: at, hash: node.ref.subarray(1) })
    else if (node.kind === LEAF) values.push({ path: joinNibbles(at, node.path), value: node.value })
    else if (node.kind === EXTENSION) visit(node.child, joinNibbles(at, node.path))
    else {
      if (node.value !== null) values.push({ path: at, value: node.value })
      for (let index = 0; index < BRANCH_WIDTH; index++) {
        const child = branchChild(node, index)
        if (child !== null) visit(child, joinNibbles(at, Uint8Array.of(index)))
      }
    }
  }
  // The reference is not needed: the question is about nodes below it, not how its parent names it.
  visit(decodeNode(rlp, hashRef(NO_HASH)), path)
  return { children, values }
}

const BRANCH_WIDTH = 16
const NO_HASH = new Uint8Array(32)

/**
 * All entries of a trie over keys of `keyBytes` bytes in the order of their keys, or those from the key `start` on.
 * @throws MissingNodeError; CodecError when a key has another length.
 */
export function* entriesBelow(
  nodes: NodeReader,
  root: Uint8Array,
  keyBytes: number,
  start: Uint8Array = new Uint8Array(0),
): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
  if (equalBytes(root, EMPTY_TRIE_ROOT)) return
  const from = nibblesOf(start)
  const stack: (Child | Value)[] = [{ path: new Uint8Array(0), hash: root }]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { path } = next
    if ('value' in next) {
      if (path.length !== 2 * keyBytes) {
        throw new CodecError('wrong-length', 'trieNode', `a key of ${path.length} nibbles, expected ${2 * keyBytes}`)
      }
      yield [keyOfNibbles(path), next.value]
      continue
    }
    const rlp = nodes.node(next.hash)
    if (rlp === undefined) throw new MissingNodeError(next.hash.slice())
    const { children, values } = contentsOfNode(rlp, path)
    // A value may be embedded in this node that comes after those below one of its children.
    const below = [...children, ...values].sort((a, b) => compareBytes(a.path, b.path)).reverse()
    // A path that is the beginning of `start` may lead to it.
    stack.push(...below.filter((one) => compareBytes(one.path, from.subarray(0, one.path.length)) >= 0))
  }
}

/** The stored nodes of a trie, one as often as the trie has it. @throws MissingNodeError. */
export function* storedNodesBelow(nodes: NodeReader, root: Uint8Array): Generator<StoredNode> {
  if (equalBytes(root, EMPTY_TRIE_ROOT)) return
  const stack = [root]
  for (let hash = stack.pop(); hash !== undefined; hash = stack.pop()) {
    const rlp = nodes.node(hash)
    if (rlp === undefined) throw new MissingNodeError(hash.slice())
    yield [hash, rlp]
    for (const child of contentsOfNode(rlp).children) stack.push(child.hash)
  }
}
