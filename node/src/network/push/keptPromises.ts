/**
 * Which peers deliver what they announce. An announcement is a promise: a peer that is asked then sends the message.
 * Nobody is punished for one it breaks (an honest peer may be slow, or have forgotten the message), but it is asked
 * later than others from then on, so announcing first is worth nothing to who does not deliver.
 */

/** The higher is asked first. */
export const Standing = {
  /** Broke its promises more often than it kept them lately. */
  BROKE: 0,
  UNKNOWN: 1,
  /** Kept its last promises. */
  KEPT: 2,
  /** Named at start by the operator. One that broke its promises counts as unknown: a validator may be hostile. */
  NAMED: 3,
} as const

export type StandingLevel = (typeof Standing)[keyof typeof Standing]

/** Most promises that count for or against a peer: the past is forgotten as fast as this many new ones come. */
const MAX_COUNTED = 8

export class KeptPromises {
  readonly isNamed: (peer: string) => boolean
  /** Kept minus broken, of peers that are connected. */
  readonly #records = new Map<string, number>()

  constructor(isNamed: (peer: string) => boolean) {
    this.isNamed = isNamed
  }

  of(peer: string): StandingLevel {
    const record = this.#records.get(peer) ?? 0
    if (this.isNamed(peer)) return record < 0 ? Standing.UNKNOWN : Standing.NAMED
    if (record === 0) return Standing.UNKNOWN
    return record > 0 ? Standing.KEPT : Standing.BROKE
  }

  kept(peer: string): void {
    this.#records.set(peer, Math.min((this.#records.get(peer) ?? 0) + 1, MAX_COUNTED))
  }

  /** One broken promise outweighs all that were kept: who earns trust to abuse it can do so once. */
  broken(peer: string): void {
    this.#records.set(peer, Math.max(Math.min(this.#records.get(peer) ?? 0, 0) - 1, -MAX_COUNTED))
  }

  forget(peer: string): void {
    this.#records.delete(peer)
  }
}
