/**
 * Recovery on secp256k1 by Bitcoin Core's libsecp256k1 as native code, from the package `secp256k1`, whose prebuilt files
 * are for x64 of Linux and Windows and arm64 of macOS. An optional dependency: elsewhere, where it does not load, and where
 * it is of another release, this gives nothing, and WebAssembly (wasmProvider.ts) recovers.
 */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import type { CryptoProvider } from './provider.ts'

/** The addon below the package's own checks, which throw one `Error` for everything. Nothing is kept of the arrays. */
interface NativeSecp256k1 {
  /**
   * A `recoveryId` that is not from 0 to 3 ends the process.
   * @returns 0 and the key in `output` (65 bytes), 1 for numbers out of range, 2 where no key fits
   */
  ecdsaRecover(output: Uint8Array, signature: Uint8Array, recoveryId: number, hash: Uint8Array): number
}
type LoadAddon = (folder: string) => { readonly Secp256k1: new () => NativeSecp256k1 }

const RECOVERED = 0
const NO_SUCH_NUMBERS = 1
const NO_KEY = 2
const UNCOMPRESSED_LENGTH = 65
/**
 * The release that is pinned, and tested against noble. Where the optional package is left out, a folder above may hold an
 * older one for other programs, whose addon looks at no lengths and keeps one reference for all threads.
 */
const RELEASE = '5.0.2'

/**
 * @param load finds and loads the addon's file in the package's folder
 * @param from a file: packages are looked for in the folders above it
 */
export function openNativeProvider(
  load?: LoadAddon,
  from: string | URL = import.meta.url,
): Partial<Pick<CryptoProvider, 'recoverPublicKey'>> {
  const Library = loadLibrary(createRequire(from), load)
  if (Library === null) return {}
  // Made at the first recovery: it takes 8 ms, and most threads never recover.
  let library: NativeSecp256k1 | null = null
  return {
    recoverPublicKey(hash, signature, yParity) {
      library ??= new Library()
      const key = new Uint8Array(UNCOMPRESSED_LENGTH)
      const outcome = library.ecdsaRecover(key, signature, yParity, hash)
      if (outcome === RECOVERED) return key.slice(1)
      if (outcome === NO_SUCH_NUMBERS || outcome === NO_KEY) return null
      throw new Error(`libsecp256k1 gave ${outcome} for a recovery`)
    },
  }
}

function loadLibrary(require: NodeJS.Require, load?: LoadAddon): (new () => NativeSecp256k1) | null {
  try {
    const description = require.resolve('secp256k1/package.json')
    if ((require(description) as { readonly version?: unknown }).version !== RELEASE) return null
    const folder = dirname(description)
    return (load ?? (require('node-gyp-build') as LoadAddon))(folder).Secp256k1
  } catch (error) {
    if (error instanceof Error && isMissing(error)) return null
    throw error
  }
}

/** Not installed, no file for this machine, or one that its system does not load. */
function isMissing(error: NodeJS.ErrnoException): boolean {
  return (
    error.code === 'MODULE_NOT_FOUND' ||
    error.code === 'ERR_DLOPEN_FAILED' ||
    error.message.startsWith('No native build was found')
  )
}
