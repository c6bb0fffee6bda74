/** The parts that the nodes and the actors of one simulation share. */
import type { Random } from '@touchstone/vm/testing/random'
import type { Timeouts } from '../../src/consensus/limits.ts'
import type { Block } from '../../src/types/block.ts'
import type { Certificate } from '../../src/types/certificate.ts'
import type { ChainKind, SimulatedNode } from './chainKind.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimNetwork } from './simNetwork.ts'

/** Shorter than a devnet's, so that a run sees many rounds. */
export const SIM_TIMEOUTS: Timeouts = {
  propose: { base: 300, growth: 150 },
  prevote: { base: 100, growth: 100 },
  precommit: { base: 100, growth: 100 },
}

export interface SimWorld {
  readonly scheduler: Scheduler
  readonly network: SimNetwork
  readonly random: Random
  readonly kind: ChainKind
  trace(line: string): void
  onCommit(node: SimulatedNode, block: Block, certificate: Certificate): void
  /** Something no correct node may do. */
  fail(violation: string): void
}
