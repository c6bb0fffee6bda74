/** The means of a Byzantine validator: its key, the network, time and randomness. Each kind is a file of this folder. */
import type { SigningKey } from '../../../src/consensus/signing/signer.ts'
import type { SimulatedNode } from '../chainKind.ts'
import type { SimWorld } from '../simWorld.ts'

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

/** Milliseconds between two attempts. */
const OFFER_INTERVAL = 20

/** Work that only this node has, so that it proposes what others do not. */
export function giveWork(world: SimWorld, node: SimulatedNode, transaction: number): void {
  const offer = async () => {
    if (!(await node.offer(transaction))) world.scheduler.after(OFFER_INTERVAL, () => void offer())
  }
  void offer()
}
