/**
 * A process of its own, started with flags of V8, whose worker has a stack of known size: for each module it is sent it
 * tells how many frames fit. V8's flags and the stack of a thread can only be set at the start.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { compile } from '../../src/index.ts'
import { MAX_FUEL } from '../../src/limits.ts'

/** Turns of warming up, and frames of each: so that V8 has seen all calls and compiled the function anew. */
const WARM_TURNS = 40
const WARM_FRAMES = 12

interface Question {
  readonly bytes: Uint8Array
  readonly warm: boolean
}

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), {
    workerData: null,
    resourceLimits: { stackSizeMb: Number(process.argv[2]) },
  })
  process.on('message', (question) => worker.postMessage(question))
  worker.on('message', (answer) => process.send?.(answer))
  worker.on('error', (error) => {
    console.error(error)
    process.exit(1)
  })
  process.on('disconnect', () => process.exit(0))
} else {
  void workerData
  parentPort?.on('message', ({ bytes, warm }: Question) => {
    parentPort?.postMessage(framesUntilOverflow(bytes, warm))
  })
}

function framesUntilOverflow(bytes: Uint8Array, warm: boolean): number | string {
  const program = compile(bytes, { engine: 'compiled', limits: { stackBytes: 2 ** 30 } })
  const instance = program.instantiate({ fuel: MAX_FUEL })
  if (warm) {
    for (let turn = 0; turn < WARM_TURNS; turn++) {
      instance.setFuel(MAX_FUEL)
      const outcome = instance.invoke('run', [WARM_FRAMES])
      if (outcome.kind !== 'return')
        return `warming up: ${outcome.kind === 'trap' ? outcome.trap.message : outcome.kind}`
    }
  }
  instance.setFuel(MAX_FUEL)
  try {
    const outcome = instance.invoke('run', [2 ** 30])
    if (outcome.kind !== 'trap' || outcome.trap.code !== 'stack-exhausted') return `it ended with ${outcome.kind}`
    // The counted stack ended first, large as it is: at most so many bytes for a frame.
    return instance.global('depth') as number
  } catch (error) {
    if (!(error instanceof RangeError)) return String(error)
    return instance.global('depth') as number
  }
}
