import { filterId } from '../../decode/filterId.ts'
import { defineMethod, required } from '../../method.ts'
import { searchLogs } from '../../reading/logSearch.ts'
import { LOG } from '../../schema/chainObjects.ts'
import { listOf } from '../../schema/schema.ts'
import { logView } from '../../views/log.ts'

/** eth_getFilterLogs: all logs of the filter's range, as eth_getLogs would give them. */
export const getFilterLogs = defineMethod({
  name: 'eth_getFilterLogs',
  kind: 'read',
  pace: 'search',
  summary: "all logs of the filter's range",
  result: listOf(LOG),
  params: [required('filterId', filterId)],
  async handle(context, id) {
    return (await searchLogs(context, context.filters.logQuery(id))).map(logView)
  },
})
