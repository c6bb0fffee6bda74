/**
 * The record that activating a contract leaves behind. Nothing needs it: a contract was validated and compiled when it
 * was created, and runs at once. Tools that were made for Arbitrum ask for it. A word of ArbWasm's storage for each
 * code hash, big-endian: values at control points (4 bytes), loops (4), functions (4), bytes of the module (4), pages
 * its memory starts with (2), version (2), and zeros before them.
 */

import { concatBytes } from '../../../codec/bytes.ts'
import type { Log } from '../../../types/log.ts'
import { type Contract, sizesOf } from '../../contractHost.ts'
import type { ModuleSizes } from '../../fees.ts'
import { addressWord, topicOf, wordOf } from '../../solidityAbi.ts'
import { ARB_WASM_ADDRESS } from './addresses.ts'

/** Of the rules that programs are activated for: Arbitrum's since ArbOS 31. */
export const STYLUS_VERSION = 2

const PROGRAM_ACTIVATED = topicOf('ProgramActivated(bytes32,bytes32,address,uint256,uint16)')

export interface Activation extends ModuleSizes {
  readonly version: number
}

export function activationOf(contract: Contract): Activation {
  return { version: STYLUS_VERSION, ...sizesOf(contract) }
}

export function encodeActivation(activation: Activation): Uint8Array {
  const { version, pages, moduleBytes, functions, loops, controlValues } = activation
  const word = new Uint8Array(32)
  const view = new DataView(word.buffer)
  // 250 functions of 1 000 000 are the most there can be: more functions have too few locals or too few bytes.
  view.setUint32(12, controlValues, false)
  view.setUint32(16, loops, false)
  view.setUint32(20, functions, false)
  view.setUint32(24, moduleBytes, false)
  view.setUint16(28, pages, false)
  view.setUint16(30, version, false)
  return word
}

/** Null when the code was not activated. */
export function decodeActivation(word: Uint8Array): Activation | null {
  const view = new DataView(word.buffer, word.byteOffset, word.length)
  const version = view.getUint16(30, false)
  if (version === 0) return null
  return {
    version,
    pages: view.getUint16(28, false),
    moduleBytes: view.getUint32(24, false),
    functions: view.getUint32(20, false),
    loops: view.getUint32(16, false),
    controlValues: view.getUint32(12, false),
  }
}

/** The module's hash is the code's here: no other form of it is kept. The fee is 0. */
export function activationLog(codeHash: Uint8Array, program: Uint8Array): Log {
  return {
    address: ARB_WASM_ADDRESS,
    topics: [PROGRAM_ACTIVATED, codeHash],
    data: concatBytes(codeHash, addressWord(program), wordOf(0), wordOf(STYLUS_VERSION)),
  }
}
