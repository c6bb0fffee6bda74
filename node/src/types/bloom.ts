/** The 2048-bit Bloom filter over log addresses and topics (Yellow Paper 4.3.1). Bit 0 is the last bit of the last byte. */
import { keccak256 } from '../crypto/keccak.ts'
import type { Log } from './log.ts'

export const BLOOM_LENGTH = 256

/** 256 bytes. */
export function logsBloom(logs: readonly Log[]): Uint8Array {
  const bloom = new Uint8Array(BLOOM_LENGTH)
  for (const { address, topics } of logs) {
    addToBloom(bloom, address)
    for (const topic of topics) addToBloom(bloom, topic)
  }
  return bloom
}

/** False: surely no log with this address or topic. */
export function bloomMayContain(bloom: Uint8Array, bytes: Uint8Array): boolean {
  const hash = keccak256(bytes)
  for (let i = 0; i < 6; i += 2) {
    const bit = bitOf(hash, i)
    if ((bloom[BLOOM_LENGTH - 1 - (bit >> 3)]! & (1 << (bit & 7))) === 0) return false
  }
  return true
}

/** The filter of the union: a block's from its receipts'. */
export function mergeBlooms(blooms: readonly Uint8Array[]): Uint8Array {
  const merged = new Uint8Array(BLOOM_LENGTH)
  for (const bloom of blooms) for (let i = 0; i < BLOOM_LENGTH; i++) merged[i]! |= bloom[i]!
  return merged
}

function addToBloom(bloom: Uint8Array, bytes: Uint8Array): void {
  const hash = keccak256(bytes)
  for (let i = 0; i < 6; i += 2) {
    const bit = bitOf(hash, i)
    bloom[BLOOM_LENGTH - 1 - (bit >> 3)]! |= 1 << (bit & 7)
  }
}

/** The low eleven bits of one of the first three pairs of bytes. */
function bitOf(hash: Uint8Array, at: number): number {
  return ((hash[at]! << 8) | hash[at + 1]!) & 2047
}
