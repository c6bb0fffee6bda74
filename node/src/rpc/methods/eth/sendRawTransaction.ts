import { toHex } from '../../../codec/hex.ts'
import { keccak256 } from '../../../crypto/keccak.ts'
import { data } from '../../decode/hex.ts'
import { defineMethod, required } from '../../method.ts'
import { addTransaction } from '../../reading/addTransaction.ts'
import { waitsForEarlierNonce } from '../../reading/waitingNonce.ts'
import { HASH } from '../../schema/schema.ts'

/** eth_sendRawTransaction: the hash, once the transaction is in the pool; with `sendHold` after its block, see sendHold.ts. */
export const sendRawTransaction = defineMethod({
  name: 'eth_sendRawTransaction',
  kind: 'send',
  summary:
    'the hash, once it is in the pool; where blocks come at once, after its block if that comes within `sendHold`',
  differs: 'geth answers before the block',
  result: HASH,
  params: [required('transaction', data)],
  async handle(context, raw) {
    const { backend, limits, blocks, sendHold } = context
    if (limits.sendHold === 0 || sendHold.held >= limits.maxHeldSends) return toHex(await addTransaction(backend, raw))
    const { promise, resolve } = Promise.withResolvers<void>()
    let cancel = (): void => {}
    // Before it is added: its block may come before `add` resolves.
    const stopWaiting = blocks.onTransaction(keccak256(raw), ({ block, index }) => {
      const wait = sendHold.nonceWait(block.receipts[index]!.sender)
      if (wait === 0) resolve()
      else backend.clock.after(wait, resolve)
    })
    sendHold.held++
    try {
      const hash = await addTransaction(backend, raw)
      if (waitsForEarlierNonce(backend, hash) === null) {
        cancel = backend.clock.after(limits.sendHold, resolve)
        await promise
      }
      return toHex(hash)
    } finally {
      sendHold.held--
      cancel()
      stopWaiting()
    }
  },
})
