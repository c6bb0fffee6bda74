/**
 * Lets connections from outside in, or not, by the address they come from: one machine cannot have all the places that
 * there are, neither those of peers nor those of handshakes under way. On loopback, where networks of tests and devnets
 * live, everybody has one address, and only the bounds for all hold.
 */
import { isLoopback, machineOf } from '../../codec/ipAddress.ts'
import { dropOldest, MAX_TRACKED } from '../conduct/scoring.ts'

export interface InboundLimits {
  readonly connectionsPerAddress: number
  readonly pendingPerAddress: number
  readonly handshakeTimeout: number
  readonly bannedPerAddress: number
  readonly banTime: number
}

interface Ban {
  readonly peer: string | null
  readonly at: number
}

export class InboundGate {
  readonly #limits: InboundLimits
  /** When handshakes under way began, by host, oldest first. */
  readonly #pending = new Map<string, number[]>()
  /** When peers of a host were banned, by host, oldest first. */
  readonly #bans = new Map<string, readonly Ban[]>()
  /** Hosts of peers named at start. Bans of other peers on the same host do not close it to them; its bounds hold. */
  readonly #named: ReadonlySet<string>

  constructor(limits: InboundLimits, named: ReadonlySet<string> = new Set()) {
    this.#limits = limits
    this.#named = named
  }

  isNamed(host: string): boolean {
    return this.#named.has(host)
  }

  /** `open`: connections this host has already. A connection that is let in counts as a handshake under way. */
  denies(host: string, open: number, now: number): boolean {
    if (isLoopback(host)) return false
    if (!this.isNamed(host) && this.#banned(host, now).length >= this.#limits.bannedPerAddress) return true
    const pending = (this.#pending.get(host) ?? []).filter((began) => now - began < this.#limits.handshakeTimeout)
    this.#pending.delete(host)
    this.#dropExpired(now)
    const denied = open >= this.#limits.connectionsPerAddress || pending.length >= this.#limits.pendingPerAddress
    if (!denied) pending.push(now)
    if (pending.length > 0) this.#pending.set(host, pending)
    return denied
  }

  /** The handshake of a connection from this host is done. One that fails counts until its time is over. */
  opened(host: string): void {
    const pending = this.#pending.get(host)
    pending?.shift()
    if (pending?.length === 0) this.#pending.delete(host)
  }

  /**
   * A peer of this host was banned. Identities cost nothing, so a machine that comes back at once under other ones is
   * refused by its address.
   */
  banned(host: string, peer: string | null, now: number): void {
    if (isLoopback(host)) return
    // One peer counts once, however often and for how much.
    const others = this.#banned(host, now).filter((ban) => peer === null || ban.peer !== peer)
    const bans = [...others, { peer, at: now }].slice(-this.#limits.bannedPerAddress)
    this.#bans.delete(host)
    this.#bans.set(host, bans)
    dropOldest(this.#bans, MAX_TRACKED)
  }

  #banned(host: string, now: number): readonly Ban[] {
    return (this.#bans.get(host) ?? []).filter(({ at }) => now - at < this.#limits.banTime)
  }

  /** A Map keeps the order of insertion, and every change inserts anew: the first entries are the oldest. */
  #dropExpired(now: number): void {
    for (const [host, pending] of this.#pending) {
      if (now - pending.at(-1)! < this.#limits.handshakeTimeout) return
      this.#pending.delete(host)
    }
  }
}

/** The machine that a multiaddr names ({@link machineOf}). */
export function hostOf(address: string): string {
  return machineOf(address.split('/')[2] ?? '')
}
