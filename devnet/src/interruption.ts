/**
 * Ctrl-C and its like, for commands that would leave something behind, or that have something to say when they are
 * ended in the middle. Others die of the signal as any program does.
 */
import { rmSync } from 'node:fs'
import { InterruptedError } from './output/errors.ts'
import { type EndingSignal, endingSignals, interruptedCode } from './output/outcomes.ts'

/** npm and npx pass a Ctrl-C on to a process that has it from the terminal already: within this it is the same one. */
const SAME_KEY_MS = 500

export interface Doing {
  /** The work that is going on: `interrupted (SIGINT) while <doing>`. */
  readonly doing: () => string
  /** A hint for the user who pressed the key. */
  readonly hint?: () => string
}

/**
 * Runs `work`, which comes to its end soon once `interrupted` aborts. If it then returns, that is its result. The second
 * signal ends the process at once; what must not stay even then is removed by listeners of `exit`.
 * @throws InterruptedError when the work fails after a signal.
 */
export async function interruptible<T>(
  { doing, hint }: Doing,
  work: (interrupted: AbortSignal) => Promise<T>,
): Promise<T> {
  const interruption = new AbortController()
  let first: { readonly signal: EndingSignal; readonly at: number } | null = null
  const onSignal = (signal: EndingSignal) => {
    if (first === null) {
      first = { signal, at: performance.now() }
      interruption.abort(signal)
    } else if (signal !== first.signal || performance.now() - first.at > SAME_KEY_MS) {
      process.exit(interruptedCode(signal))
    }
  }
  for (const signal of endingSignals) process.on(signal, onSignal)
  try {
    return await work(interruption.signal)
  } catch (error) {
    if (!interruption.signal.aborted) throw error
    const said = hint === undefined ? {} : { hint: hint() }
    const cause = error instanceof Error ? { cause: error } : {}
    throw new InterruptedError(interruption.signal.reason as EndingSignal, doing(), { ...said, ...cause })
  } finally {
    for (const signal of endingSignals) process.off(signal, onSignal)
  }
}

/** The result of `work`, or a rejection as soon as `interrupted` aborts: for work that leaves nothing behind. */
export function unlessInterrupted<T>(interrupted: AbortSignal, work: Promise<T>): Promise<T> {
  // The work goes on in vain: nobody waits for its outcome any more.
  work.catch(() => {})
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(interrupted.reason)
    if (interrupted.aborted) return onAbort()
    interrupted.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => interrupted.removeEventListener('abort', onAbort))
  })
}

/** However the process ends, but for a SIGKILL, the file or folder does not stay. Returns the way to keep it. */
export function removedAtExit(path: string): () => void {
  // A process that was killed just now may have written to it a moment ago.
  const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  process.on('exit', remove)
  return () => void process.off('exit', remove)
}
