import { filterId } from '../../decode/filterId.ts'
import { defineMethod, required } from '../../method.ts'

/** eth_uninstallFilter: false when there was none. */
export const uninstallFilter = defineMethod({
  name: 'eth_uninstallFilter',
  kind: 'read',
  params: [required('filterId', filterId)],
  handle: ({ filters }, id) => filters.remove(id),
})
