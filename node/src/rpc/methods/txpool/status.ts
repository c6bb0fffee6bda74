import { defineMethod } from '../../method.ts'
import { countToQuantity } from '../../views/quantities.ts'

/** txpool_status: how many can run now and how many wait for a nonce. */
export const status = defineMethod({
  name: 'txpool_status',
  kind: 'read',
  params: [],
  handle({ backend }) {
    const { pending, queued } = backend.txpool.counts()
    return { pending: countToQuantity(pending), queued: countToQuantity(queued) }
  },
})
