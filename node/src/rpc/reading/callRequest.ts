/** From what a client asks of a call to what the chain is asked. */
import type { BlockReference, CallReference } from '../../chain/chainService.ts'
import type { CallMessage } from '../../execution/call.ts'
import type { RpcBackend } from '../backend.ts'
import { callMessageOf, type TransactionRequest } from '../decode/callMessage.ts'
import { RpcError, SERVER_ERROR } from '../errors.ts'

/** @throws RpcError when the request names another chain, in geth's words: what it is told would be of the wrong one. */
export function callOf({ chain }: RpcBackend, request: TransactionRequest): CallMessage {
  const { chainId } = chain.genesis
  if (request.chainId !== undefined && request.chainId !== chainId) {
    throw new RpcError(SERVER_ERROR, `chainId does not match node's (have=${request.chainId}, want=${chainId})`)
  }
  return callMessageOf(request)
}

/** The block that a transaction sent now would be in: the next one, made now. */
export function nextBlock({ clock }: RpcBackend): CallReference {
  return { next: BigInt(Math.floor(clock.now() / 1000)) }
}

export function callReference(backend: RpcBackend, block: BlockReference | 'pending'): CallReference {
  return block === 'pending' ? nextBlock(backend) : block
}
