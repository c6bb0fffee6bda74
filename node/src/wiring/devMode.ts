/**
 * A chain in dev mode as the main thread knows it (docs/protocol/dev.md): the settings after the newest block, and when
 * they ask for a block. They come with each commit, before the next height begins.
 */
import type { ChainService } from '../chain/chainService.ts'
import type { DevSettings } from '../execution/dev/devStorage.ts'
import { minesAtOnce } from '../execution/dev/minesAtOnce.ts'
import { type NextHeader, nextHeader } from '../execution/dev/nextHeader.ts'
import type { Clock } from '../runtime/clock.ts'

export interface DevMode {
  settings(): DevSettings
  /** The fields of the next block's header that are known. */
  next(): NextHeader
  /** Whether transactions of users go into the next block. */
  mines(): boolean
  /** Whether one is to be made though nothing waits. */
  wantsBlock(): boolean
  /** See {@link Application.timeAhead}. */
  timeAhead(): bigint | null
  /** Called when one of these may have become another. */
  onChange(listener: () => void): () => void
  /** Resolves when the settings are those after the block or a later one, and when the node stops. */
  followed(block: bigint): Promise<void>
  stop(): void
}

/** Null on a chain without dev mode. */
export async function openDevMode(chain: ChainService, clock: Clock): Promise<DevMode | null> {
  const { dev } = await chain.rulesAfter('latest')
  if (dev === null) return null
  return new Following(chain, clock, dev)
}

class Following implements DevMode {
  readonly #chain: ChainService
  readonly #clock: Clock
  readonly #listeners = new Set<() => void>()
  #settings: DevSettings
  #next: NextHeader
  /** The block that they are of. */
  #block = -1n
  /** Of the callers that wait for a block's settings, as many as requests are answered at a time. */
  readonly #waiting = new Set<() => void>()
  /** The interval is over. */
  #isDue = false
  #isStopped = false
  readonly #stopListening: () => void
  #cancel: () => void = () => {}

  constructor(chain: ChainService, clock: Clock, settings: DevSettings) {
    this.#chain = chain
    this.#clock = clock
    this.#settings = settings
    this.#next = nextHeader(chain.head().header, chain.genesis, settings)
    this.#follow(settings)
    this.#stopListening = chain.onBlock(({ rules }) => this.#follow(rules.dev!))
  }

  settings(): DevSettings {
    return this.#settings
  }

  next(): NextHeader {
    return this.#next
  }

  mines(): boolean {
    return this.wantsBlock() || minesAtOnce(this.#settings)
  }

  wantsBlock(): boolean {
    return this.#isDue || this.#chain.head().header.number < this.#settings.mineUntil
  }

  timeAhead(): bigint | null {
    const next = this.next()
    return next.timestamp === null ? next.timeOffset : null
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #follow(settings: DevSettings): void {
    this.#settings = settings
    this.#next = nextHeader(this.#chain.head().header, this.#chain.genesis, settings)
    this.#block = this.#chain.head().header.number
    for (const check of this.#waiting) check()
    this.#isDue = false
    this.#cancel()
    const { miningInterval } = settings
    this.#cancel =
      miningInterval === 0n
        ? () => {}
        : this.#clock.after(Number(miningInterval), () => {
            this.#isDue = true
            for (const listener of this.#listeners) listener()
          })
  }

  followed(block: bigint): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.#block < block && !this.#isStopped) return
        this.#waiting.delete(check)
        resolve()
      }
      this.#waiting.add(check)
      check()
    })
  }

  stop(): void {
    this.#isStopped = true
    this.#stopListening()
    this.#cancel()
    for (const check of this.#waiting) check()
  }
}
