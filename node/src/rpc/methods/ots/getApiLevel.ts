import { defineMethod } from '../../method.ts'
import { COUNT } from '../../schema/schema.ts'

/** The level of Otterscan's API that the methods of this folder are. */
const API_LEVEL = 8

/** ots_getApiLevel: Otterscan asks it first. */
export const getApiLevel = defineMethod({
  name: 'ots_getApiLevel',
  kind: 'read',
  summary: 'the level of the API of Otterscan: 8',
  result: COUNT,
  params: [],
  handle: () => API_LEVEL,
})
