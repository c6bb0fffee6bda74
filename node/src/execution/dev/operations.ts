/**
 * The operations of a dev transaction to the dev account: a list, in RLP (docs/protocol/dev.md, "Operations").
 * `[[code, argument...], ...]`; an operation's code is its place in {@link OPERATIONS}, from 1.
 */
import { CodecError, decodeWithin } from '../../codec/codecError.ts'
import { decodeRlp, encodeRlp, type RlpItem } from '../../codec/rlp.ts'
import {
  bytesField,
  fixedBytesField,
  integerField,
  integerItem,
  listField,
  MAX_UINT64,
  MAX_UINT256,
  numberField,
} from '../../codec/rlpFields.ts'
import { MAX_DEV_OPERATIONS } from '../limits.ts'

type Address = Uint8Array

export type DevOperation =
  | { readonly kind: 'setBalance'; readonly address: Address; readonly balance: bigint }
  | { readonly kind: 'setNonce'; readonly address: Address; readonly nonce: bigint }
  | { readonly kind: 'setCode'; readonly address: Address; readonly code: Uint8Array }
  /** Slot and value have 32 bytes. */
  | { readonly kind: 'setStorage'; readonly address: Address; readonly slot: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: 'impersonate'; readonly address: Address; readonly on: boolean }
  | { readonly kind: 'autoImpersonate'; readonly on: boolean }
  /** Seconds. */
  | { readonly kind: 'addTime'; readonly seconds: bigint }
  /** Unix seconds; `clock` is that of the asker. */
  | { readonly kind: 'setTime'; readonly timestamp: bigint; readonly clock: bigint }
  | { readonly kind: 'nextTimestamp'; readonly timestamp: bigint; readonly clock: bigint }
  /** Seconds; 0 ends it. */
  | { readonly kind: 'timestampInterval'; readonly seconds: bigint }
  | { readonly kind: 'mine'; readonly blocks: bigint; readonly seconds: bigint }
  | { readonly kind: 'automine'; readonly on: boolean }
  /** Milliseconds; 0 ends it. */
  | { readonly kind: 'miningInterval'; readonly milliseconds: bigint }
  /** 0: the genesis'. */
  | { readonly kind: 'gasLimit'; readonly gas: bigint }
  | { readonly kind: 'nextBaseFee'; readonly fee: bigint }
  /** Zeros: each proposer's own. */
  | { readonly kind: 'coinbase'; readonly address: Address }
  | { readonly kind: 'snapshot' }
  | { readonly kind: 'goBack'; readonly id: bigint }
  /** 32 bytes: of a transaction that waits in pools. */
  | { readonly kind: 'drop'; readonly hash: Uint8Array }

type Kind = DevOperation['kind']
type Field = 'address' | 'word' | 'bytes' | 'uint64' | 'uint256' | 'flag'

/** Names and types of the arguments, in order. The order of the operations is their code: a new one goes to the end. */
const OPERATIONS: readonly (readonly [Kind, readonly (readonly [string, Field])[]])[] = [
  [
    'setBalance',
    [
      ['address', 'address'],
      ['balance', 'uint256'],
    ],
  ],
  [
    'setNonce',
    [
      ['address', 'address'],
      ['nonce', 'uint64'],
    ],
  ],
  [
    'setCode',
    [
      ['address', 'address'],
      ['code', 'bytes'],
    ],
  ],
  [
    'setStorage',
    [
      ['address', 'address'],
      ['slot', 'word'],
      ['value', 'word'],
    ],
  ],
  [
    'impersonate',
    [
      ['address', 'address'],
      ['on', 'flag'],
    ],
  ],
  ['autoImpersonate', [['on', 'flag']]],
  ['addTime', [['seconds', 'uint64']]],
  [
    'setTime',
    [
      ['timestamp', 'uint64'],
      ['clock', 'uint64'],
    ],
  ],
  [
    'nextTimestamp',
    [
      ['timestamp', 'uint64'],
      ['clock', 'uint64'],
    ],
  ],
  ['timestampInterval', [['seconds', 'uint64']]],
  [
    'mine',
    [
      ['blocks', 'uint64'],
      ['seconds', 'uint64'],
    ],
  ],
  ['automine', [['on', 'flag']]],
  ['miningInterval', [['milliseconds', 'uint64']]],
  ['gasLimit', [['gas', 'uint64']]],
  ['nextBaseFee', [['fee', 'uint64']]],
  ['coinbase', [['address', 'address']]],
  ['snapshot', []],
  ['goBack', [['id', 'uint64']]],
  ['drop', [['hash', 'word']]],
]

/** The list, its operations, their arguments. */
const RLP_LIMITS = { maxDepth: 2, maxItems: 1 + 4 * MAX_DEV_OPERATIONS }

export function encodeOperations(operations: readonly DevOperation[]): Uint8Array {
  return encodeRlp(
    operations.map((operation) => {
      const index = OPERATIONS.findIndex(([kind]) => kind === operation.kind)
      const values = operation as unknown as Readonly<Record<string, unknown>>
      return [integerItem(index + 1), ...OPERATIONS[index]![1].map(([name, field]) => itemOf(values[name], field))]
    }),
  )
}

/** @throws CodecError. */
export function decodeOperations(data: Uint8Array): readonly DevOperation[] {
  return decodeWithin('operations', () => {
    const list = listField(decodeRlp(data, RLP_LIMITS), '')
    if (list.length === 0 || list.length > MAX_DEV_OPERATIONS) {
      throw new CodecError('out-of-range', '', `${list.length} operations; 1 to ${MAX_DEV_OPERATIONS} are allowed`)
    }
    return list.map((item, index) => decodeWithin(`[${index}]`, () => decodeOperation(item)))
  })
}

function decodeOperation(item: RlpItem): DevOperation {
  const [code, ...args] = listField(item, '')
  const known = OPERATIONS[numberField(code, OPERATIONS.length, 'code') - 1]
  if (known === undefined) throw new CodecError('out-of-range', 'code', `1 to ${OPERATIONS.length} are operations`)
  const [kind, fields] = known
  if (args.length !== fields.length) {
    throw new CodecError('wrong-shape', kind, `${args.length} arguments, expected ${fields.length}`)
  }
  const values = fields.map(
    ([name, field], index) => [name, argumentOf(args[index], field, `${kind}.${name}`)] as const,
  )
  return { kind, ...Object.fromEntries(values) } as unknown as DevOperation
}

function itemOf(value: unknown, field: Field): RlpItem {
  if (field === 'flag') return integerItem(value === true ? 1 : 0)
  return field === 'uint64' || field === 'uint256' ? integerItem(value as bigint) : (value as Uint8Array)
}

function argumentOf(item: RlpItem | undefined, field: Field, at: string): bigint | boolean | Uint8Array {
  switch (field) {
    case 'address':
      return fixedBytesField(item, 20, at)
    case 'word':
      return fixedBytesField(item, 32, at)
    case 'bytes':
      return bytesField(item, at)
    case 'uint64':
      return integerField(item, MAX_UINT64, at)
    case 'uint256':
      return integerField(item, MAX_UINT256, at)
    case 'flag':
      return integerField(item, 1n, at) === 1n
  }
}

/** Whether it can only be the first of its block: it is about the state after the parent, and alone in its transaction. */
export function opensBlock(operations: readonly DevOperation[]): boolean {
  return operations.some(({ kind }) => kind === 'snapshot' || kind === 'goBack')
}
