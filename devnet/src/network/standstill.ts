/**
 * Whether a network decides nothing though it has something to decide, or could not if it had; and why, as far as its
 * nodes can tell.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type Agreement, absence, compareNodes, type NodeStanding } from './agreement.ts'
import { allGroups, describeGroups } from './links/nodeNumbers.ts'
import type { ReadyFile, ReadyNode } from './readyFile.ts'

/**
 * Milliseconds without a block, while there is something to put into one or too few who could decide it, after which it
 * is said that the chain stands.
 */
export const STANDSTILL_MS = 4_000
const LOOK_AGAIN_MS = 250
/** Seconds that a block may be ahead of a validator's clock (docs/protocol/consensus.md). */
const ALLOWED_DRIFT_SECONDS = 10n

/** As the ready file has it. */
export type Partition = ReadyFile['partition']

export interface Standstill {
  readonly height: number
  /** Seconds it was watched. */
  readonly seconds: number
  /** Most transactions that wait on a node. */
  readonly pending: number
  /** Of the height after it: the highest that a node is in; null while none decides. */
  readonly round: number | null
  readonly reasons: readonly string[]
}

/** Compares the nodes; where the chain may stand, until there is a block or it is clear that it does. */
export async function compareAndWatch(
  nodes: readonly ReadyNode[],
  partition: Partition,
): Promise<{ readonly agreement: Agreement; readonly standstill: Standstill | null }> {
  const watch = new StandstillWatch()
  let agreement = await compareNodes(nodes)
  const height = heightOf(agreement.nodes)
  for (;;) {
    const standstill = watch.look(nodes, agreement.nodes, performance.now(), partition)
    const isOver = heightOf(agreement.nodes) !== height || !mayStand(nodes, agreement.nodes, partition)
    if (standstill !== null || isOver) return { agreement, standstill }
    await wait(LOOK_AGAIN_MS)
    agreement = await compareNodes(nodes)
  }
}

/**
 * Null while blocks come, or nothing is to be decided that could not be; told of each look, so that it sees the time
 * that passes.
 */
export class StandstillWatch {
  #height = -1
  #since = 0

  look(
    nodes: readonly ReadyNode[],
    standings: readonly NodeStanding[],
    now: number,
    partition: Partition = null,
  ): Standstill | null {
    const height = heightOf(standings)
    // Less is no block: the node that was furthest says nothing any more.
    if (height > this.#height || !mayStand(nodes, standings, partition)) {
      this.#height = height
      this.#since = now
      return null
    }
    const milliseconds = now - this.#since
    return milliseconds < STANDSTILL_MS
      ? null
      : standstillOf(nodes, standings, Math.round(milliseconds / 1000), partition)
  }
}

function heightOf(standings: readonly NodeStanding[]): number {
  return Math.max(-1, ...standings.map(({ height }) => height ?? -1))
}

/** Whether some node has transactions for a block, or is deciding one, or nobody could decide one. */
function mayStand(nodes: readonly ReadyNode[], standings: readonly NodeStanding[], partition: Partition): boolean {
  const isWanted = standings.some(({ pending, deciding }) => (pending ?? 0) > 0 || deciding === true)
  return isWanted || (heightOf(standings) >= 0 && missingVotes(nodes, standings, partition).length > 0)
}

function standstillOf(
  nodes: readonly ReadyNode[],
  standings: readonly NodeStanding[],
  seconds: number,
  partition: Partition,
): Standstill {
  const height = heightOf(standings)
  const pending = Math.max(0, ...standings.map((standing) => standing.pending ?? 0))
  const reasons = [...missingVotes(nodes, standings, partition), ...divergences(standings), ...clocks(standings)]
  const rounds = standings.flatMap(({ deciding, round }) => (deciding === true && round !== null ? [round] : []))
  const round = rounds.length === 0 ? null : Math.max(...rounds)
  return {
    height,
    seconds,
    pending,
    round,
    reasons: reasons.length > 0 ? reasons : [`no cause is to be seen from here; the logs of the nodes say more`],
  }
}

/** A node that does not execute as the others do votes against their blocks, and they against its. */
function divergences(standings: readonly NodeStanding[]): string[] {
  return standings.flatMap(({ index, divergence }) =>
    divergence === null
      ? []
      : [`node ${index} makes something else of block ${divergence.record.block}: ${divergence.record.reason}`],
  )
}

export interface Votes {
  readonly validators: number
  /** Of them, how many can vote together now: on one side of a partition. */
  readonly voting: number
  /** How many have to: more than two thirds. Counted by heads: on a devnet all have the same power. */
  readonly needed: number
  /** Why the others cannot: `node 3 (paused)`. */
  readonly absent: readonly string[]
  /** The partition, where it takes votes from each other: `1,2 / 3,4`. */
  readonly split: string | null
}

export function votesOf(nodes: readonly ReadyNode[], standings: readonly NodeStanding[], partition: Partition): Votes {
  const validators = nodes.flatMap((node, position) =>
    node.validator ? [{ node, standing: standings[position]! }] : [],
  )
  const absent: string[] = []
  const able: number[] = []
  for (const { node, standing } of validators) {
    const why = whyNoVote(node, standing, validators.length)
    if (why === null) able.push(node.index)
    else absent.push(`node ${node.index} (${why})`)
  }
  const sides = sidesOf(nodes, partition)
  const voting = Math.max(0, ...sides.map((side) => able.filter((index) => side.includes(index)).length))
  return {
    validators: validators.length,
    voting,
    needed: Math.floor((validators.length * 2) / 3) + 1,
    absent,
    split: voting < able.length ? describeGroups(sides) : null,
  }
}

/** All nodes, by who hears whom. */
function sidesOf(nodes: readonly ReadyNode[], partition: Partition): readonly (readonly number[])[] {
  const all = nodes.map(({ index }) => index)
  return partition === null ? [all] : allGroups(partition, all)
}

function whyNoVote(node: ReadyNode, standing: NodeStanding, validators: number): string | null {
  if (standing.error !== null) return absence(node) ?? 'not answering'
  if (standing.halted !== null) return 'stopped'
  if (standing.abstaining) return 'abstains'
  return standing.peers === 0 && validators > 1 ? 'without a peer' : null
}

function missingVotes(
  nodes: readonly ReadyNode[],
  standings: readonly NodeStanding[],
  partition: Partition,
): readonly string[] {
  const { validators, voting, needed, absent, split } = votesOf(nodes, standings, partition)
  if (validators === 0 || voting >= needed) return []
  const why = [
    ...(split === null ? [] : [`the network is split: ${split}`]),
    ...(absent.length === 0 ? [] : [`${absent.join(', ')} cannot`]),
  ]
  return [
    `${voting} of ${validators} validators can vote${split === null ? '' : ' together'}, and ${needed} have to: ${why.join('; ')}`,
  ]
}

/** The nodes whose clocks are wrong: nobody votes for blocks of the future. */
export function clocks(standings: readonly NodeStanding[]): string[] {
  const known = standings
    .flatMap(({ index, clock, timestamp, timeAhead }) =>
      clock === null || timestamp === null ? [] : [{ index, clock, timestamp, timeAhead }],
    )
    .sort((a, b) => Number(a.clock - b.clock))
  const [earliest, latest] = [known[0], known.at(-1)]
  if (earliest === undefined || latest === undefined) return []
  const lines: string[] = []
  const apart = latest.clock - earliest.clock
  if (apart > ALLOWED_DRIFT_SECONDS) {
    lines.push(
      `the clock of node ${earliest.index} is ${apart} s behind that of node ${latest.index}: it does not vote for blocks of more than ${ALLOWED_DRIFT_SECONDS} s ahead of it`,
    )
  }
  // Where dev controls set the times of blocks, these are of no clock.
  const ahead = known.reduce((most, { clock, timestamp, timeAhead }) => {
    const seconds = timeAhead === null ? 0n : timestamp - clock - timeAhead
    return seconds > most ? seconds : most
  }, 0n)
  if (ahead > ALLOWED_DRIFT_SECONDS) {
    const isMoved = known.some(({ timeAhead }) => timeAhead !== 0n)
    lines.push(
      isMoved
        ? `the newest block is ${ahead} s ahead of the time that dev controls have set since: blocks have its time until that is past it`
        : `the newest block is ${ahead} s ahead of the nodes' clocks: they were ahead when it was made. Blocks have its time until the clocks are past it`,
    )
  }
  return lines
}
