/** Keccak-256 of hash-wasm, by itself: who loads this file loads none of the library's other functions in a bundle. */
import { createKeccak } from 'hash-wasm'

/** Answers one input after the other. @throws Error where the host has no WebAssembly, or no memory for the module. */
export async function loadKeccak(): Promise<(data: Uint8Array) => Uint8Array> {
  const hasher = await createKeccak(256)
  return (data) => {
    // Each begins anew, also after one that did not end: at the end of the stack, say.
    hasher.init()
    hasher.update(data)
    return hasher.digest('binary')
  }
}
