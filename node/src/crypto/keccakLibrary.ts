/** Keccak-256 of hash-wasm, of which one small file is loaded. */
import library from 'hash-wasm/dist/keccak.umd.min.js'

/** Answers one input after the other. @throws Error where the host has no WebAssembly, or no memory for the module. */
export async function loadKeccak(): Promise<(data: Uint8Array) => Uint8Array> {
  const hasher = await library.createKeccak(256)
  return (data) => {
    // Each begins anew, also after one that did not end: at the end of the stack, say.
    hasher.init()
    hasher.update(data)
    return hasher.digest('binary')
  }
}
