import { defineMethod } from '../../method.ts'
import { TEXT } from '../../schema/schema.ts'

/**
 * web3_clientVersion. hardhat's helpers and plugins that change a chain for tests look whether it begins with the name of
 * one that they know (hardhat, anvil), and refuse to work otherwise. In dev mode the node answers their controls.
 */
export const clientVersion = defineMethod({
  name: 'web3_clientVersion',
  kind: 'read',
  summary: 'name, version, platform; in dev mode `anvil-compatible` and a slash come first',
  result: TEXT,
  params: [],
  handle: ({ backend: { clientVersion: version, dev } }) => (dev === null ? version : `anvil-compatible/${version}`),
})
