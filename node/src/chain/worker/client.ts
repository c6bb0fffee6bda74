/** Starts the execution worker and gives the chain in it to the main thread. */
import { Worker } from 'node:worker_threads'
import { toHex } from '../../codec/hex.ts'
import type { Logger } from '../../runtime/logger.ts'
import type { Genesis } from '../../types/genesis.ts'
import type { ChainService } from '../chainService.ts'
import { connectChain, type WorkerPort } from './chainClient.ts'
import type { CallMessage, WorkerMessage, WorkerStart } from './protocol.ts'

/**
 * Native stack of the worker. Contract frames nest 128 deep with at most 256 KiB each by the rule of
 * vm/src/metering/stackHeight.ts, 32 MiB together, and the host's frames come on top; 256 was measured to work on every
 * platform, and only what is used takes memory. V8's own limit must never be what stops a contract.
 */
export const WORKER_STACK_MB = 256

export interface ChainWorkerOptions {
  readonly genesis: Genesis
  /** Directory of the database, created where there is none; null keeps the chain in memory. */
  readonly dataDir: string | null
  readonly engine: 'reference' | 'compiled'
  readonly logger: Logger
  /** The worker failed: the node cannot go on and must stop, saying this. Called at most once. */
  readonly onFatal: (error: Error) => void
  /** Whether what contracts print is logged. */
  readonly contractOutput?: boolean
}

/**
 * Opens the database in a worker of its own.
 * @throws StoreError (`locked`, `corrupt`, ...) and DatabaseError (`other-genesis`, ...), each saying what to do.
 */
export async function startChainWorker(options: ChainWorkerOptions): Promise<ChainService> {
  const { genesis, dataDir, engine, logger, onFatal, contractOutput = false } = options
  const start: WorkerStart = { genesis, directory: dataDir, engine, debug: contractOutput }
  const worker = new Worker(new URL('./entry.ts', import.meta.url), {
    name: 'execution',
    workerData: start,
    resourceLimits: { stackSizeMb: WORKER_STACK_MB },
  })
  return connectChain(portOf(worker), {
    genesis,
    onFatal(error) {
      logger.error({ error: error.message, stack: error.stack }, 'the execution worker failed')
      onFatal(error)
    },
    onDebug: (text, contract) => logger.info({ contract: toHex(contract) }, text),
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
