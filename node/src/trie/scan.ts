/**
 * Tries as sets of stored nodes: what one node names, and all values below a root. Keeps no nodes in memory but those on
 * the way to where it stands, so a trie of any size can be walked.
 */
import { CodecError } from '../codec/codecError.ts'
import { joinNibbles, keyOfNibbles, type Nibbles } from './nibbles.ts'
import { decodeNode, EXTENSION, HASHED, hashRef, LEAF, type TrieNode } from './node.ts'
import { MissingNodeError, type NodeReader } from './nodeStore.ts'

export interface NodeContents {
  /** keccak256 of the stored nodes right below, and the path to each. */
  readonly children: readonly { readonly path: Nibbles; readonly hash: Uint8Array }[]
  readonly values: readonly { readonly path: Nibbles; readonly value: Uint8Array }[]
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
        const child = node.children[index]!
        if (child !== null) visit(child, joinNibbles(at, Uint8Array.of(index)))
      }
    }
  }
  // The reference is not needed: what is asked for is below the node, not how its parent names it.
  visit(decodeNode(rlp, hashRef(NO_HASH)), path)
  return { children, values }
}

const BRANCH_WIDTH = 16
const NO_HASH = new Uint8Array(32)

/**
 * All entries of a trie over keys of `keyBytes` bytes.
 * @throws MissingNodeError; CodecError when a key has another length.
 */
export function* entriesBelow(
  nodes: NodeReader,
  root: Uint8Array,
  keyBytes: number,
): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
  const stack: { readonly path: Nibbles; readonly hash: Uint8Array }[] = [{ path: new Uint8Array(0), hash: root }]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const rlp = nodes.node(next.hash)
    if (rlp === undefined) throw new MissingNodeError(next.hash.slice())
    const { children, values } = contentsOfNode(rlp, next.path)
    for (const { path, value } of values) {
      if (path.length !== 2 * keyBytes) {
        throw new CodecError('wrong-length', 'trieNode', `a key of ${path.length} nibbles, expected ${2 * keyBytes}`)
      }
      yield [keyOfNibbles(path), value]
    }
    stack.push(...children.toReversed())
  }
}
