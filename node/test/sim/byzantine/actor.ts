/** What a Byzantine validator has: its key, the network, time and randomness. Each kind is a file of this folder. */
import type { SigningKey } from '../../../src/consensus/signer.ts'
import type { SimWorld } from '../simNode.ts'

export interface ActorOptions {
  readonly index: number
  readonly key: SigningKey
  readonly world: SimWorld
  /** Ids of all other nodes of the network. */
  readonly others: readonly string[]
}

export interface Actor {
  /** Network ids it occupies. */
  readonly ids: readonly string[]
  start(): void
}
