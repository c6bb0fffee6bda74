/**
 * Trie nodes in memory and in RLP (Yellow Paper, appendix D).
 *
 * `ref` is how a parent names the node: RLP of its 32-byte hash, or its own RLP when that is shorter than 32 bytes. It
 * is null while the node is dirty, and then so is every node above it. `owner` says which editing session may write to
 * the node in place; everyone else copies it first, so tries share what they have in common.
 */
import { plainBytes } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import {
  decodeRlp,
  decodeRlpListMembers,
  isRlpList,
  rlpPrefixLength,
  rlpStringLength,
  writeRlpListPrefix,
  writeRlpString,
} from '../codec/rlp.ts'
import { hexPrefix, type Nibbles, parseHexPrefix } from './nibbles.ts'

export const LEAF = 0
export const EXTENSION = 1
export const BRANCH = 2
/** A node that is known by its hash only and not loaded yet. */
export const HASHED = 3

/** Identity of an editing session. */
export type Owner = object

export interface LeafNode {
  readonly kind: typeof LEAF
  readonly path: Nibbles
  value: Uint8Array
  ref: Uint8Array | null
  readonly owner: Owner | null
}

export interface ExtensionNode {
  readonly kind: typeof EXTENSION
  readonly path: Nibbles
  child: TrieNode
  ref: Uint8Array | null
  readonly owner: Owner | null
}

export interface BranchNode {
  readonly kind: typeof BRANCH
  /** Sixteen. Undefined is what stands in `source`, where nobody has asked for it yet: see {@link branchChild}. */
  readonly children: (TrieNode | null | undefined)[]
  /** Of the key that ends here; only where keys have different lengths. */
  value: Uint8Array | null
  ref: Uint8Array | null
  readonly owner: Owner | null
  /** RLP that the branch, or what it is a copy of, was decoded from; each child is a hash there, or none. Null: no such. */
  readonly source: Uint8Array | null
  /** The branch that this is a copy of, if it may want the children that are loaded here. */
  original: BranchNode | null
}

export interface HashedNode {
  readonly kind: typeof HASHED
  readonly ref: Uint8Array
}

export type LoadedNode = LeafNode | ExtensionNode | BranchNode
export type TrieNode = LoadedNode | HashedNode

/** RLP of a 32-byte string: 0xa0 and the hash. */
const HASH_REF_LENGTH = 33
const HASH_REF_PREFIX = 0xa0

export function hashRef(hash: Uint8Array): Uint8Array {
  const ref = new Uint8Array(HASH_REF_LENGTH)
  ref[0] = HASH_REF_PREFIX
  ref.set(hash, 1)
  return ref
}

export function isHashRef(ref: Uint8Array): boolean {
  return ref.length === HASH_REF_LENGTH
}

/** RLP of a node; `refOf` gives the reference to a child. */
export function encodeNode(node: LoadedNode, refOf: (child: TrieNode) => Uint8Array): Uint8Array {
  if (node.kind === BRANCH) return encodeBranch(node, refOf)
  const path = hexPrefix(node.path, node.kind === LEAF)
  if (node.kind === LEAF) {
    const payload = rlpStringLength(path) + rlpStringLength(node.value)
    const out = new Uint8Array(rlpPrefixLength(payload) + payload)
    writeRlpString(out, writeRlpString(out, writeRlpListPrefix(out, 0, payload), path), node.value)
    return out
  }
  const ref = refOf(node.child)
  const payload = rlpStringLength(path) + ref.length
  const out = new Uint8Array(rlpPrefixLength(payload) + payload)
  out.set(ref, writeRlpString(out, writeRlpListPrefix(out, 0, payload), path))
  return out
}

/** A branch's child as it stands there, not loaded. */
export function branchChild(branch: BranchNode, index: number): TrieNode | null {
  const child = branch.children[index]
  if (child !== undefined) return child
  const source = branch.source!
  let at = membersAt(source)
  for (let before = 0; before < index; before++) at += source[at] === EMPTY_STRING ? 1 : HASH_REF_LENGTH
  const found: TrieNode | null =
    source[at] === EMPTY_STRING ? null : { kind: HASHED, ref: source.subarray(at, at + HASH_REF_LENGTH) }
  branch.children[index] = found
  return found
}

function encodeBranch(node: BranchNode, refOf: (child: TrieNode) => Uint8Array): Uint8Array {
  const patched = node.source === null || node.value !== null ? null : patchedBranch(node, node.source, refOf)
  if (patched !== null) return patched
  const { children, value } = node
  let payload = value === null ? 1 : rlpStringLength(value)
  for (let i = 0; i < 16; i++) {
    const child = branchChild(node, i)
    payload += child === null ? 1 : (child.ref ?? refOf(child)).length
  }
  const out = new Uint8Array(rlpPrefixLength(payload) + payload)
  let at = writeRlpListPrefix(out, 0, payload)
  for (let i = 0; i < 16; i++) {
    const child = children[i]!
    if (child === null) {
      out[at++] = EMPTY_STRING
    } else {
      const ref = child.ref ?? refOf(child)
      out.set(ref, at)
      at += ref.length
    }
  }
  if (value === null) out[at] = EMPTY_STRING
  else writeRlpString(out, at, value)
  return out
}

/** `source` with the children that are not its own in their places; null where one is of another length there. */
function patchedBranch(
  { children }: BranchNode,
  source: Uint8Array,
  refOf: (child: TrieNode) => Uint8Array,
): Uint8Array | null {
  const start = membersAt(source)
  let at = start
  for (let i = 0; i < 16; i++) {
    const child = children[i]
    const length = source[at] === EMPTY_STRING ? 1 : HASH_REF_LENGTH
    at += length
    if (child === undefined) continue
    if (length !== (child === null ? 1 : (child.ref ?? refOf(child)).length)) return null
  }
  const out = source.slice()
  at = start
  for (let i = 0; i < 16; i++) {
    const child = children[i]
    if (child != null) out.set(child.ref ?? refOf(child), at)
    at += source[at] === EMPTY_STRING ? 1 : HASH_REF_LENGTH
  }
  return out
}

/** Where the members of a list begin. */
function membersAt(rlp: Uint8Array): number {
  const first = rlp[0]!
  return first <= SHORT_LIST_END ? 1 : first - SHORT_LIST_END + 1
}

/** True for a branch each of whose children is a hash or none, and which has no value. Takes nothing from the heap. */
function isPlainBranch(rlp: Uint8Array): boolean {
  const start = membersAt(rlp)
  let at = start
  for (let i = 0; i < 16; i++) {
    if (rlp[at] === HASH_REF_PREFIX) at += HASH_REF_LENGTH
    else if (rlp[at] === EMPTY_STRING) at += 1
    else return false
  }
  if (rlp[at] !== EMPTY_STRING || at + 1 !== rlp.length) return false
  const payload = rlp.length - start
  if (start === 1) return rlp[0] === SHORT_LIST + payload
  if (start === 2) return payload > SHORT_LIST_END - SHORT_LIST && rlp[1] === payload
  return start === 3 && rlp[1] !== 0 && rlp[1]! * 256 + rlp[2]! === payload
}

/** First bytes of lists of no and of 55 bytes of members; after it come those of lists whose length takes 1, 2... bytes. */
const SHORT_LIST = 0xc0
const SHORT_LIST_END = 0xf7

/**
 * The node and the nodes embedded in it; all others as hashes. The nodes are views of `rlp`.
 * @throws CodecError for anything that is no node.
 */
export function decodeNode(rlp: Uint8Array, ref: Uint8Array): LoadedNode {
  if (isPlainBranch(rlp)) {
    const source = plainBytes(rlp)
    return { kind: BRANCH, children: UNREAD.slice(), value: null, ref, owner: null, source, original: null }
  }
  const members = decodeRlpListMembers(rlp, { maxItems: 17 })
  if (members.length === 17) {
    const children: (TrieNode | null)[] = new Array(16)
    for (let i = 0; i < 16; i++) children[i] = decodeRef(members[i]!)
    const value = stringOf(members[16]!)
    const own = value.length === 0 ? null : value
    return { kind: BRANCH, children, value: own, ref, owner: null, source: null, original: null }
  }
  if (members.length !== 2) throw notANode(`a list of ${members.length} items`)
  const prefix = parseHexPrefix(stringOf(members[0]!))
  if (prefix === null) throw notANode('a path that is not hex-prefix encoded')
  if (prefix.isLeaf) return { kind: LEAF, path: prefix.path, value: stringOf(members[1]!), ref, owner: null }
  const child = decodeRef(members[1]!)
  if (child === null || prefix.path.length === 0) throw notANode('an extension without path or child')
  return { kind: EXTENSION, path: prefix.path, child, ref, owner: null }
}

const UNREAD: readonly undefined[] = new Array<undefined>(16).fill(undefined)

/** RLP of the empty string. */
const EMPTY_STRING = 0x80

function decodeRef(encoded: Uint8Array): TrieNode | null {
  if (encoded.length === HASH_REF_LENGTH && encoded[0] === HASH_REF_PREFIX) return { kind: HASHED, ref: encoded }
  if (encoded.length === 1 && encoded[0] === EMPTY_STRING) return null
  // An embedded node is shorter than a hash, which also bounds how deep this recursion goes.
  if (isRlpList(encoded) && encoded.length < 32) return decodeNode(encoded, encoded)
  throw notANode('a child that is neither a hash nor an embedded node')
}

function stringOf(encoded: Uint8Array): Uint8Array {
  const item = decodeRlp(encoded, { maxDepth: 0 })
  if (item instanceof Uint8Array) return item
  throw notANode('a list where a byte string belongs')
}

function notANode(found: string): CodecError {
  return new CodecError('wrong-shape', 'trieNode', found)
}
