import { filterId } from '../../decode/filterId.ts'
import { defineMethod, required } from '../../method.ts'
import { BOOLEAN } from '../../schema/schema.ts'
import { overSocket } from './subscribe.ts'

/** eth_unsubscribe: false when there was none. */
export const unsubscribe = defineMethod({
  name: 'eth_unsubscribe',
  kind: 'read',
  summary: 'false when there was none',
  result: BOOLEAN,
  params: [required('subscriptionId', filterId)],
  handle: ({ subscriptions }, id) => overSocket(subscriptions, 'eth_unsubscribe').remove(id),
})
