import { logQuery } from '../../decode/logFilter.ts'
import { invalidParams } from '../../errors.ts'
import { defineMethod, required } from '../../method.ts'

/** eth_newFilter: for logs. */
export const newFilter = defineMethod({
  name: 'eth_newFilter',
  kind: 'read',
  params: ({ limits }) => [required('filter', logQuery(limits))],
  handle({ filters, caller }, query) {
    if (query.blockHash !== undefined) {
      throw invalidParams('filter.blockHash names one block, in which nothing new happens; use eth_getLogs')
    }
    return filters.addLogs(caller.name, query)
  },
})
