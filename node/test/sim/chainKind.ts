/**
 * The kinds of chain that the nodes of a simulation run. `light` nodes have the real consensus on a stand-in for the
 * chain, which makes a seed cheap; `whole` nodes have everything a node has between its network and its disk.
 */

import type { Consensus } from '../../src/consensus/consensus.ts'
import type { ValidatorSet } from '../../src/consensus/core/validatorSet.ts'
import type { Timeouts } from '../../src/consensus/limits.ts'
import type { Evidence } from '../../src/consensus/proofs/evidence.ts'
import type { BlockForm } from '../../src/consensus/proposals/blockForm.ts'
import type { SigningKey } from '../../src/consensus/signing/signer.ts'
import type { Block } from '../../src/types/block.ts'
import type { Certificate } from '../../src/types/certificate.ts'
import type { ChainIdentity } from '../../src/types/genesis.ts'
import type { SimWorld } from './simWorld.ts'

/** The signer's record, or the transaction pool's store. */
export type Forgotten = 'votes' | 'pool'

export interface SimNodeOptions {
  readonly index: number
  readonly id: string
  /** Null: follows only. */
  readonly key: SigningKey | null
  readonly world: SimWorld
  /** Milliseconds the wall clock is off. */
  readonly skew?: number
  /** How much faster the node's clock runs than true time, as a fraction. */
  readonly drift?: number
  readonly blockTime?: number | undefined
  readonly correct: boolean
  /** Default: those of simWorld.ts. */
  readonly timeouts?: Timeouts | undefined
  /** Milliseconds to build or to execute a block. */
  readonly executionTime?: number | undefined
  /** Numbers of transactions that this machine fails to execute, on any engine; whole nodes only. */
  readonly cannotExecute?: readonly number[] | undefined
  /** Data that a crash wipes out although it must be kept: a fault that the simulation has to find. */
  readonly forgets?: Forgotten | undefined
}

export interface SimulatedNode {
  readonly index: number
  readonly id: string
  readonly correct: boolean
  readonly isValidator: boolean
  readonly isUp: boolean
  /** Null while it is down. */
  readonly engine: Consensus | null
  height(): bigint
  evidence(): readonly Evidence[]
  start(): Promise<void>
  /** kill -9: nothing of this run has any effect from now on. */
  crash(): void
  /** Crashes and loses its chain and what it knows of its votes. The transactions it acknowledged stay. */
  wipe(): void
  /** Gives it a transaction, by number. True: it said that it has it. */
  offer(transaction: number): Promise<boolean>
  /** True while a transaction that has to get into the chain is not in this node's. */
  lacks(transaction: number): boolean
}

/** A block that an attacker makes up. */
export interface ForgedBlock {
  readonly height: bigint
  readonly parentHash: Uint8Array
  /** Seconds. */
  readonly timestamp: bigint
  readonly maker: number
  readonly nonce: number
  readonly invalid: boolean
  readonly transactions: readonly number[]
}

export interface ChainKind<N extends SimulatedNode = SimulatedNode> {
  readonly identity: ChainIdentity
  /** True: what is offered to one node reaches the others through the nodes' own code. */
  readonly spreads: boolean
  /** The set that decides a height. Null where that is not known yet. */
  validatorsAt(height: bigint): ValidatorSet | null
  readonly form: BlockForm
  parentOf(head: Uint8Array): Uint8Array
  forge(fields: ForgedBlock): Block
  createNode(options: SimNodeOptions): N
  /** The first correct node commits a height. It returns a violation, if there is one. */
  judge(block: Block, certificate: Certificate): Promise<string | null>
  /** After the run, of everything that was judged. */
  verdict(): Promise<string | null>
}
