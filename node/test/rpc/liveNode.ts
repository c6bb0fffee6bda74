/** A node of one: real chain, real pool, real JSON-RPC server; every pending transaction is put into a block at once. */

import { setImmediate } from 'node:timers/promises'
import type { ChainService } from '../../src/chain/chainService.ts'
import { createInProcessChain } from '../../src/chain/inProcessChain.ts'
import { equalBytes } from '../../src/codec/bytes.ts'
import { fromHex, toHex } from '../../src/codec/hex.ts'
import { ed25519PublicKey } from '../../src/crypto/ed25519.ts'
import { addressOfPrivateKey } from '../../src/crypto/secp256k1.ts'
import { KeyAccounts } from '../../src/rpc/accounts/accounts.ts'
import type { RpcBackend } from '../../src/rpc/backend.ts'
import type { RpcLimits } from '../../src/rpc/limits.ts'
import { type RpcServer, startRpcServer } from '../../src/rpc/server/server.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { createMemoryStore } from '../../src/runtime/memoryStore.ts'
import { openTxPool, type TxPool } from '../../src/txpool/txPool.ts'
import type { Genesis } from '../../src/types/genesis.ts'
import type { SenderTransaction } from '../../src/types/transaction.ts'
import { recoverSender } from '../../src/types/transactionCodec.ts'
import { type LogLine, listLogger } from '../../testing/logger.ts'
import { CHECKED_METHODS } from './checkedMethods.ts'

const ETHER = 10n ** 18n
/** Keys 1 to 3 have money, 4 has none. */
export const PRIVATE_KEYS = [1, 2, 3, 4].map((byte) => toHex(new Uint8Array(32).fill(byte)))
/** The chain as viem wants it described. */
export const LIVE_CHAIN = {
  id: 31_337,
  name: 'Touchstone',
  nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  rpcUrls: { default: { http: [] } },
} as const
const FEE_RECIPIENT = new Uint8Array(20).fill(0xee)

const genesis: Genesis = {
  chainId: 31_337n,
  timestamp: 1_700_000_000n,
  gasLimit: 30_000_000n,
  baseFeePerGas: 1_000_000_000n,
  schedule: 'touchstone/1',
  validators: [{ publicKey: ed25519PublicKey(new Uint8Array(32).fill(9)), power: 1n, feeRecipient: FEE_RECIPIENT }],
  alloc: PRIVATE_KEYS.slice(0, 3).map((key) => ({ address: addressOfPrivateKey(fromHex(key)), balance: 100n * ETHER })),
}

export interface LiveNode {
  readonly server: RpcServer
  readonly http: string
  readonly ws: string
  readonly chain: ChainService
  readonly pool: TxPool
  readonly logged: LogLine[]
  /** While true, transactions stay in the pool. */
  paused: boolean
  /** Puts what is pending into a block now. */
  seal(): Promise<void>
  close(): Promise<void>
}

export async function startLiveNode(limits: Partial<RpcLimits> = {}): Promise<LiveNode> {
  const logged: LogLine[] = []
  const logger = listLogger(logged)
  const chain = await createInProcessChain({ store: createMemoryStore(), genesis, engine: 'reference' })
  const recoverer = {
    async recover(transactions: readonly { readonly transaction: Parameters<typeof recoverSender>[0] }[]) {
      // A node does it in another thread: what comes meanwhile is handled first.
      await setImmediate()
      return transactions.map(({ transaction }) => recoverSender(transaction))
    },
  }
  const pool = openTxPool({ chain, recoverer, clock: systemClock, logger } as unknown as Parameters<
    typeof openTxPool
  >[0])
  const backend: RpcBackend = {
    chain,
    txpool: pool,
    clock: systemClock,
    logger,
    clientVersion: 'touchstone/v0.0.0/test',
    engine: 'reference',
    protocolVersion: 2,
    feeRecipient: FEE_RECIPIENT,
    validatorKey: null,
    dev: null,
    devSettings: () => null,
    accounts: new KeyAccounts(PRIVATE_KEYS.map((key) => fromHex(key))),
    consensus: () => ({
      height: chain.head().header.number + 1n,
      round: 0,
      step: 'propose',
      proposer: FEE_RECIPIENT,
      isValidator: true,
      abstaining: false,
      twin: null,
      halted: null,
    }),
    executionFaults: () => ({ count: 0, setAside: [] }),
    evidence: () => [],
    wantsBlock: () => pool.mayRun(),
    sync: () => ({ syncing: false, startingBlock: 0n, currentBlock: 0n, highestBlock: 0n }),
    peerCount: () => 0,
    p2pAddresses: () => [],
  }
  const server = await startRpcServer({ backend, port: 0, limits, methods: CHECKED_METHODS })

  let last: Promise<void> = Promise.resolve()
  const node: LiveNode = {
    server,
    http: `http://127.0.0.1:${server.port}`,
    ws: `ws://127.0.0.1:${server.port}`,
    chain,
    pool,
    logged,
    paused: false,
    seal() {
      last = last.then(() => sealBlock(chain, pool))
      return last
    },
    async close() {
      node.paused = true
      await server.close()
      await last
      await pool.close()
      await chain.close()
    },
  }
  pool.onPending(() => {
    if (!node.paused) void node.seal()
  })
  return node
}

async function sealBlock(chain: ChainService, pool: TxPool): Promise<void> {
  const head = chain.head()
  const transactions = pool.select(genesis.gasLimit, genesis.baseFeePerGas)
  if (transactions.length === 0) return
  const { block, rejected } = await chain.build({
    parentHash: head.hash,
    timestamp: head.header.timestamp + 1n,
    miner: FEE_RECIPIENT,
    transactions,
  })
  pool.drop(rejected)
  const certificate = {
    chainId: genesis.chainId,
    height: block.header.number,
    round: 0,
    blockHash: block.hash,
    signatures: [{ index: 0, signature: new Uint8Array(64) }],
  }
  const senderOf = (hash: Uint8Array): SenderTransaction => transactions.find((one) => equalBytes(one.hash, hash))!
  await chain.finalize(
    block,
    certificate,
    block.transactions.map(({ hash }) => senderOf(hash).sender),
  )
}
