/**
 * The effect of a link on the bytes of one direction, and its notation: `--delay 100ms --jitter 20ms --loss 5%
 * --bandwidth 1mbit`. Nodes talk TCP, so loss is not seen as missing bytes but as what TCP makes of it: see `hold`.
 */
import type { Random } from '@touchstone/node/testing/random'
import { usageError } from '../../output/errors.ts'
import { millisecondsIn } from '../duration.ts'

export interface LinkShape {
  /** One way, milliseconds. */
  readonly delayMs: number
  /** Added to the delay or taken from it, evenly from -jitter to +jitter, milliseconds. */
  readonly jitterMs: number
  /** Probability from 0 to 1 that a segment is lost. At 1 nothing passes. */
  readonly loss: number
  /** Bits a second; null for as many as there are. */
  readonly bandwidth: number | null
}

/** Of nodes, when their links are opened so that shapes mean something: for people. */
export const PROXIED_FROM_NOW_ON = 'from now on they talk through proxies, which slow links and cut them'

export const openLink: LinkShape = { delayMs: 0, jitterMs: 0, loss: 0, bandwidth: null }

const MAX_DELAY_MS = 60_000
const MAX_BANDWIDTH = 1e11
/** Payload of a TCP segment in an Ethernet frame with timestamps. */
const SEGMENT_BYTES = 1448
/** Linux' TCP_RTO_MIN: the soonest that a lost segment at the end of a burst is sent again. RFC 6298 would have 1 s. */
const MIN_RETRANSMISSION_MS = 200
/** TCP doubles its timer; past this a connection is about to be given up anyway. */
const MAX_RETRANSMISSION_MS = 6_400

export function isOpen(shape: LinkShape): boolean {
  return shape.delayMs === 0 && shape.jitterMs === 0 && shape.loss === 0 && shape.bandwidth === null
}

/** Nothing passes: as a cable that was pulled, seen from a TCP connection. */
export function isCut(shape: LinkShape): boolean {
  return shape.loss === 1
}

/**
 * Milliseconds from the moment a piece of `bytes` bytes is on the line until the receiver's program has it. A lost
 * segment comes when TCP's timer (200 ms and a round trip, doubled for each further loss) sends it again, and
 * everything behind it waits, since a stream keeps its order. Segments of one piece are lost independently and sent
 * again side by side, so the unluckiest decides. `loss` must be below 1.
 */
export function hold(shape: LinkShape, bytes: number, random: Random): number {
  const jitter = shape.jitterMs === 0 ? 0 : (2 * random.fraction() - 1) * shape.jitterMs
  let late = 0
  for (let left = shape.loss === 0 ? 0 : bytes; left > 0; left -= SEGMENT_BYTES) {
    let timer = MIN_RETRANSMISSION_MS + 2 * shape.delayMs
    let own = 0
    while (random.chance(shape.loss) && own < MAX_RETRANSMISSION_MS) {
      own += timer
      timer *= 2
    }
    late = Math.max(late, Math.min(own, MAX_RETRANSMISSION_MS))
  }
  return Math.max(0, shape.delayMs + jitter) + late
}

/** Milliseconds it takes to put `bytes` on the line. */
export function transmission(shape: LinkShape, bytes: number): number {
  return shape.bandwidth === null ? 0 : (bytes * 8_000) / shape.bandwidth
}

/** `100ms`, `1.5s`, or a bare number of milliseconds. @throws CliError */
export function parseDelay(text: string, what: string): number {
  const value = millisecondsIn(text)
  if (value <= MAX_DELAY_MS) return value
  throw usageError(`${what} ${text} is not a time`, 'write 100ms or 1.5s, at most 60s')
}

/** `5%` or `0.05`. @throws CliError */
export function parseLoss(text: string): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? []
  const value = digits === undefined ? Number.NaN : Number(digits) / (percent === '%' ? 100 : 1)
  if (value <= 1) return value
  throw usageError(`--loss ${text} is not a share`, 'write 5% or 0.05; at 100% nothing passes')
}

const bandwidthUnits = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 }

/** `500kbit`, `10mbit`: bits a second. @throws CliError */
export function parseBandwidth(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(bit|kbit|mbit|gbit)$/i.exec(text) ?? []
  const value =
    digits === undefined
      ? Number.NaN
      : Number(digits) * bandwidthUnits[unit!.toLowerCase() as keyof typeof bandwidthUnits]
  if (value >= 1_000 && value <= MAX_BANDWIDTH) return value
  throw usageError(`--bandwidth ${text} is not a bandwidth`, 'write 500kbit or 10mbit (bits a second), at least 1kbit')
}

/** As people would write it: `delay 100 ms, loss 5 %`. */
export function describeShape(shape: LinkShape): string {
  if (isCut(shape)) return 'nothing passes'
  const parts = [
    ...(shape.delayMs > 0 ? [`delay ${exact(shape.delayMs)} ms`] : []),
    ...(shape.jitterMs > 0 ? [`jitter ${exact(shape.jitterMs)} ms`] : []),
    ...(shape.loss > 0 ? [`loss ${exact(shape.loss * 100)} %`] : []),
    ...(shape.bandwidth === null ? [] : [`bandwidth ${exact(shape.bandwidth / 1_000)} kbit/s`]),
  ]
  return parts.length === 0 ? 'open' : parts.join(', ')
}

/** All digits that were given; without those that a double adds (0.07 * 100 is 7.000000000000001). */
function exact(value: number): string {
  return String(Number(value.toPrecision(12)))
}

/** Reads a shape from the control channel. Null when it is none. */
export function checkShape(value: unknown): LinkShape | null {
  if (typeof value !== 'object' || value === null) return null
  const { delayMs, jitterMs, loss, bandwidth } = value as Record<string, unknown>
  const within = (number: unknown, greatest: number) => typeof number === 'number' && number >= 0 && number <= greatest
  if (!within(delayMs, MAX_DELAY_MS) || !within(jitterMs, MAX_DELAY_MS) || !within(loss, 1)) return null
  if (bandwidth !== null && !(within(bandwidth, MAX_BANDWIDTH) && (bandwidth as number) >= 1_000)) return null
  return { delayMs, jitterMs, loss, bandwidth } as LinkShape
}
