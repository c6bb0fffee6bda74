/** Peers whose status handshake is done, and those who wait for one to be. */
import type { Clock } from '../../runtime/clock.ts'
import type { Peer } from '../network.ts'
import { NetworkError } from '../networkError.ts'

export interface ReadyPeer extends Peer {
  readonly agent: string
  /** Differs after the peer was started again. */
  readonly session: string
}

export type PeerEvent = { readonly kind: 'connected' | 'disconnected'; readonly peer: string }

export class PeerTable {
  readonly #ready = new Map<string, ReadyPeer>()
  readonly #listeners = new Set<(event: PeerEvent) => void>()
  readonly #waiting = new Map<string, Set<(ready: boolean) => void>>()

  get(peer: string): ReadyPeer | undefined {
    return this.#ready.get(peer)
  }

  list(): readonly ReadyPeer[] {
    return [...this.#ready.values()]
  }

  onEvent(listener: (event: PeerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** @returns false when this peer, in this session, was ready already. */
  add(peer: ReadyPeer): boolean {
    const known = this.#ready.get(peer.id)
    if (known?.session === peer.session) return false
    if (known !== undefined) this.remove(peer.id)
    this.#ready.set(peer.id, peer)
    this.#settle(peer.id, true)
    this.#emit({ kind: 'connected', peer: peer.id })
    return true
  }

  /** The peer is gone, or was refused. */
  remove(peer: string): void {
    this.#settle(peer, false)
    if (this.#ready.delete(peer)) this.#emit({ kind: 'disconnected', peer })
  }

  /** @throws NetworkError when the peer is not ready in time, or turned away. */
  async ready(peer: string, clock: Clock, timeout: number): Promise<void> {
    if (this.#ready.has(peer)) return
    const waiting = this.#waiting.get(peer) ?? new Set()
    this.#waiting.set(peer, waiting)
    const outcome = await new Promise<boolean | 'late'>((resolve) => {
      const cancel = clock.after(timeout, () => settle('late'))
      const settle = (value: boolean | 'late') => {
        cancel()
        waiting.delete(settle)
        resolve(value)
      }
      waiting.add(settle)
    })
    if (outcome === 'late') throw new NetworkError('timeout', `no status handshake within ${timeout} ms`)
    if (!outcome) throw new NetworkError('not-connected', 'the connection ended before the handshake did')
  }

  #settle(peer: string, ready: boolean): void {
    const waiting = this.#waiting.get(peer)
    this.#waiting.delete(peer)
    for (const settle of waiting ?? []) settle(ready)
  }

  #emit(event: PeerEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
