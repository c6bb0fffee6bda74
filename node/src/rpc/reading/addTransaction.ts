/** Puts a transaction of this node's own clients into the pool; every `eth_sendRawTransaction*` begins with it. */
import type { RpcBackend } from '../backend.ts'
import { RpcError, refusedTransaction, SERVER_ERROR } from '../errors.ts'

/**
 * Its hash. `held`: nobody is told of it before {@link keepTransaction}.
 * @throws RpcError when the pool refuses it, or when there will be no block to put it in.
 */
export async function addTransaction(
  backend: RpcBackend,
  raw: Uint8Array,
  origin: 'local' | 'held' = 'local',
): Promise<Uint8Array> {
  const { halted } = backend.consensus()
  // Taking it would promise a block.
  if (halted !== null) {
    throw new RpcError(SERVER_ERROR, `consensus has stopped (${halted.kind}); touchstone_status says more`)
  }
  const outcome = await backend.txpool.add(raw, origin)
  if (!outcome.ok) throw refusedTransaction(outcome)
  return outcome.hash
}

/** Until then it may be lost with the process. @throws RpcError when it cannot be written. */
export async function keepTransaction({ txpool }: RpcBackend, hash: Uint8Array): Promise<void> {
  const outcome = await txpool.keep(hash)
  if (!outcome.ok) throw refusedTransaction(outcome)
}
