/** The parts of a node that the devnet and other programs use. */

export { fromHex, toHex } from './codec/hex.ts'
export { isLoopback } from './codec/ipAddress.ts'
export { type NodeConfigJson, parseNodeConfig } from './config.ts'
export { ed25519PublicKey } from './crypto/ed25519.ts'
export { keccak256 } from './crypto/keccak.ts'
export { addressOfPrivateKey } from './crypto/secp256k1.ts'
export { MAX_CODE_BYTES } from './execution/limits.ts'
export { identityOfSeed, multiaddrOfSeed } from './network/identity.ts'
export type { NodeMessage, ParentMessage } from './processMessages.ts'
export { keepCompiledCode } from './runtime/compiledCode.ts'
export { compiledCodeFolder } from './runtime/compiledCodeFolder.mjs'
export { NODE_PROCESS_OPTIONS } from './runtime/hostHeap.ts'
export { installOpenssl } from './runtime/installOpenssl.ts'
export type { Genesis, GenesisAccount, GenesisValidator } from './types/genesis.ts'
export { genesisToJson, parseGenesis } from './types/genesisCodec.ts'

/** The program of a node process; its one argument is the path of a configuration file (config.ts). */
export const nodeProcessEntry = new URL('./main.ts', import.meta.url)
