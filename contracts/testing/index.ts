/**
 * Tests of contracts on a chain in the test's own process: `createTestChain()`. With TOUCHSTONE_RPC_URL set, the same
 * file runs on the network that answers there (`devnet up`).
 */
export { type Client, createTestChain, type TestChain, type TestChainOptions } from './chain.ts'
export type { InProcessOptions } from './connection.ts'
export type { CallOptions, CompiledContract, DecodedEvent, Outcome, SendOptions, TestContract } from './contract.ts'
export { Reverted } from './reverted.ts'
