import { filterId } from '../../decode/filterId.ts'
import { defineMethod, required } from '../../method.ts'
import { overSocket } from './subscribe.ts'

/** eth_unsubscribe: false when there was none. */
export const unsubscribe = defineMethod({
  name: 'eth_unsubscribe',
  kind: 'read',
  params: [required('subscriptionId', filterId)],
  handle: ({ subscriptions }, id) => overSocket(subscriptions, 'eth_unsubscribe').remove(id),
})
