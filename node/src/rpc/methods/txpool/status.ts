import { defineMethod } from '../../method.ts'
import { QUANTITY, record } from '../../schema/schema.ts'
import { countToQuantity } from '../../views/quantities.ts'

/** txpool_status: how many can run now and how many wait for a nonce. */
export const status = defineMethod({
  name: 'txpool_status',
  kind: 'read',
  summary: 'how many can run, how many wait for a nonce',
  result: record({ pending: QUANTITY, queued: QUANTITY }),
  params: [],
  handle({ backend }) {
    const { pending, queued } = backend.txpool.counts()
    return { pending: countToQuantity(pending), queued: countToQuantity(queued) }
  },
})
