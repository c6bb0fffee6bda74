import type { Decoder } from '../../decode/decoder.ts'
import { oneOf } from '../../decode/decoder.ts'
import { logQuery } from '../../decode/logFilter.ts'
import { invalidParams, METHOD_NOT_FOUND, RpcError } from '../../errors.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import type { SocketSubscriptions } from '../../reading/subscriptions.ts'

/** What the second parameter is depends on the first. */
const unchecked: Decoder<unknown> = (value) => value

/** eth_subscribe: newHeads, logs, newPendingTransactions or syncing, over WebSocket. The subscription's id. */
export const subscribe = defineMethod({
  name: 'eth_subscribe',
  kind: 'read',
  params: [
    required('topic', oneOf('newHeads', 'logs', 'newPendingTransactions', 'syncing')),
    withDefault('options', unchecked, null),
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
