/**
 * Merkle proofs (EIP-1186): the nodes from the root towards a key. They prove the value, or, ending in a node that has
 * no way on for the key, that there is none. A verifier needs the root hash and nothing else.
 */
import { equalBytes, keyOf } from '../codec/bytes.ts'
import { CodecError } from '../codec/codecError.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { MissingNodeError } from './nodeStore.ts'
import { Trie } from './trie.ts'

/** RLP of the nodes from the root down; empty for an empty trie. @throws MissingNodeError. */
export function createProof(trie: Trie, key: Uint8Array): readonly Uint8Array[] {
  return trie.nodesOnPath(key)
}

export type ProofOutcome =
  /** `value` is null when the proof shows that the key is absent. */
  { readonly valid: true; readonly value: Uint8Array | null } | { readonly valid: false; readonly reason: string }

/** A path of 64 nibbles has at most 65 nodes; keys of this chain's tries are no longer. */
export const MAX_PROOF_NODES = 65
/**
 * A branch with 16 hashes takes 532; a leaf may hold a receipt, whose logs have as many bytes as the gas of a block
 * pays for.
 */
export const MAX_PROOF_NODE_BYTES = 8 * 1024 * 1024

/**
 * Whether `proof` shows the value of `key` under `root`. Never throws, whatever the proof holds. Nodes that the way to
 * the key does not use make a proof invalid, so that every value has one proof.
 */
export function verifyProof(root: Uint8Array, key: Uint8Array, proof: readonly Uint8Array[]): ProofOutcome {
  if (proof.length === 0) {
    if (equalBytes(root, EMPTY_TRIE_ROOT)) return { valid: true, value: null }
    return { valid: false, reason: 'no nodes, but the root is not that of the empty trie' }
  }
  if (proof.length > MAX_PROOF_NODES) return { valid: false, reason: `more than ${MAX_PROOF_NODES} nodes` }
  const nodes = new Map<string, Uint8Array>()
  for (const rlp of proof) {
    if (rlp.length > MAX_PROOF_NODE_BYTES) return { valid: false, reason: 'a node is too large' }
    nodes.set(keyOf(keccak256(rlp)), rlp)
  }
  const used = new Set<string>()
  const reader = {
    node(hash: Uint8Array) {
      const name = keyOf(hash)
      used.add(name)
      return nodes.get(name)
    },
  }
  try {
    const value = new Trie(reader, root).get(key)
    if (used.size !== proof.length) return { valid: false, reason: 'it has nodes the way to the key does not use' }
    return { valid: true, value }
  } catch (error) {
    if (error instanceof MissingNodeError) return { valid: false, reason: 'a node on the way to the key is missing' }
    if (error instanceof CodecError) return { valid: false, reason: error.message }
    throw error
  }
}
