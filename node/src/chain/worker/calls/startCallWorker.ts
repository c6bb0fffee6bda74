/** A call worker as a thread. */
import { Worker } from 'node:worker_threads'
import { environmentOfThread } from '../../../runtime/compiledCode.ts'
import { WORKER_YOUNG_MB } from '../../../runtime/hostHeap.ts'
import { CALL_WORKER_HEAP_MB } from '../../limits.ts'
import type { CallWorkerPort, CallWorkerStart } from './protocol.ts'

/** `stackMb`: native stack, as the execution worker's, since the same contracts run. */
export function startCallWorker(start: CallWorkerStart, stackMb: number): CallWorkerPort {
  const worker = new Worker(new URL('./entry.ts', import.meta.url), {
    name: 'calls',
    workerData: start,
    env: environmentOfThread('calls'),
    resourceLimits: {
      stackSizeMb: stackMb,
      maxOldGenerationSizeMb: CALL_WORKER_HEAP_MB,
      maxYoungGenerationSizeMb: WORKER_YOUNG_MB,
    },
  })
  return portOf(worker)
}

/** The port of a thread that runs entry.ts, or in tests something that speaks as it does. */
export function portOf(worker: Worker): CallWorkerPort {
  let failure: Error | null = null
  worker.on('error', (error) => {
    failure ??= error instanceof Error ? error : new Error(String(error))
  })
  worker.on('messageerror', (error) => {
    failure ??= error
    void worker.terminate()
  })
  return {
    post: (request) => worker.postMessage(request),
    onMessage: (listener) => worker.on('message', listener),
    onExit: (listener) =>
      worker.on('exit', (code) => listener(failure ?? new Error(`it ended with exit code ${code}`))),
    terminate: () => void worker.terminate(),
  }
}
