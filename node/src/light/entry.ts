/**
 * `@touchstone/node/light`: proofs about one block, made and checked. Like `replay` it reaches no Node API, no native
 * package and no network.
 */
export { decodeReceiptRecords } from '../chain/records.ts'
export { CodecError } from '../codec/codecError.ts'
export { decodeBlock } from '../types/blockCodec.ts'
export { decodeHandover } from '../types/handoverCodec.ts'
export { MAX_PROOF_FILE_BYTES, MAX_PROOF_HANDOVERS, MAX_PROOF_SLOTS } from './limits.ts'
export { makeReceiptProof } from './makeReceiptProof.ts'
export { type AccountClaim, type ProofFile, parseProofFile, proofFileToJson, type ReceiptClaim } from './proofFile.ts'
export { type ProofVerdict, type ProvenAccount, type ProvenReceipt, verifyProofFile } from './verifyProof.ts'
