/**
 * Nobody reads the command's output any more (`devnet status | head -1`). What is written from then on goes nowhere, and
 * the command comes to its end with the exit code that it has anyway: whoever sent a transaction wants to have sent it. One
 * that only shows what happens (`devnet up`) has nobody to show it to, and ends.
 */
const { promise, resolve } = Promise.withResolvers<void>()

/** Settles when stdout or stderr was closed by its reader. */
export const outputClosed: Promise<void> = promise

/** @throws what is no closed pipe, such as a full disk. */
export function noteOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error
  resolve()
}
