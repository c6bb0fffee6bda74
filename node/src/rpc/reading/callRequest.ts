/** From what a client asks of a call to what the chain is asked. */
import type { BlockReference, CallReference } from '../../chain/chainService.ts'
import type { CallMessage } from '../../execution/call.ts'
import { type NextHeader, nextHeader, timestampOf } from '../../execution/dev/nextHeader.ts'
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

/** The block that a transaction sent now would be in: the next one, made now, as dev controls have set it. */
export function nextBlock(backend: RpcBackend): CallReference {
  const { chain, clock } = backend
  const now = BigInt(Math.floor(clock.now() / 1000))
  if (backend.devSettings() === null) return { next: now }
  const next = nextHeaderOf(backend)
  const fields = { gasLimit: next.gasLimit, baseFee: next.baseFeePerGas }
  return { next: timestampOf(next, chain.head().header, now), fields }
}

/** The fields that are known of the next block's header. */
export function nextHeaderOf({ chain, devSettings }: Pick<RpcBackend, 'chain' | 'devSettings'>): NextHeader {
  return nextHeader(chain.head().header, chain.genesis, devSettings())
}

export function callReference(backend: RpcBackend, block: BlockReference | 'pending'): CallReference {
  return block === 'pending' ? nextBlock(backend) : block
}
