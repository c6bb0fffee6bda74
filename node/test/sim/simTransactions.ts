/**
 * The transactions of simulations: by number, each a transfer of its own sender or the next of a sender who has several.
 * Signed once for all runs of a process, since signing costs more than everything else in a run.
 */
import { keyOf } from '../../src/codec/bytes.ts'
import { addressOfPrivateKey } from '../../src/crypto/secp256k1.ts'
import { CALLDATA_FLOOR_TOKEN_GAS, NONZERO_BYTE_TOKENS, TRANSACTION_GAS } from '../../src/execution/fees.ts'
import { type SignatureRecoverer, senderOf } from '../../src/runtime/recovery/signatureRecovery.ts'
import type { SenderTransaction } from '../../src/types/transaction.ts'
import { signTransaction, type UnsignedTransaction } from '../../src/types/transactionCodec.ts'

export const CHAIN_ID = 31_337n
const GWEI = 1_000_000_000n

type UnsignedFeeMarket = Extract<UnsignedTransaction, { type: 2 }>

/** Senders of the clients' transactions; those of Byzantine nodes come after them. */
const SENDERS = 5
/** Numbers from here on are what a Byzantine node has of its own: one transaction each, of a sender each. */
export const FIRST_BYZANTINE = 0x10000
/** Two for each of ten validators. */
const BYZANTINE_SENDERS = 20

const FIRST_OPERATOR = SENDERS + BYZANTINE_SENDERS
/** One for each of ten validators and one that joins. */
const OPERATORS = 11

/** Numbers from here on are large: {@link LARGE_BYTES} of call data, and a sender each. */
export const FIRST_LARGE = 0x30000
export const LARGE_BYTES = 210_000
export const LARGE_SENDERS = 8
const FIRST_LARGE_SENDER = FIRST_OPERATOR + OPERATORS
/** Of a byte of call data that is not zero: the floor. */
const DATA_GAS = NONZERO_BYTE_TOKENS * CALLDATA_FLOOR_TOKEN_GAS

const accounts = Array.from({ length: FIRST_LARGE_SENDER + LARGE_SENDERS }, (_, index) => {
  const privateKey = new Uint8Array(32).fill(index + 1)
  return { privateKey, address: addressOfPrivateKey(privateKey) }
})

export const senders: readonly Uint8Array[] = accounts.map(({ address }) => address)

const known = new Map<number, SenderTransaction>()
const sendersByHash = new Map<string, Uint8Array>()

/** @param number from 1 upwards for clients, from {@link FIRST_BYZANTINE} for Byzantine nodes. */
export function simTransaction(number: number): SenderTransaction {
  let transaction = known.get(number)
  if (transaction === undefined && number >= FIRST_LARGE) transaction = largeTransaction(number)
  if (transaction === undefined) {
    const byzantine = number >= FIRST_BYZANTINE
    const sender = byzantine ? SENDERS + ((number - FIRST_BYZANTINE) % BYZANTINE_SENDERS) : (number - 1) % SENDERS
    const nonce = byzantine ? 0n : BigInt(Math.floor((number - 1) / SENDERS))
    const fields = { to: recipientOf(number), value: BigInt(number), data: new Uint8Array(0), gasLimit: 21_000n }
    transaction = remember(number, sign(sender, nonce, fields))
  }
  return transaction
}

function largeTransaction(number: number): SenderTransaction {
  const index = number - FIRST_LARGE
  const data = new Uint8Array(LARGE_BYTES).fill(1 + (index % 0xff))
  const gasLimit = TRANSACTION_GAS + DATA_GAS * BigInt(LARGE_BYTES)
  const nonce = BigInt(Math.floor(index / LARGE_SENDERS))
  const sender = FIRST_LARGE_SENDER + (index % LARGE_SENDERS)
  return remember(number, sign(sender, nonce, { to: recipientOf(number), value: BigInt(number), data, gasLimit }))
}

/** Numbers from here on are calls, each numbered when it is first asked for. */
const FIRST_CALL = 0x20000
const callNumbers = new Map<string, number>()

/** The number of a call that an operator of the validator registry makes. */
export function operatorCall(operator: number, nonce: bigint, to: Uint8Array, data: Uint8Array): number {
  const name = `${operator}/${nonce}/${keyOf(to)}/${keyOf(data)}`
  let number = callNumbers.get(name)
  if (number === undefined) {
    number = FIRST_CALL + callNumbers.size
    callNumbers.set(name, number)
    remember(number, sign(FIRST_OPERATOR + operator, nonce, { to, value: 0n, data, gasLimit: 1_000_000n }))
  }
  return number
}

/** 20 bytes. */
export function operatorOf(validator: number): Uint8Array {
  return accounts[FIRST_OPERATOR + validator]!.address
}

function remember(number: number, transaction: SenderTransaction): SenderTransaction {
  known.set(number, transaction)
  sendersByHash.set(keyOf(transaction.hash), transaction.sender)
  return transaction
}

/** Where a transfer goes: an account of its own, so that the state grows. */
export function recipientOf(number: number): Uint8Array {
  const address = new Uint8Array(20).fill(0x77)
  new DataView(address.buffer).setUint32(16, number, false)
  return address
}

type CallFields = Pick<UnsignedFeeMarket, 'to' | 'value' | 'data' | 'gasLimit'>

function sign(sender: number, nonce: bigint, fields: CallFields): SenderTransaction {
  const { privateKey, address } = accounts[sender]!
  const signed = signTransaction(
    {
      type: 2,
      chainId: CHAIN_ID,
      nonce,
      maxPriorityFeePerGas: GWEI,
      maxFeePerGas: 10n * GWEI,
      accessList: [],
      ...fields,
    },
    privateKey,
  )
  return { ...signed, sender: address }
}

/** Knows the senders of the transactions above; recovers others as a node does. */
export const simRecoverer: SignatureRecoverer = {
  recover: async (transactions) =>
    transactions.map((envelope) => sendersByHash.get(keyOf(envelope.hash)) ?? senderOf(envelope)),
  settled: () => {},
  close: async () => {},
}
