/**
 * The thread of the execution worker, which can be started before anything else of a node is loaded: it loads what it
 * runs, and waits for the message that says which chain it is to open ({@link WorkerStart}).
 */
import { Worker } from 'node:worker_threads'
import { environmentOfThread } from '../../runtime/compiledCode.ts'
import { WORKER_YOUNG_MB } from '../../runtime/hostHeap.ts'
import { shareHostTypes } from './hostTypes.ts'
import type { WorkerStart } from './protocol.ts'

/**
 * Native stack of the worker. Contract frames nest 128 deep with at most 1 MiB each by the rule of
 * vm/src/metering/stackHeight.ts, and compiled code takes at most as much (NATIVE_STACK_RATIO), 128 MiB together; here
 * is room for more than three times that. It is address space: only what is used takes memory. V8's own limit must
 * never be what stops a contract.
 */
export const WORKER_STACK_MB = 512

/**
 * JavaScript heap of the worker, as a bound of its own: what runs away ends the worker, which has a name and a reason,
 * and not the process. Blocks need a fraction of it (bench:gas); contracts' memories, tables and compiled code are not
 * in this heap.
 */
export const WORKER_HEAP_MB = 2_048

/** A thread that nobody has told yet what to open. */
export interface ExecutionThread {
  /**
   * Tells it, and hands it over. Null for one that was handed over, or has ended: another one will say why, to who listens.
   */
  open(start: WorkerStart): Worker | null
}

/** To be called on the main thread. `entry`: the file that it runs; tests have others. */
export function startExecutionThread(entry = new URL('./entry.ts', import.meta.url)): ExecutionThread {
  // A thread finds there what was shared before it was started.
  shareHostTypes()
  const worker = new Worker(entry, {
    name: 'execution',
    env: environmentOfThread('execution'),
    resourceLimits: {
      stackSizeMb: WORKER_STACK_MB,
      maxOldGenerationSizeMb: WORKER_HEAP_MB,
      maxYoungGenerationSizeMb: WORKER_YOUNG_MB,
    },
  })
  let waiting: Worker | null = worker
  const ended = (): void => {
    waiting = null
  }
  worker.on('error', ended)
  worker.on('exit', ended)
  return {
    open(start) {
      const opened = waiting
      if (opened === null) return null
      waiting = null
      opened.off('error', ended)
      opened.off('exit', ended)
      opened.postMessage(start)
      return opened
    },
  }
}
