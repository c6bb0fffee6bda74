/** Starts the execution worker and gives the chain in it to the main thread. */
import { Worker } from 'node:worker_threads'
import { toHex } from '../../codec/hex.ts'
import { type Clock, systemClock } from '../../runtime/clock.ts'
import { claimDirectory } from '../../runtime/levelStore.ts'
import type { Logger } from '../../runtime/logger.ts'
import type { Genesis } from '../../types/genesis.ts'
import type { ChainService } from '../chainService.ts'
import { DEFAULT_CALL_TIMEOUT, DEFAULT_CALL_WORKERS } from '../limits.ts'
import { CallPool } from './calls/callPool.ts'
import { startCallWorker } from './calls/startCallWorker.ts'
import { connectChain, type WorkerPort } from './chainClient.ts'
import type { CallMessage, WorkerMessage, WorkerStart } from './protocol.ts'

/** Of the worker's stack, what the host's own frames may take: some kilobytes for each contract frame, and precompiles. */
export const HOST_STACK_MB = 64

/**
 * Native stack of the worker. Contract frames nest 128 deep with at most 1 MiB each by the rule of
 * vm/src/metering/stackHeight.ts, and compiled code takes at most as much (NATIVE_STACK_RATIO), 128 MiB together; here
 * is room for more than three times that. It is address space: only what is used takes memory. V8's own limit must
 * never be what stops a contract.
 */
export const WORKER_STACK_MB = 512

export interface ChainWorkerOptions {
  readonly genesis: Genesis
  /** Directory of the database, created where there is none. A chain in memory needs no worker: inProcessChain.ts. */
  readonly dataDir: string
  readonly engine: 'reference' | 'compiled'
  readonly logger: Logger
  /** The worker failed: the node cannot go on and must stop, saying this. Called at most once. */
  readonly onFatal: (error: Error) => void
  /** Whether what contracts print is logged. */
  readonly contractOutput?: boolean
  readonly calls?: CallOptions
  /** Default: the system's. */
  readonly clock?: Clock
}

/** How eth_call, eth_estimateGas and their like are run: beside the chain, at nobody's expense but their own. */
export interface CallOptions {
  /** Most threads at once. */
  readonly workers?: number | undefined
  /** Milliseconds one may run. */
  readonly timeout?: number | undefined
  /** Most gas of one. Default: CALL_GAS_CAP (execution/limits.ts), or what a transaction may use where that is more. */
  readonly gasCap?: bigint | undefined
}

/**
 * Opens the database in a worker of its own. Calls run in further workers, which start when the first comes.
 * @throws StoreError (`locked`, `corrupt`, ...) and DatabaseError (`other-genesis`, ...), each saying what to do.
 */
export async function startChainWorker(options: ChainWorkerOptions): Promise<ChainService> {
  const { genesis, dataDir, engine, logger, onFatal, contractOutput = false, clock = systemClock } = options
  // Several threads may have the database open, but no second chain.
  const release = claimDirectory(dataDir)
  const start: WorkerStart = { genesis, directory: dataDir, engine, debug: contractOutput }
  const worker = new Worker(new URL('./entry.ts', import.meta.url), {
    name: 'execution',
    workerData: start,
    resourceLimits: { stackSizeMb: WORKER_STACK_MB },
  })
  const onDebug = (text: string, contract: Uint8Array) => logger.info({ contract: toHex(contract) }, text)
  const { workers, timeout, gasCap } = options.calls ?? {}
  const connecting = connectChain(portOf(worker), {
    genesis,
    onFatal(error) {
      logger.error({ error: error.message, stack: error.stack }, 'the execution worker failed')
      onFatal(error)
    },
    onDebug,
    openCalls: (base) =>
      new CallPool({
        workers: workers ?? DEFAULT_CALL_WORKERS,
        timeout: timeout ?? DEFAULT_CALL_TIMEOUT,
        startWorker: () =>
          startCallWorker(
            {
              directory: dataDir,
              chainId: genesis.chainId,
              schedule: genesis.schedule,
              engine,
              base,
              gasCap: gasCap ?? null,
              debug: contractOutput,
            },
            WORKER_STACK_MB,
          ),
        clock,
        logger,
        onDebug,
      }),
    onClosed: release,
  })
  return connecting.catch((error: unknown) => {
    release()
    throw error
  })
}

/** The port of a worker thread that runs entry.ts, or in tests something that speaks as it does. */
export function portOf(worker: Worker): WorkerPort {
  return {
    post: (message: CallMessage) => worker.postMessage(message),
    onMessage: (listener: (message: WorkerMessage) => void) => worker.on('message', listener),
    onFailure(listener) {
      worker.on('error', (error) => listener(error instanceof Error ? error : new Error(String(error))))
      worker.on('messageerror', listener)
      worker.on('exit', (code) => listener(new Error(`the execution worker ended with exit code ${code}`)))
    },
    async terminate() {
      await worker.terminate()
    },
  }
}
