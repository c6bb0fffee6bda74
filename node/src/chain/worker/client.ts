/** Starts the execution worker and gives the chain in it to the main thread. */

import { toHex } from '../../codec/hex.ts'
import type { EngineName } from '../../execution/executionConfig.ts'
import { type Clock, systemClock } from '../../runtime/clock.ts'
import { openLevelStore } from '../../runtime/levelStore.ts'
import type { Logger } from '../../runtime/logging/logger.ts'
import type { Genesis } from '../../types/genesis.ts'
import type { ChainService } from '../chainService.ts'
import type { Diverged } from '../diverged.ts'
import { type ExecutionFault, type FaultConsequence, faultText } from '../executionFault.ts'
import { DEFAULT_CALL_TIMEOUT, DEFAULT_CALL_WORKERS } from '../limits.ts'
import { CallPool } from './calls/callPool.ts'
import { startCallWorker } from './calls/startCallWorker.ts'
import { connectChain } from './chainClient.ts'
import { type ExecutionThread, startExecutionThread, WORKER_STACK_MB } from './executionThread.ts'
import { type HostTypesUser, nearlyUsedUp, shareHostTypes } from './hostTypes.ts'
import type { WorkerStart } from './protocol.ts'
import { markedExecution } from './quarantine.ts'
import { restartingPort } from './restartingPort.ts'

/** Of the worker's stack, what the host's own frames may take: some kilobytes for each contract frame, and precompiles. */
export const HOST_STACK_MB = 64

export interface ChainWorkerOptions {
  readonly genesis: Genesis
  /** Directory of the database, created where there is none. A chain in memory needs no worker: inProcessChain.ts. */
  readonly dataDir: string
  readonly engine: EngineName
  readonly logger: Logger
  /** Newest blocks whose states are kept; null, the default, for all of them. */
  readonly keepStates?: number | null
  /** The worker failed: the node cannot go on and must stop, saying this. Called at most once. */
  readonly onFatal: (error: Error) => void
  /** Whether what contracts print is logged. */
  readonly contractOutput?: boolean
  readonly calls?: CallOptions
  /** Default: the system's. */
  readonly clock?: Clock
  /** The thread to use first; without one, it is started here. */
  readonly thread?: ExecutionThread | undefined
  /** The file the worker runs; tests have others. */
  readonly entry?: URL
  /** Directory that keeps what could not be executed (quarantine.ts); without one a death of the node is not remembered. */
  readonly quarantine?: string
  /** The worker ended by itself and was started again: the quarantine may hold more. */
  readonly onRestarted?: () => void
  /** A failure of this machine in execution that ended nothing: it was executed again, left out, or voted against. */
  readonly onFault?: (fault: ExecutionFault, consequence: FaultConsequence) => void
  /** A block came out otherwise here. Told before `onFatal`, where that follows. */
  readonly onDivergence?: (diverged: Diverged) => void
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
 * Opens the database for a worker of its own. Calls run in further workers, which start when the first comes.
 * @throws StoreError (`locked`, `corrupt`, ...) and DatabaseError (`other-genesis`, ...), each saying what to do.
 */
export async function startChainWorker(options: ChainWorkerOptions): Promise<ChainService> {
  const { genesis, dataDir, engine, logger, onFatal, contractOutput = false, clock = systemClock, quarantine } = options
  // Opened here, though only workers use it: this thread outlives them, so that the end of one takes nothing from the
  // others.
  const store = await openLevelStore(dataDir, { shared: true })
  const hostTypes = shareHostTypes()
  const start: WorkerStart = {
    genesis,
    directory: dataDir,
    engine,
    keepStates: options.keepStates ?? null,
    debug: contractOutput,
    quarantine: quarantine ?? null,
  }
  // The one that is there already, where it has not ended; after it, and after the end of each, a new one.
  const startWorker = () => options.thread?.open(start) ?? startExecutionThread(options.entry).open(start)!
  const onDebug = (text: string, contract: Uint8Array) => logger.info({ contract: toHex(contract) }, text)
  const { workers, timeout, gasCap } = options.calls ?? {}
  const port = restartingPort({ start: startWorker, ...restarts(options) })
  const connecting = connectChain(port, {
    genesis,
    onFatal(cause) {
      const error = quarantine === undefined ? cause : withMarkedTransaction(cause, quarantine)
      logger.error({ error: error.message, stack: error.stack }, 'the execution worker failed')
      onFatal(error)
    },
    onCounting() {
      logger.info(
        {},
        'this node lets the states of old blocks go from now on; before it starts, the nodes of the newest are counted',
      )
    },
    onFault(fault, consequence) {
      const hash = fault.transaction === null ? null : toHex(fault.transaction.hash)
      logger.error({ transaction: hash, block: String(fault.block), consequence, stack: fault.stack }, faultText(fault))
      options.onFault?.(fault, consequence)
    },
    ...(options.onDivergence === undefined ? {} : { onDivergence: options.onDivergence }),
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
    onClosed: () => store.close(),
  })
  const chain = await connecting.catch(async (error: unknown) => {
    await port.terminate()
    await store.close()
    throw error
  })
  tellWhenUsedUp(chain, hostTypes, logger)
  return chain
}

/** Once for each: the operator chooses when the node starts again. */
function tellWhenUsedUp(chain: ChainService, hostTypes: Int32Array, logger: Logger): void {
  const told = new Set<HostTypesUser>()
  chain.onBlock(() => {
    for (const user of nearlyUsedUp(hostTypes)) {
      if (told.has(user)) continue
      told.add(user)
      logger.warn(
        { of: user },
        'V8 was given nearly as many unusual function types as it may keep: contracts that bring more run on the interpreter, ' +
          'some 15 times slower, until the node is started again',
      )
    }
  })
}

function restarts({ logger, quarantine, onRestarted }: ChainWorkerOptions) {
  return {
    onRestart(cause: Error) {
      const running = quarantine === undefined ? null : markedExecution(quarantine)
      const what = running === null ? null : { hash: toHex(running.hash), block: String(running.block) }
      logger.error({ error: cause.message, transaction: what }, 'the execution worker ended; it is started again')
    },
    onRestarted: () => onRestarted?.(),
  }
}

/** A worker that ended says seldom what it was doing; its mark does. */
export function withMarkedTransaction(cause: Error, quarantine: string): Error {
  const running = markedExecution(quarantine)
  if (running === null) return cause
  const message =
    `the execution worker ended while it executed transaction ${toHex(running.hash)} of block ${running.block}: ${cause.message}. ` +
    'Start the node again: a transaction in which it ends repeatedly is set aside'
  return new Error(message, { cause })
}
