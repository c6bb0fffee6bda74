/**
 * The data of a creation, the part of it that is stored, and the cost of both: for tools that judge a contract before
 * it is sent.
 */
export {
  CODE_DEPOSIT_BYTE_GAS,
  densityGas,
  frameGas,
  intrinsicGas,
  LOAD_ALLOWANCE,
  loadPrice,
  MODULE_BYTE_GAS,
  TRANSACTION_GAS,
  warmLoadPrice,
} from './fees.ts'
export { type InitCode, parseInitCode } from './initCode.ts'
export { MAX_CODE_BYTES } from './limits.ts'
export { isWasm, type UnpackOutcome, unpackCode } from './storedCode.ts'
