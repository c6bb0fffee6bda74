import { filterId } from '../../decode/filterId.ts'
import { defineMethod, required } from '../../method.ts'
import { BOOLEAN } from '../../schema/schema.ts'

/** eth_uninstallFilter: false when there was none. */
export const uninstallFilter = defineMethod({
  name: 'eth_uninstallFilter',
  kind: 'read',
  summary: 'false when there was none',
  result: BOOLEAN,
  params: [required('filterId', filterId)],
  handle: ({ filters }, id) => filters.remove(id),
})
