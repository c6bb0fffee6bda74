import { toHex } from '../../../codec/hex.ts'
import { keccak256 } from '../../../crypto/keccak.ts'
import type { RpcContext } from '../../context.ts'
import { data } from '../../decode/hex.ts'
import { refusedTransaction } from '../../errors.ts'
import { defineMethod, required } from '../../method.ts'
import { waitsForEarlierNonce } from '../../waitingNonce.ts'

/**
 * eth_sendRawTransaction: the hash, once the transaction is in the pool.
 *
 * Where blocks come at once (`sendHold`), the answer waits for the block a little, as dev nodes that mine within the
 * request do. Clients look for the receipt right after the hash: they find it instead of sleeping for a polling
 * interval, and ethers 6 does not miss a block that comes between its first look and its first poll.
 */
export const sendRawTransaction = defineMethod({
  name: 'eth_sendRawTransaction',
  params: [required('transaction', data)],
  async handle(context, raw) {
    const { backend, limits, blocks } = context
    if (limits.sendHold === 0 || blocks.heldSends >= limits.maxHeldSends) return toHex(await add(context, raw))
    const { promise, resolve } = Promise.withResolvers<void>()
    // Before it is added: its block may come before `add` resolves.
    const stopWaiting = blocks.onTransaction(keccak256(raw), () => resolve())
    blocks.heldSends++
    let cancel = (): void => {}
    try {
      const hash = await add(context, raw)
      if (waitsForEarlierNonce(backend, hash) === null) {
        cancel = backend.clock.after(limits.sendHold, resolve)
        await promise
      }
      return toHex(hash)
    } finally {
      blocks.heldSends--
      cancel()
      stopWaiting()
    }
  },
})

async function add({ backend }: RpcContext, raw: Uint8Array): Promise<Uint8Array> {
  const outcome = await backend.txpool.add(raw, 'local')
  if (!outcome.ok) throw refusedTransaction(outcome)
  return outcome.hash
}
