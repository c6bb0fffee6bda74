/**
 * Which stored nodes a trie lost and which it got between two of its shapes, by their places: a node counts as often as the
 * trie has it. Parts that both have are not looked at, so it takes as long as there are differences.
 */
import { equalBytes } from '../codec/bytes.ts'
import { BRANCH, branchChild, EXTENSION, HASHED, isHashRef, LEAF, type LoadedNode, type TrieNode } from './node.ts'

export interface Replacement {
  load(ref: Uint8Array): LoadedNode
  /** `ref` names a stored node (node.ts) that stands at its place only before, or only after. */
  gone(ref: Uint8Array): void
  added(ref: Uint8Array): void
}

/** Below two nodes at one place, they themselves left out: how a root is stored is the trie's matter. No node is dirty. */
export function compareBelow(before: TrieNode | null, after: TrieNode | null, replacement: Replacement): void {
  const [one, other] = [withBelow(before, replacement), withBelow(after, replacement)]
  if (one === null && other === null) return
  if (one?.kind === BRANCH && other?.kind === BRANCH) {
    for (let nibble = 0; nibble < BRANCH_WIDTH; nibble++) {
      const [left, right] = [one.children[nibble], other.children[nibble]]
      // A child that neither has looked at is the same where both were decoded from one text.
      if (left === right && (left !== undefined || one.source === other.source)) continue
      compare(branchChild(one, nibble), branchChild(other, nibble), replacement)
    }
    return
  }
  for (let nibble = 0; nibble < BRANCH_WIDTH; nibble++) {
    const [left, right] = [childAt(one, nibble), childAt(other, nibble)]
    if (left !== null || right !== null) compare(left, right, replacement)
  }
}

const BRANCH_WIDTH = 16

function compare(before: TrieNode | null, after: TrieNode | null, replacement: Replacement): void {
  if (isSame(before, after)) return
  const [left, right] = [storedRef(before), storedRef(after)]
  if (left !== null) replacement.gone(left)
  if (right !== null) replacement.added(right)
  compareBelow(before, after, replacement)
}

function isSame(one: TrieNode | null, other: TrieNode | null): boolean {
  if (one === null || other === null || one.ref === null || other.ref === null) return one === other
  return equalBytes(one.ref, other.ref)
}

/** Null for what has no record of its own: nothing, what is embedded in its parent, the rest of a shortened path. */
function storedRef(node: TrieNode | null): Uint8Array | null {
  return node?.ref != null && isHashRef(node.ref) ? node.ref : null
}

/** The node, loaded, if there can be stored nodes below it: below a leaf there are none, nor below what is embedded. */
function withBelow(node: TrieNode | null, { load }: Replacement): Exclude<LoadedNode, { kind: typeof LEAF }> | null {
  if (node === null || node.kind === LEAF) return null
  if (node.ref !== null && !isHashRef(node.ref)) return null
  const loaded = node.kind === HASHED ? load(node.ref) : node
  return loaded.kind === LEAF ? null : loaded
}

/** The node below another at a nibble, as if every node were a branch. */
function childAt(node: Exclude<LoadedNode, { kind: typeof LEAF }> | null, nibble: number): TrieNode | null {
  if (node === null) return null
  if (node.kind === BRANCH) return branchChild(node, nibble)
  if (node.path[0] !== nibble) return null
  const rest = node.path.subarray(1)
  return rest.length === 0 ? node.child : { kind: EXTENSION, path: rest, child: node.child, ref: null, owner: null }
}
