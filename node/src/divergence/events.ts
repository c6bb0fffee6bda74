/**
 * An execution as a sequence of events, and the first at which two executions part. Neither is kept: each is heard
 * once for digests at checkpoints, and once more between the two checkpoints where the digests begin to differ. So memory is
 * bounded however long an execution is.
 */
import { toHex } from '../codec/hex.ts'
import type { ExecutionObserver, FrameContext, NamedPlace } from '../execution/contractHost.ts'
import { CONTEXT_EVENTS, MAX_CHECKPOINTS, MAX_COMPARED_EVENTS } from './limits.ts'

/** Enough was heard: the execution is cut short. */
export class EnoughEvents extends Error {
  override readonly name = 'EnoughEvents'
}

export interface HeardEvent {
  readonly text: string
  /** Of an instruction; null for what happens at a contract's border. */
  readonly place: NamedPlace | null
  /** The account that the innermost frame acts for, 0x and 40 digits; null outside of any. */
  readonly contract: string | null
}

export interface FirstDifference {
  /** How many events are equal before it. */
  readonly number: number
  /** Null where that execution has no such event any more. */
  readonly left: HeardEvent | null
  readonly right: HeardEvent | null
  /** The last events that are equal, at most {@link CONTEXT_EVENTS}. */
  readonly before: readonly HeardEvent[]
}

export interface Comparison {
  readonly difference: FirstDifference | null
  /** Events of the left one that were compared. */
  readonly events: number
  /** False when one had more than {@link MAX_COMPARED_EVENTS}, and only those were compared. */
  readonly whole: boolean
}

/** Executes one side, heard by the observer; the same at each call. It lets {@link EnoughEvents} out. */
export type Execute = (observer: ExecutionObserver) => void

/** `steps`: what instructions give is compared too. */
export function firstDifference(left: Execute, right: Execute, steps: boolean): Comparison {
  const ofLeft = digestOf(left, steps)
  const ofRight = digestOf(right, steps)
  const whole = !ofLeft.cut && !ofRight.cut
  const from = partedAfter(ofLeft, ofRight)
  if (from === null) return { difference: null, events: ofLeft.count, whole }
  const spacing = Math.max(ofLeft.spacing, ofRight.spacing)
  const first = Math.max(0, from - CONTEXT_EVENTS)
  const heardLeft = heardBetween(left, steps, first, from + spacing)
  const heardRight = heardBetween(right, steps, first, from + spacing)
  const length = Math.max(heardLeft.length, heardRight.length)
  for (let at = 0; at < length; at++) {
    const [one, other] = [heardLeft[at] ?? null, heardRight[at] ?? null]
    if (one !== null && other !== null && one.text === other.text) continue
    const before = heardLeft.slice(Math.max(0, at - CONTEXT_EVENTS), at)
    return { difference: { number: first + at, left: one, right: other, before }, events: ofLeft.count, whole }
  }
  throw new Error('an execution did something else when it was repeated')
}

/** How many events are surely equal before the digests differ; null when they never do. */
function partedAfter(left: DigestObserver, right: DigestObserver): number | null {
  const spacing = Math.max(left.spacing, right.spacing)
  let equal = 0
  for (let end = spacing; ; end += spacing) {
    const [one, other] = [left.at(end), right.at(end)]
    if (one === null || other === null) break
    if (one !== other) return equal
    equal = end
  }
  return left.count === right.count && left.digest === right.digest ? null : equal
}

function digestOf(execute: Execute, steps: boolean): DigestObserver {
  const observer = new DigestObserver(steps)
  runUntilEnough(execute, observer)
  return observer
}

function heardBetween(execute: Execute, steps: boolean, from: number, to: number): readonly HeardEvent[] {
  const observer = new RecordingObserver(steps, from, to)
  runUntilEnough(execute, observer)
  return observer.events
}

function runUntilEnough(execute: Execute, observer: ExecutionObserver): void {
  try {
    execute(observer)
  } catch (error) {
    if (!(error instanceof EnoughEvents)) throw error
  }
}

/** Hashes all events; no adversary's strength is needed, as who finds a collision only hides where engines part. */
class DigestObserver implements ExecutionObserver {
  readonly step: ExecutionObserver['step']
  count = 0
  /** Events between two checkpoints. */
  spacing = 1
  cut = false
  #checkpoints: string[] = []
  #one = 0x9747b28c
  #other = 0x3c6ef372

  constructor(steps: boolean) {
    if (!steps) {
      this.step = null
      return
    }
    this.step = (site, value, fuelLeft) => {
      this.#mix(site)
      if (typeof value === 'bigint') {
        this.#mix(Number(BigInt.asIntN(32, value)))
        this.#mix(Number(BigInt.asIntN(32, value >> 32n)))
      } else this.#mix(value)
      const fuel = Number(fuelLeft)
      this.#mix(fuel | 0)
      this.#mix(Math.floor(fuel / 0x1_0000_0000))
      this.#next()
    }
  }

  get digest(): string {
    return `${this.#one >>> 0}/${this.#other >>> 0}`
  }

  /** Of the first `count` events, a multiple of the spacing; null when there were not so many. */
  at(count: number): string | null {
    return this.#checkpoints[count / this.spacing - 1] ?? null
  }

  enter(_frame: FrameContext, line: string): void {
    this.note(line)
  }

  leave(line: string): void {
    this.note(line)
  }

  note(line: string): void {
    for (let i = 0; i < line.length; i++) this.#mix(line.charCodeAt(i))
    this.#mix(line.length)
    this.#next()
  }

  /** As MurmurHash3 takes a word in, twice with other constants. */
  #mix(word: number): void {
    const k = Math.imul(word, 0xcc9e2d51)
    const one = this.#one ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593)
    this.#one = (Math.imul((one << 13) | (one >>> 19), 5) + 0xe6546b64) | 0
    const l = Math.imul(word, 0x239b961b)
    const other = this.#other ^ Math.imul((l << 16) | (l >>> 16), 0xab0e9789)
    this.#other = (Math.imul((other << 17) | (other >>> 15), 5) + 0x561ccd1b) | 0
  }

  #next(): void {
    this.count++
    if (this.count % this.spacing === 0) this.#checkpoints.push(this.digest)
    if (this.#checkpoints.length > MAX_CHECKPOINTS) {
      this.#checkpoints = this.#checkpoints.filter((_, position) => position % 2 === 1)
      this.spacing *= 2
    }
    if (this.count < MAX_COMPARED_EVENTS) return
    this.cut = true
    throw new EnoughEvents('as many events as are compared')
  }
}

/** Keeps the events from number `from` on, up to `to`. */
class RecordingObserver implements ExecutionObserver {
  readonly step: ExecutionObserver['step']
  readonly events: HeardEvent[] = []
  readonly #from: number
  readonly #to: number
  /** Of the open frames. */
  readonly #contracts: string[] = []
  #count = 0

  constructor(steps: boolean, from: number, to: number) {
    this.#from = from
    this.#to = to
    this.step = !steps
      ? null
      : (site, value, fuelLeft, placeOf) => {
          if (this.#isOutside()) return
          const place = placeOf(site)
          this.#keep(`${stepText(place)} gives ${value}, fuel left ${fuelLeft}`, place)
        }
  }

  enter({ self }: FrameContext, line: string): void {
    this.#contracts.push(toHex(self))
    this.note(line)
  }

  leave(line: string): void {
    this.note(line)
    this.#contracts.pop()
  }

  note(line: string): void {
    if (!this.#isOutside()) this.#keep(line, null)
  }

  /** Counts. */
  #isOutside(): boolean {
    this.#count++
    if (this.#count > this.#to) throw new EnoughEvents('past the events that differ')
    return this.#count <= this.#from
  }

  #keep(text: string, place: NamedPlace | null): void {
    this.events.push({ text, place, contract: this.#contracts.at(-1) ?? null })
  }
}

/** "i64.mul at byte 0x3f1, in function 12 "Div#mul"" */
function stepText({ instruction, offset, functionIndex, functionName }: NamedPlace): string {
  const name = functionName === null ? '' : ` "${functionName}"`
  return `${instruction} at byte 0x${offset.toString(16)}, in function ${functionIndex}${name},`
}
