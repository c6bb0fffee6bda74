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
  let agreement = await compareNodes(nodes, partition)
  const height = heightOf(agreement.nodes)
  for (;;) {
    const standstill = watch.look(nodes, agreement.nodes, performance.now(), partition)
    const isOver = heightOf(agreement.nodes) !== height || !mayStand(nodes, agreement.nodes, partition)
    if (standstill !== null || isOver) return { agreement, standstill }
    await wait(LOOK_AGAIN_MS)
    agreement = await compareNodes(nodes, partition)
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

/** Whether some node wants a block, or is deciding one, or nobody could decide one. */
function mayStand(nodes: readonly ReadyNode[], standings: readonly NodeStanding[], partition: Partition): boolean {
  // Where dev controls make no blocks, transactions wait as they should. An earlier version says nothing of that.
  const isWanted = standings.some(
    ({ pending, wantsBlock, deciding }) => (wantsBlock ?? (pending ?? 0) > 0) || deciding === true,
  )
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
  /** The power of all, which is their number where each has the same. */
  readonly validators: bigint
  /** Of it, how much can vote together now: on one side of a partition. */
  readonly voting: bigint
  /** How much has to: more than two thirds. */
  readonly needed: bigint
  /** Whether one of those who vote could be missing too. */
  readonly canSpare: boolean
  readonly isOfEqual: boolean
  /** Why the others cannot: `node 3 (paused)`. */
  readonly absent: readonly string[]
  /** The partition, where it takes votes from each other: `1,2 / 3,4`. */
  readonly split: string | null
}

export function votesOf(nodes: readonly ReadyNode[], standings: readonly NodeStanding[], partition: Partition): Votes {
  const seats = seatsOf(nodes, standings)
  const absent: string[] = []
  const able: Seat[] = []
  for (const seat of seats) {
    const why = seat.at === null ? null : whyNoVote(seat.at.node, seat.at.standing, seats.length)
    if (why === null) able.push(seat)
    else absent.push(`node ${seat.at!.node.index} (${why})`)
  }
  const sides = sidesOf(nodes, partition)
  let best: readonly Seat[] = []
  for (const side of sides) {
    const together = able.filter(({ at }) => at === null || side.includes(at.node.index))
    if (powerOf(together) > powerOf(best)) best = together
  }
  const [validators, voting] = [powerOf(seats), powerOf(best)]
  const needed = (validators * 2n) / 3n + 1n
  const least = best.reduce((least, { power }) => (power < least ? power : least), voting)
  return {
    ...{ validators, voting, needed, absent },
    canSpare: voting - least >= needed,
    isOfEqual: seats.every(({ power }) => power === 1n),
    split: voting < powerOf(able) ? describeGroups(sides) : null,
  }
}

interface Seat {
  /** Null for a validator that is no node of this network: nothing is seen of it, and it is taken to vote. */
  readonly at: { readonly node: ReadyNode; readonly standing: NodeStanding } | null
  /** 1 where all have the same. */
  readonly power: bigint
}

/** The validators: those that the chain has now, where a node was asked; else the nodes that began as such. */
function seatsOf(nodes: readonly ReadyNode[], standings: readonly NodeStanding[]): Seat[] {
  const places = nodes.map((node, position) => ({ node, standing: standings[position]! }))
  const voters = standings.find((standing) => standing.voters !== null)?.voters ?? null
  // A runner of an earlier version wrote no keys.
  if (voters === null || nodes.some(({ validatorKey }) => validatorKey === undefined)) {
    return places.filter(({ node }) => node.validator).map((at) => ({ at, power: 1n }))
  }
  const first = voters[0]!.power
  const unit = voters.every(({ power }) => power === first) ? first : 1n
  return voters.map(({ publicKey, power }) => ({
    at: places.find(({ node }) => node.validatorKey === publicKey) ?? null,
    power: power / unit,
  }))
}

function powerOf(seats: readonly Seat[]): bigint {
  return seats.reduce((sum, { power }) => sum + power, 0n)
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
  const { validators, voting, needed, isOfEqual, absent, split } = votesOf(nodes, standings, partition)
  if (validators === 0n || voting >= needed) return []
  const why = [
    ...(split === null ? [] : [`the network is split: ${split}`]),
    ...(absent.length === 0 ? [] : [`${absent.join(', ')} cannot`]),
  ]
  const together = split === null ? '' : ' together'
  const counted = isOfEqual
    ? `${voting} of ${validators} validators can vote${together}, and ${needed} have to`
    : `validators with ${voting} of ${validators} of the power can vote${together}, and ${needed} is needed`
  return [`${counted}: ${why.join('; ')}`]
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
