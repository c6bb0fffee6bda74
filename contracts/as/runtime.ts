/** Imports of the code that the build generates. Not for authors. */

export { headSize, isDynamic, needHeads, putAt, tailSize, takeAt } from './abi/codec'
export { Bytes } from './bytes'
export { RemoteContract, valueIn, valuesIn } from './call'
export {
  arrayIndex,
  begin,
  beginView,
  emitLog,
  enter,
  enterConstructor,
  enterView,
  finish,
  finishRaw,
  finishWith,
  finishWithMany,
  place,
  refuseReentry,
  refuseUnknown,
  refuseValue,
  writeTopic,
} from './entry'
export { zeroOf } from './fixedArray'
export { U256 } from './math/u256'
export { panicDivision } from './nativeChecks'
export { revertRaw } from './revert'
export { loadImmutable, setImmutable, storeFirstImmutables, storeImmutables } from './storage/immutable'
export { slotAt } from './storage/slot'
export {
  clearValue,
  loadField,
  loadTransientField,
  loadValue,
  saveField,
  saveTransientField,
  saveValue,
} from './storage/value'
export { typedWord } from './typedData'
export { addToWord, keccakInto } from './words'
