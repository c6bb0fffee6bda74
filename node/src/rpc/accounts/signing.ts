/** The common part of the methods that sign: whose account it is, and how a signature is written. */
import { bigintToBytes, concatBytes } from '../../codec/bytes.ts'
import { toHex } from '../../codec/hex.ts'
import { METHOD_NOT_FOUND, RpcError, SERVER_ERROR } from '../errors.ts'
import type { RpcContext } from '../reading/context.ts'
import type { Account, Accounts } from './accounts.ts'

/** @throws RpcError as for a method that does not exist, on a node that no devnet started. */
export function accountsFor(method: string, { backend }: RpcContext): Accounts {
  if (backend.accounts !== null) return backend.accounts
  throw new RpcError(
    METHOD_NOT_FOUND,
    `the method ${method} does not exist/is not available: this node keeps no keys, as only those of a devnet do; sign on your side and send with eth_sendRawTransaction`,
  )
}

/** @throws RpcError as {@link accountsFor}, and for an account this node does not sign for. */
export function accountFor(method: string, context: RpcContext, address: Uint8Array): Account {
  const account = accountsFor(method, context).find(address)
  if (account !== null) return account
  throw new RpcError(
    SERVER_ERROR,
    `unknown account: this node does not sign for ${toHex(address)}; eth_accounts lists those it signs for`,
  )
}

/** The 65 bytes r, s, v, where v is 27 or 28. @throws RpcError as {@link accountFor}, and for an account without a key. */
export function signatureBy(method: string, context: RpcContext, address: Uint8Array, hash: Uint8Array): Uint8Array {
  const { signHash } = accountFor(method, context, address)
  if (signHash === null) {
    throw new RpcError(
      SERVER_ERROR,
      `no key: ${toHex(address)} is impersonated, so this node can send for it and has nothing to sign with`,
    )
  }
  const { r, s, yParity } = signHash(hash)
  return concatBytes(bigintToBytes(r, 32), bigintToBytes(s, 32), Uint8Array.of(27 + yParity))
}
