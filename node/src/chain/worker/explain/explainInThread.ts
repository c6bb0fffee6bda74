/** Looks for where engines part in a thread of its own, for as long as that may take, beside whatever the node does. */
import { Worker } from 'node:worker_threads'
import type { Explanation } from '../../../divergence/explain.ts'
import type { Clock } from '../../../runtime/clock.ts'
import { WORKER_YOUNG_MB } from '../../../runtime/hostHeap.ts'
import type { Diverged } from '../../diverged.ts'
import { EXPLAIN_HEAP_MB, EXPLAIN_TIMEOUT } from '../../limits.ts'

export interface ExplainTask extends Pick<Diverged, 'block' | 'senders' | 'parentRoot' | 'engine'> {
  /** Of the chain's database, which this process has open as shared. */
  readonly directory: string
  readonly chainId: bigint
  readonly schedule: string
}

/** From the thread: it has opened the database, or is done. */
export type ExplainMessage = 'ready' | Explanation

export interface ExplainOptions {
  readonly task: ExplainTask
  readonly clock: Clock
  /** Native stack, as the execution worker's, since the same contracts run. */
  readonly stackMb: number
  readonly timeout?: number
  /** The node is being stopped. */
  readonly signal: AbortSignal
}

/** Never rejects: what went wrong is the trouble. */
export function explainInThread({
  task,
  clock,
  stackMb,
  timeout = EXPLAIN_TIMEOUT,
  signal,
}: ExplainOptions): Promise<Explanation> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('./entry.ts', import.meta.url), {
      name: 'explain',
      workerData: task,
      resourceLimits: {
        stackSizeMb: stackMb,
        maxOldGenerationSizeMb: EXPLAIN_HEAP_MB,
        maxYoungGenerationSizeMb: WORKER_YOUNG_MB,
      },
    })
    let explanation: Explanation | null = null
    let isReady = false
    const trouble = (text: string) => {
      explanation ??= { finding: null, trouble: text }
    }
    const end = (why: string) => {
      trouble(why)
      // One that starts is opening the database, which must not be interrupted.
      if (isReady) void worker.terminate()
    }
    const cancel = clock.after(timeout, () => end(`it was not found within ${timeout / 1_000} s`))
    const stop = () => end('the node was stopped meanwhile')
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    worker.on('message', (message: ExplainMessage) => {
      if (message !== 'ready') explanation ??= message
      else if (explanation !== null) void worker.terminate()
      else isReady = true
    })
    worker.on('error', (error) => trouble(error instanceof Error ? error.message : String(error)))
    // Only when the thread is gone may its database be closed under it.
    worker.on('exit', (code) => {
      cancel()
      signal.removeEventListener('abort', stop)
      resolve(explanation ?? { finding: null, trouble: `its thread ended with exit code ${code}` })
    })
  })
}
