/**
 * Beginning with a snapshot instead of the genesis: chooses a certified block, fetches its state, checks all of it
 * against the state root, and leaves a database in which the chain begins at that block. Blocks after it come by block
 * sync. Runs before the chain is opened; after a kill it is simply run again.
 */
import type { SnapshotStore } from '../chain/snapshotStore.ts'
import type { Network } from '../network/network.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../runtime/logger.ts'
import { MissingCodeError } from '../state/stateStore.ts'
import { MissingNodeError } from '../trie/nodeStore.ts'
import type { Genesis } from '../types/genesis.ts'
import { DEFAULT_SNAPSHOT_LIMITS, type SnapshotLimits } from './limits.ts'
import { type CertifiedCheck, chooseTarget, PeerStatuses, type SnapshotTarget } from './snapshotTarget.ts'
import { downloadState } from './stateDownload.ts'

export interface SnapshotSyncOptions {
  /** Not started yet: this starts it. Whoever made it stops it. */
  readonly network: Network
  readonly store: SnapshotStore
  readonly genesis: Genesis
  /** A new one for each block. */
  readonly startCheck: () => CertifiedCheck
  /** False on a chain whose validators never change. */
  readonly hasHandovers: boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly limits?: Partial<SnapshotLimits>
}

/**
 * The height the chain begins at now, or null when the peers have no block yet, or prove none: then it begins with the
 * genesis, as usual. Waits for peers as long as there are none.
 */
export async function fetchSnapshot(options: SnapshotSyncOptions): Promise<bigint | null> {
  const { network, store, genesis, clock, logger } = options
  const limits = { ...DEFAULT_SNAPSHOT_LIMITS, ...options.limits }
  const statuses = new PeerStatuses({ network, logger })
  let attempts = 0
  try {
    await network.start()
    for (;;) {
      await statusesOfPeers(statuses, options, limits)
      const target = await chooseTarget({ ...options, statuses, limits })
      if (target === null) {
        attempts += 1
        const isNew = statuses.list().every(([, { height }]) => height === 0n)
        // Who claims blocks and proves none must not keep this node from starting: all blocks are as good as a snapshot.
        if (!store.isBegun && (isNew || attempts >= limits.attempts)) return null
        await pause(clock, limits.retryDelay)
        continue
      }
      attempts = 0
      await store.begin(genesis)
      if (await fetchState(options, statuses, limits, target)) return target.block.header.number
      logger.warn(
        { height: target.block.header.number.toString() },
        'nobody gives the rest of this snapshot, choosing another block; what was fetched stays',
      )
    }
  } finally {
    statuses.stop()
  }
}

async function statusesOfPeers(
  statuses: PeerStatuses,
  { clock, logger }: SnapshotSyncOptions,
  limits: SnapshotLimits,
): Promise<void> {
  let told = false
  while (statuses.size === 0) {
    await pause(clock, limits.retryDelay)
    await statuses.refresh()
    if (statuses.size === 0 && !told) logger.info({}, 'waiting for a peer to fetch a snapshot from')
    told = true
  }
  await pause(clock, limits.choosingTime)
  await statuses.refresh()
}

/** False when it could not be fetched whole. */
async function fetchState(
  { network, store, clock, logger }: SnapshotSyncOptions,
  statuses: PeerStatuses,
  limits: SnapshotLimits,
  { block, certificate, handovers }: SnapshotTarget,
): Promise<boolean> {
  const { number, stateRoot } = block.header
  const height = number.toString()
  const started = clock.monotonic()
  logger.info({ height }, `fetching a snapshot of block ${height}`)
  const serves = (peer: string) => statuses.has(peer, number)
  const counts = await downloadState({ network, store, root: stateRoot, serves, clock, logger, limits })
  if (counts === null) return false
  try {
    const size = await store.complete(block, certificate, handovers)
    const seconds = ((clock.monotonic() - started) / 1_000).toFixed(1)
    logger.info(
      { height, ...counts, ...size, seconds },
      `the snapshot of block ${height} is complete: ${size.accounts} accounts, ${size.slots} storage slots`,
    )
    return true
  } catch (error) {
    // Something that was there is not any more: looking for it again finds that out.
    if (error instanceof MissingNodeError || error instanceof MissingCodeError) return false
    throw error
  }
}

function pause(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => clock.after(milliseconds, resolve))
}
