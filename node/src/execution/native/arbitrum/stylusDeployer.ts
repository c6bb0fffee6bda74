/**
 * The StylusDeployer that Offchain Labs put at the same address of every chain: creates a contract, activates it, and
 * calls its constructor, in one transaction. nitro-contracts, src/stylus/StylusDeployer.sol, function by function; the
 * sender of the constructor's call is the deployer.
 */
import { bytesToBigint, concatBytes } from '../../../codec/bytes.ts'
import { MAX_UINT256 } from '../../../codec/rlpFields.ts'
import { keccak256 } from '../../../crypto/keccak.ts'
import { addressWord, bytesTail, encodePanic, selectorOf, topicOf, wordOf } from '../../solidityAbi.ts'
import { type NativeFrame, nativeContract } from '../nativeContract.ts'
import { ARB_WASM_ADDRESS } from './addresses.ts'

const CONTRACT_DEPLOYED = topicOf('ContractDeployed(address)')
const CONTRACT_DEPLOYMENT_ERROR = selectorOf('ContractDeploymentError(bytes)')
const CONTRACT_INITIALIZATION_ERROR = selectorOf('ContractInitializationError(address,bytes)')
const REFUND_EXCESS_VALUE_ERROR = selectorOf('RefundExcessValueError(uint256)')
const EMPTY_BYTECODE = selectorOf('EmptyBytecode()')
const INIT_VALUE_BUT_NOT_INIT_DATA = selectorOf('InitValueButNotInitData()')
const ACTIVATE_PROGRAM = selectorOf('activateProgram(address)')
const CODEHASH_VERSION = selectorOf('codehashVersion(bytes32)')
/** Solidity's panic of checked arithmetic. */
const OVERFLOW = 0x11n
/** Yellow paper, G_keccak256 and G_keccak256word. */
const KECCAK_GAS = 30n
const KECCAK_WORD_GAS = 6n

export const stylusDeployer = nativeContract('StylusDeployer', [
  {
    signature: 'deploy(bytes,bytes,uint256,bytes32)',
    isPayable: true,
    run(frame, args) {
      const code = frame.given(args.bytes(0))
      const initData = frame.given(args.bytes(1))
      const initValue = frame.given(args.uint(2, MAX_UINT256))
      const salt = frame.given(args.word(3))
      const created = createContract(frame, code, bytesToBigint(salt) === 0n ? null : initSalt(frame, salt, initData))
      if (initValue > frame.message.value) return frame.revert(encodePanic(OVERFLOW))
      if (requiresActivation(frame, created)) activate(frame, created)
      if (initData.length > 0) initialize(frame, created, initData, initValue)
      else if (initValue > 0n) return frame.revert(INIT_VALUE_BUT_NOT_INIT_DATA)
      refund(frame, frame.message.value - initValue)
      frame.log([CONTRACT_DEPLOYED], addressWord(created))
      return addressWord(created)
    },
  },
  {
    signature: 'initSalt(bytes32,bytes)',
    run: (frame, args) => initSalt(frame, frame.given(args.word(0)), frame.given(args.bytes(1))),
  },
  {
    signature: 'requiresActivation(address)',
    run: (frame, args) => wordOf(requiresActivation(frame, frame.given(args.address(0))) ? 1 : 0),
  },
])

function initSalt(frame: NativeFrame, salt: Uint8Array, initData: Uint8Array): Uint8Array {
  frame.charge(KECCAK_GAS + KECCAK_WORD_GAS * BigInt(1 + Math.ceil(initData.length / 32)))
  return keccak256(concatBytes(salt, initData))
}

function createContract(frame: NativeFrame, code: Uint8Array, salt: Uint8Array | null): Uint8Array {
  if (code.length === 0) return frame.revert(EMPTY_BYTECODE)
  const { address, output } = frame.create(code, salt)
  if (address !== null) return address
  if (output.length > 0) return frame.revert(output)
  return frame.revert(concatBytes(CONTRACT_DEPLOYMENT_ERROR, wordOf(32), bytesTail(code)))
}

/** A contract of an equal code may have been activated before. */
function requiresActivation(frame: NativeFrame, address: Uint8Array): boolean {
  frame.code(address)
  const codeHash = frame.context.state.codeHash(address)
  return !frame.call(ARB_WASM_ADDRESS, 0n, concatBytes(CODEHASH_VERSION, codeHash)).success
}

function activate(frame: NativeFrame, address: Uint8Array): void {
  const { success, output } = frame.call(ARB_WASM_ADDRESS, 0n, concatBytes(ACTIVATE_PROGRAM, addressWord(address)))
  if (!success) frame.revert(output)
}

function initialize(frame: NativeFrame, address: Uint8Array, initData: Uint8Array, value: bigint): void {
  const { success, output } = frame.call(address, value, initData)
  if (success) return
  frame.revert(concatBytes(CONTRACT_INITIALIZATION_ERROR, addressWord(address), wordOf(64), bytesTail(output)))
}

/** As a call without data: the sender may be a contract, which has to take it. */
function refund(frame: NativeFrame, value: bigint): void {
  if (value === 0n) return
  if (frame.call(frame.message.caller, value, new Uint8Array(0)).success) return
  frame.revert(concatBytes(REFUND_EXCESS_VALUE_ERROR, wordOf(value)))
}
