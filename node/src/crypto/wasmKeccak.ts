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
  /** Hashes that `other` makes first. */
  readonly hashesBefore?: number
  readonly load?: () => Promise<Hash>
}

const loadLibrary = async (): Promise<Hash> => (await import('./keccakLibrary.ts')).loadKeccak()

/**
 * @param other makes the first, those that come until the library is loaded, those of long inputs, and all where it cannot
 * be loaded: the host has no WebAssembly (V8 with `--jitless`), no memory, or no file of it any more
 */
export function wasmKeccak(
  other: Hash,
  { hashesBefore = HASHES_BEFORE, load = loadLibrary }: WasmKeccakOptions = {},
): Hash {
  let left = hashesBefore
  let own: Hash | null = null
  return (data) => {
    if (own !== null && data.length <= MOST_BYTES) return own(data)
    if (left > 0) {
      left -= 1
      if (left === 0) {
        load().then(
          (hash) => {
            own = hash
          },
          // The other one gives the same hashes.
          () => {},
        )
      }
    }
    return other(data)
  }
}
