import { nodeProvider } from '../crypto/nodeProvider.ts'
import { setCryptoProvider } from '../crypto/provider.ts'

/** For a program that derives keys and hashes and is no node: keys and hashes by OpenSSL, which Node carries. */
export function installOpenssl(): void {
  setCryptoProvider(nodeProvider)
}
