/**
 * A node in the caller's own process, for tests of contracts: the real state transition, pool and JSON-RPC methods in dev
 * mode, over a chain in memory. It is the only validator, so each block is final as soon as it is made; there is no
 * network, no disk and no socket.
 */
import { createInProcessChain } from './chain/inProcessChain.ts'
import { toHex } from './codec/hex.ts'
import { voteSignBytes } from './consensus/signing/signBytes.ts'
import { ed25519PublicKey, ed25519Sign } from './crypto/ed25519.ts'
import { addressOfPrivateKey } from './crypto/secp256k1.ts'
import type { EngineName } from './execution/executionConfig.ts'
import { createProgramCache, type ProgramCache } from './execution/programCache.ts'
import { PROTOCOL_VERSION } from './network/topics.ts'
import { KeyAccounts } from './rpc/accounts/accounts.ts'
import type { RpcBackend } from './rpc/backend.ts'
import { asRpcError, RpcError, SERVER_ERROR } from './rpc/errors.ts'
import { CLIENT_ID_BYTES, DEFAULT_RPC_LIMITS, SEND_HOLD } from './rpc/limits.ts'
import type { RpcMethod } from './rpc/method.ts'
import { Blocks } from './rpc/reading/blocks.ts'
import type { RpcContext } from './rpc/reading/context.ts'
import { Filters } from './rpc/reading/filters.ts'
import { SendHold } from './rpc/reading/sendHold.ts'
import { METHODS } from './rpc/registry.ts'
import { Dispatcher } from './rpc/server/dispatcher.ts'
import { createGates } from './rpc/server/gate.ts'
import { backgroundClock, type Clock, systemClock } from './runtime/clock.ts'
import type { Logger } from './runtime/logging/logger.ts'
import { createMemoryStore } from './runtime/memoryStore.ts'
import { systemRandomness } from './runtime/randomness.ts'
import { createInProcessRecoverer } from './runtime/recovery/signatureRecovery.ts'
import { version } from './runtime/version.ts'
import { openTxPool } from './txpool/txPool.ts'
import type { Genesis } from './types/genesis.ts'
import { createChainApplication } from './wiring/chainApplication.ts'
import { createDevControls } from './wiring/devControls.ts'
import { openDevMode } from './wiring/devMode.ts'

export interface InProcessNodeOptions {
  /** Private keys, 32 bytes each, that the node signs with, and whose accounts have a balance from the start. */
  readonly keys: readonly Uint8Array[]
  /** Wei that each account starts with. */
  readonly balance: bigint
  /** The engine that runs contracts: `compiled` unless said. */
  readonly engine?: EngineName
  readonly chainId?: bigint
  /** Unix seconds of the genesis; now unless said. */
  readonly timestamp?: bigint
  /** Receives what contracts print while they run. */
  readonly onPrint?: (text: string, contract: Uint8Array) => void
  /** Compiled contracts, which several nodes of a process may share. */
  readonly programs?: ProgramCache
}

export interface InProcessNode {
  /** The text of a JSON-RPC message in, the text of its answer out; null for a notification. Never rejects. */
  answer(message: string): Promise<string | null>
  close(): Promise<void>
}

const GAS_LIMIT = 30_000_000n
const BASE_FEE = 1_000_000_000n
const FEE_RECIPIENT = new Uint8Array(20).fill(0xfe)
/** Nobody else talks to this node, so its keys protect nothing. */
const VALIDATOR_SEED = new Uint8Array(32).fill(1)
const CONTROLLER_KEY = new Uint8Array(32).fill(2)
const CALLER = { kind: 'program', name: 'in process' } as const

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => SILENT }

export async function startInProcessNode(options: InProcessNodeOptions): Promise<InProcessNode> {
  const clock = systemClock
  const genesis = genesisOf(options, clock)
  const { onPrint } = options
  const chain = await createInProcessChain({
    store: createMemoryStore(),
    genesis,
    engine: options.engine ?? 'compiled',
    programs: options.programs ?? createProgramCache(),
    ...(onPrint === undefined ? {} : { debug: onPrint }),
  })
  const recoverer = createInProcessRecoverer()
  // So a process whose test forgot, or failed, to close its node ends all the same.
  const mode = await openDevMode(chain, backgroundClock)
  if (mode === null) throw new Error('the genesis has no dev mode')
  const devSettings = mode.settings()
  const txpool = openTxPool({ chain, recoverer, clock: backgroundClock, logger: SILENT, devSettings })
  await txpool.ready
  const application = createChainApplication({
    ...{ chain, txpool, recoverer, clock, feeRecipient: FEE_RECIPIENT, dev: mode },
  })
  const producer = produceBlocks(application, chain)
  const backend: RpcBackend = {
    chain,
    txpool,
    clock,
    logger: SILENT,
    clientVersion: `touchstone/v${version}/in-process`,
    engine: options.engine ?? 'compiled',
    protocolVersion: PROTOCOL_VERSION,
    feeRecipient: FEE_RECIPIENT,
    validatorKey: ed25519PublicKey(VALIDATOR_SEED),
    accounts: new KeyAccounts(options.keys),
    dev: createDevControls({ chain, txpool, clock, randomness: systemRandomness, mode, key: CONTROLLER_KEY }),
    devSettings: () => mode.settings(),
    consensus: () => ({
      ...{ height: chain.head().header.number + 1n, round: 0, step: 'propose', proposer: FEE_RECIPIENT },
      ...{
        isValidator: true,
        abstaining: false,
        twin: null,
        halted: producer.failure === null ? null : { kind: 'failure' },
      },
    }),
    executionFaults: () => ({ count: 0, setAside: [] }),
    evidence: () => [],
    wantsBlock: () => application.hasWork(),
    sync: () => ({ syncing: false, startingBlock: 0n, currentBlock: 0n, highestBlock: 0n }),
    peerCount: () => 0,
    p2pAddresses: () => [],
  }
  const server = answering(backend)
  return {
    answer: server.answer,
    async close() {
      await producer.stop()
      server.close()
      mode.stop()
      await txpool.close()
      await recoverer.close()
      await chain.close()
    },
  }
}

function genesisOf({ keys, balance, chainId, timestamp }: InProcessNodeOptions, clock: Clock): Genesis {
  return {
    chainId: chainId ?? 31_337n,
    timestamp: timestamp ?? BigInt(Math.floor(clock.now() / 1000)),
    gasLimit: GAS_LIMIT,
    baseFeePerGas: BASE_FEE,
    schedule: 'touchstone/1',
    validators: [{ publicKey: ed25519PublicKey(VALIDATOR_SEED), power: 1n, feeRecipient: FEE_RECIPIENT }],
    alloc: keys.map((key) => ({ address: addressOfPrivateKey(key), balance })),
    dev: { controller: addressOfPrivateKey(CONTROLLER_KEY) },
  }
}

type Application = ReturnType<typeof createChainApplication>
type InProcessChain = Awaited<ReturnType<typeof createInProcessChain>>

/** Makes a block whenever there is something to put into one. */
function produceBlocks(application: Application, chain: InProcessChain) {
  let stopped = false
  let running: Promise<void> | null = null
  const producer = { failure: null as unknown, stop }
  const work = async () => {
    while (!stopped && application.hasWork()) await decide()
  }
  const decide = async () => {
    const height = chain.head().header.number + 1n
    const block = await application.propose(height, 0)
    const message = voteSignBytes(chain.genesisHash, height, 0, 'precommit', block.hash)
    await application.finalize(block, {
      ...{ chainId: chain.genesis.chainId, height, round: 0, blockHash: block.hash },
      signatures: [{ index: 0, signature: ed25519Sign(message, VALIDATOR_SEED) }],
    })
  }
  const start = () => {
    if (stopped || running !== null || !application.hasWork()) return
    running = work()
      .catch((error: unknown) => {
        producer.failure = error
        stopped = true
        // As a node that cannot go on: a caller that waits for a block must not wait in vain.
        queueMicrotask(() => {
          throw error
        })
      })
      .finally(() => {
        running = null
        start()
      })
  }
  const unsubscribe = application.onWork(start)
  async function stop() {
    stopped = true
    unsubscribe()
    await running
  }
  return producer
}

/** JSON-RPC without sockets. */
function answering(backend: RpcBackend) {
  const limits = { ...DEFAULT_RPC_LIMITS, sendHold: SEND_HOLD }
  const randomHex = (length: number) => toHex(systemRandomness.bytes(length))
  const blocks = new Blocks(backend.chain, limits)
  const filters = new Filters(backend, blocks, limits, () => randomHex(CLIENT_ID_BYTES))
  const sendHold = new SendHold(backend.clock)
  const shared = {
    backend,
    limits,
    logger: backend.logger,
    blocks,
    filters,
    sendHold,
    isOver: () => false,
  }
  const context: RpcContext = { ...shared, caller: CALLER, subscriptions: null }
  let isClosed = false
  const dispatcher = new Dispatcher(
    refusingWhen(() => isClosed),
    randomHex,
  )
  const visitor = { gates: createGates(limits, backend.clock), name: CALLER.name, connection: {} }
  const encoder = new TextEncoder()
  return {
    answer: (message: string) => dispatcher.answer(encoder.encode(message), context, visitor),
    close() {
      isClosed = true
      filters.close()
      blocks.close()
    },
  }
}

/** The methods, which from some moment on say why they do not answer, also where that moment comes while they run. */
function refusingWhen(isClosed: () => boolean): ReadonlyMap<string, RpcMethod> {
  const closed = () => new RpcError(SERVER_ERROR, 'the chain is closed: ask before close(), or start another one')
  const refusing = (method: RpcMethod): RpcMethod => ({
    ...method,
    call(context, params) {
      if (isClosed()) throw closed()
      const result = method.call(context, params)
      if (!(result instanceof Promise)) return result
      return result.catch((error: unknown) => {
        throw isClosed() && asRpcError(error) === undefined ? closed() : error
      })
    },
  })
  return new Map(Array.from(METHODS, ([name, method]) => [name, refusing(method)]))
}
