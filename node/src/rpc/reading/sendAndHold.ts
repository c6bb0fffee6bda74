/** The common part of every send that answers with the hash: the answer may wait for the block (sendHold.ts). */
import { keccak256 } from '../../crypto/keccak.ts'
import { minesAtOnce } from '../../execution/dev/minesAtOnce.ts'
import { addTransaction, keepTransaction } from './addTransaction.ts'
import type { RpcContext } from './context.ts'
import { waitsForEarlierNonce } from './waitingNonce.ts'

/** A transaction that is in the pool: its hash, and the way to its block. */
export interface Sent {
  readonly hash: Uint8Array
  /**
   * Resolves when its block came, or when the answer is not to wait any longer and the pool has it on the disk. Nobody is
   * told of it before. Rejects with an RpcError when it cannot be written.
   */
  readonly held: Promise<void>
}

/** @throws RpcError when the pool refuses it. */
export async function addAndHold(context: RpcContext, raw: Uint8Array): Promise<Sent> {
  const { backend, limits, blocks, sendHold } = context
  const settings = backend.devSettings()
  const isBlockNear = settings === null || minesAtOnce(settings)
  const { heldUntil = Infinity } = context
  const hold = Math.min(limits.sendHold, heldUntil - backend.clock.monotonic())
  if (hold <= 0 || !isBlockNear) return { hash: await addTransaction(backend, raw), held: Promise.resolve() }
  const { promise, resolve } = Promise.withResolvers<void>()
  let isInBlock = false
  // Before it is added: its block may come before `add` resolves.
  const stopWaiting = blocks.onTransaction(keccak256(raw), ({ block, index }) => {
    isInBlock = true
    const wait = sendHold.nonceWait(block.receipts[index]!.sender)
    if (wait === 0) return resolve()
    sendHold.pass(resolve)
    backend.clock.after(wait, resolve)
  })
  let cancel = (): void => {}
  const end = () => {
    sendHold.end(resolve)
    cancel()
    stopWaiting()
  }
  let hash: Uint8Array
  try {
    hash = await addTransaction(backend, raw, 'held')
  } catch (error) {
    end()
    throw error
  }
  if (waitsForEarlierNonce(backend, hash) !== null) resolve()
  else {
    cancel = backend.clock.after(hold, resolve)
    // Not before it is in the pool: what is refused costs nobody the place.
    if (!isInBlock) sendHold.hold(resolve, limits.maxHeldSends)
  }
  return { hash, held: promise.finally(end).then(() => keepTransaction(backend, hash)) }
}
