/** Whether a network decides nothing though it has something to decide, and why, as far as its nodes can tell. */
import { setTimeout as wait } from 'node:timers/promises'
import { type Agreement, compareNodes, type NodeStanding } from './agreement.ts'
import type { ReadyNode } from './readyFile.ts'

/** Milliseconds without a block, while there is something to put into one, after which it is said that the chain stands. */
export const standstillMs = 4_000
const lookAgainMs = 250
/** Seconds that a block may be ahead of a validator's clock (docs/protocol/consensus.md). */
const allowedDriftSeconds = 10n

export interface Standstill {
  readonly height: number
  /** Seconds it was watched. */
  readonly seconds: number
  /** Most transactions that wait on a node. */
  readonly pending: number
  readonly reasons: readonly string[]
}

/** Compares the nodes; where something waits, until there is a block or it is clear that the chain stands. */
export async function compareAndWatch(
  nodes: readonly ReadyNode[],
): Promise<{ readonly agreement: Agreement; readonly standstill: Standstill | null }> {
  const began = performance.now()
  const first = await compareNodes(nodes)
  const height = heightOf(first.nodes)
  let agreement = first
  while (waits(agreement.nodes) && heightOf(agreement.nodes) === height) {
    const milliseconds = performance.now() - began
    if (milliseconds >= standstillMs) {
      return { agreement, standstill: standstillOf(nodes, agreement.nodes, Math.round(milliseconds / 1000)) }
    }
    await wait(lookAgainMs)
    agreement = await compareNodes(nodes)
  }
  return { agreement, standstill: null }
}

/** Null while blocks come or there is nothing to decide; told of each look, so that it sees the time that passes. */
export class StandstillWatch {
  #height = -1
  #since = 0

  look(nodes: readonly ReadyNode[], standings: readonly NodeStanding[], now: number): Standstill | null {
    const height = heightOf(standings)
    if (height !== this.#height || !waits(standings)) {
      this.#height = height
      this.#since = now
      return null
    }
    const milliseconds = now - this.#since
    return milliseconds < standstillMs ? null : standstillOf(nodes, standings, Math.round(milliseconds / 1000))
  }
}

function heightOf(standings: readonly NodeStanding[]): number {
  return Math.max(-1, ...standings.map(({ height }) => height ?? -1))
}

/** Whether some node has transactions for a block, or is deciding one. */
function waits(standings: readonly NodeStanding[]): boolean {
  return standings.some(({ pending, deciding }) => pending > 0 || deciding)
}

function standstillOf(nodes: readonly ReadyNode[], standings: readonly NodeStanding[], seconds: number): Standstill {
  const height = heightOf(standings)
  const pending = Math.max(0, ...standings.map((standing) => standing.pending))
  const reasons = [...missingVotes(nodes, standings), ...clocks(standings)]
  const round = Math.max(0, ...standings.map((standing) => standing.round ?? 0))
  return {
    height,
    seconds,
    pending,
    reasons:
      reasons.length > 0
        ? reasons
        : [`no cause is to be seen from here: round ${round} of height ${height + 1}; the logs of the nodes say more`],
  }
}

/** More than two thirds of the validators have to vote. Counted by heads: on a devnet all have the same power. */
function missingVotes(nodes: readonly ReadyNode[], standings: readonly NodeStanding[]): string[] {
  const validators = nodes.flatMap((node, position) =>
    node.validator ? [{ node, standing: standings[position]! }] : [],
  )
  const absent = validators.flatMap(({ node, standing }) => {
    if (standing.error !== null) return [`node ${node.index} (${node.state === 'paused' ? 'paused' : 'not answering'})`]
    if (standing.halted !== null) return [`node ${node.index} (stopped)`]
    if (standing.abstaining) return [`node ${node.index} (abstains)`]
    return standing.peers === 0 && validators.length > 1 ? [`node ${node.index} (without a peer)`] : []
  })
  const voting = validators.length - absent.length
  if (validators.length === 0 || voting * 3 > validators.length * 2) return []
  const needed = Math.floor((validators.length * 2) / 3) + 1
  return [`${voting} of ${validators.length} validators can vote, and ${needed} have to: ${absent.join(', ')} cannot`]
}

/** What wrong clocks do: blocks of the future are not voted for. */
export function clocks(standings: readonly NodeStanding[]): string[] {
  const known = standings.flatMap(({ index, clock, timestamp }) =>
    clock === null || timestamp === null ? [] : [{ index, clock, timestamp }],
  )
  if (known.length === 0) return []
  const lines: string[] = []
  const [earliest, latest] = [...known]
    .sort((a, b) => Number(a.clock - b.clock))
    .flatMap((one, at, all) => (at === 0 || at === all.length - 1 ? [one] : []))
  if (latest !== undefined && latest.clock - earliest!.clock > allowedDriftSeconds) {
    lines.push(
      `the clock of node ${earliest!.index} is ${latest.clock - earliest!.clock} s behind that of node ${latest.index}: it does not vote for blocks of more than ${allowedDriftSeconds} s ahead of it`,
    )
  }
  const ahead = known.reduce((most, { clock, timestamp }) => (timestamp - clock > most ? timestamp - clock : most), 0n)
  if (ahead > allowedDriftSeconds) {
    lines.push(
      `the newest block is ${ahead} s ahead of the nodes' clocks: they were ahead when it was made. Blocks have its time until the clocks are past it`,
    )
  }
  return lines
}
