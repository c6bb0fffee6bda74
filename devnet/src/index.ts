/** Start and steer a network from a program, as `devnet up` does: for tests and tools. */

export { type DevAccount, devMnemonic } from './network/accounts.ts'
export { type Agreement, compareNodes, type NodeStanding } from './network/agreement.ts'
export { deriveAccounts } from './network/deriveAccounts.ts'
export type { NetworkEngine } from './network/engines.ts'
export { freePortRange } from './network/ports.ts'
export type { ReadyFile, ReadyNode } from './network/readyFile.ts'
export { type Network, type NetworkOptions, type NodeExit, startNetwork } from './network/runner.ts'
export { CliError } from './output/errors.ts'
