/**
 * Whole nodes: their genesis, blocks for attackers, and the judge, a chain of its own that executes every decided block
 * again from the genesis, in which no transaction may come twice and no value appear or vanish.
 */
import { createInProcessChain } from '../../src/chain/inProcessChain.ts'
import { keyOf } from '../../src/codec/bytes.ts'
import { createValidatorSet, type ValidatorSet } from '../../src/consensus/core/validatorSet.ts'
import { chainBlockForm } from '../../src/consensus/proposals/blockForm.ts'
import { nodeProvider } from '../../src/crypto/nodeProvider.ts'
import { setCryptoProvider } from '../../src/crypto/provider.ts'
import { baseFeeAfter } from '../../src/execution/baseFee.ts'
import { createMemoryStore } from '../../src/runtime/memoryStore.ts'
import { orderedTrieRoot } from '../../src/trie/orderedTrie.ts'
import { sealBlock } from '../../src/types/blockCodec.ts'
import type { Genesis } from '../../src/types/genesis.ts'
import type { Header } from '../../src/types/header.ts'
import { decodeHeader, EMPTY_BLOOM, ZERO_HASH } from '../../src/types/headerCodec.ts'
import type { ChainKind, ForgedBlock } from './chainKind.ts'
import { EPOCH } from './scheduler.ts'
import { CHAIN_ID, operatorOf, senders, simRecoverer, simTransaction } from './simTransactions.ts'
import { WholeNode } from './wholeNode.ts'

const GWEI = 1_000_000_000n
/** Wei of each sender. */
const FUNDS = 1_000_000_000n * GWEI
const EMPTY_ROOT = orderedTrieRoot([])

// As in a node; hashing is the largest part of what a run costs.
setCryptoProvider(nodeProvider)

/** Where a validator's tips go. */
const feeRecipientOf = (index: number): Uint8Array => new Uint8Array(20).fill(0xe0 + index)

/** With `changes`, validators have operators, who may change the set. */
export async function wholeKind({ validators }: ValidatorSet, changes: boolean): Promise<ChainKind<WholeNode>> {
  const genesis: Genesis = {
    chainId: CHAIN_ID,
    timestamp: BigInt(EPOCH / 1000) - 1_000n,
    gasLimit: 30_000_000n,
    baseFeePerGas: GWEI,
    schedule: 'touchstone/1',
    validators: validators.map((validator, index) => ({
      ...validator,
      feeRecipient: feeRecipientOf(index),
      ...(changes ? { operator: operatorOf(index) } : {}),
    })),
    alloc: senders.map((address) => ({ address, balance: FUNDS })),
  }
  const judge = await createInProcessChain({ store: createMemoryStore(), genesis, engine: 'reference' })
  const sets = new Map<bigint, ValidatorSet>([[1n, createValidatorSet(genesis.validators)]])
  const headers = new Map<string, Header>([[keyOf(judge.genesisHash), judge.head().header]])
  /** Height in which a transaction was decided, by its hash. */
  const included = new Map<string, bigint>()
  const paid = new Map<string, Uint8Array>()
  // One more may join.
  for (const address of [
    ...senders,
    ...validators.map((_, index) => feeRecipientOf(index)),
    feeRecipientOf(validators.length),
  ]) {
    paid.set(keyOf(address), address)
  }
  let burnt = 0n

  return {
    identity: { chainId: CHAIN_ID, genesisHash: judge.genesisHash },
    spreads: true,
    validatorsAt: (height) => sets.get(height) ?? null,
    form: chainBlockForm,
    parentOf: (head) => decodeHeader(head).parentHash,
    createNode: (options) =>
      new WholeNode(options, genesis, feeRecipientOf(options.index), (number) =>
        included.get(keyOf(simTransaction(number).hash)),
      ),

    forge(fields) {
      // On a block that was decided it may be a valid one, on any other it cannot be.
      const parent = headers.get(keyOf(fields.parentHash)) ?? judge.head().header
      return sealBlock(forgedHeader(fields, parent, genesis), fields.transactions.map(simTransaction))
    },

    async judge(block, certificate) {
      const { number, gasUsed, baseFeePerGas } = block.header
      headers.set(keyOf(block.hash), block.header)
      for (const { hash, transaction } of block.transactions) {
        const earlier = included.get(keyOf(hash))
        if (earlier !== undefined) return `a transaction is in block ${earlier} and in block ${number}`
        included.set(keyOf(hash), number)
        if (transaction.to !== null) paid.set(keyOf(transaction.to), transaction.to)
      }
      burnt += gasUsed * baseFeePerGas
      const from = await simRecoverer.recover(block.transactions)
      if (from.includes(null)) return `block ${number} holds a transaction that nobody signed`
      try {
        await judge.finalize(block, certificate, from as readonly Uint8Array[])
        const [next] = await judge.validatorsAfter('latest')
        sets.set(number + 1n, createValidatorSet(next!.validators))
        return null
      } catch (error) {
        return `block ${number} does not follow from the genesis: ${(error as Error).message}`
      }
    },

    async verdict() {
      let sum = burnt
      for (const address of paid.values()) sum += (await judge.account(address, 'latest'))?.balance ?? 0n
      const supply = FUNDS * BigInt(senders.length)
      return sum === supply ? null : `balances and burnt fees add up to ${sum}, the supply is ${supply}`
    },
  }
}

/** A valid empty block, unless it is to be invalid or carries transactions, of which it then states wrong results. */
function forgedHeader(fields: ForgedBlock, parent: Header, genesis: Genesis): Header {
  return {
    ...parent,
    parentHash: fields.parentHash,
    number: fields.height,
    timestamp: fields.timestamp > parent.timestamp ? fields.timestamp : parent.timestamp,
    // Which of several blocks of one maker it is.
    miner: feeRecipientOf(fields.maker).fill(fields.nonce & 0xff, 18),
    stateRoot: fields.invalid ? new Uint8Array(32).fill(fields.nonce & 0xff) : parent.stateRoot,
    transactionsRoot: orderedTrieRoot(fields.transactions.map((number) => simTransaction(number).raw)),
    receiptsRoot: EMPTY_ROOT,
    logsBloom: EMPTY_BLOOM,
    gasUsed: 0n,
    mixHash: ZERO_HASH,
    baseFeePerGas: baseFeeAfter(parent, genesis),
  }
}
