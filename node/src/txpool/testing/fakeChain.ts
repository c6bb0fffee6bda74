/** The fake chain with numbered accounts and blocks of transfers, for tests of the pool and of sync. */
import { type FakeChainService, fakeChainService } from '../../../testing/fakeChain.ts'
import { bigintToBytes, keyOf } from '../../codec/bytes.ts'
import { encodeRlp } from '../../codec/rlp.ts'
import { EMPTY_CODE_HASH, keccak256 } from '../../crypto/keccak.ts'
import type { SignatureRecoverer } from '../../runtime/recovery/signatureRecovery.ts'
import { orderedTrieRoot } from '../../trie/orderedTrie.ts'
import type { Account } from '../../types/account.ts'
import { EMPTY_TRIE_ROOT } from '../../types/accountCodec.ts'
import type { Block } from '../../types/block.ts'
import { sealBlock } from '../../types/blockCodec.ts'
import type { Certificate } from '../../types/certificate.ts'
import type { Header } from '../../types/header.ts'
import type { ReceiptRecord } from '../../types/receipt.ts'
import type { SenderTransaction, TransactionEnvelope } from '../../types/transaction.ts'
import { encodeTransaction } from '../../types/transactionCodec.ts'

export const CHAIN_ID = 31337n
export const BASE_FEE = 1_000n
export const GAS_LIMIT = 30_000_000n
/** No test of a pool asks about them. */
const NO_RULES = { validators: [], dev: null }

/** Address of a numbered account. */
export function addressOf(index: number): Uint8Array {
  return bigintToBytes(0xa000n + BigInt(index), 20)
}

export interface TransferFields {
  readonly from: number
  readonly nonce: bigint
  readonly cap?: bigint
  readonly tip?: bigint
  readonly value?: bigint
  readonly gasLimit?: bigint
  readonly data?: Uint8Array
  readonly to?: Uint8Array | null
  readonly chainId?: bigint
}

/** A transaction of a numbered account: its signature is its number, which {@link numberedRecoverer} reads. */
export function transfer(fields: TransferFields): TransactionEnvelope {
  return encodeTransaction({
    type: 2,
    chainId: fields.chainId ?? CHAIN_ID,
    nonce: fields.nonce,
    maxFeePerGas: fields.cap ?? 2n * BASE_FEE,
    maxPriorityFeePerGas: fields.tip ?? 1n,
    gasLimit: fields.gasLimit ?? 21_000n,
    to: fields.to === undefined ? addressOf(999) : fields.to,
    value: fields.value ?? 0n,
    data: fields.data ?? new Uint8Array(0),
    accessList: [],
    r: BigInt(fields.from) + 1n,
    s: 1n,
    yParity: 0,
  })
}

/** Account 666 stands for a signature that no key could have made. */
export function numberedRecoverer(): SignatureRecoverer & { readonly calls: number[] } {
  const calls: number[] = []
  return {
    calls,
    async recover(transactions) {
      calls.push(transactions.length)
      return transactions.map(({ transaction }) =>
        transaction.r === 667n ? null : addressOf(Number(transaction.r) - 1),
      )
    },
    settled() {},
    async close() {},
  }
}

export interface FakeChain extends FakeChainService {
  /** Makes or changes a numbered account, without a block. */
  setAccount(index: number, fields: Partial<Account>): void
  /** Accounts that were asked for. */
  readonly asked: string[]
  /** How many each query asked for. */
  readonly queries: number[]
  /** Commits a block with these transactions: their senders' nonces move on and their balances pay. */
  commit(transactions: readonly SenderTransaction[], baseFee?: bigint): Block
  /** A block that would follow, without committing it. */
  next(transactions: readonly TransactionEnvelope[], baseFee?: bigint): { block: Block; certificate: Certificate }
  /** Commits a block as sync brings it. */
  take(block: Block, certificate: Certificate, receipts?: readonly ReceiptRecord[]): void
  /** Holds answers about accounts back until it is called with false again. */
  hold(on: boolean): void
}

export function fakeChain(gasLimit = GAS_LIMIT): FakeChain {
  const accounts = new Map<string, Account>()
  const asked: string[] = []
  const queries: number[] = []
  let held: (() => void)[] | null = null

  const header = (
    number: bigint,
    parentHash: Uint8Array,
    baseFeePerGas: bigint,
    transactionsRoot = EMPTY_TRIE_ROOT,
  ): Header => ({
    parentHash,
    ommersHash: keccak256(encodeRlp([])),
    miner: new Uint8Array(20),
    stateRoot: new Uint8Array(32),
    transactionsRoot,
    receiptsRoot: new Uint8Array(32),
    logsBloom: new Uint8Array(256),
    difficulty: 0n,
    number,
    gasLimit,
    // At the target, so that the base fee stays as it is.
    gasUsed: gasLimit / 2n,
    timestamp: number,
    extraData: new Uint8Array(32),
    mixHash: new Uint8Array(32),
    nonce: new Uint8Array(8),
    baseFeePerGas,
  })
  const service = fakeChainService(
    {
      chainId: CHAIN_ID,
      timestamp: 0n,
      gasLimit,
      baseFeePerGas: BASE_FEE,
      schedule: 'test',
      validators: [],
      alloc: [],
    },
    sealBlock(header(0n, new Uint8Array(32), BASE_FEE), []),
    {
      async account(address) {
        asked.push(keyOf(address))
        const answer = accounts.get(keyOf(address)) ?? null
        if (held !== null) await new Promise<void>((resolve) => held!.push(resolve))
        return answer
      },
      accounts(addresses, at) {
        queries.push(addresses.length)
        return Promise.all(addresses.map((address) => chain.account(address, at)))
      },
    },
  )

  const chain: FakeChain = {
    ...service,
    asked,
    queries,
    setAccount(index, fields) {
      const key = keyOf(addressOf(index))
      const empty = { nonce: 0n, balance: 0n, storageRoot: new Uint8Array(32), codeHash: EMPTY_CODE_HASH }
      accounts.set(key, { ...(accounts.get(key) ?? empty), ...fields })
    },
    hold(on) {
      const waiting = held ?? []
      held = on ? waiting : null
      if (!on) for (const resolve of waiting) resolve()
    },
    next(transactions, baseFee = service.head().header.baseFeePerGas) {
      const head = service.head()
      const transactionsRoot = orderedTrieRoot(transactions.map(({ raw }) => raw))
      const block = sealBlock(header(head.header.number + 1n, head.hash, baseFee, transactionsRoot), transactions)
      return {
        block,
        certificate: {
          chainId: CHAIN_ID,
          height: block.header.number,
          round: 0,
          blockHash: block.hash,
          signatures: [],
        },
      }
    },
    commit(transactions, baseFee) {
      const { block, certificate } = chain.next(transactions, baseFee)
      const receipts = transactions.map((tx) => {
        const key = keyOf(tx.sender)
        const account = accounts.get(key)!
        const price = tx.transaction.type === 2 ? tx.transaction.maxFeePerGas : tx.transaction.gasPrice
        const paid = tx.transaction.gasLimit * price + tx.transaction.value
        accounts.set(key, { ...account, nonce: tx.transaction.nonce + 1n, balance: account.balance - paid })
        const { gasLimit: gasUsed } = tx.transaction
        return { sender: tx.sender, gasUsed, effectiveGasPrice: price, receipt: { status: 1 } } as ReceiptRecord
      })
      service.append({ block, receipts, rules: NO_RULES }, certificate)
      return block
    },
    take: (block, certificate, receipts = []) => service.append({ block, receipts, rules: NO_RULES }, certificate),
  }
  return chain
}
