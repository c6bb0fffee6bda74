/**
 * Trie nodes in memory and in RLP (Yellow Paper, appendix D).
 *
 * `ref` is how a parent names the node: RLP of its 32-byte hash, or its own RLP when that is shorter than 32 bytes. It
 * is null while the node is dirty, and then so is every node above it. `owner` says which editing session may write to
 * the node in place; everyone else copies it first, so tries share what they have in common.
 */
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
  /** Sixteen. */
  readonly children: (TrieNode | null)[]
  /** Of the key that ends here; only where keys have different lengths. */
  value: Uint8Array | null
  ref: Uint8Array | null
  readonly owner: Owner | null
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

function encodeBranch(node: BranchNode, refOf: (child: TrieNode) => Uint8Array): Uint8Array {
  const { children, value } = node
  let payload = value === null ? 1 : rlpStringLength(value)
  for (let i = 0; i < 16; i++) {
    const child = children[i]!
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

/**
 * The node and the nodes embedded in it; all others as hashes. The nodes are views of `rlp`.
 * @throws CodecError for anything that is no node.
 */
export function decodeNode(rlp: Uint8Array, ref: Uint8Array): LoadedNode {
  const members = decodeRlpListMembers(rlp, { maxItems: 17 })
  if (members.length === 17) {
    const children: (TrieNode | null)[] = new Array(16)
    for (let i = 0; i < 16; i++) children[i] = decodeRef(members[i]!)
    const value = stringOf(members[16]!)
    return { kind: BRANCH, children, value: value.length === 0 ? null : value, ref, owner: null }
  }
  if (members.length !== 2) throw notANode(`a list of ${members.length} items`)
  const prefix = parseHexPrefix(stringOf(members[0]!))
  if (prefix === null) throw notANode('a path that is not hex-prefix encoded')
  if (prefix.isLeaf) return { kind: LEAF, path: prefix.path, value: stringOf(members[1]!), ref, owner: null }
  const child = decodeRef(members[1]!)
  if (child === null || prefix.path.length === 0) throw notANode('an extension without path or child')
  return { kind: EXTENSION, path: prefix.path, child, ref, owner: null }
}

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
