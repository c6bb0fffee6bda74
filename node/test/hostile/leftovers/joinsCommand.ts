/** The output of `npm run hostile -- --joins N`, and its exit code: 1 where something is left of peers that are gone. */
import { join } from 'node:path'
import { fromHex } from '../../../src/codec/hex.ts'
import { TestDirectories } from '../../faults/support/directories.ts'
import { startedNode, writeNodeFiles } from '../../process/nodeProcess.ts'
import { INSPECTED, Inspector } from './footprint.ts'
import { joinAndLeave, MAX_BYTES_PER_JOIN } from './joins.ts'
import { lookOften } from './looks.ts'

/** The memory of peers that left (points, bans, sessions) has room for 4 096; it is full before the first look. */
const MOST_WARM_UP = 5_000
/** Gossipsub forgets a peer's score after a minute. Milliseconds. */
const SETTLE = 70_000

/** @param joins after those that fill what is bounded. */
export async function runJoinsCommand(joins: number): Promise<number> {
  const directories = new TestDirectories('joins')
  const node = await startedNode(
    writeNodeFiles({ directory: join(directories.root, 'node'), config: { blockTimeMs: 1_000 } }),
    INSPECTED,
  )
  const target = { address: node.p2p, genesisHash: fromHex(node.genesisHash) }
  const counts = { joined: 0, refused: 0 }
  // A process does not end while its inspector is used.
  let inspector: Inspector | null = null
  try {
    inspector = await Inspector.of(node.child.pid!, node.output())
    const again = (times: number) => joinAndLeave(target, times, counts)
    const repeated = { plural: 'joins', singular: 'join', mostBytes: MAX_BYTES_PER_JOIN, settle: SETTLE, again }
    const faults = await lookOften(inspector, repeated, { times: joins, warmUp: Math.min(MOST_WARM_UP, joins) })
    process.stdout.write(`${counts.refused} came again\n`)
    return faults.length > 0 ? 1 : 0
  } finally {
    inspector?.close()
    await node.stop()
    directories.remove()
  }
}
