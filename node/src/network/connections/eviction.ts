/**
 * Which stranger has to go when all places for connections are taken and another one knocks (the shape of Bitcoin
 * Core's `SelectNodeToEvict`): otherwise the first attacker with enough identities holds every place for good by doing
 * nothing. Merits that are hard to pretend protect: having been here for long, having brought messages that were new, having
 * read long answers. Among the rest, those of the address with the most connections, and chance decides.
 */
import type { NetworkLimits } from '../limits.ts'

/** A peer that is not named at start. Times in milliseconds. */
export interface Evictable {
  readonly peer: string
  /** Equal for peers that may be one: those of one address. */
  readonly group: string
  readonly connectedAt: number
  /** When it last brought a message that was accepted and new; null for never. */
  readonly broughtAt: number | null
  /** When it last read a long answer whole; null for never. */
  readonly readAt: number | null
}

/** Of all connections, so many are protected for each of the three reasons. */
const PROTECTED_FOR_EACH = 1 / 4

/** Null when everybody may stay, and the newcomer has to go. `random`: a whole number from 0 to `limit` - 1. */
export function chooseToEvict(
  peers: readonly Evictable[],
  now: number,
  limits: Pick<NetworkLimits, 'connections' | 'newcomerTime'>,
  random: (limit: number) => number,
): string | null {
  const count = Math.floor(limits.connections * PROTECTED_FOR_EACH)
  const latest = (timeOf: (peer: Evictable) => number | null) =>
    peers
      .filter((peer) => timeOf(peer) !== null)
      .sort((a, b) => timeOf(b)! - timeOf(a)!)
      .slice(0, count)
  const safe = new Set([
    ...latest(({ broughtAt }) => broughtAt),
    ...latest(({ readAt }) => readAt),
    ...latest(({ connectedAt }) => -connectedAt),
  ])
  // Newcomers get time to be of use, or those who come the fastest would have the places.
  const rest = peers.filter((peer) => !safe.has(peer) && now - peer.connectedAt >= limits.newcomerTime)
  const sizes = new Map<string, number>()
  for (const { group } of peers) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  const largest = Math.max(...rest.map(({ group }) => sizes.get(group)!))
  const chosen = rest.filter(({ group }) => sizes.get(group) === largest)
  return chosen.length === 0 ? null : chosen[random(chosen.length)]!.peer
}
