/** The registry's calls, answers and logs in Solidity's encoding (registryInterface.ts). */
import { concatBytes, equalBytes } from '../../codec/bytes.ts'
import { MAX_UINT64 } from '../../codec/rlpFields.ts'
import type { Log } from '../../types/log.ts'
import { Arguments, addressWord, selectorOf, topicOf, wordOf } from '../solidityAbi.ts'
import { approvedPower, operatorPowers, type RegisteredValidator, type ValidatorChange } from './registry.ts'
import { REGISTRY_ADDRESS } from './registryInterface.ts'

export type RegistryCall =
  | { readonly kind: 'propose'; readonly validator: RegisteredValidator; readonly height: bigint }
  | { readonly kind: 'approve'; readonly id: bigint }
  | { readonly kind: 'validators' }
  | { readonly kind: 'changes' }

const SELECTORS = {
  propose: selectorOf('propose(bytes32,uint64,address,address,uint64)'),
  approve: selectorOf('approve(uint64)'),
  validators: selectorOf('validators()'),
  changes: selectorOf('changes()'),
} as const
const PROPOSED = topicOf('ChangeProposed(uint64,bytes32,uint64,uint64,address)')
const APPROVED = topicOf('ChangeApproved(uint64,address,uint64)')
const SCHEDULED = topicOf('ChangeScheduled(uint64,bytes32,uint64,uint64)')

/** Null for input that is no call of the registry. Bytes after the arguments are let pass, as contracts do. */
export function decodeRegistryCall(input: Uint8Array): RegistryCall | null {
  const is = (kind: keyof typeof SELECTORS) => equalBytes(input.subarray(0, 4), SELECTORS[kind])
  if (is('validators')) return { kind: 'validators' }
  if (is('changes')) return { kind: 'changes' }
  const args = new Arguments(input)
  if (is('approve')) {
    const id = args.uint(0, MAX_UINT64)
    return id === undefined ? null : { kind: 'approve', id }
  }
  if (!is('propose')) return null
  const [publicKey, power, height] = [args.word(0), args.uint(1, MAX_UINT64), args.uint(4, MAX_UINT64)]
  const [feeRecipient, operator] = [args.address(2), args.address(3)]
  if (publicKey === undefined || power === undefined || height === undefined) return null
  if (feeRecipient === undefined || operator === undefined) return null
  return { kind: 'propose', validator: { publicKey, power, feeRecipient, operator }, height }
}

export function encodeId(id: bigint): Uint8Array {
  return wordOf(id)
}

export function encodeValidators(validators: readonly RegisteredValidator[]): Uint8Array {
  return concatBytes(wordOf(32n), wordOf(BigInt(validators.length)), ...validators.map(validatorWords))
}

export function encodeChanges(
  changes: readonly ValidatorChange[],
  current: readonly RegisteredValidator[],
): Uint8Array {
  const powers = operatorPowers(current)
  const words = changes.map(({ id, validator, height, approvals, isScheduled }) =>
    concatBytes(
      wordOf(id),
      validatorWords(validator),
      wordOf(height),
      wordOf(approvedPower(powers, approvals)),
      wordOf(isScheduled ? 1n : 0n),
    ),
  )
  return concatBytes(wordOf(32n), wordOf(BigInt(changes.length)), ...words)
}

/** The logs of an approval; `isNew` when it came with the proposal. */
export function logsOf(
  change: ValidatorChange,
  operator: Uint8Array,
  current: readonly RegisteredValidator[],
  isNew: boolean,
): readonly Log[] {
  const { id, validator, height, proposer, approvals, isScheduled } = change
  const { publicKey, power } = validator
  const log = (topics: readonly Uint8Array[], ...data: readonly Uint8Array[]): Log => ({
    address: REGISTRY_ADDRESS,
    topics,
    data: concatBytes(...data),
  })
  const proposed = log([PROPOSED, wordOf(id), publicKey], wordOf(power), wordOf(height), addressWord(proposer))
  const approved = log(
    [APPROVED, wordOf(id), addressWord(operator)],
    wordOf(approvedPower(operatorPowers(current), approvals)),
  )
  const scheduled = log([SCHEDULED, wordOf(id), publicKey], wordOf(power), wordOf(height))
  return [...(isNew ? [proposed] : []), approved, ...(isScheduled ? [scheduled] : [])]
}

function validatorWords({ publicKey, power, feeRecipient, operator }: RegisteredValidator): Uint8Array {
  return concatBytes(publicKey, wordOf(power), addressWord(feeRecipient), addressWord(operator))
}
