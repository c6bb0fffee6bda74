import { logQuery } from '../../decode/logFilter.ts'
import { invalidParams } from '../../errors.ts'
import { defineMethod, required } from '../../method.ts'
import { FILTER_ID } from '../../schema/results.ts'

/** eth_newFilter: for logs. */
export const newFilter = defineMethod({
  name: 'eth_newFilter',
  kind: 'read',
  summary: 'id; logs of new blocks',
  result: FILTER_ID,
  params: ({ limits }) => [required('filter', logQuery(limits))],
  handle({ filters, caller }, query) {
    if (query.blockHash !== undefined) {
      throw invalidParams('filter.blockHash names one block, in which nothing new happens; use eth_getLogs')
    }
    return filters.addLogs(caller.name, query)
  },
})
