/**
 * For tests and measurements: a chain in memory whose blocks are certified by signing for its validators directly, so
 * that ten thousand of them take seconds and no consensus.
 */

import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import type { ChainService } from '../../chain/chainService.ts'
import { createInProcessChain } from '../../chain/inProcessChain.ts'
import { accounts, ETHER, GWEI, sendersOf, transaction } from '../../chain/testing/fixtures.ts'
import { concatBytes } from '../../codec/bytes.ts'
import { fromHex } from '../../codec/hex.ts'
import { createValidatorSet, type ValidatorSet } from '../../consensus/core/validatorSet.ts'
import { voteSignBytes } from '../../consensus/signing/signBytes.ts'
import { ed25519PublicKey } from '../../crypto/ed25519.ts'
import type { KeyValueStore } from '../../runtime/keyValueStore.ts'
import { createMemoryStore } from '../../runtime/memoryStore.ts'
import type { Block } from '../../types/block.ts'
import type { Certificate } from '../../types/certificate.ts'
import type { Genesis } from '../../types/genesis.ts'
import type { SenderTransaction } from '../../types/transaction.ts'

export const validatorSeeds = [41, 42, 43, 44].map((byte) => new Uint8Array(32).fill(byte))
/** PKCS #8 of an Ed25519 seed (RFC 8410). OpenSSL signs ten times as fast as noble, which matters for 10 000 blocks. */
const signingKeys: readonly KeyObject[] = validatorSeeds.map((seed) =>
  createPrivateKey({
    key: Buffer.from(concatBytes(fromHex('0x302e020100300506032b657004220420'), seed)),
    format: 'der',
    type: 'pkcs8',
  }),
)
const feeRecipient = new Uint8Array(20).fill(0xee)

/** The first validator alone is a quorum, so that a certificate takes one signature to make and to check. */
export const certifiedGenesis: Genesis = {
  chainId: 31_337n,
  timestamp: 1_700_000_000n,
  gasLimit: 30_000_000n,
  baseFeePerGas: GWEI,
  schedule: 'touchstone/1',
  validators: validatorSeeds.map((seed, index) => ({
    publicKey: ed25519PublicKey(seed),
    power: index === 0 ? 7n : 1n,
    feeRecipient,
  })),
  alloc: accounts.map(({ address }) => ({ address, balance: 100_000n * ETHER })),
}

export const certifiedValidators: ValidatorSet = createValidatorSet(certifiedGenesis.validators)

export interface CertifiedChain {
  readonly chain: ChainService
  /** Appends blocks, each of the transactions `of` gives; none unless said otherwise. */
  grow(blocks: number, of?: (number: bigint) => readonly SenderTransaction[]): Promise<void>
}

/** @param signers indices of the validators that sign, ascending. */
export async function certifiedChain(
  options: { readonly genesis?: Genesis; readonly store?: KeyValueStore; readonly signers?: readonly number[] } = {},
): Promise<CertifiedChain> {
  const { genesis = certifiedGenesis, store = createMemoryStore(), signers = [0] } = options
  const chain = await createInProcessChain({ store, genesis, engine: 'reference' })
  return {
    chain,
    async grow(blocks, of = () => []) {
      for (let added = 0; added < blocks; added++) {
        const head = chain.head()
        const transactions = of(head.header.number + 1n)
        const timestamp = head.header.timestamp + 1n
        const { block, rejected } = await chain.build({
          parentHash: head.hash,
          timestamp,
          miner: feeRecipient,
          transactions,
        })
        if (rejected.length > 0) throw new Error(`block ${block.header.number}: ${rejected[0]!.message}`)
        await chain.finalize(block, certify(chain, block, signers), sendersOf(block, transactions))
      }
    },
  }
}

/** Signed by these validators of {@link certifiedGenesis}. */
export function certify(chain: ChainService, block: Block, signers: readonly number[] = [0], round = 0): Certificate {
  const { number: height } = block.header
  const message = voteSignBytes(chain.genesisHash, height, round, 'precommit', block.hash)
  return {
    chainId: chain.genesis.chainId,
    height,
    round,
    blockHash: block.hash,
    signatures: signers.map((index) => ({
      index,
      signature: new Uint8Array(sign(null, message, signingKeys[index]!)),
    })),
  }
}

/** One transfer a block, of one account after the other. */
export function transfers(perBlock: number): (number: bigint) => SenderTransaction[] {
  let nonce = 0
  return () => Array.from({ length: perBlock }, () => transaction(0, nonce++))
}
