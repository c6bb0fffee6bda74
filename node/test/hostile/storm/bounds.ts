/** The bounds a storm must not push four validators over (docs/threats.md, "All at once"). */
import { availableParallelism } from 'node:os'
import { MAX_GROWTH_BYTES as GROWTH_BY_MONEY, LONGEST_GAP } from '../funded/runFundedAttack.ts'
import { MAX_GROWTH_BYTES as GROWTH_BY_PEERS } from '../support/bounds.ts'
import type { Actor } from './attacks.ts'
import type { StormReport } from './report.ts'

/**
 * The longest without a block while a quorum is up and somebody waits for one, where each node has the processors it
 * needs. Milliseconds.
 */
export const STORM_GAP = 5_000
/** Processors that four nodes and their attackers need for {@link STORM_GAP}: two for each node. */
export const STORM_PROCESSORS = 8

/**
 * How long a node that was killed may take until it is where the others are: a minute where there are processors
 * enough. Milliseconds.
 */
export function backBound(): number {
  return 12 * gapBound()
}

/**
 * The most that a node may grow above what it has with honest traffic only: what peers may cost, and what money may. Bytes.
 */
export function growthBound(actors: readonly Actor[]): number {
  return GROWTH_BY_PEERS + (actors.includes('money') ? GROWTH_BY_MONEY : 0)
}

/** On a smaller machine the processors are the bound, and what one attack with money may cost holds for all of them. */
export function gapBound(): number {
  return availableParallelism() >= STORM_PROCESSORS ? STORM_GAP : LONGEST_GAP
}

/** The faults, in words; empty when there are none. */
export function stormFaults(report: StormReport, actors: readonly Actor[]): string[] {
  const { transfers, honest, longestGap } = report
  const faults = [...report.broken]
  if (transfers.mined === 0) faults.push('no transfer was in a block')
  if (transfers.lost > 0) faults.push(`${transfers.lost} acknowledged transfers were lost`)
  if (honest.bans > 0) faults.push(`nodes banned each other ${honest.bans} times`)
  if (honest.throttles > 0) faults.push(`nodes throttled each other ${honest.throttles} times`)
  if (honest.points > 0) faults.push(`nodes blamed each other ${honest.points} times: ${honest.firstReason}`)
  if (longestGap > gapBound()) {
    const unseen = Math.round(report.longestGapUnseen)
    faults.push(`no block for ${Math.round(longestGap)} ms, of which no node answered for ${unseen} ms`)
  }
  for (const [index, growth] of report.growth.entries()) {
    if (growth !== null && growth > growthBound(actors)) faults.push(`node ${index + 1} grew over the bound`)
  }
  return faults
}
