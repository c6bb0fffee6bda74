import { logQuery } from '../../decode/logFilter.ts'
import { defineMethod, required } from '../../method.ts'
import { searchLogs } from '../../reading/logSearch.ts'
import { LOG } from '../../schema/chainObjects.ts'
import { listOf } from '../../schema/schema.ts'
import { logView } from '../../views/log.ts'

/** eth_getLogs: a range of blocks, or one block (EIP-234). */
export const getLogs = defineMethod({
  name: 'eth_getLogs',
  kind: 'read',
  pace: 'search',
  summary: 'logs by range, or by `blockHash` (EIP-234). A range past the head is empty',
  differs: 'bounded by `maxLogRange`, `maxLogs`',
  result: listOf(LOG),
  params: ({ limits }) => [required('filter', logQuery(limits))],
  async handle(context, query) {
    return (await searchLogs(context, query)).map(logView)
  },
})
