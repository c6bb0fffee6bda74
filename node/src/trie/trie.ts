/**
 * The hexary Merkle Patricia trie of Ethereum (Yellow Paper, appendix D) over any keys.
 *
 * Nodes are loaded from the store when a path first needs them. Writes change nodes in memory only; `root` encodes and
 * hashes every dirty node exactly once, however many writes went through it. `fork` costs nothing: both tries then
 * copy a node before they write to it. Keys are used as they are; the state hashes them first (the "secure" trie).
 *
 * Why it is so: docs/rationale/state.md.
 */
import { equalBytes } from '../codec/bytes.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { joinNibbles, keyOfNibbles, type Nibbles, nibblesOf, prependNibble, sharedPrefixLength } from './nibbles.ts'
import {
  BRANCH,
  type BranchNode,
  branchChild,
  decodeNode,
  EXTENSION,
  type ExtensionNode,
  encodeNode,
  HASHED,
  hashRef,
  isHashRef,
  LEAF,
  type LeafNode,
  type LoadedNode,
  type Owner,
  type TrieNode,
} from './node.ts'
import { MissingNodeError, type NodeReader, noNodes, type StoredNode } from './nodeStore.ts'
import { compareBelow } from './replacedNodes.ts'

/** The changes that a commit hands out: a node that the trie has at two places is there twice. */
export interface TrieChanges {
  readonly root: Uint8Array
  /** Nodes that stand where others, or none, stood at the last commit. Their order has no meaning. */
  readonly nodes: readonly StoredNode[]
  /** Hashes of the nodes that stood there. */
  readonly gone: readonly Uint8Array[]
}

export class Trie {
  readonly #nodes: NodeReader
  #root: TrieNode | null
  /** Undefined while something is dirty. */
  #rootHash: Uint8Array | undefined
  /** As of the last commit. Its nodes are not written to, but for children that are loaded. */
  #base: TrieNode | null
  #baseHash: Uint8Array
  /** Hashed since the last commit, by the very `ref` of the node; some are replaced again already. */
  #fresh = new Map<Uint8Array, StoredNode>()
  #owner: Owner = {}

  /** Reads nothing yet: a root that is not in the store shows when a key is asked for. */
  constructor(nodes: NodeReader = noNodes, root: Uint8Array = EMPTY_TRIE_ROOT) {
    this.#nodes = nodes
    this.#rootHash = root
    this.#root = equalBytes(root, EMPTY_TRIE_ROOT) ? null : { kind: HASHED, ref: hashRef(root) }
    this.#baseHash = root
    this.#base = this.#root
  }

  /** Null when absent. Not to be written to. @throws MissingNodeError. */
  get(key: Uint8Array): Uint8Array | null {
    const path = nibblesOf(key)
    let offset = 0
    let node = this.#loadedRoot()
    while (node !== null) {
      if (node.kind === BRANCH) {
        if (offset === path.length) return node.value
        node = this.#childOf(node, path[offset++]!)
      } else {
        const shared = sharedPrefixLength(node.path, path, offset)
        if (shared < node.path.length) return null
        offset += shared
        if (node.kind === LEAF) return offset === path.length ? node.value : null
        node = this.#extensionChild(node)
      }
    }
    return null
  }

  /**
   * An empty value deletes, as a trie cannot hold one. The value is kept, not copied. `before` is what the caller takes for
   * the value until now, if any: the leaf that it makes is not read where it has the hash that is looked for.
   * @throws MissingNodeError.
   */
  put(key: Uint8Array, value: Uint8Array, before: Uint8Array | null = null): void {
    if (value.length === 0) this.del(key)
    else this.#replaceRoot(this.#insert(this.#loadedRoot(), nibblesOf(key), 0, value, before))
  }

  /** Nothing happens when the key is absent. @throws MissingNodeError. */
  del(key: Uint8Array): void {
    const root = this.#loadedRoot()
    if (root !== null) this.#replaceRoot(this.#remove(root, nibblesOf(key), 0))
  }

  get isEmpty(): boolean {
    return this.#root === null
  }

  /** 32 bytes. Hashes what is dirty. */
  root(): Uint8Array {
    this.#rootHash ??= this.#hashRoot()
    return this.#rootHash
  }

  /**
   * The changes since the last commit, for the store. Nodes in memory stay, so a trie can be used on before they are
   * written.
   */
  commit(): TrieChanges {
    const root = this.root()
    const nodes: StoredNode[] = []
    const gone: Uint8Array[] = []
    if (!equalBytes(root, this.#baseHash)) {
      if (this.#base !== null) gone.push(this.#baseHash)
      if (this.#root !== null) nodes.push(this.#freshNode(this.#root.ref!))
      compareBelow(this.#base, this.#root, {
        load: this.#load,
        gone: (ref) => gone.push(ref.slice(1)),
        added: (ref) => nodes.push(this.#freshNode(ref)),
      })
    }
    this.#fresh = new Map()
    this.#owner = {}
    this.#base = this.#root
    this.#baseHash = root
    return { root, nodes, gone }
  }

  /** An independent trie with the same contents. Hashes what is dirty; uncommitted nodes are handed out by both. */
  fork(): Trie {
    this.root()
    const copy = new Trie(this.#nodes)
    copy.#root = this.#root
    copy.#rootHash = this.#rootHash
    copy.#fresh = new Map(this.#fresh)
    copy.#base = this.#base
    copy.#baseHash = this.#baseHash
    this.#owner = {}
    return copy
  }

  /** All entries in the order of their keys. @throws MissingNodeError. */
  *entries(): Generator<readonly [key: Uint8Array, value: Uint8Array]> {
    const root = this.#loadedRoot()
    if (root !== null) yield* this.#entriesOf(root, new Uint8Array(0))
  }

  /**
   * RLP of the stored nodes on the way to a key, from the root down: what proves its value, or that it has none. Nodes
   * embedded in their parent are part of it. Empty for an empty trie. @throws MissingNodeError.
   */
  nodesOnPath(key: Uint8Array): Uint8Array[] {
    this.root()
    const path = nibblesOf(key)
    const found: Uint8Array[] = []
    let offset = 0
    let node = this.#loadedRoot()
    while (node !== null) {
      if (found.length === 0 || isHashRef(this.#refOf(node))) found.push(encodeNode(node, this.#refOf))
      if (node.kind === BRANCH) {
        if (offset === path.length) break
        node = this.#childOf(node, path[offset++]!)
      } else {
        const shared = sharedPrefixLength(node.path, path, offset)
        offset += shared
        if (node.kind === LEAF || shared < node.path.length) break
        node = this.#extensionChild(node)
      }
    }
    return found
  }

  #replaceRoot(root: TrieNode | null): void {
    this.#root = root
    // A write that changed nothing leaves a clean root, and the hash with it.
    if (root === null || root.ref === null) this.#rootHash = undefined
  }

  /**
   * Returns what takes the node's place. A clean result (with a `ref`) is the node as it was, at most loaded; callers
   * keep it, which makes no one dirty. The same holds for `#remove`.
   */
  #insert(
    node: LoadedNode | null,
    path: Nibbles,
    offset: number,
    value: Uint8Array,
    before: Uint8Array | null,
  ): LoadedNode {
    if (node === null) return this.#leaf(path.subarray(offset), value)
    if (node.kind === BRANCH) return this.#insertBelow(node, path, offset, value, before)
    const shared = sharedPrefixLength(node.path, path, offset)
    if (shared === node.path.length) {
      if (node.kind === EXTENSION) {
        const child = this.#insert(this.#extensionChild(node), path, offset + shared, value, before)
        if (node.owner !== this.#owner && child.ref === null) return this.#extension(node.path, child)
        node.child = child
        if (child.ref === null) node.ref = null
        return node
      }
      if (offset + shared === path.length) {
        return equalBytes(node.value, value) ? node : this.#leaf(node.path, value)
      }
    }
    return this.#split(node, shared, path, offset, value)
  }

  #insertBelow(
    node: BranchNode,
    path: Nibbles,
    offset: number,
    value: Uint8Array,
    before: Uint8Array | null,
  ): LoadedNode {
    if (offset === path.length) {
      if (node.value !== null && equalBytes(node.value, value)) return node
      const own = this.#own(node)
      own.value = value
      return own
    }
    const index = path[offset]!
    const old = this.#childWith(node, path, offset, before)
    const child = this.#insert(old, path, offset + 1, value, before)
    const own = child.ref === null ? this.#own(node) : node
    own.children[index] = child
    return own
  }

  /** A leaf or extension whose path leaves the key's after `shared` nibbles becomes a branch there. */
  #split(
    node: Exclude<LoadedNode, BranchNode>,
    shared: number,
    path: Nibbles,
    offset: number,
    value: Uint8Array,
  ): LoadedNode {
    const branch = this.#branch()
    if (shared === node.path.length) {
      // Only a leaf gets here: an extension's path that matches in full is followed, not split.
      branch.value = (node as LeafNode).value
    } else {
      const rest = node.path.subarray(shared + 1)
      branch.children[node.path[shared]!] =
        node.kind === LEAF
          ? this.#leaf(rest, node.value)
          : rest.length === 0
            ? node.child
            : this.#extension(rest, node.child)
    }
    const at = offset + shared
    if (at === path.length) branch.value = value
    else branch.children[path[at]!] = this.#leaf(path.subarray(at + 1), value)
    return shared === 0 ? branch : this.#extension(node.path.subarray(0, shared), branch)
  }

  #remove(node: LoadedNode, path: Nibbles, offset: number): LoadedNode | null {
    if (node.kind === BRANCH) return this.#removeBelow(node, path, offset)
    const shared = sharedPrefixLength(node.path, path, offset)
    if (shared < node.path.length) return node
    if (node.kind === LEAF) return offset + shared === path.length ? null : node
    // Below an extension is a branch, and a branch with one entry less still has one.
    const child = this.#remove(this.#extensionChild(node), path, offset + shared)!
    if (child.ref === null) return this.#joined(node.path, child)
    node.child = child
    return node
  }

  #removeBelow(node: BranchNode, path: Nibbles, offset: number): LoadedNode | null {
    if (offset === path.length) {
      if (node.value === null) return node
      const own = this.#own(node)
      own.value = null
      return this.#collapsed(own)
    }
    const index = path[offset]!
    const old = this.#childOf(node, index)
    if (old === null) return node
    const child = this.#remove(old, path, offset + 1)
    const own = child === null || child.ref === null ? this.#own(node) : node
    own.children[index] = child
    return child === null ? this.#collapsed(own) : own
  }

  /** A branch with a single entry left is none. */
  #collapsed(branch: BranchNode): LoadedNode {
    let only = -1
    for (let i = 0; i < 16; i++) {
      if (branchChild(branch, i) === null) continue
      if (only >= 0 || branch.value !== null) return branch
      only = i
    }
    if (only < 0) return this.#leaf(new Uint8Array(0), branch.value!)
    return this.#joined(Uint8Array.of(only), this.#childOf(branch, only)!)
  }

  /** `child` below `path`: paths of a leaf or extension are joined, a branch gets an extension. */
  #joined(path: Nibbles, child: LoadedNode): LoadedNode {
    if (child.kind === BRANCH) return this.#extension(path, child)
    const joined = path.length === 1 ? prependNibble(path[0]!, child.path) : joinNibbles(path, child.path)
    return child.kind === LEAF ? this.#leaf(joined, child.value) : this.#extension(joined, child.child)
  }

  #leaf(path: Nibbles, value: Uint8Array): LeafNode {
    return { kind: LEAF, path, value, ref: null, owner: this.#owner }
  }

  #extension(path: Nibbles, child: TrieNode): ExtensionNode {
    return { kind: EXTENSION, path, child, ref: null, owner: this.#owner }
  }

  #branch(): BranchNode {
    const children = new Array<TrieNode | null>(16).fill(null)
    return { kind: BRANCH, children, value: null, ref: null, owner: this.#owner, source: null, original: null }
  }

  /** The branch itself, or a copy when it may be another trie's too; dirty. */
  #own(node: BranchNode): BranchNode {
    if (node.owner === this.#owner) {
      node.ref = null
      return node
    }
    const { value, source } = node
    node.original = null
    return {
      kind: BRANCH,
      children: node.children.slice(),
      value,
      ref: null,
      owner: this.#owner,
      source,
      original: node,
    }
  }

  #loadedRoot(): LoadedNode | null {
    if (this.#root?.kind === HASHED) {
      const loaded = this.#load(this.#root.ref)
      if (this.#base === this.#root) this.#base = loaded
      this.#root = loaded
    }
    return this.#root as LoadedNode | null
  }

  #childOf(branch: BranchNode, index: number): LoadedNode | null {
    const child = branchChild(branch, index)
    if (child === null || child.kind !== HASHED) return child
    return this.#keep(branch, index, child.ref, this.#load(child.ref))
  }

  /**
   * Keeps what was loaded in the parent, shared or not: it is the same node. So does what the parent is a copy of, which a
   * commit compares it with.
   */
  #keep(branch: BranchNode, index: number, ref: Uint8Array, loaded: LoadedNode): LoadedNode {
    branch.children[index] = loaded
    const { original } = branch
    if (original === null) return loaded
    const there = branchChild(original, index)
    if (there?.kind === HASHED && equalBytes(there.ref, ref)) original.children[index] = loaded
    return loaded
  }

  /**
   * The child on the way to a key whose value may be `before`. Where it is not in memory the leaf of that value is made and
   * taken if it has the child's hash, which takes a tenth of reading it.
   */
  #childWith(branch: BranchNode, path: Nibbles, offset: number, before: Uint8Array | null): LoadedNode | null {
    const index = path[offset]!
    const child = branchChild(branch, index)
    if (before === null || child === null || child.kind !== HASHED || this.#nodes.nodeAtHand === undefined) {
      return this.#childOf(branch, index)
    }
    const { ref } = child
    const hash = ref.subarray(1)
    const near = this.#nodes.nodeAtHand(hash)
    if (near !== undefined) return this.#keep(branch, index, ref, decodeNode(near, ref))
    const leaf: LeafNode = { kind: LEAF, path: path.subarray(offset + 1), value: before, ref, owner: null }
    const isLeaf = equalBytes(keccak256(encodeNode(leaf, this.#refOf)), hash)
    return this.#keep(branch, index, ref, isLeaf ? leaf : this.#load(ref))
  }

  #extensionChild(node: ExtensionNode): LoadedNode {
    if (node.child.kind !== HASHED) return node.child
    const loaded = this.#load(node.child.ref)
    node.child = loaded
    return loaded
  }

  readonly #load = (ref: Uint8Array): LoadedNode => {
    const hash = ref.subarray(1)
    const rlp = this.#nodes.node(hash)
    if (rlp === undefined) throw new MissingNodeError(hash.slice())
    return decodeNode(rlp, ref)
  }

  /** Of a node that was not there at the last commit. */
  #freshNode(ref: Uint8Array): StoredNode {
    const node = this.#fresh.get(ref)
    if (node === undefined) throw new Error('a trie node is new and was never hashed')
    return node
  }

  /** Encodes and hashes a dirty node, those below it first. */
  readonly #refOf = (node: TrieNode): Uint8Array => {
    if (node.ref !== null) return node.ref
    const loaded = node as LoadedNode
    const rlp = encodeNode(loaded, this.#refOf)
    if (rlp.length < 32) {
      loaded.ref = rlp
    } else {
      const hash = keccak256(rlp)
      loaded.ref = hashRef(hash)
      this.#fresh.set(loaded.ref, [hash, rlp])
    }
    return loaded.ref
  }

  #hashRoot(): Uint8Array {
    if (this.#root === null) return EMPTY_TRIE_ROOT
    const ref = this.#refOf(this.#root)
    if (isHashRef(ref)) return ref.slice(1)
    // The root is always stored under its hash, however short.
    const hash = keccak256(ref)
    this.#fresh.set(ref, [hash, ref])
    return hash
  }

  *#entriesOf(node: LoadedNode, prefix: Nibbles): Generator<readonly [Uint8Array, Uint8Array]> {
    if (node.kind === LEAF) {
      yield [keyOfNibbles(joinNibbles(prefix, node.path)), node.value]
    } else if (node.kind === EXTENSION) {
      yield* this.#entriesOf(this.#extensionChild(node), joinNibbles(prefix, node.path))
    } else {
      if (node.value !== null) yield [keyOfNibbles(prefix), node.value]
      for (let i = 0; i < 16; i++) {
        const child = this.#childOf(node, i)
        if (child !== null) yield* this.#entriesOf(child, joinNibbles(prefix, Uint8Array.of(i)))
      }
    }
  }
}
