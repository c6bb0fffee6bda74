/**
 * Output does not arrive any more: its reader went away (`devnet status | head -1`), or the disk is full. Everything
 * written from then on goes nowhere, and the command comes to its end: its user still wants a transaction sent. One
 * that only shows what happens (`devnet up`) has nobody to show it to, and ends.
 *
 * A reader that went away had what it wanted, so the exit code is the command's own. A result that could not be written is a
 * failure.
 */
import { writeSync } from 'node:fs'

const { promise, resolve } = Promise.withResolvers<void>()
let fault: Error | null = null

/** Settles when stdout or stderr takes nothing any more. */
export const outputClosed: Promise<void> = promise

/** To be called once, by the process that is the command. */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!isReaderGone(error)) fault ??= error
    resolve()
  })
  // Where nothing can be said, nothing is.
  process.stderr.on('error', () => resolve())
  process.on('exit', (code) => {
    if (fault === null) return
    if (code === 0) process.exitCode = 1
    say(`error: cannot write the output: ${fault.message}\n`)
  })
}

function isReaderGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED'
}

/** At once, as the process ends. */
function say(text: string): void {
  try {
    writeSync(2, text)
  } catch {
    // Nobody listens there either; the exit code says it.
  }
}
