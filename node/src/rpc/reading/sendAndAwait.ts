/** EIP-7966: what every send that answers with the receipt has in common. */
import { toHex } from '../../codec/hex.ts'
import { keccak256 } from '../../crypto/keccak.ts'
import { type Decoder, decoder } from '../decode/decoder.ts'
import { count } from '../decode/hex.ts'
import { RpcError, SYNC_SEND_NOT_READY, SYNC_SEND_TIMED_OUT } from '../errors.ts'
import type { RpcLimits } from '../limits.ts'
import type { ReceiptView } from '../views/receipt.ts'
import { addTransaction } from './addTransaction.ts'
import type { TransactionInBlock } from './blocks.ts'
import type { RpcContext } from './context.ts'
import { waitsForEarlierNonce } from './waitingNonce.ts'

/** A timeout that is out of range means the node's own. */
export function syncTimeout({ syncSendTimeout, maxSyncSendTimeout }: RpcLimits): Decoder<number> {
  const any = count(0, Number.MAX_SAFE_INTEGER)
  return decoder({ ...any.schema, description: 'milliseconds' }, (value, at) => {
    const milliseconds = any(value, at)
    return milliseconds === 0 || milliseconds > maxSyncSendTimeout ? syncSendTimeout : milliseconds
  })
}

/** A transaction that is in the pool, and the way to its receipt. */
export interface Awaited {
  /** Rejects with an RpcError when it is not in a block in time; the transaction stays in the pool. */
  readonly receipt: Promise<ReceiptView | undefined>
}

/** @throws RpcError when the pool refuses it. */
export async function addAndAwait(context: RpcContext, raw: Uint8Array, milliseconds: number): Promise<Awaited> {
  const { backend, blocks, limits, sendHold } = context
  const hash = keccak256(raw)
  const { promise, resolve, reject } = Promise.withResolvers<TransactionInBlock>()
  // Before it is added: its block may come before `add` resolves.
  const stopWaiting = blocks.onTransaction(hash, resolve)
  let cancel = (): void => {}
  const end = () => {
    sendHold.waiting--
    cancel()
    stopWaiting()
  }
  const mayWait = sendHold.waiting < limits.maxSyncSends
  sendHold.waiting++
  try {
    await addTransaction(backend, raw)
  } catch (error) {
    end()
    throw error
  }
  const notReady = waitsForEarlierNonce(backend, hash)
  if (notReady !== null) reject(new RpcError(SYNC_SEND_NOT_READY, notReady, toHex(hash)))
  else if (!mayWait) {
    const message = `The transaction was added to the pool; this node waits for ${limits.maxSyncSends} others already (maxSyncSends).`
    reject(new RpcError(SYNC_SEND_TIMED_OUT, message, toHex(hash)))
  } else {
    cancel = backend.clock.after(milliseconds, () => {
      const message = `The transaction was added to the pool but was not in a block after ${milliseconds} ms.`
      reject(new RpcError(SYNC_SEND_TIMED_OUT, message, toHex(hash)))
    })
  }
  return { receipt: promise.then(({ block, index }) => block.receipt(index)).finally(end) }
}
