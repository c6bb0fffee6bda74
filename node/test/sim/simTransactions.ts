/**
 * The transactions of simulations: by number, each a transfer of its own sender or the next of a sender who has several.
 * Signed once for all runs of a process, since signing costs more than everything else in a run.
 */
import { keyOf } from '../../src/codec/bytes.ts'
import { addressOfPrivateKey } from '../../src/crypto/secp256k1.ts'
import { type SignatureRecoverer, senderOf } from '../../src/runtime/signatureRecovery.ts'
import type { SenderTransaction } from '../../src/types/transaction.ts'
import { signTransaction } from '../../src/types/transactionCodec.ts'

export const CHAIN_ID = 31_337n
const GWEI = 1_000_000_000n

/** Senders of the clients' transactions; those of Byzantine nodes come after them. */
const SENDERS = 5
/** Numbers from here on are what a Byzantine node has of its own: one transaction each, of a sender each. */
export const FIRST_BYZANTINE = 0x10000
/** Two for each of ten validators. */
const BYZANTINE_SENDERS = 20

const accounts = Array.from({ length: SENDERS + BYZANTINE_SENDERS }, (_, index) => {
  const privateKey = new Uint8Array(32).fill(index + 1)
  return { privateKey, address: addressOfPrivateKey(privateKey) }
})

export const senders: readonly Uint8Array[] = accounts.map(({ address }) => address)

const known = new Map<number, SenderTransaction>()
const sendersByHash = new Map<string, Uint8Array>()

/** @param number from 1 upwards for clients, from {@link FIRST_BYZANTINE} for Byzantine nodes. */
export function simTransaction(number: number): SenderTransaction {
  let transaction = known.get(number)
  if (transaction === undefined) {
    const byzantine = number >= FIRST_BYZANTINE
    const sender = byzantine ? SENDERS + ((number - FIRST_BYZANTINE) % BYZANTINE_SENDERS) : (number - 1) % SENDERS
    const nonce = byzantine ? 0n : BigInt(Math.floor((number - 1) / SENDERS))
    transaction = sign(sender, nonce, number)
    known.set(number, transaction)
    sendersByHash.set(keyOf(transaction.hash), transaction.sender)
  }
  return transaction
}

/** Where a transfer goes: an account of its own, so that the state grows. */
export function recipientOf(number: number): Uint8Array {
  const address = new Uint8Array(20).fill(0x77)
  new DataView(address.buffer).setUint32(16, number, false)
  return address
}

function sign(sender: number, nonce: bigint, number: number): SenderTransaction {
  const { privateKey, address } = accounts[sender]!
  const signed = signTransaction(
    {
      type: 2,
      chainId: CHAIN_ID,
      nonce,
      maxPriorityFeePerGas: GWEI,
      maxFeePerGas: 10n * GWEI,
      gasLimit: 21_000n,
      to: recipientOf(number),
      value: BigInt(number),
      data: new Uint8Array(0),
      accessList: [],
    },
    privateKey,
  )
  return { ...signed, sender: address }
}

/** Knows the senders of the transactions above; recovers others as a node does. */
export const simRecoverer: SignatureRecoverer = {
  recover: async (transactions) =>
    transactions.map((envelope) => sendersByHash.get(keyOf(envelope.hash)) ?? senderOf(envelope)),
  close: async () => {},
}
