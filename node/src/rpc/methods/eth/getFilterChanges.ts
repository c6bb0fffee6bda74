import { filterId } from '../../decode/filterId.ts'
import { defineMethod, required } from '../../method.ts'
import { FILTER_CHANGES } from '../../schema/results.ts'
import { logView } from '../../views/log.ts'

/** eth_getFilterChanges: what is new since the last call. */
export const getFilterChanges = defineMethod({
  name: 'eth_getFilterChanges',
  kind: 'read',
  pace: 'slow',
  summary: 'the news since the last call. Of logs at most about `maxLogs`, the rest with the next call',
  result: FILTER_CHANGES,
  params: [required('filterId', filterId)],
  async handle(context, id) {
    const changes = await context.filters.changes(id, context)
    return changes.map((change) => (typeof change === 'string' ? change : logView(change)))
  },
})
