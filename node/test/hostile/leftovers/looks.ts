/**
 * A process looked at again and again while peers do something to it many times over: what is left of each time, as a
 * table, as the slope of a line, and as faults.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Footprint, Inspector } from './footprint.ts'

/** After the one that is compared with. */
const LOOKS = 5
/** The difference of two looks at the same heap: code that was compiled meanwhile, blocks that are kept. Bytes. */
export const MAX_NOISE_BYTES = 3 * 1024 * 1024
/** The allowed growth of the process: the heap between collections, and what the allocator keeps. Bytes. */
export const MAX_RSS_GROWTH = 100 * 1024 * 1024
/** Sockets, timers and files that may be open afterwards and were not before: those of the process's own work. */
export const MAX_MORE_HANDLES = 8

/** What is done, and how much of it may stay. */
export interface Repeated {
  /** As in "5000 joins"; and one of them. */
  readonly plural: string
  readonly singular: string
  /** Bytes of heap and of memory outside of it that may be left of one, over thousands of them. */
  readonly mostBytes: number
  /** Milliseconds in which the process forgets what it keeps for a time. */
  readonly settle: number
  /** Resolves when it was done so many times more. */
  readonly again: (times: number) => Promise<void>
}

/**
 * Prints a row for each look, then what one leaves.
 *
 * @param warmUp times before the first look, which fill what is bounded
 * @returns the faults, in words; empty when nothing is left
 */
export async function lookOften(
  inspector: Inspector,
  repeated: Repeated,
  { times, warmUp }: { readonly times: number; readonly warmUp: number },
): Promise<string[]> {
  const looks: { readonly done: number; readonly footprint: Footprint }[] = []
  let done = 0
  const run = async (more: number) => {
    await repeated.again(more)
    done += more
    await sleep(repeated.settle)
    const footprint = await inspector.look()
    looks.push({ done, footprint })
    print(rowOf(done, performance.now() / 1_000, footprint))
  }
  print(`${repeated.plural.padStart(9)}        s   heap MiB  outside MiB  RSS MiB  resources  descriptors`)
  await run(warmUp)
  for (let part = 1; part <= LOOKS; part++) {
    await run(Math.floor((times * part) / LOOKS) - Math.floor((times * (part - 1)) / LOOKS))
  }
  const [first, last] = [looks[0]!, looks.at(-1)!]
  const slope = (bytes: (footprint: Footprint) => number) =>
    slopeOf(looks.map(({ done, footprint }) => [done, bytes(footprint)])).toFixed(1)
  print(
    `a ${repeated.singular} leaves ${slope(({ heap }) => heap)} bytes of heap, ` +
      `${slope(({ external }) => external)} outside of it, ${slope(({ rss }) => rss ?? 0)} of RSS, ` +
      `${slope(({ resources }) => 1_000 * resources)} thousandths of a resource`,
  )
  const faults = leftBehind(first.footprint, last.footprint, repeated, last.done - first.done)
  for (const fault of faults) print(`FAULT: ${fault}`)
  return faults
}

/** The faults, in words; empty when there are none. */
export function leftBehind(
  before: Footprint,
  after: Footprint,
  { plural, mostBytes }: Pick<Repeated, 'plural' | 'mostBytes'>,
  times: number,
): string[] {
  const faults: string[] = []
  const most = MAX_NOISE_BYTES + mostBytes * times
  const grown = after.heap + after.external - before.heap - before.external
  if (grown > most) faults.push(`${grown} bytes of heap are left of ${times} ${plural}, at most ${most} may be`)
  for (const [what, one, other] of [
    ['resources', before.resources, after.resources],
    ['descriptors', before.descriptors, after.descriptors],
  ] as const) {
    const more = (other ?? 0) - (one ?? 0)
    if (more > MAX_MORE_HANDLES) faults.push(`${more} more ${what} are open, at most ${MAX_MORE_HANDLES} may be`)
  }
  if (before.rss !== null && after.rss !== null && after.rss - before.rss > MAX_RSS_GROWTH) {
    faults.push(`the process grew by ${after.rss - before.rss} bytes, at most ${MAX_RSS_GROWTH} are allowed`)
  }
  return faults
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

function rowOf(done: number, seconds: number, { heap, external, rss, resources, descriptors }: Footprint): string {
  const mebibytes = (bytes: number | null) => (bytes === null ? '-' : (bytes / 1024 / 1024).toFixed(2))
  const cells = [
    [done, 9],
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
