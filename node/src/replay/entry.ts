/**
 * `@touchstone/node/replay`: what executes an export again, for the command and for other hosts. Unlike the package's main
 * entry it reaches no Node API, no native package and no network, so it can be bundled for anything that runs JavaScript.
 */
export { setCryptoProvider } from '../crypto/provider.ts'
export { openWasmProvider } from '../crypto/wasmProvider.ts'
export type { Explanation } from '../divergence/explain.ts'
export { decodeBlock } from '../types/blockCodec.ts'
export type { Difference } from './difference.ts'
export { ExportError, type ExportErrorCode } from './exportError.ts'
export {
  type ExportedBlock,
  encodeBlockRecord,
  encodeEndRecord,
  encodeGenesisRecord,
  encodeHeader,
} from './exportFormat.ts'
export { type ReplayEngine, type ReplayOptions, type ReplayReport, replayExport } from './replay.ts'
