/** A step of the hardware export: one transaction, and whether it succeeds. */
import type { Random } from '@touchstone/vm/testing/random'
import type { Abi, Hex } from 'viem'
import type { Activation } from '../../src/consensus/proofs/validatorHistory.ts'
import type { AccessListEntry } from '../../src/types/transaction.ts'
import type { ForeignToken } from '../../testing/foreignTokens.ts'

/** A built example contract (docs/protocol/artifacts.md). */
export interface Artifact {
  readonly abi: Abi
  readonly bytecode: Hex
}

export interface Artifacts {
  readonly token: Artifact
  readonly exchange: Artifact
  readonly foreignTokens: readonly ForeignToken[]
}

export interface Step {
  readonly kind: string
  readonly succeeds: boolean
  /** Index of the account that sends. */
  readonly from: number
  readonly to: Uint8Array | null
  readonly data: Uint8Array
  /** In place of `data`: what depends on the block it stands in. */
  readonly dataIn?: (place: Place) => Uint8Array
  readonly value: bigint
  readonly gas: bigint
  readonly accessList: readonly AccessListEntry[]
}

/** Where a step comes to stand. */
export interface Place {
  readonly height: bigint
  /** The first is in force at `height`, the others are scheduled. */
  readonly validators: readonly Activation[]
}

/** Contracts deployed first, in this order, by account 0 with nonces from 0. */
export interface World {
  readonly accounts: readonly Uint8Array[]
  readonly puppet: Uint8Array
  readonly otherPuppet: Uint8Array
  readonly traps: Uint8Array
  readonly calculator: Uint8Array
  readonly gold: Uint8Array
  readonly silver: Uint8Array
  readonly exchange: Uint8Array
  /** One of each kind, made by account 0 after the market; the whole supply is its at first. */
  readonly foreignTokens: readonly Uint8Array[]
}

/** Of a call, unless its step says otherwise. */
const CALL_GAS = 1_500_000n
const EMPTY = new Uint8Array(0)

export type Fields = Partial<Omit<Step, 'kind' | 'succeeds'>>

export function step(kind: string, succeeds: boolean, fields: Fields): Step {
  return { kind, succeeds, from: 0, to: null, data: EMPTY, value: 0n, gas: CALL_GAS, accessList: [], ...fields }
}

/** `number` counts the scenarios drawn. */
export type Scenario = (random: Random, world: World, artifacts: Artifacts, number: number) => Step
