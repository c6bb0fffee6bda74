import { anything, oneOf } from '../../decode/decoder.ts'
import { logQuery } from '../../decode/logFilter.ts'
import { invalidParams, METHOD_NOT_FOUND, RpcError } from '../../errors.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import type { SocketSubscriptions } from '../../reading/subscriptions.ts'
import { FILTER_ID } from '../../schema/results.ts'

/** eth_subscribe: newHeads, logs, newPendingTransactions or syncing, over WebSocket. The subscription's id. */
export const subscribe = defineMethod({
  name: 'eth_subscribe',
  kind: 'read',
  summary:
    'id. `newHeads`; `logs` with `{address, topics}`; `newPendingTransactions`, with `true` for whole transactions; `syncing`',
  differs: 'WebSocket only',
  result: FILTER_ID,
  params: [
    required('topic', oneOf('newHeads', 'logs', 'newPendingTransactions', 'syncing')),
    // Its type depends on the first.
    withDefault('options', anything, null),
  ],
  handle({ subscriptions, limits }, kind, options) {
    const socket = overSocket(subscriptions, 'eth_subscribe')
    if (kind === 'logs') {
      const { addresses, topics, ...range } = logQuery(limits)(options ?? {}, 'options')
      if (range.blockHash !== undefined) throw invalidParams('options.blockHash: a subscription is for blocks to come')
      return socket.add({ kind, pattern: { addresses, topics } })
    }
    if (kind === 'newPendingTransactions') {
      if (options !== null && typeof options !== 'boolean') {
        throw invalidParams('options must be true for whole transactions, false or absent for their hashes')
      }
      return socket.add({ kind, full: options === true })
    }
    return socket.add({ kind })
  },
})

/** @throws RpcError over HTTP. */
export function overSocket(subscriptions: SocketSubscriptions | null, method: string): SocketSubscriptions {
  if (subscriptions !== null) return subscriptions
  throw new RpcError(
    METHOD_NOT_FOUND,
    `the method ${method} does not exist/is not available over HTTP; open a WebSocket on the same port`,
  )
}
