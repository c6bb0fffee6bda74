/** Calls to other contracts, creations, and the data they return. */
import type { CallKind } from '../environment.ts'
import { type Hook, hook } from './hook.ts'
import { type HookFrame, refusalsTrap } from './hookFrame.ts'
import { type HookName, readInk, writeInk } from './prices.ts'
import { bytesToWord } from './words.ts'

/** Every failure of a call, reverts included; the return data tells them apart. */
const CALL_FAILED = 2

export const callHooks = {
  /**
   * Calls with value. `gas` is unsigned and capped by the 63/64 rule, so its maximum means "all there is"; 0 is
   * success, 2 failure, and `retLen` receives the length of the return data as a little-endian u32.
   */
  call_contract: hook(
    'iiiili',
    'i',
    (frame, contract: number, data: number, length: number, value: number, gas: bigint, retLen: number) =>
      callContract(frame, 'call_contract', 'call', contract, data, length, value, gas, retLen),
  ),

  /** As `call_contract`, running the other's code on this contract's storage, with this frame's caller and value. */
  delegate_call_contract: hook(
    'iiili',
    'i',
    (frame, contract: number, data: number, length: number, gas: bigint, retLen: number) =>
      callContract(frame, 'delegate_call_contract', 'delegatecall', contract, data, length, null, gas, retLen),
  ),

  /** As `call_contract`, where any change of state fails the callee. */
  static_call_contract: hook(
    'iiili',
    'i',
    (frame, contract: number, data: number, length: number, gas: bigint, retLen: number) =>
      callContract(frame, 'static_call_contract', 'staticcall', contract, data, length, null, gas, retLen),
  ),

  /** CREATE. `out` receives the address, or zeros; `revertLen` the length of the constructor's revert data. */
  create1: hook('iiiii', '', (frame, code: number, length: number, endowment: number, out: number, revertLen: number) =>
    create(frame, 'create1', code, length, endowment, null, out, revertLen),
  ),

  /** CREATE2 (EIP-1014). */
  create2: hook(
    'iiiiii',
    '',
    (frame, code: number, length: number, endowment: number, salt: number, out: number, revertLen: number) =>
      create(frame, 'create2', code, length, endowment, salt, out, revertLen),
  ),

  /** Copies the part of the return data that exists; the number of bytes copied. */
  read_return_data: hook('iii', 'i', (frame, dest: number, offset: number, size: number) => {
    frame.payBase('read_return_data')
    const start = Math.min(offset >>> 0, frame.returnData.length)
    const part = frame.returnData.subarray(start, Math.min(start + (size >>> 0), frame.returnData.length))
    frame.payInk(writeInk(frame.prices, part.length))
    if (part.length > 0) frame.write(dest, part)
    return part.length
  }),

  /** Length of the return data of the last call or creation; 0 before the first. */
  return_data_size: hook('', 'i', (frame) => {
    frame.payBase('return_data_size')
    return frame.returnData.length
  }),
} satisfies Record<string, Hook>

function callContract(
  frame: HookFrame,
  name: HookName,
  kind: CallKind,
  contract: number,
  data: number,
  length: number,
  value: number | null,
  gas: bigint,
  retLen: number,
): number {
  frame.payBase(name)
  frame.payInk(2n * readInk(frame.prices, length >>> 0))
  const address = frame.read(contract, 20)
  const input = frame.read(data, length)
  const wei = value === null ? 0n : bytesToWord(frame.read(value, 32))
  frame.countPages()
  const result = refusalsTrap(() =>
    frame.environment.call({
      kind,
      address,
      value: wei,
      input,
      gasRequested: BigInt.asUintN(64, gas),
      gasLeft: frame.gasLeft(),
    }),
  )
  frame.payGas(result.gasUsed)
  frame.returnData = result.output
  frame.writeU32(retLen, result.output.length)
  return result.success ? 0 : CALL_FAILED
}

function create(
  frame: HookFrame,
  name: HookName,
  code: number,
  length: number,
  endowment: number,
  salt: number | null,
  out: number,
  revertLen: number,
): undefined {
  frame.payBase(name)
  frame.payInk(2n * readInk(frame.prices, length >>> 0))
  const initCode = frame.read(code, length)
  const value = bytesToWord(frame.read(endowment, 32))
  const saltBytes = salt === null ? null : frame.read(salt, 32)
  frame.countPages()
  const result = refusalsTrap(() =>
    frame.environment.create({ code: initCode, value, salt: saltBytes, gasLeft: frame.gasLeft() }),
  )
  frame.payGas(result.gasUsed)
  frame.returnData = result.output
  frame.writeU32(revertLen, result.output.length)
  frame.write(out, result.address ?? new Uint8Array(20))
  return undefined
}
