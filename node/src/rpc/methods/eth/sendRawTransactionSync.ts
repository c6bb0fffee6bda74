import { toHex } from '../../../codec/hex.ts'
import { keccak256 } from '../../../crypto/keccak.ts'
import { type Decoder, decoder } from '../../decode/decoder.ts'
import { count, data } from '../../decode/hex.ts'
import { RpcError, SYNC_SEND_NOT_READY, SYNC_SEND_TIMED_OUT } from '../../errors.ts'
import type { RpcLimits } from '../../limits.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { addTransaction } from '../../reading/addTransaction.ts'
import type { TransactionInBlock } from '../../reading/blocks.ts'
import { waitsForEarlierNonce } from '../../reading/waitingNonce.ts'
import { RECEIPT } from '../../schema/chainObjects.ts'

/** EIP-7966: a timeout that is out of range means the node's own. */
function timeout({ syncSendTimeout, maxSyncSendTimeout }: RpcLimits): Decoder<number> {
  const any = count(0, Number.MAX_SAFE_INTEGER)
  return decoder({ ...any.schema, description: 'milliseconds' }, (value, at) => {
    const milliseconds = any(value, at)
    return milliseconds === 0 || milliseconds > maxSyncSendTimeout ? syncSendTimeout : milliseconds
  })
}

/** eth_sendRawTransactionSync: EIP-7966. The receipt, once the transaction is in a block, which is final. */
export const sendRawTransactionSync = defineMethod({
  name: 'eth_sendRawTransactionSync',
  kind: 'send',
  summary: 'the receipt, once it is in a block (EIP-7966)',
  result: RECEIPT,
  params: ({ limits }) => [
    required('transaction', data),
    withDefault('timeout', timeout(limits), limits.syncSendTimeout),
  ],
  async handle({ backend, blocks, limits, sendHold }, raw, milliseconds) {
    const hash = keccak256(raw)
    const { promise, resolve, reject } = Promise.withResolvers<TransactionInBlock>()
    // Before it is added: its block may come before `add` resolves.
    const stopWaiting = blocks.onTransaction(hash, resolve)
    let cancel = (): void => {}
    const mayWait = sendHold.waiting < limits.maxSyncSends
    sendHold.waiting++
    try {
      await addTransaction(backend, raw)
      const notReady = waitsForEarlierNonce(backend, hash)
      if (notReady !== null) throw new RpcError(SYNC_SEND_NOT_READY, notReady, toHex(hash))
      if (!mayWait) {
        const message = `The transaction was added to the pool; this node waits for ${limits.maxSyncSends} others already (maxSyncSends).`
        throw new RpcError(SYNC_SEND_TIMED_OUT, message, toHex(hash))
      }
      cancel = backend.clock.after(milliseconds, () => {
        const message = `The transaction was added to the pool but was not in a block after ${milliseconds} ms.`
        reject(new RpcError(SYNC_SEND_TIMED_OUT, message, toHex(hash)))
      })
      const { block, index } = await promise
      return block.receipt(index)
    } finally {
      sendHold.waiting--
      cancel()
      stopWaiting()
    }
  },
})
