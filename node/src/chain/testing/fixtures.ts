/**
 * The fixtures that the tests of this folder share: a genesis, funded keys, signed transactions, and a way to make
 * blocks final.
 */

import { ed25519PublicKey } from '../../crypto/ed25519.ts'
import { addressOfPrivateKey } from '../../crypto/secp256k1.ts'
import type { Block } from '../../types/block.ts'
import type { Certificate } from '../../types/certificate.ts'
import type { Genesis } from '../../types/genesis.ts'
import type { SenderTransaction } from '../../types/transaction.ts'
import { signTransaction, type UnsignedTransaction } from '../../types/transactionCodec.ts'
import type { BuildRequest, BuiltBlock, Head } from '../chainService.ts'

export const CHAIN_ID = 31_337n
export const GWEI = 1_000_000_000n
export const ETHER = 1_000_000_000n * GWEI

const privateKeys = Array.from({ length: 4 }, (_, index) => new Uint8Array(32).fill(index + 1))
export const accounts = privateKeys.map((privateKey) => ({ privateKey, address: addressOfPrivateKey(privateKey) }))

/** Receives the tips. */
export const miner = new Uint8Array(20).fill(0xee)
/** Nobody's address. */
export const stranger = new Uint8Array(20).fill(0x77)

export const genesis: Genesis = {
  chainId: CHAIN_ID,
  timestamp: 1_700_000_000n,
  gasLimit: 30_000_000n,
  baseFeePerGas: GWEI,
  schedule: 'touchstone/1',
  validators: [{ publicKey: ed25519PublicKey(new Uint8Array(32).fill(9)), power: 1n, feeRecipient: miner }],
  alloc: accounts.map(({ address }) => ({ address, balance: 100n * ETHER })),
}

type FeeMarketFields = Extract<UnsignedTransaction, { type: 2 }>

/** Signed by `accounts[from]`; a transfer of 1 wei to a stranger unless said otherwise. */
export function transaction(from: number, nonce: number, fields: Partial<FeeMarketFields> = {}): SenderTransaction {
  const unsigned: FeeMarketFields = {
    type: 2,
    chainId: CHAIN_ID,
    nonce: BigInt(nonce),
    maxPriorityFeePerGas: GWEI,
    maxFeePerGas: 10n * GWEI,
    gasLimit: 21_000n,
    to: stranger,
    value: 1n,
    data: new Uint8Array(0),
    accessList: [],
    ...fields,
  }
  return signed(from, unsigned)
}

export function signed(from: number, unsigned: UnsignedTransaction): SenderTransaction {
  const { privateKey, address } = accounts[from]!
  return { ...signTransaction(unsigned, privateKey), sender: address }
}

export function request(parent: Head, transactions: readonly SenderTransaction[]): BuildRequest {
  return {
    parentHash: parent.hash,
    timestamp: parent.header.timestamp + 1n,
    miner,
    transactions,
  }
}

/** The chain does not check signatures of votes, so this one needs none that hold. */
export function certificateOf(block: Block): Certificate {
  return {
    chainId: CHAIN_ID,
    height: block.header.number,
    round: 0,
    blockHash: block.hash,
    signatures: [{ index: 0, signature: new Uint8Array(64).fill(1) }],
  }
}

export function sendersOf(block: Block, offered: readonly SenderTransaction[]): Uint8Array[] {
  return block.transactions.map(({ hash }) => {
    const found = offered.find((tx) => tx.hash.every((byte, index) => byte === hash[index]))
    if (found === undefined) throw new Error('a transaction that was not offered')
    return found.sender
  })
}

/** The chain that {@link appendBlock} needs: a Chain or a ChainService. */
interface Appendable {
  head: Head | (() => Head)
  build(request: BuildRequest): BuiltBlock | Promise<BuiltBlock>
  finalize(block: Block, certificate: Certificate, senders: readonly Uint8Array[]): Promise<unknown>
}

/** Builds a block of these transactions and makes it final. */
export async function appendBlock(chain: Appendable, transactions: readonly SenderTransaction[]): Promise<Block> {
  const head = typeof chain.head === 'function' ? chain.head() : chain.head
  const { block } = await chain.build(request(head, transactions))
  await chain.finalize(block, certificateOf(block), sendersOf(block, transactions))
  return block
}
