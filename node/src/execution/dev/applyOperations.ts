/** Operations of a dev transaction on the state, one after the other. */
import { bigintToBytes } from '../../codec/bytes.ts'
import { toHex } from '../../codec/hex.ts'
import { keccak256 } from '../../crypto/keccak.ts'
import type { BlockState } from '../../state/state.ts'
import { type BlockContext, compileContract } from '../contractHost.ts'
import type { ExecutionConfig } from '../executionConfig.ts'
import { CODE_DEPOSIT_BYTE_GAS, DEV_OPERATION_GAS, MODULE_BYTE_GAS } from '../fees.ts'
import {
  MAX_DEV_BLOCK_GAS_LIMIT,
  MAX_DEV_DIFFERENCES,
  MAX_DEV_MINED_BLOCKS,
  MAX_DEV_MINING_INTERVAL,
  MAX_DEV_SNAPSHOTS,
  MAX_DEV_TIMESTAMP,
  MAX_MODULE_BYTES,
  MAX_NONCE,
  MIN_DEV_BLOCK_GAS_LIMIT,
} from '../limits.ts'
import { isPrecompile } from '../precompiles/precompileNames.ts'
import { unpackCode } from '../storedCode.ts'
import { REGISTRY_ADDRESS } from '../validatorRegistry/registryInterface.ts'
import {
  DEV_ADDRESS,
  genesisRootOf,
  impersonatedSlot,
  readSlot,
  rootOfSnapshot,
  snapshotSlot,
  wordOfBlock,
  writeSlot,
} from './devStorage.ts'
import { DROPPED_TOPIC, SNAPSHOT_TOPIC } from './devTopics.ts'
import type { DevOperation } from './operations.ts'

/** Accounts that stay as they are when the state goes back: what the chain is, and who decides its next blocks. */
export const KEPT_ACCOUNTS: readonly Uint8Array[] = [DEV_ADDRESS, REGISTRY_ADDRESS]

export interface OperationsContext {
  readonly state: BlockState
  readonly block: BlockContext
  readonly config: ExecutionConfig
  /** For all operations together. */
  readonly gas: bigint
}

export type OperationsOutcome =
  /** `backTo`: root of the state to go back to when the transaction has ended. */
  | { readonly ok: true; readonly gasUsed: bigint; readonly backTo: Uint8Array | null }
  | { readonly ok: false; readonly message: string }

/** A reason for which an operation fails, and with it its transaction. */
class OperationError extends Error {}

export function applyOperations(context: OperationsContext, operations: readonly DevOperation[]): OperationsOutcome {
  let gasLeft = context.gas
  const pay = (gas: bigint, what: string): void => {
    if (gas > gasLeft) throw new OperationError(`out of gas: ${what} costs ${gas}, ${gasLeft} are left`)
    gasLeft -= gas
  }
  let backTo: Uint8Array | null = null
  try {
    for (const operation of operations) {
      pay(DEV_OPERATION_GAS, operation.kind)
      backTo = apply(context, operation, pay, () => gasLeft) ?? backTo
    }
  } catch (error) {
    if (error instanceof OperationError) return { ok: false, message: error.message }
    throw error
  }
  return { ok: true, gasUsed: context.gas - gasLeft, backTo }
}

function apply(
  { state, block, config }: OperationsContext,
  operation: DevOperation,
  pay: (gas: bigint, what: string) => void,
  gasLeft: () => bigint,
): Uint8Array | null {
  switch (operation.kind) {
    case 'setBalance':
      state.setBalance(operation.address, operation.balance)
      return null
    case 'setNonce':
      unprotected(operation.address)
      if (operation.nonce >= MAX_NONCE) refuse(`nonce ${operation.nonce}: it is below 2^64 - 1 (EIP-2681)`)
      state.setNonce(operation.address, operation.nonce)
      return null
    case 'setCode':
      unprotected(operation.address)
      if (operation.code.length > 0) checkCode(operation.code, config, pay, gasLeft)
      state.setCode(operation.address, operation.code)
      return null
    case 'setStorage':
      unprotected(operation.address)
      // An account without nonce, balance and code would not be in the state, nor its storage.
      if (state.isEmpty(operation.address)) state.setNonce(operation.address, 1n)
      state.setStorage(operation.address, operation.slot, operation.value)
      return null
    case 'impersonate':
      state.setStorage(DEV_ADDRESS, impersonatedSlot(operation.address), bigintToBytes(operation.on ? 1n : 0n, 32))
      return null
    case 'autoImpersonate':
      writeSlot(state, 'autoImpersonate', operation.on ? 1n : 0n)
      return null
    case 'addTime':
      setOffset(state, BigInt.asIntN(64, readSlot(state, 'timeOffset')) + operation.seconds)
      return null
    case 'setTime':
      setOffset(state, operation.timestamp - operation.clock)
      return null
    case 'nextTimestamp':
      if (operation.timestamp < block.timestamp || operation.timestamp > MAX_DEV_TIMESTAMP) {
        refuse(
          `timestamp ${operation.timestamp}: that of the newest block is ${block.timestamp}, and ${MAX_DEV_TIMESTAMP} is the last`,
        )
      }
      setOffset(state, operation.timestamp - operation.clock)
      writeSlot(state, 'nextTimestamp', wordOfBlock({ value: operation.timestamp, block: block.number + 1n }))
      return null
    case 'timestampInterval':
      writeSlot(state, 'timestampInterval', seconds(operation.seconds))
      return null
    case 'mine':
      mine(state, block, operation.blocks, seconds(operation.seconds))
      return null
    case 'automine':
      writeSlot(state, 'isManual', operation.on ? 0n : 1n)
      return null
    case 'miningInterval':
      if (operation.milliseconds > MAX_DEV_MINING_INTERVAL)
        refuse(`an interval of ${operation.milliseconds} ms: at most ${MAX_DEV_MINING_INTERVAL}`)
      writeSlot(state, 'miningInterval', operation.milliseconds)
      return null
    case 'gasLimit': {
      const { gas } = operation
      if (gas !== 0n && (gas < MIN_DEV_BLOCK_GAS_LIMIT || gas > MAX_DEV_BLOCK_GAS_LIMIT))
        refuse(`a block gas limit of ${gas}: ${MIN_DEV_BLOCK_GAS_LIMIT} to ${MAX_DEV_BLOCK_GAS_LIMIT} are allowed`)
      writeSlot(state, 'gasLimit', gas)
      return null
    }
    case 'nextBaseFee':
      writeSlot(state, 'nextBaseFee', wordOfBlock({ value: operation.fee, block: block.number + 1n }))
      return null
    case 'coinbase':
      writeSlot(state, 'coinbase', BigInt(toHex(operation.address)))
      return null
    case 'snapshot':
      keepSnapshot(state)
      return null
    case 'goBack':
      return rootToGoBackTo(state, operation.id)
    case 'drop':
      state.addLog({ address: DEV_ADDRESS, topics: [DROPPED_TOPIC], data: operation.hash })
      return null
  }
}

/** The contents of these accounts are this program's own: anything else there would stop every node. */
function unprotected(address: Uint8Array): void {
  if (isPrecompile(address)) refuse(`${toHex(address)} is a precompile`)
  if (KEPT_ACCOUNTS.some((kept) => toHex(kept) === toHex(address)))
    refuse(`${toHex(address)} belongs to the chain: it is changed by calls and dev controls only`)
}

/** Stored code can always be run, so it is checked as a creation checks it, and paid for as there. */
function checkCode(
  code: Uint8Array,
  config: ExecutionConfig,
  pay: (gas: bigint, what: string) => void,
  gasLeft: () => bigint,
): void {
  pay(CODE_DEPOSIT_BYTE_GAS * BigInt(code.length), 'storing the code')
  const affordable = gasLeft() / MODULE_BYTE_GAS
  const unpacked = unpackCode(code, affordable < MAX_MODULE_BYTES ? Number(affordable) : MAX_MODULE_BYTES)
  if (!unpacked.ok) throw new OperationError(unpacked.error.message)
  pay(MODULE_BYTE_GAS * BigInt(unpacked.module.length), 'checking the module')
  const own = code.slice()
  const compiled = compileContract(unpacked.module, keccak256(own), config)
  if (!compiled.ok) refuse(compiled.error.message)
}

function setOffset(state: BlockState, offset: bigint): void {
  if (offset > MAX_DEV_TIMESTAMP || offset < -MAX_DEV_TIMESTAMP)
    refuse(`block times ${offset} s from the clocks: at most ${MAX_DEV_TIMESTAMP}`)
  writeSlot(state, 'timeOffset', BigInt.asUintN(64, offset))
}

function seconds(value: bigint): bigint {
  return value <= MAX_DEV_TIMESTAMP ? value : refuse(`${value} seconds: at most ${MAX_DEV_TIMESTAMP}`)
}

function mine(state: BlockState, { number }: BlockContext, blocks: bigint, interval: bigint): void {
  if (blocks < 1n || blocks > MAX_DEV_MINED_BLOCKS)
    refuse(`${blocks} blocks: 1 to ${MAX_DEV_MINED_BLOCKS} are mined at a time`)
  const last = readSlot(state, 'mineUntil')
  // The block that this operation is in is the first, unless an operation before it has asked for that.
  const until = (last > number - 1n ? last : number - 1n) + blocks
  // Block times go on from the last of them; else they would stand there until the clocks have come to it.
  const gone = last > number ? (last - number) * readSlot(state, 'mineTimestampInterval') : 0n
  const offset = BigInt.asIntN(64, readSlot(state, 'timeOffset'))
  setOffset(state, offset + (until - number) * interval - gone)
  writeSlot(state, 'mineUntil', until)
  writeSlot(state, 'mineTimestampInterval', interval)
}

/** The state after the parent: that of its block is in the store. The oldest of many goes. */
function keepSnapshot(state: BlockState): void {
  const id = readSlot(state, 'lastSnapshot') + 1n
  writeSlot(state, 'lastSnapshot', id)
  state.setStorage(DEV_ADDRESS, snapshotSlot(id), state.openedAt())
  if (id > MAX_DEV_SNAPSHOTS) state.setStorage(DEV_ADDRESS, snapshotSlot(id - MAX_DEV_SNAPSHOTS), new Uint8Array(32))
  state.addLog({ address: DEV_ADDRESS, topics: [SNAPSHOT_TOPIC], data: bigintToBytes(id, 32) })
}

/** The snapshot and those after it are used up. `id` 0: the genesis, which never is. */
function rootToGoBackTo(state: BlockState, id: bigint): Uint8Array {
  const root = id === 0n ? genesisRootOf(state) : rootOfSnapshot(state, id)
  if (root === null) refuse(`there is no snapshot ${id}, or not any more`)
  if (!state.isNear(root, MAX_DEV_DIFFERENCES)) {
    refuse(`more than ${MAX_DEV_DIFFERENCES} accounts and slots have changed since then`)
  }
  const last = readSlot(state, 'lastSnapshot')
  const oldest = last > MAX_DEV_SNAPSHOTS ? last - MAX_DEV_SNAPSHOTS + 1n : 1n
  for (let used = id > oldest ? id : oldest; used <= last; used++) {
    state.setStorage(DEV_ADDRESS, snapshotSlot(used), new Uint8Array(32))
  }
  return root
}

function refuse(message: string): never {
  throw new OperationError(message)
}
