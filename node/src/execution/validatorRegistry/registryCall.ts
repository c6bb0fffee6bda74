/** A call of the validator registry: priced by the storage it reads and writes, refused with a reason in words. */
import { EMPTY_BYTES } from '../../codec/bytes.ts'
import type { Message } from '../message.ts'
import { encodeError } from '../solidityAbi.ts'
import { failure, type MessageResult, type TransactionContext } from '../transactionContext.ts'
import { approve, propose, type ValidatorRegistry, validatorsAt } from './registry.ts'
import {
  decodeRegistryCall,
  encodeChanges,
  encodeId,
  encodeValidators,
  logsOf,
  type RegistryCall,
} from './registryAbi.ts'
import { changedWords, readRegistry, registryWords, writeWords } from './registryStorage.ts'

/** Of every call, for decoding and for counting power. */
export const REGISTRY_CALL_GAS = 10_000n
/** Of each stored word, as a warm read (EIP-2929) and what it costs to decode. */
export const REGISTRY_READ_WORD_GAS = 200n
/** Of each word stored where there was none, and of each changed: EIP-2200's prices of warm slots, without refunds. */
export const REGISTRY_NEW_WORD_GAS = 20_000n
export const REGISTRY_CHANGED_WORD_GAS = 2_900n

/** Null on a chain with a fixed set: there is nothing at the address. */
export function runRegistry(context: TransactionContext, message: Message): MessageResult | null {
  const words = registryWords(context.state)
  if (words === null) return null
  const gas = REGISTRY_CALL_GAS + REGISTRY_READ_WORD_GAS * BigInt(words)
  // Before it is read: a contract could have all of it decoded again and again for the price of a warm call.
  if (message.gas < gas) return failure(`out of gas: limit ${message.gas}, the validator registry costs ${gas}`)
  const gasLeft = message.gas - gas
  const call = decodeRegistryCall(message.input)
  const fault = callFault(message, call)
  if (call === null || fault !== null) return reverted(fault ?? '', gasLeft)
  const { number } = context.block
  const registry = readRegistry(context.state)!
  const current = validatorsAt(registry, number)
  if (call.kind === 'validators') return { kind: 'success', output: encodeValidators(current), gasLeft }
  if (call.kind === 'changes') {
    const open = registry.changes.filter(({ height }) => height > number)
    return { kind: 'success', output: encodeChanges(open, current), gasLeft }
  }
  return change(context, message, registry, call, gasLeft)
}

function change(
  { state, block }: TransactionContext,
  { caller }: Message,
  registry: ValidatorRegistry,
  call: Extract<RegistryCall, { kind: 'propose' | 'approve' }>,
  gasBefore: bigint,
): MessageResult {
  const isNew = call.kind === 'propose'
  const outcome = isNew
    ? propose(registry, caller, call.validator, call.height, block.number)
    : approve(registry, caller, call.id, block.number)
  if (!outcome.ok) return reverted(outcome.reason, gasBefore)
  const words = changedWords(state, outcome.registry)
  const price = words.reduce((sum, { isNew }) => sum + (isNew ? REGISTRY_NEW_WORD_GAS : REGISTRY_CHANGED_WORD_GAS), 0n)
  if (gasBefore < price)
    return failure(`out of gas: the validator registry needs ${price} more for ${words.length} words`)
  writeWords(state, words)
  for (const log of logsOf(outcome.change, caller, validatorsAt(registry, block.number), isNew)) state.addLog(log)
  return {
    kind: 'success',
    output: isNew ? encodeId(outcome.change.id) : EMPTY_BYTES,
    gasLeft: gasBefore - price,
  }
}

function callFault(message: Message, call: RegistryCall | null): string | null {
  if (message.kind === 'delegatecall') return 'the validator registry cannot be called by delegatecall'
  if (message.value > 0n) return 'the validator registry takes no value'
  if (call === null) return 'no function of the validator registry, or arguments out of range'
  const writes = call.kind === 'propose' || call.kind === 'approve'
  return message.isStatic && writes ? 'the validator registry cannot be changed in a static call' : null
}

function reverted(reason: string, gasLeft: bigint): MessageResult {
  return { kind: 'revert', output: encodeError(reason), gasLeft }
}
