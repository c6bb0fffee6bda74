/**
 * The contents of a proposal: for each transaction of its block, in order, its hash (32 bytes) and its length (4,
 * big-endian). The proposer signs the hash of this list, so that a node can take the proposal, and pass it on, before
 * it has the transactions: a peer that changes the list breaks the signature, and one that gives a transaction outside it is
 * found out at once.
 */
import { MAX_BLOCK_BYTES, MAX_BLOCK_TRANSACTIONS } from '../../chain/limits.ts'
import { keyOf } from '../../codec/bytes.ts'
import { CodecError } from '../../codec/codecError.ts'
import { sha256 } from '../../crypto/sha256.ts'
import type { TransactionEnvelope } from '../../types/transaction.ts'

export interface Listed {
  /** Hash of the transaction, as a map key. */
  readonly key: string
  readonly hash: Uint8Array
  /** Bytes of the transaction as it is signed. */
  readonly length: number
}

const HASH_BYTES = 32
const ENTRY_BYTES = HASH_BYTES + 4
export const MAX_CONTENTS_BYTES = MAX_BLOCK_TRANSACTIONS * ENTRY_BYTES

export function encodeContents(transactions: readonly Pick<TransactionEnvelope, 'hash' | 'raw'>[]): Uint8Array {
  const out = new Uint8Array(ENTRY_BYTES * transactions.length)
  const view = new DataView(out.buffer)
  for (const [index, { hash, raw }] of transactions.entries()) {
    out.set(hash, ENTRY_BYTES * index)
    view.setUint32(ENTRY_BYTES * index + HASH_BYTES, raw.length, false)
  }
  return out
}

/** Cheap: a list may come from anybody. @throws CodecError: no block has such contents. */
export function checkContents(raw: Uint8Array): void {
  if (raw.length % ENTRY_BYTES !== 0 || raw.length > MAX_CONTENTS_BYTES) {
    const allowed = `a multiple of ${ENTRY_BYTES}, at most ${MAX_CONTENTS_BYTES}`
    throw new CodecError('wrong-length', 'contents', `${raw.length} bytes, expected ${allowed}`)
  }
  let bytes = 0
  for (let index = 0; index < countListed(raw); index++) {
    const length = listedLength(raw, index)
    bytes += length
    if (length === 0 || bytes > MAX_BLOCK_BYTES) {
      const allowed = `at least 1 each and at most ${MAX_BLOCK_BYTES} together are allowed`
      throw new CodecError('out-of-range', 'contents', `a transaction of ${length} bytes, ${allowed}`)
    }
  }
}

/**
 * Of a list that was checked. One that gives a transaction two lengths is refused: the block of it could be put together,
 * and whoever then repeated the proposal with that block would send what is no message, and be blamed.
 * @throws CodecError: no block has such contents.
 */
export function decodeContents(raw: Uint8Array): readonly Listed[] {
  const lengths = new Map<string, number>()
  return Array.from({ length: countListed(raw) }, (_, index) => {
    const hash = raw.subarray(ENTRY_BYTES * index, ENTRY_BYTES * index + HASH_BYTES)
    const listed = { key: keyOf(hash), hash, length: listedLength(raw, index) }
    const before = lengths.get(listed.key) ?? listed.length
    if (before !== listed.length) {
      const what = `a transaction of ${listed.length} bytes that has ${before} at an earlier place`
      throw new CodecError('out-of-range', `contents[${index}]`, what)
    }
    lengths.set(listed.key, before)
    return listed
  })
}

export function listedLength(contents: Uint8Array, index: number): number {
  const at = contents.byteOffset + ENTRY_BYTES * index + HASH_BYTES
  return new DataView(contents.buffer, at, 4).getUint32(0, false)
}

/** Transactions of a list that was checked. */
export function countListed(contents: Uint8Array): number {
  return contents.length / ENTRY_BYTES
}

/** The signed digest, 32 bytes: sha256. */
export function contentsHash(contents: Uint8Array): Uint8Array {
  return sha256(contents)
}
