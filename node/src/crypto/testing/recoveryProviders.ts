/** All that recover keys on this machine, by name: noble first, which the others are compared with. */

import { openNativeProvider } from '../nativeProvider.ts'
import { nobleProvider } from '../nobleProvider.ts'
import type { CryptoProvider } from '../provider.ts'
import { openWasmProvider } from '../wasmProvider.ts'

/** Machines that `secp256k1` has prebuilt files for; on others there may be one that was compiled. */
const PREBUILT: ReadonlySet<string> = new Set(['linux-x64', 'darwin-arm64', 'win32-x64'])

type Recovery = Pick<CryptoProvider, 'recoverPublicKey'>

/** @throws when a machine with a prebuilt file has no native provider */
export async function recoveryProviders(): Promise<readonly (readonly [string, Recovery])[]> {
  const { recoverPublicKey } = openNativeProvider()
  const machine = `${process.platform}-${process.arch}`
  if (recoverPublicKey === undefined && PREBUILT.has(machine)) throw new Error(`no native secp256k1 on ${machine}`)
  return [
    ['noble', nobleProvider],
    ['wasm', { ...nobleProvider, ...(await openWasmProvider()) }],
    ...(recoverPublicKey === undefined ? [] : [['native', { recoverPublicKey }] as const]),
  ]
}
