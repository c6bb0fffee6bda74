/** Transactions of this node's own accounts: filled in, signed and handed on, those of one account one after the other. */
import type { TransactionRequest } from '../decode/callMessage.ts'
import { invalidParams } from '../errors.ts'
import type { RpcContext } from '../reading/context.ts'
import { fillTransaction } from '../reading/fillTransaction.ts'
import { nextNonce } from '../reading/nextNonce.ts'
import { accountFor, accountsFor } from './signing.ts'

/**
 * The result of `use` on the signed bytes. It is over before the next transaction of the account gets its nonce, which
 * counts what is in the pool.
 * @throws RpcError for an account this node does not sign for, and what `use` throws.
 */
export async function withSigned<T>(
  method: string,
  context: RpcContext,
  request: TransactionRequest,
  use: (raw: Uint8Array) => Promise<T>,
): Promise<T> {
  const { from } = request
  if (from === undefined)
    throw invalidParams('transaction.from must be the account that sends; eth_accounts lists them')
  if (await isImpersonated(context, from)) return use(await signedFor(context, request, from))
  const account = accountFor(method, context, from)
  const filled = await fillTransaction(context, request)
  return accountsFor(method, context).inTurn(from, async () => {
    const nonce = request.nonce ?? (await nextNonce(context.backend, from))
    return use(account.signTransaction(filled(nonce)))
  })
}

/** Not where it has the account's key. */
async function isImpersonated({ backend }: RpcContext, from: Uint8Array): Promise<boolean> {
  if (backend.dev === null || (backend.accounts?.find(from) ?? null) !== null) return false
  return backend.dev.isImpersonated(from)
}

/** The bytes of a dev transaction, which costs nothing: fees that were given do not matter. */
export async function signedFor(
  context: RpcContext,
  request: TransactionRequest,
  from: Uint8Array,
): Promise<Uint8Array> {
  const { backend } = context
  const unsigned = (await fillTransaction(context, { ...request, from }))(
    request.nonce ?? (await nextNonce(backend, from)),
  )
  const { nonce, gasLimit, to, value, data } = unsigned
  return backend.dev!.sign({ from, nonce, gasLimit, to, value, data })
}
