/** The registry's calls, answers and logs in Solidity's encoding (registryInterface.ts), by hand. */
import { bigintToBytes, bytesToBigint, concatBytes, equalBytes } from '../../codec/bytes.ts'
import { MAX_UINT64 } from '../../codec/rlpFields.ts'
import { keccak256 } from '../../crypto/keccak.ts'
import type { Log } from '../../types/log.ts'
import { approvedPower, operatorPowers, type RegisteredValidator, type ValidatorChange } from './registry.ts'
import { REGISTRY_ADDRESS } from './registryInterface.ts'

export type RegistryCall =
  | { readonly kind: 'propose'; readonly validator: RegisteredValidator; readonly height: bigint }
  | { readonly kind: 'approve'; readonly id: bigint }
  | { readonly kind: 'validators' }
  | { readonly kind: 'changes' }

const SELECTORS = {
  propose: selector('propose(bytes32,uint64,address,address,uint64)'),
  approve: selector('approve(uint64)'),
  validators: selector('validators()'),
  changes: selector('changes()'),
} as const
const ERROR = selector('Error(string)')
const PROPOSED = topic('ChangeProposed(uint64,bytes32,uint64,uint64,address)')
const APPROVED = topic('ChangeApproved(uint64,address,uint64)')
const SCHEDULED = topic('ChangeScheduled(uint64,bytes32,uint64,uint64)')

/** Null for input that is no call of the registry. Bytes after the arguments are let pass, as contracts do. */
export function decodeRegistryCall(input: Uint8Array): RegistryCall | null {
  const is = (kind: keyof typeof SELECTORS) => equalBytes(input.subarray(0, 4), SELECTORS[kind])
  if (is('validators')) return { kind: 'validators' }
  if (is('changes')) return { kind: 'changes' }
  if (is('approve')) {
    const [id] = integers(input, [0], MAX_UINT64)
    return id === undefined ? null : { kind: 'approve', id }
  }
  if (!is('propose')) return null
  const [power, height] = integers(input, [1, 4], MAX_UINT64)
  const [feeRecipient, operator] = integers(input, [2, 3], (1n << 160n) - 1n)
  if (power === undefined || height === undefined || feeRecipient === undefined || operator === undefined) return null
  const publicKey = input.slice(4, 36)
  const address = (value: bigint) => bigintToBytes(value, 20)
  const validator = { publicKey, power, feeRecipient: address(feeRecipient), operator: address(operator) }
  return { kind: 'propose', validator, height }
}

export function encodeId(id: bigint): Uint8Array {
  return word(id)
}

export function encodeValidators(validators: readonly RegisteredValidator[]): Uint8Array {
  return concatBytes(word(32n), word(BigInt(validators.length)), ...validators.map(validatorWords))
}

export function encodeChanges(
  changes: readonly ValidatorChange[],
  current: readonly RegisteredValidator[],
): Uint8Array {
  const powers = operatorPowers(current)
  const words = changes.map(({ id, validator, height, approvals, isScheduled }) =>
    concatBytes(
      word(id),
      validatorWords(validator),
      word(height),
      word(approvedPower(powers, approvals)),
      word(isScheduled ? 1n : 0n),
    ),
  )
  return concatBytes(word(32n), word(BigInt(changes.length)), ...words)
}

/** `Error(string)` with a reason in ASCII. */
export function encodeError(reason: string): Uint8Array {
  const text = new TextEncoder().encode(reason)
  const padded = new Uint8Array(Math.ceil(text.length / 32) * 32)
  padded.set(text)
  return concatBytes(ERROR, word(32n), word(BigInt(text.length)), padded)
}

/** What an approval is logged as; `isNew` when it came with the proposal. */
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
  const proposed = log([PROPOSED, word(id), publicKey], word(power), word(height), addressWord(proposer))
  const approved = log(
    [APPROVED, word(id), addressWord(operator)],
    word(approvedPower(operatorPowers(current), approvals)),
  )
  const scheduled = log([SCHEDULED, word(id), publicKey], word(power), word(height))
  return [...(isNew ? [proposed] : []), approved, ...(isScheduled ? [scheduled] : [])]
}

function validatorWords({ publicKey, power, feeRecipient, operator }: RegisteredValidator): Uint8Array {
  return concatBytes(publicKey, word(power), addressWord(feeRecipient), addressWord(operator))
}

/** Arguments at these places, none when one is missing or greater than allowed. */
function integers(input: Uint8Array, places: readonly number[], most: bigint): readonly bigint[] {
  const values = places.map((place) => {
    const at = 4 + 32 * place
    return at + 32 <= input.length ? bytesToBigint(input.subarray(at, at + 32)) : most + 1n
  })
  return values.every((value) => value <= most) ? values : []
}

function word(value: bigint): Uint8Array {
  return bigintToBytes(value, 32)
}

function addressWord(address: Uint8Array): Uint8Array {
  return concatBytes(new Uint8Array(12), address)
}

function topic(signature: string): Uint8Array {
  return keccak256(new TextEncoder().encode(signature))
}

function selector(signature: string): Uint8Array {
  return topic(signature).slice(0, 4)
}
