/**
 * Keccak-256 of short inputs by WebAssembly (keccakLibrary.ts): OpenSSL's takes as long for a block, and two microseconds
 * more for being called. Nearly all that a chain hashes is short: nodes of tries, keys, transactions.
 */

/** So long an input takes the same time either way. */
const MOST_BYTES = 1_024
/** Loading the library takes as long as it saves in some thousand hashes, and a thread that hashes little needs none. */
const HASHES_BEFORE = 1_000

export type Hash = (data: Uint8Array) => Uint8Array

export interface WasmKeccakOptions {
  /**
   * Makes the first hashes, those that come until the library is loaded, those of long inputs, and all where it cannot be
   * loaded.
   */
  readonly other: Hash
  /** Called once. Null where there is no such library here; must not fail. */
  readonly load: () => Promise<Hash | null>
  readonly hashesBefore?: number
}

export function wasmKeccak({ other, load, hashesBefore = HASHES_BEFORE }: WasmKeccakOptions): Hash {
  let left = hashesBefore
  let own: Hash | null = null
  return (data) => {
    if (own !== null && data.length <= MOST_BYTES) return own(data)
    if (left > 0) {
      left -= 1
      if (left === 0)
        void load().then((hash) => {
          own = hash
        })
    }
    return other(data)
  }
}
