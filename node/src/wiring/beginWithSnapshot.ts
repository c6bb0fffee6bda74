/** The start of a node whose configuration says `"sync": "snapshot"`: fills an empty database before the chain is opened. */
import { SnapshotStore } from '../chain/snapshotStore.ts'
import { ValidatorTrail } from '../consensus/proofs/handovers.ts'
import type { Network } from '../network/network.ts'
import type { Clock } from '../runtime/clock.ts'
import type { KeyValueStore } from '../runtime/keyValueStore.ts'
import type { Logger } from '../runtime/logging/logger.ts'
import { fetchSnapshot } from '../sync/snapshotSync.ts'
import { type Genesis, hasOperators } from '../types/genesis.ts'

export interface BeginWithSnapshotOptions {
  readonly genesis: Genesis
  /** The chain's database; closed before this returns. */
  openStore(): Promise<KeyValueStore>
  /** A network of its own, which serves nothing: the node's begins when there is something to serve. */
  createNetwork(genesisHash: Uint8Array): Promise<Network>
  /** Addresses of the peers that the configuration names; its own may be among them. */
  readonly bootstrap: readonly string[]
  readonly clock: Clock
  readonly logger: Logger
}

/** Does nothing when there is a chain already, or when the peers have none. @throws StoreError, DatabaseError. */
export async function beginWithSnapshot(options: BeginWithSnapshotOptions): Promise<void> {
  const { genesis, clock, logger } = options
  const store = await options.openStore()
  try {
    const snapshot = SnapshotStore.open(store, genesis)
    if (snapshot === null) {
      logger.info({}, 'there is a chain already: going on from its newest block, not with a snapshot')
      return
    }
    const { genesisHash } = snapshot
    const chain = { chainId: genesis.chainId, genesisHash }
    const network = await options.createNetwork(genesisHash)
    try {
      const height = await fetchSnapshot({
        network,
        store: snapshot,
        genesis,
        check: new ValidatorTrail(genesis.validators, chain),
        hasHandovers: hasOperators(genesis),
        named: options.bootstrap.filter((address) => !address.endsWith(`/p2p/${network.id}`)).length,
        clock,
        logger,
      })
      if (height === null) logger.info({}, 'the peers have no snapshot to give: beginning with the genesis')
    } finally {
      await network.stop()
    }
  } finally {
    await store.close()
  }
}
