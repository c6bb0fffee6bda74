/** The output of `npm run hostile -- --joins N`, and its exit code: 1 where something is left of peers that are gone. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fromHex } from '../../../src/codec/hex.ts'
import { TestDirectories } from '../../faults/support/directories.ts'
import { startedNode, writeNodeFiles } from '../../process/nodeProcess.ts'
import { type Footprint, INSPECTED, Inspector } from './footprint.ts'
import { joinAndLeave, leftBehind } from './joins.ts'

/** The memory of peers that left (points, bans, sessions) has room for 4 096; it is full before the first look. */
const MOST_WARM_UP = 5_000
/** Gossipsub forgets a peer's score after a minute. Milliseconds. */
const SETTLE = 70_000
const LOOKS = 5

/** @param joins after those that fill what is bounded. */
export async function runJoinsCommand(joins: number): Promise<number> {
  const directories = new TestDirectories('joins')
  const node = await startedNode(
    writeNodeFiles({ directory: join(directories.root, 'node'), config: { blockTimeMs: 1_000 } }),
    INSPECTED,
  )
  const target = { address: node.p2p, genesisHash: fromHex(node.genesisHash) }
  const counts = { joined: 0, refused: 0 }
  const print = (text: string) => process.stdout.write(`${text}\n`)
  // A process does not end while its inspector is used.
  let inspector: Inspector | null = null
  try {
    const inspected = await Inspector.of(node)
    inspector = inspected
    const looks: { readonly joined: number; readonly footprint: Footprint }[] = []
    const look = async () => {
      await sleep(SETTLE)
      const footprint = await inspected.look()
      looks.push({ joined: counts.joined, footprint })
      print(rowOf(counts.joined, performance.now() / 1_000, footprint))
    }
    await joinAndLeave(target, Math.min(MOST_WARM_UP, joins), counts)
    print('  joins        s   heap MiB  outside MiB  RSS MiB  resources  descriptors')
    await look()
    for (let part = 1; part <= LOOKS; part++) {
      const next = Math.floor((joins * part) / LOOKS) - Math.floor((joins * (part - 1)) / LOOKS)
      await joinAndLeave(target, next, counts)
      await look()
    }
    const [first, last] = [looks[0]!, looks.at(-1)!]
    const slope = (bytes: (footprint: Footprint) => number) =>
      slopeOf(looks.map(({ joined, footprint }) => [joined, bytes(footprint)])).toFixed(1)
    print(
      `a join leaves ${slope(({ heap }) => heap)} bytes of heap, ${slope(({ external }) => external)} outside of it, ` +
        `${slope(({ rss }) => rss ?? 0)} of RSS, ${slope(({ resources }) => 1_000 * resources)} thousandths of a resource; ` +
        `${counts.refused} came again`,
    )
    const faults = leftBehind(first.footprint, last.footprint, last.joined - first.joined)
    for (const fault of faults) print(`FAULT: ${fault}`)
    return faults.length > 0 ? 1 : 0
  } finally {
    inspector?.close()
    await node.stop()
    directories.remove()
  }
}

function rowOf(joins: number, seconds: number, { heap, external, rss, resources, descriptors }: Footprint): string {
  const mebibytes = (bytes: number | null) => (bytes === null ? '-' : (bytes / 1024 / 1024).toFixed(2))
  const cells = [
    [joins, 7],
    [seconds.toFixed(0), 9],
    [mebibytes(heap), 11],
    [mebibytes(external), 13],
    [mebibytes(rss), 9],
    [resources, 11],
    [descriptors ?? '-', 13],
  ] as const
  return cells.map(([value, width]) => String(value).padStart(width)).join('')
}

/** Of the straight line nearest to the points. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (at: 0 | 1) => points.reduce((sum, point) => sum + point[at], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
  return spread === 0 ? 0 : points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread
}
