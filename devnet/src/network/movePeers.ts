/** Tells the process of a node where the others are from now on, and waits until it has given up where they were. */
import type { ChildProcess } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import type { NodeMessage, ParentMessage } from '@touchstone/node'
import { CliError } from '../output/errors.ts'

/** A node that lost others waits five seconds for them; it answers at once otherwise. */
const MOVE_TIMEOUT_MS = 20_000

type MovableProcess = Pick<ChildProcess, 'connected'> &
  Pick<EventEmitter, 'on' | 'off'> & { send(message: ParentMessage, onWritten: () => void): boolean }

/** `exited` settles when the process is gone, and with it its connections. @throws CliError when it says nothing. */
export async function movePeers(
  child: MovableProcess,
  exited: Promise<unknown>,
  index: number,
  addresses: readonly string[],
  timeoutMs = MOVE_TIMEOUT_MS,
): Promise<void> {
  const { promise: settled, resolve, reject } = Promise.withResolvers<void>()
  const onMessage = ({ kind }: NodeMessage) => {
    if (kind === 'peers-moved') resolve()
  }
  const timer = setTimeout(() => {
    const hint = `nothing was done to a link; repeat it when the node answers, or after devnet node kill ${index}`
    const message = `node ${index} did not connect through proxies within ${timeoutMs / 1000} s: it does not answer`
    reject(new CliError(message, { hint }))
  }, timeoutMs)
  child.on('message', onMessage)
  void exited.then(() => resolve())
  // One that has just ended is told by its end.
  if (child.connected) child.send({ kind: 'move-peers', addresses }, () => {})
  await settled.finally(() => {
    clearTimeout(timer)
    child.off('message', onMessage)
  })
}
