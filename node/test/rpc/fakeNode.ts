/** A node in a few lines, for tests of the JSON-RPC server alone: blocks are made by hand, calls answer what a test says. */
import type { BlockEvent, BlockOverrides, CallReference } from '../../src/chain/chainService.ts'
import { compareBytes, keyOf } from '../../src/codec/bytes.ts'
import { keccak256 } from '../../src/crypto/keccak.ts'
import { CallError, type CallMessage, type CallOutcome, type EstimateOutcome } from '../../src/execution/call.ts'
import type { RpcBackend } from '../../src/rpc/backend.ts'
import type { AddOutcome, TxPoolView } from '../../src/txpool/txpoolView.ts'
import { EMPTY_ACCOUNT } from '../../src/types/accountCodec.ts'
import { sealBlock } from '../../src/types/blockCodec.ts'
import type { Certificate } from '../../src/types/certificate.ts'
import type { Genesis } from '../../src/types/genesis.ts'
import { genesisHeader } from '../../src/types/genesisCodec.ts'
import type { Log } from '../../src/types/log.ts'
import type { SenderTransaction } from '../../src/types/transaction.ts'
import { decodeTransaction, recoverSender, signTransaction } from '../../src/types/transactionCodec.ts'
import { type FakeChainService, fakeChainService } from '../../testing/fakeChain.ts'
import { type LogLine, listLogger } from '../../testing/logger.ts'
import { type ManualClock, manualClock } from '../../testing/manualClock.ts'

export const CHAIN_ID = 31337n
const ROOT = new Uint8Array(32).fill(7)
const ALICE_KEY = new Uint8Array(32).fill(1)

export interface FakeNode {
  readonly backend: RpcBackend
  readonly clock: ManualClock
  readonly logged: LogLine[]
  /** The calls and estimates the chain was asked for. */
  readonly asked: { readonly message: CallMessage; readonly at: CallReference; readonly block?: BlockOverrides }[]
  /** A test may change it. */
  readonly sync: { syncing: boolean; startingBlock: bigint; currentBlock: bigint; highestBlock: bigint }
  /** The results of the chain's call and estimate; may throw. */
  answers: {
    call: () => CallOutcome | Promise<CallOutcome>
    estimate: () => EstimateOutcome
    add: () => AddOutcome | null
  }
  /** A transfer signed by a fixed key. */
  transaction(nonce: bigint): SenderTransaction
  /** Puts a transaction into the pool and says so. */
  offer(transaction: SenderTransaction): void
  /** A block of these transactions, each with its logs. */
  mine(transactions?: readonly (readonly [SenderTransaction, readonly Log[]])[]): BlockEvent
}

const notTraced = async (): Promise<never> => {
  throw new CallError('the fake node traces nothing')
}

export function createFakeNode(): FakeNode {
  const genesis: Genesis = {
    chainId: CHAIN_ID,
    timestamp: 1_700_000_000n,
    gasLimit: 30_000_000n,
    baseFeePerGas: 1_000_000_000n,
    schedule: 'touchstone/1',
    validators: [{ publicKey: new Uint8Array(32).fill(3), power: 1n, feeRecipient: new Uint8Array(20).fill(9) }],
    alloc: [],
  }
  const first = sealBlock(genesisHeader(genesis, ROOT), [])
  const pendingListeners = new Set<(transaction: SenderTransaction) => void>()
  const pool = new Map<string, SenderTransaction>()
  const clock = manualClock(1_000)
  const logged: LogLine[] = []
  const asked: FakeNode['asked'] = []
  const sync = { syncing: false, startingBlock: 0n, currentBlock: 0n, highestBlock: 0n }
  const answers: FakeNode['answers'] = {
    call: () => ({ kind: 'success', output: new Uint8Array(0), gasUsed: 21_000n, logs: [] }),
    estimate: () => ({ kind: 'success', gas: 21_000n }),
    add: () => null,
  }

  const certificateOf = ({ block }: BlockEvent): Certificate => ({
    chainId: CHAIN_ID,
    height: block.header.number,
    round: 0,
    blockHash: block.hash,
    signatures: [{ index: 0, signature: new Uint8Array(64) }],
  })
  const chain: FakeChainService = fakeChainService(genesis, first, {
    validatorsAfter: async () => [{ from: 1n, validators: genesis.validators }],
    async account(_address, at) {
      chain.known(at)
      return { ...EMPTY_ACCOUNT, balance: 5n, nonce: 1n }
    },
    async code(_address, at) {
      chain.known(at)
      return new Uint8Array(0)
    },
    async storage(_address, _key, at) {
      chain.known(at)
      return new Uint8Array(32)
    },
    async proof(address, keys, at) {
      chain.known(at)
      return {
        address,
        account: EMPTY_ACCOUNT,
        accountProof: [],
        storageProof: keys.map((key) => ({ key, value: 0n, proof: [] })),
      }
    },
    async call(_client, message, at, _overrides, block) {
      chain.known(typeof at === 'object' && 'next' in at ? 'latest' : at)
      asked.push({ message, at, ...(block === undefined ? {} : { block }) })
      return answers.call()
    },
    async createAccessList(_client, message, at) {
      chain.known(typeof at === 'object' && 'next' in at ? 'latest' : at)
      asked.push({ message, at })
      return { accessList: [], gasUsed: 21_000n, failure: null }
    },
    async simulate(_client, _request, at) {
      chain.known(typeof at === 'object' && 'next' in at ? 'latest' : at)
      return { kind: 'simulated', blocks: [] }
    },
    async estimateGas(_client, message, at, _overrides, block) {
      chain.known(typeof at === 'object' && 'next' in at ? 'latest' : at)
      asked.push({ message, at, ...(block === undefined ? {} : { block }) })
      return answers.estimate()
    },
    traceTransaction: async () => null,
    traceBlock: notTraced,
    traceCall: notTraced,
    executionWitness: notTraced,
    storageRange: notTraced,
    stateDump: notTraced,
    codeByHash: async () => null,
    handovers: async () => [],
  })

  const txpool: TxPoolView = {
    keep: async (hash) => ({ ok: true, hash }),
    async add(raw) {
      const told = answers.add()
      if (told !== null) return told
      let transaction: SenderTransaction
      try {
        const envelope = decodeTransaction(raw)
        transaction = { ...envelope, sender: recoverSender(envelope.transaction) }
      } catch (error) {
        return {
          ok: false,
          code: 'malformed',
          message: error instanceof Error ? error.message : 'malformed',
          standing: 'fault',
        }
      }
      offer(transaction)
      return { ok: true, hash: transaction.hash }
    },
    get: (hash) => pool.get(keyOf(hash)),
    pendingNonce(sender) {
      const nonces = [...pool.values()]
        .filter((one) => compareBytes(one.sender, sender) === 0)
        .map((one) => one.transaction.nonce)
      return nonces.length === 0 ? undefined : nonces.reduce((a, b) => (a > b ? a : b)) + 1n
    },
    select: () => [...pool.values()],
    content: () => ({ pending: Map.groupBy(pool.values(), (one) => keyOf(one.sender)), queued: new Map() }),
    counts: () => ({ pending: pool.size, queued: 0 }),
    onPending(listener) {
      pendingListeners.add(listener)
      return () => pendingListeners.delete(listener)
    },
  }

  const offer = (transaction: SenderTransaction): void => {
    pool.set(keyOf(transaction.hash), transaction)
    for (const listener of pendingListeners) listener(transaction)
  }

  const mine: FakeNode['mine'] = (transactions = []) => {
    const parent = chain.head()
    const logsBloom = new Uint8Array(256)
    const receipts = transactions.map(([transaction, logs], index) => ({
      receipt: {
        type: transaction.transaction.type,
        status: 1 as const,
        cumulativeGasUsed: 21_000n * BigInt(index + 1),
        logsBloom,
        logs,
      },
      transactionHash: transaction.hash,
      sender: transaction.sender,
      contractAddress: null,
      gasUsed: 21_000n,
      effectiveGasPrice: 2_000_000_000n + BigInt(index),
      failure: null,
    }))
    const header = {
      ...parent.header,
      parentHash: parent.hash,
      number: parent.header.number + 1n,
      timestamp: parent.header.timestamp + 1n,
      gasUsed: 21_000n * BigInt(transactions.length),
    }
    const event: BlockEvent = {
      block: sealBlock(
        header,
        transactions.map(([{ transaction, raw, hash }]) => ({ transaction, raw, hash })),
      ),
      receipts,
      rules: { validators: [], dev: null },
    }
    for (const [transaction] of transactions) pool.delete(keyOf(transaction.hash))
    chain.append(event, certificateOf(event))
    return event
  }

  return {
    clock,
    logged,
    asked,
    sync,
    answers,
    offer,
    mine,
    transaction(nonce) {
      const envelope = signTransaction(
        {
          type: 2,
          chainId: CHAIN_ID,
          nonce,
          gasLimit: 21_000n,
          to: new Uint8Array(20).fill(2),
          value: 1n,
          data: new Uint8Array(0),
          accessList: [],
          maxFeePerGas: 3_000_000_000n,
          maxPriorityFeePerGas: 1_000_000_000n,
        },
        ALICE_KEY,
      )
      return { ...envelope, sender: recoverSender(envelope.transaction) }
    },
    backend: {
      chain,
      txpool,
      clock,
      logger: listLogger(logged),
      clientVersion: 'touchstone/v0.0.0/test',
      engine: 'reference',
      protocolVersion: 2,
      feeRecipient: new Uint8Array(20).fill(9),
      validatorKey: new Uint8Array(32).fill(8),
      accounts: null,
      dev: null,
      devSettings: () => null,
      consensus: () => ({
        height: chain.head().header.number + 1n,
        round: 0,
        step: 'propose',
        proposer: null,
        isValidator: true,
        abstaining: false,
        twin: null,
        halted: null,
      }),
      executionFaults: () => ({ count: 0, setAside: [] }),
      wantsBlock: () => pool.size > 0,
      evidence: () => [],
      sync: () => sync,
      peerCount: () => 3,
      p2pAddresses: () => ['/ip4/127.0.0.1/tcp/4001/p2p/x'],
    },
  }
}

/** A log whose first topic is the hash of `name`. */
export function logOf(name: string, address: Uint8Array = new Uint8Array(20).fill(5)): Log {
  return { address, topics: [keccak256(new TextEncoder().encode(name))], data: Uint8Array.of(1, 2, 3) }
}
