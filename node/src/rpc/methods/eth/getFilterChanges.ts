import { filterId } from '../../decode/filterId.ts'
import { defineMethod, required } from '../../method.ts'
import { logView } from '../../views/log.ts'

/** eth_getFilterChanges: what is new since the last call. */
export const getFilterChanges = defineMethod({
  name: 'eth_getFilterChanges',
  kind: 'read',
  params: [required('filterId', filterId)],
  async handle(context, id) {
    const changes = await context.filters.changes(id, context)
    return changes.map((change) => (typeof change === 'string' ? change : logView(change)))
  },
})
