/** Transactions of this node's own accounts: filled in, signed and handed on, those of one account one after the other. */
import type { TransactionRequest } from '../decode/callMessage.ts'
import { invalidParams } from '../errors.ts'
import type { RpcContext } from '../reading/context.ts'
import { fillTransaction } from '../reading/fillTransaction.ts'
import { nextNonce } from '../reading/nextNonce.ts'
import { accountFor, accountsFor } from './signing.ts'

/**
 * What `use` makes of the signed bytes. It is over before the next transaction of the account gets its nonce, which counts
 * what is in the pool.
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
  const account = accountFor(method, context, from)
  const filled = await fillTransaction(context, request)
  return accountsFor(method, context).inTurn(from, async () => {
    const nonce = request.nonce ?? (await nextNonce(context.backend, from))
    return use(account.signTransaction(filled(nonce)))
  })
}
