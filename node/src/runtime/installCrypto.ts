/**
 * Puts the faster crypto of Node's OpenSSL into the slots, on every thread of a node process. Its answers are noble's
 * (tested against each other and the vectors); replay and browsers run on noble alone.
 */
import { nodeProvider } from '../crypto/nodeProvider.ts'
import { setCryptoProvider } from '../crypto/provider.ts'

export function installCrypto(): void {
  setCryptoProvider(nodeProvider)
}
