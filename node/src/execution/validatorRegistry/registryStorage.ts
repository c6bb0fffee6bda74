/**
 * The registry in the storage of its account, so that it is under the state root and can be proven: its RLP in 32-byte
 * words. Slot 0 is the length in bytes, slot 1 + i the i-th word, the last one filled with zeros.
 *
 *   [[validator...], [[id, validator, height, proposer, [operator...], isScheduled]...], nextId]
 *   validator: [publicKey, power, feeRecipient, operator]
 */
import { bigintToBytes, bytesToBigint, equalBytes } from '../../codec/bytes.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../../codec/rlp.ts'
import {
  fixedBytesField,
  integerField,
  integerItem,
  listField,
  MAX_UINT64,
  numberField,
  tupleField,
} from '../../codec/rlpFields.ts'
import type { State } from '../../state/state.ts'
import type { RegisteredValidator, ValidatorChange, ValidatorRegistry } from './registry.ts'
import { REGISTRY_ADDRESS } from './registryInterface.ts'

type Slots = Pick<State, 'storage' | 'setStorage'>

/** 32-byte words the registry takes, the length among them; null when the chain's set is fixed. Reads the length only. */
export function registryWords(state: Pick<State, 'storage'>): number | null {
  const length = storedLength(state)
  return length === 0 ? null : 1 + Math.ceil(length / 32)
}

/** Null when the chain's set is fixed. */
export function readRegistry(state: Pick<State, 'storage'>): ValidatorRegistry | null {
  const length = storedLength(state)
  if (length === 0) return null
  const raw = new Uint8Array(Math.ceil(length / 32) * 32)
  for (let at = 0; at < length; at += 32) raw.set(state.storage(REGISTRY_ADDRESS, slot(1 + at / 32)), at)
  return decodeRegistry(raw.subarray(0, length))
}

export interface ChangedWord {
  readonly index: number
  readonly word: Uint8Array
  /** Nothing was stored there. */
  readonly isNew: boolean
}

/** The words that differ from what is stored. */
export function changedWords(state: Pick<State, 'storage'>, registry: ValidatorRegistry): readonly ChangedWord[] {
  const raw = encodeRegistry(registry)
  const before = storedLength(state)
  const words = new Map<number, Uint8Array>([[0, bigintToBytes(BigInt(raw.length), 32)]])
  for (let at = 0; at < Math.max(raw.length, before); at += 32) {
    const word = new Uint8Array(32)
    word.set(raw.subarray(at, at + 32))
    words.set(1 + at / 32, word)
  }
  return [...words].flatMap(([index, word]) => {
    const stored = state.storage(REGISTRY_ADDRESS, slot(index))
    return equalBytes(word, stored) ? [] : [{ index, word, isNew: stored.every((byte) => byte === 0) }]
  })
}

export function writeWords(state: Slots, words: readonly ChangedWord[]): void {
  for (const { index, word } of words) state.setStorage(REGISTRY_ADDRESS, slot(index), word)
}

export function encodeRegistry({ validators, changes, nextId }: ValidatorRegistry): Uint8Array {
  return encodeRlp([validators.map(validatorItem), changes.map(changeItem), integerItem(nextId)])
}

export function decodeRegistry(raw: Uint8Array): ValidatorRegistry {
  const f = tupleField(decodeRlp(raw), 3, 'registry')
  return {
    validators: listField(f[0], 'validators').map((item) => validatorField(item)),
    changes: listField(f[1], 'changes').map(changeField),
    nextId: integerField(f[2], MAX_UINT64, 'nextId'),
  }
}

/** Bytes of RLP. */
function storedLength(state: Pick<State, 'storage'>): number {
  return Number(bytesToBigint(state.storage(REGISTRY_ADDRESS, slot(0))))
}

function validatorItem({ publicKey, power, feeRecipient, operator }: RegisteredValidator): RlpItem {
  return [publicKey, integerItem(power), feeRecipient, operator]
}

function validatorField(item: RlpItem | undefined): RegisteredValidator {
  const f = tupleField(item, 4, 'validator')
  return {
    publicKey: fixedBytesField(f[0], 32, 'publicKey'),
    power: integerField(f[1], MAX_UINT64, 'power'),
    feeRecipient: fixedBytesField(f[2], 20, 'feeRecipient'),
    operator: fixedBytesField(f[3], 20, 'operator'),
  }
}

function changeItem({ id, validator, height, proposer, approvals, isScheduled }: ValidatorChange): RlpItem {
  return [
    integerItem(id),
    validatorItem(validator),
    integerItem(height),
    proposer,
    [...approvals],
    integerItem(isScheduled ? 1 : 0),
  ]
}

function changeField(item: RlpItem): ValidatorChange {
  const f = tupleField(item, 6, 'change')
  return {
    id: integerField(f[0], MAX_UINT64, 'id'),
    validator: validatorField(f[1]),
    height: integerField(f[2], MAX_UINT64, 'height'),
    proposer: fixedBytesField(f[3], 20, 'proposer'),
    approvals: listField(f[4], 'approvals').map((each) => fixedBytesField(each, 20, 'operator')),
    isScheduled: numberField(f[5], 1, 'isScheduled') === 1,
  }
}

function slot(index: number): Uint8Array {
  return bigintToBytes(BigInt(index), 32)
}
