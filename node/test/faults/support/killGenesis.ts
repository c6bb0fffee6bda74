/** The chain of the crash tests: one validator, a few accounts with money, and the transactions they send. */
import { bigintToBytes, concatBytes } from '../../../src/codec/bytes.ts'
import { signingKey } from '../../../src/consensus/signing/signer.ts'
import { addressOfPrivateKey } from '../../../src/crypto/secp256k1.ts'
import { createAddress } from '../../../src/execution/contractAddress.ts'
import type { Genesis } from '../../../src/types/genesis.ts'
import { signTransaction } from '../../../src/types/transactionCodec.ts'

export const VALIDATOR_SEED = new Uint8Array(32).fill(9)
export const FEE_RECIPIENT = new Uint8Array(20).fill(0xee)
const ETHER = 10n ** 18n
const SENDERS = 4

const privateKeys = Array.from({ length: SENDERS }, (_, index) => new Uint8Array(32).fill(index + 1))
export const senders = privateKeys.map((privateKey) => ({ privateKey, address: addressOfPrivateKey(privateKey) }))

/** The contract that sender 0 makes with its first transaction: each call writes one slot. */
export const contract = createAddress(senders[0]!.address, 0n)
const SLOTS = 64n

export const genesis: Genesis = {
  chainId: 31_337n,
  timestamp: 1_700_000_000n,
  gasLimit: 30_000_000n,
  baseFeePerGas: 1_000_000_000n,
  schedule: 'touchstone/1',
  validators: [{ publicKey: signingKey(VALIDATOR_SEED).publicKey, power: 1n, feeRecipient: FEE_RECIPIENT }],
  alloc: senders.map(({ address }) => ({ address, balance: 1_000_000n * ETHER })),
}

/**
 * The transaction of a sender at a nonce, always the same. Sender 0 makes the contract, then writes its slots and clears
 * every third; the others send to accounts that are new now and then.
 */
export function transactionOf(sender: number, nonce: bigint, initCode: Uint8Array): Uint8Array {
  const fees = { maxPriorityFeePerGas: 1_000_000_000n, maxFeePerGas: 1_000_000_000_000n }
  const fields = { type: 2 as const, chainId: genesis.chainId, nonce, ...fees, accessList: [] }
  const { privateKey } = senders[sender]!
  if (sender === 0 && nonce === 0n) {
    return signTransaction({ ...fields, gasLimit: 10_000_000n, to: null, value: 0n, data: initCode }, privateKey).raw
  }
  if (sender === 0) {
    const data = storeCommand(nonce % SLOTS, nonce % 3n === 0n ? 0n : nonce)
    return signTransaction({ ...fields, gasLimit: 500_000n, to: contract, value: 0n, data }, privateKey).raw
  }
  const to = concatBytes(new Uint8Array(18).fill(sender), bigintToBytes(nonce / 10n, 2))
  return signTransaction({ ...fields, gasLimit: 21_000n, to, value: 1n, data: new Uint8Array() }, privateKey).raw
}

/** As execution/testing/puppet.ts has it, which would load a whole toolkit into each process that is killed. */
function storeCommand(slot: bigint, value: bigint): Uint8Array {
  return concatBytes(Uint8Array.of(0x01), bigintToBytes(slot, 32), bigintToBytes(value, 32))
}
