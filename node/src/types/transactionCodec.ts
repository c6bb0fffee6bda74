/**
 * Transactions to bytes and back: legacy (EIP-155 and before), EIP-2930, EIP-1559 and our dev transactions, in the
 * envelope of EIP-2718.
 *
 * Decoding checks all that holds whatever the state and the chain: shape, canonical integers, bounds, EIP-2's low s.
 * Execution checks everything that depends on the chain (its id, fees, balance, nonce). One transaction has exactly one
 * encoding, so equal hashes mean equal transactions and nobody encodes again what was decoded.
 */
import { concatBytes, plainBytes } from '../codec/bytes.ts'
import { CodecError, decodeWithin } from '../codec/codecError.ts'
import { decodeRlp, encodeRlp, type RlpItem, type RlpLimits } from '../codec/rlp.ts'
import {
  bytesField,
  fixedBytesField,
  integerField,
  integerItem,
  listField,
  MAX_UINT64,
  MAX_UINT256,
  tupleField,
} from '../codec/rlpFields.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { recoverAddress, SECP256K1_HALF_ORDER, SECP256K1_ORDER, signHash } from '../crypto/secp256k1.ts'
import {
  type AccessListEntry,
  type AccessListTransaction,
  DEV_TRANSACTION_TYPE,
  type DevTransaction,
  type FeeMarketTransaction,
  type LegacyTransaction,
  type Transaction,
  type TransactionEnvelope,
} from './transaction.ts'

/** The largest nonce a transaction may carry; one more could never be executed (EIP-2681). */
export const MAX_TRANSACTION_NONCE = MAX_UINT64 - 1n

/** Bytes of a dev transaction's salt. */
export const DEV_SALT_BYTES = 16

/** An access list is the deepest part: list, entries, entry, keys. */
const TRANSACTION_RLP_LIMITS: RlpLimits = { maxDepth: 5 }

type Unsigned<T> = Omit<T, 'r' | 's' | 'yParity'>
export type UnsignedTransaction =
  | Unsigned<LegacyTransaction>
  | Unsigned<AccessListTransaction>
  | Unsigned<FeeMarketTransaction>
  | Unsigned<DevTransaction>

/** As sent to eth_sendRawTransaction. Keeps views of `raw`, so nobody may write to it afterwards. @throws CodecError. */
export function decodeTransaction(raw: Uint8Array): TransactionEnvelope {
  const bytes = plainBytes(raw)
  const transaction = decodeWithin('transaction', () => decodeByType(bytes))
  return { transaction, raw: bytes, hash: keccak256(bytes) }
}

export function encodeTransaction(transaction: Transaction): TransactionEnvelope {
  const { r, s, yParity } = transaction
  const last = transaction.type === 0 ? integerItem(legacyV(transaction)) : integerItem(yParity)
  const raw = typed(transaction.type, [...unsignedItems(transaction), last, integerItem(r), integerItem(s)])
  return { transaction, raw, hash: keccak256(raw) }
}

/** The hash the sender signs: EIP-155, 2930 or 1559. 32 bytes. */
function signingHash(transaction: UnsignedTransaction | Transaction): Uint8Array {
  const items = unsignedItems(transaction)
  if (transaction.type === 0 && transaction.chainId !== null) {
    items.push(integerItem(transaction.chainId), integerItem(0), integerItem(0))
  }
  return keccak256(typed(transaction.type, items))
}

/** 20 bytes. @throws CodecError `bad-signature` when no key could have made the signature. */
export function recoverSender(transaction: Transaction): Uint8Array {
  const sender = recoverAddress(signingHash(transaction), transaction.r, transaction.s, transaction.yParity)
  if (sender === null) throw new CodecError('bad-signature', 'transaction.r', 'no key could have made this signature')
  return sender
}

/** `privateKey` is 32 bytes. */
export function signTransaction(unsigned: UnsignedTransaction, privateKey: Uint8Array): TransactionEnvelope {
  return encodeTransaction({ ...unsigned, ...signHash(signingHash(unsigned), privateKey) })
}

/** The most a unit of gas may cost the sender, wei. */
export function maxFeePerGas(transaction: UnsignedTransaction | Transaction): bigint {
  return transaction.type === 2 ? transaction.maxFeePerGas : transaction.gasPrice
}

/** Wei per gas the sender pays in a block with this base fee (EIP-1559); the base fee must not be above `maxFeePerGas`. */
export function effectiveGasPrice(transaction: UnsignedTransaction | Transaction, baseFee: bigint): bigint {
  if (transaction.type !== 2) return transaction.gasPrice
  const withTip = baseFee + transaction.maxPriorityFeePerGas
  if (withTip > transaction.maxFeePerGas) return transaction.maxFeePerGas
  return withTip
}

/** The v of a legacy signature: 27 or 28, with EIP-155 35 or 36 + 2 * chain id. */
export function legacyV(transaction: LegacyTransaction): bigint {
  const parity = BigInt(transaction.yParity)
  return transaction.chainId === null ? 27n + parity : 35n + 2n * transaction.chainId + parity
}

const NAMES_OF_UNSUPPORTED: ReadonlyMap<number, string> = new Map([
  [3, 'blob transaction, EIP-4844'],
  [4, 'set-code transaction, EIP-7702'],
])

function decodeByType(bytes: Uint8Array): Transaction {
  const first = bytes[0]
  if (first === undefined) throw new CodecError('rlp-truncated', '', 'no bytes')
  // A list: EIP-2718 keeps legacy transactions as they were.
  if (first >= 0xc0) return decodeLegacy(decodeRlp(bytes, TRANSACTION_RLP_LIMITS))
  if (first === 1) return decodeAccessList(decodeRlp(bytes.subarray(1), TRANSACTION_RLP_LIMITS))
  if (first === 2) return decodeFeeMarket(decodeRlp(bytes.subarray(1), TRANSACTION_RLP_LIMITS))
  if (first === DEV_TRANSACTION_TYPE) return decodeDev(decodeRlp(bytes.subarray(1), TRANSACTION_RLP_LIMITS))
  const name = NAMES_OF_UNSUPPORTED.get(first)
  const what = name === undefined ? `type 0x${first.toString(16).padStart(2, '0')}` : `type ${first} (${name})`
  throw new CodecError(
    'unsupported-type',
    'type',
    `${what} is not supported; this chain takes 0 (legacy), 1 (EIP-2930) and 2 (EIP-1559)`,
  )
}

function decodeLegacy(item: RlpItem): LegacyTransaction {
  const f = tupleField(item, 9, '')
  const fields = {
    nonce: integerField(f[0], MAX_TRANSACTION_NONCE, 'nonce'),
    gasPrice: integerField(f[1], MAX_UINT256, 'gasPrice'),
    gasLimit: integerField(f[2], MAX_UINT64, 'gasLimit'),
    to: recipientField(f[3]),
    value: integerField(f[4], MAX_UINT256, 'value'),
    data: bytesField(f[5], 'data'),
  }
  const v = integerField(f[6], MAX_UINT256, 'v')
  const signature = signatureFields(f[7], f[8])
  if (v === 27n || v === 28n) {
    return { type: 0, chainId: null, ...fields, ...signature, yParity: v === 28n ? 1 : 0 }
  }
  // 35 and 36 would be chain 0, which EIP-155 does not have.
  if (v < 37n) {
    throw new CodecError('bad-signature', 'v', `${v} is neither 27 or 28 nor 35 or 36 + 2 * chain id (EIP-155)`)
  }
  const parity = (v - 35n) & 1n
  return { type: 0, chainId: (v - 35n) >> 1n, ...fields, ...signature, yParity: parity === 1n ? 1 : 0 }
}

function decodeAccessList(item: RlpItem): AccessListTransaction {
  const f = tupleField(item, 11, '')
  return {
    type: 1,
    chainId: integerField(f[0], MAX_UINT256, 'chainId'),
    nonce: integerField(f[1], MAX_TRANSACTION_NONCE, 'nonce'),
    gasPrice: integerField(f[2], MAX_UINT256, 'gasPrice'),
    gasLimit: integerField(f[3], MAX_UINT64, 'gasLimit'),
    to: recipientField(f[4]),
    value: integerField(f[5], MAX_UINT256, 'value'),
    data: bytesField(f[6], 'data'),
    accessList: accessListField(f[7]),
    yParity: yParityField(f[8]),
    ...signatureFields(f[9], f[10]),
  }
}

function decodeFeeMarket(item: RlpItem): FeeMarketTransaction {
  const f = tupleField(item, 12, '')
  return {
    type: 2,
    chainId: integerField(f[0], MAX_UINT256, 'chainId'),
    nonce: integerField(f[1], MAX_TRANSACTION_NONCE, 'nonce'),
    maxPriorityFeePerGas: integerField(f[2], MAX_UINT256, 'maxPriorityFeePerGas'),
    maxFeePerGas: integerField(f[3], MAX_UINT256, 'maxFeePerGas'),
    gasLimit: integerField(f[4], MAX_UINT64, 'gasLimit'),
    to: recipientField(f[5]),
    value: integerField(f[6], MAX_UINT256, 'value'),
    data: bytesField(f[7], 'data'),
    accessList: accessListField(f[8]),
    yParity: yParityField(f[9]),
    ...signatureFields(f[10], f[11]),
  }
}

function decodeDev(item: RlpItem): DevTransaction {
  const f = tupleField(item, 11, '')
  return {
    type: DEV_TRANSACTION_TYPE,
    chainId: integerField(f[0], MAX_UINT256, 'chainId'),
    salt: fixedBytesField(f[1], DEV_SALT_BYTES, 'salt'),
    from: fixedBytesField(f[2], 20, 'from'),
    nonce: integerField(f[3], MAX_TRANSACTION_NONCE, 'nonce'),
    gasLimit: integerField(f[4], MAX_UINT64, 'gasLimit'),
    to: recipientField(f[5]),
    value: integerField(f[6], MAX_UINT256, 'value'),
    data: bytesField(f[7], 'data'),
    gasPrice: 0n,
    accessList: [],
    yParity: yParityField(f[8]),
    ...signatureFields(f[9], f[10]),
  }
}

function recipientField(item: RlpItem | undefined): Uint8Array | null {
  const bytes = bytesField(item, 'to')
  if (bytes.length === 0) return null
  if (bytes.length === 20) return bytes
  throw new CodecError('wrong-length', 'to', `${bytes.length} bytes, expected 20, or none to create a contract`)
}

function accessListField(item: RlpItem | undefined): readonly AccessListEntry[] {
  return listField(item, 'accessList').map((entry, index) => {
    const field = `accessList[${index}]`
    const [address, keys] = tupleField(entry, 2, field)
    return {
      address: fixedBytesField(address, 20, `${field}.address`),
      storageKeys: listField(keys, `${field}.storageKeys`).map((key, position) =>
        fixedBytesField(key, 32, `${field}.storageKeys[${position}]`),
      ),
    }
  })
}

function yParityField(item: RlpItem | undefined): 0 | 1 {
  return integerField(item, 1n, 'yParity') === 1n ? 1 : 0
}

function signatureFields(r: RlpItem | undefined, s: RlpItem | undefined): { r: bigint; s: bigint } {
  const fields = { r: integerField(r, MAX_UINT256, 'r'), s: integerField(s, MAX_UINT256, 's') }
  if (fields.r === 0n || fields.r >= SECP256K1_ORDER) {
    throw new CodecError('bad-signature', 'r', 'must be above 0 and below the order of secp256k1')
  }
  if (fields.s === 0n || fields.s > SECP256K1_HALF_ORDER) {
    throw new CodecError('bad-signature', 's', 'must be above 0 and at most half the order of secp256k1 (EIP-2)')
  }
  return fields
}

function unsignedItems(transaction: UnsignedTransaction): RlpItem[] {
  const { nonce, gasLimit, to, value, data } = transaction
  const body: RlpItem[] = [integerItem(gasLimit), to ?? new Uint8Array(0), integerItem(value), data]
  if (transaction.type === 0) return [integerItem(nonce), integerItem(transaction.gasPrice), ...body]
  if (transaction.type === DEV_TRANSACTION_TYPE)
    return [integerItem(transaction.chainId), transaction.salt, transaction.from, integerItem(nonce), ...body]
  const fees =
    transaction.type === 1 ? [transaction.gasPrice] : [transaction.maxPriorityFeePerGas, transaction.maxFeePerGas]
  const accessList = transaction.accessList.map(({ address, storageKeys }) => [address, storageKeys])
  return [integerItem(transaction.chainId), integerItem(nonce), ...fees.map(integerItem), ...body, accessList]
}

function typed(type: Transaction['type'], items: readonly RlpItem[]): Uint8Array {
  const list = encodeRlp(items)
  return type === 0 ? list : concatBytes(Uint8Array.of(type), list)
}
