/**
 * Lines that strangers can cause are not a way to fill a disk or to hide what matters: of each kind so many get through
 * at once and over time, and so many of all kinds; of the others one line says how many there were. Errors are this
 * node's own and always get through, and so does what only `debug` shows.
 */

import { Quota } from '../../bounds/quota.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from './logger.ts'

export interface LogLimits {
  /** Lines of one kind: a second over time, and at once. A kind is a level and what stands before the first colon. */
  readonly linesPerSecondOfKind: number
  readonly burstOfKind: number
  /** The same of all kinds. */
  readonly linesPerSecond: number
  readonly burst: number
  /** Kinds that are told apart; those beyond are one. */
  readonly kinds: number
  /** Milliseconds from the first line that was left out to the line that says how many there were. */
  readonly summaryDelay: number
}

export const DEFAULT_LOG_LIMITS: LogLimits = {
  linesPerSecondOfKind: 2,
  burstOfKind: 50,
  linesPerSecond: 10,
  burst: 500,
  kinds: 256,
  summaryDelay: 10_000,
}

type Level = 'info' | 'warn'

interface Kind {
  readonly quota: Quota
  leftOut: number
}

/** One for the whole node, as the bound of all kinds is. */
export class LogLimit {
  readonly #clock: Clock
  readonly #limits: LogLimits
  readonly #all: Quota
  readonly #kinds = new Map<string, Kind>()

  constructor(clock: Clock, limits: LogLimits = DEFAULT_LOG_LIMITS) {
    this.#clock = clock
    this.#limits = limits
    this.#all = new Quota(limits.linesPerSecond, limits.burst, clock.monotonic())
  }

  /** Writes to `to` what the limits let through. */
  around(to: Logger): Logger {
    const line = (level: Level, fields: object, message: string) => {
      if (this.#admits(to, level, message)) to[level](fields, message)
    }
    return {
      debug: (fields, message) => to.debug(fields, message),
      info: (fields, message) => line('info', fields, message),
      warn: (fields, message) => line('warn', fields, message),
      error: (fields, message) => to.error(fields, message),
      child: (bindings) => this.around(to.child(bindings)),
    }
  }

  #admits(to: Logger, level: Level, message: string): boolean {
    const now = this.#clock.monotonic()
    const name = message.split(':', 1)[0]!
    const kind = this.#kind(`${level} ${name}`, now)
    // A kind that is over its own bound takes nothing of what all kinds have.
    if (kind.quota.has(now) && this.#all.take(now)) {
      kind.quota.spend(1)
      return true
    }
    if (kind.leftOut++ === 0) {
      this.#clock.after(this.#limits.summaryDelay, () => {
        const { leftOut } = kind
        kind.leftOut = 0
        to[level]({ leftOut }, `${leftOut} more like this were left out: ${name}`)
      })
    }
    return false
  }

  #kind(key: string, now: number): Kind {
    const known = this.#kinds.get(key) ?? (this.#kinds.size < this.#limits.kinds ? undefined : this.#kinds.get(OTHERS))
    if (known !== undefined) return known
    const { linesPerSecondOfKind, burstOfKind, kinds } = this.#limits
    const kind = { quota: new Quota(linesPerSecondOfKind, burstOfKind, now), leftOut: 0 }
    this.#kinds.set(this.#kinds.size < kinds - 1 ? key : OTHERS, kind)
    return kind
  }
}

const OTHERS = ''
