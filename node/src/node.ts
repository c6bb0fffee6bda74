/**
 * One node, wired by hand: chain in its worker, pool, network, consensus, sync, JSON-RPC. Parts start in the order in
 * which they need each other and stop in the reverse.
 */
import { join } from 'node:path'
import process from 'node:process'
import type { ChainService } from './chain/chainService.ts'
import { callWait, DEFAULT_CALL_TIMEOUT, DEFAULT_KEPT_STATES } from './chain/limits.ts'
import { startChainWorker } from './chain/worker/client.ts'
import type { ExecutionThread } from './chain/worker/executionThread.ts'
import { openQuarantine, recordStopping } from './chain/worker/quarantine.ts'
import { equalBytes } from './codec/bytes.ts'
import { fromHex, toHex } from './codec/hex.ts'
import type { NodeConfigJson } from './config.ts'
import type { Application } from './consensus/application.ts'
import { createValidatorSet } from './consensus/core/validatorSet.ts'
import { startConsensus } from './consensus/engine.ts'
import { evidenceView } from './consensus/evidenceView.ts'
import { openFaultRecord } from './consensus/proofs/faultRecord.ts'
import { ValidatorHistory } from './consensus/proofs/validatorHistory.ts'
import { signingKey } from './consensus/signing/signer.ts'
import { stageOf } from './consensus/wire/stage.ts'
import { addressOfPrivateKey } from './crypto/secp256k1.ts'
import { SCHEDULE_NAMES } from './execution/scheduleNames.ts'
import type { NodeMetrics } from './metrics/nodeMetrics.ts'
import type { DiallingNetwork } from './network/network.ts'
import { PROTOCOL_VERSION } from './network/topics.ts'
import { KeyAccounts } from './rpc/accounts/accounts.ts'
import { DEFAULT_RPC_LIMITS, SEND_HOLD } from './rpc/limits.ts'
import { METHODS } from './rpc/registry.ts'
import { startRpcServer } from './rpc/server/server.ts'
import { type Clock, systemClock } from './runtime/clock.ts'
import { openLevelStore } from './runtime/levelStore.ts'
import type { Logger } from './runtime/logging/logger.ts'
import { LogLimit } from './runtime/logging/logLimit.ts'
import { systemRandomness } from './runtime/randomness.ts'
import { createSignatureRecoveryPool } from './runtime/recovery/signatureRecoveryPool.ts'
import { version } from './runtime/version.ts'
import { startBlockSync } from './sync/blockSync.ts'
import { startTxGossip } from './txpool/txGossip.ts'
import { openTxPool, type TxPool } from './txpool/txPool.ts'
import type { Block } from './types/block.ts'
import { type Genesis, hasOperators } from './types/genesis.ts'
import { createChainApplication } from './wiring/chainApplication.ts'
import { createDevControls } from './wiring/devControls.ts'
import { openDevMode } from './wiring/devMode.ts'
import { Divergences } from './wiring/divergences.ts'
import { ExecutionFaults } from './wiring/executionFaults.ts'
import { measureNode, networkObserver, rpcObserver } from './wiring/metrics.ts'
import { openOwnSigner } from './wiring/ownSigner.ts'
import { peerNetwork } from './wiring/peerNetwork.ts'
import { timedApplication } from './wiring/timedApplication.ts'

/**
 * Of their lines none is left out: prints of contracts, for which their authors wait and which the gas of a block
 * bounds, and the fate of transactions that this node has acknowledged. Peers can cause lines of the other parts.
 */
const UNLIMITED_PARTS: ReadonlySet<string> = new Set(['chain', 'txpool'])

const TXPOOL_DAMAGED =
  'It holds transactions that wait for a block. Move the directory away and start again: those that peers have come back from them.'

export interface NodeOptions {
  readonly config: NodeConfigJson
  readonly genesis: Genesis
  readonly logger: Logger
  /** Started before; without one, the node starts it. */
  readonly executionThread?: ExecutionThread
  /** The node cannot go on: a failing disk, a broken invariant, a fork. Called at most once; the caller stops it. */
  readonly onFatal: (error: unknown) => void
  /** JSON-RPC answers; others cannot connect yet. */
  readonly onAnswers?: () => void
}

export interface RunningNode {
  readonly genesisHash: Uint8Array
  readonly rpcPort: number
  /** Null where there are none. */
  readonly metricsPort: number | null
  /** Multiaddrs with peer id. */
  p2pAddresses(): readonly string[]
  /** As {@link DiallingNetwork.movePeers}: peers of the configuration are dialled at these multiaddrs from now on. */
  movePeers(addresses: readonly string[]): Promise<void>
  /** Two chains are certified: this node takes no part in either. */
  sawFork(): boolean
  /** Hears each block that the node has executed. */
  onBlock(listener: (block: Block) => void): void
  /** Finishes what is under way and closes the databases. Idempotent. */
  stop(): Promise<void>
}

/** The machine or the genesis does not let the node start: an address in use, say, or a schedule that is not known. */
export class NodeError extends Error {
  override readonly name = 'NodeError'
}

/** @throws StoreError, DatabaseError, NodeError; everything that was opened is closed again. */
export async function startNode(options: NodeOptions): Promise<RunningNode> {
  const closing: (() => unknown)[] = []
  let stopped: Promise<void> | null = null
  const stop = () => {
    stopped ??= closeInReverse(closing, options.logger)
    return stopped
  }
  try {
    return { ...(await wire(options, (close) => closing.push(close))), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function wire(options: NodeOptions, onStop: (close: () => unknown) => void): Promise<Omit<RunningNode, 'stop'>> {
  const { config, genesis, logger } = options
  if (!(SCHEDULE_NAMES as readonly string[]).includes(genesis.schedule)) {
    throw new NodeError(
      `the genesis names the schedule "${genesis.schedule}"; this version knows ${SCHEDULE_NAMES.join(', ')}`,
    )
  }
  const devKey = devControllerKey(config, genesis)
  const clock = systemClock
  const directory = (name: string) => join(config.dataDir, name)
  const lines = new LogLimit(clock).around(logger)
  const part = (name: string) => (UNLIMITED_PARTS.has(name) ? logger : lines).child({ part: name })
  const agent = `touchstone/v${version}/${process.platform}-${process.arch}/node${process.versions.node}`
  const divergences = new Divergences({
    dataDir: config.dataDir,
    chainDirectory: directory('chain'),
    genesis,
    logger: part('chain'),
    clock,
  })
  let fatal = false
  const onFatal = (error: unknown) => {
    if (fatal) return
    fatal = true
    void divergences.certifiedSettled().then(() => options.onFatal(error))
  }

  const metrics = config.metrics === undefined ? null : await newMetrics()

  const createNetwork = async (genesisHash: Uint8Array, port = config.p2p.port): Promise<DiallingNetwork> => {
    const { createLibp2pNetwork } = await import('./network/libp2p.ts')
    return createLibp2pNetwork({
      identitySeed: fromHex(config.p2p.seed),
      host: config.p2p.host,
      port,
      bootstrap: config.p2p.bootstrap,
      genesisHash,
      agent,
      clock,
      randomness: systemRandomness,
      logger: part('network'),
      stageOf,
      observer: metrics === null ? undefined : networkObserver(metrics),
    })
  }

  if (config.sync === 'snapshot') {
    const openStore = () => openLevelStore(directory('chain'))
    const { bootstrap } = config.p2p
    // Loaded where it is asked for: with it comes what executes contracts, which this thread does not do.
    const { beginWithSnapshot } = await import('./wiring/beginWithSnapshot.ts')
    await beginWithSnapshot({ genesis, openStore, createNetwork, bootstrap, clock, logger: part('sync') })
  }
  let executionFaults: ExecutionFaults | null = null
  let pool: TxPool | null = null
  const chain = await startChainWorker({
    genesis,
    dataDir: directory('chain'),
    engine: config.engine,
    logger: part('chain'),
    keepStates: config.keepStates === undefined ? DEFAULT_KEPT_STATES : config.keepStates,
    onFatal,
    contractOutput: true,
    calls: {
      workers: config.rpc.callWorkers,
      timeout: config.rpc.callTimeout,
      gasCap: config.rpc.callGasCap === undefined ? undefined : BigInt(config.rpc.callGasCap),
    },
    clock,
    quarantine: directory('quarantine'),
    thread: options.executionThread,
    onRestarted: () => executionFaults?.onRestarted(pool),
    onFault: (fault, consequence) => executionFaults?.note(fault, consequence, pool),
    onDivergence: (diverged) => divergences.note(diverged),
  })
  onStop(() => chain.close())
  onStop(() => divergences.close())
  onStop(divergences.follow(chain))
  // The worker has counted the last run's strike; it writes no more.
  const quarantine = openQuarantine(directory('quarantine'))
  const faults = new ExecutionFaults({ quarantine, logger: part('chain'), onFatal })
  executionFaults = faults
  onStop(faults.follow(chain))
  const recoverer = createSignatureRecoveryPool()
  onStop(() => recoverer.close())

  const poolStore = await openLevelStore(directory('txpool'), { whenDamaged: TXPOOL_DAMAGED, isSmall: true })
  onStop(() => poolStore.close())
  const setAside = (hash: Uint8Array) => faults.reasonFor(hash)
  const dev = await openDevMode(chain, clock)
  onStop(() => dev?.stop())
  const txpool = openTxPool({
    ...{ chain, recoverer, clock, logger: part('txpool'), store: poolStore, onFatal, setAside },
    devSettings: dev?.settings() ?? null,
    onRefused: (origin, reason) => metrics?.count('touchstone_txpool_refused_total', { origin, reason }),
  })
  pool = txpool
  onStop(() => txpool.close())
  await txpool.ready

  const network = peerNetwork(config, {
    load: (port) => createNetwork(chain.genesisHash, port),
    onFailure: (error) => onFatal(notListening(error, peerConnections(config))),
  })
  // Sync is started below; the network, which brings transactions, after it.
  const isCurrent = () => !sync.status().syncing
  const gossip = startTxGossip({ network, pool: txpool, clock, logger: part('txpool'), isCurrent })
  onStop(() => gossip.stop())

  const feeRecipient = fromHex(config.feeRecipient)
  const validators = hasOperators(genesis) ? new ValidatorHistory(await chain.validatorsAfter('latest')) : null
  const application = createChainApplication({ chain, txpool, recoverer, clock, feeRecipient, validators, dev })
  const signer = await openConfiguredSigner(config, chain, onStop)
  const consensus = startConsensus({
    application: metrics === null ? application : timed(application, clock, metrics),
    network,
    signer,
    validatorSet: validators === null ? createValidatorSet(genesis.validators) : (height) => validators.at(height),
    chainId: genesis.chainId,
    genesisHash: chain.genesisHash,
    head: chain.head().header.number,
    headHash: chain.head().hash,
    headTimestamp: chain.head().header.timestamp,
    clock,
    logger: part('consensus'),
    blockTime: config.blockTimeMs ?? undefined,
    faults: await openFaults(directory('faults'), chain.genesisHash, onStop),
    storedCertificate: async (height) =>
      height < chain.base ? null : ((await chain.block({ number: height }))?.certificate ?? null),
  })
  onStop(() => consensus.stop())
  // After a fork the node goes on answering, so that people can see both chains; it only takes no part in any.
  consensus.onHalt((halt) => {
    if (halt.kind === 'failure') onFatal(halt.error)
  })

  const sync = startBlockSync({
    network,
    chain,
    apply: (block, certificate) => consensus.applyCertified(block, certificate),
    prepare: (block) => recoverer.recover(block.transactions),
    onTarget: (height) => consensus.catchUpTo(height),
    clock,
    logger: part('sync'),
  })
  onStop(() => sync.stop())
  consensus.onBehind((height, peer) => sync.onBehind(height, peer))

  // The network is what brings work: it starts when everything that handles it is there, and stops before that.
  onStop(() => network.stop())

  const rpc = await listening(
    startRpcServer({
      backend: {
        chain,
        txpool,
        clock,
        logger: part('rpc'),
        clientVersion: agent,
        engine: config.engine,
        protocolVersion: PROTOCOL_VERSION,
        feeRecipient,
        validatorKey: signer?.publicKey ?? null,
        accounts: config.accounts === undefined ? null : new KeyAccounts(config.accounts.map((key) => fromHex(key))),
        dev:
          dev === null || devKey === null
            ? null
            : createDevControls({ chain, txpool, clock, randomness: systemRandomness, mode: dev, key: devKey }),
        devSettings: () => dev?.settings() ?? null,
        consensus: () => consensus.status(),
        executionFaults: () => ({ count: faults.count, setAside: faults.held() }),
        evidence: () => consensus.status().evidence.map((kept) => evidenceView(kept, chain.genesisHash)),
        wantsBlock: () => application.hasWork(),
        sync: () => sync.status(),
        peerCount: () => network.peers().length,
        p2pAddresses: () => network.addresses(),
      },
      host: config.rpc.host,
      port: config.rpc.port,
      // With a block time of its own, a block is not worth waiting for inside a request.
      limits: {
        sendHold: config.blockTimeMs === null ? SEND_HOLD : 0,
        requestTimeout: requestTimeoutFor(config.rpc.callTimeout),
      },
      allowedOrigins: config.rpc.allowOrigin ?? [],
      observer: metrics === null ? undefined : rpcObserver(metrics),
    }),
    `JSON-RPC on ${config.rpc.host}:${config.rpc.port}`,
  )
  onStop(() => rpc.close())
  options.onAnswers?.()
  // After what answers: it has no peers meanwhile and says so, takes transactions, and alone it makes blocks of them.
  await listening(network.start(), peerConnections(config))
  let metricsPort: number | null = null
  if (config.metrics !== undefined && metrics !== null) {
    const { host = '127.0.0.1', port } = config.metrics
    const { dataDir, engine } = config
    const { startMetricsServer } = await import('./metrics/metricsServer.ts')
    const measured = { chain, txpool, consensus, network, faults, rpc, clock, dataDir, engine }
    onStop(measureNode(metrics, { ...measured, sync: () => sync.status() }))
    const server = await listening(
      startMetricsServer({ metrics, host, port, clock, logger: part('metrics') }),
      `metrics on ${host}:${port}`,
    )
    onStop(() => server.close())
    metricsPort = server.port
  }
  // The first thing when the node is told to stop: what the worker executes then is not to blame for the end.
  onStop(() => {
    if (!fatal) recordStopping(directory('quarantine'))
  })
  logger.info(
    {
      rpc: rpc.port,
      p2p: network.addresses(),
      height: String(chain.head().header.number),
      ...(signer === null ? {} : { validatorKey: toHex(signer.publicKey) }),
    },
    'the node answers',
  )
  return {
    genesisHash: chain.genesisHash,
    rpcPort: rpc.port,
    metricsPort,
    p2pAddresses: () => network.addresses(),
    movePeers: (addresses) => network.movePeers(addresses),
    sawFork: () => consensus.status().halted?.kind === 'fork',
    onBlock: (listener) => void chain.onBlock(({ block }) => listener(block)),
  }
}

/** Loaded where metrics are asked for. */
async function newMetrics(): Promise<NodeMetrics> {
  const { NodeMetrics } = await import('./metrics/nodeMetrics.ts')
  return new NodeMetrics(METHODS.keys())
}

function timed(application: Application, clock: Clock, metrics: NodeMetrics): Application {
  return timedApplication(application, clock, (work, milliseconds) =>
    metrics.observe('touchstone_execution_seconds', milliseconds / 1_000, { work }),
  )
}

/**
 * Milliseconds: a call that waits as long as it may, and then runs as long, must be told so and not that its request
 * was slow.
 */
function requestTimeoutFor(callTimeout = DEFAULT_CALL_TIMEOUT): number {
  return Math.max(DEFAULT_RPC_LIMITS.requestTimeout, callWait(callTimeout) + 2 * callTimeout)
}

/** Null for a node that makes no dev transactions. */
function devControllerKey({ devControllerKey: hex }: NodeConfigJson, { dev }: Genesis): Uint8Array | null {
  if (hex === undefined) return null
  if (dev === undefined) throw new NodeError('devControllerKey: the genesis has no dev mode')
  const key = fromHex(hex)
  if (equalBytes(addressOfPrivateKey(key), dev.controller)) return key
  throw new NodeError('devControllerKey: it is not the key of the controller that the genesis names')
}

/** Null for a node that only follows. */
async function openConfiguredSigner(
  config: NodeConfigJson,
  chain: ChainService,
  onStop: (close: () => unknown) => void,
) {
  const { validatorSeed, validatorIsNew, dataDir } = config
  if (validatorSeed === null) return null
  const own = await openOwnSigner({ dataDir, key: signingKey(fromHex(validatorSeed)), isNew: validatorIsNew, chain })
  onStop(() => own.close())
  return own.signer
}

/** A database of its own: what validators did wrong is not to be forgotten with the chain. */
async function openFaults(directory: string, genesisHash: Uint8Array, onStop: (close: () => unknown) => void) {
  const store = await openLevelStore(directory, { isSmall: true })
  onStop(() => store.close())
  return openFaultRecord(store, genesisHash)
}

async function listening<T>(start: Promise<T>, what: string): Promise<T> {
  try {
    return await start
  } catch (error) {
    throw notListening(error, what)
  }
}

function notListening(error: unknown, what: string): NodeError {
  // The network's library tells of each address with a stack, and of options that no node has.
  const { message } = error as Error
  return new NodeError(`cannot listen for ${what}: ${/\blisten E[A-Z]+: .*/.exec(message)?.[0] ?? message}`)
}

function peerConnections({ p2p }: NodeConfigJson): string {
  return `peer connections on ${p2p.host}:${p2p.port}`
}

async function closeInReverse(closing: (() => unknown)[], logger: Logger): Promise<void> {
  for (let close = closing.pop(); close !== undefined; close = closing.pop()) {
    try {
      await close()
    } catch (error) {
      logger.error({ err: error }, 'a part of the node did not stop cleanly')
    }
  }
}
