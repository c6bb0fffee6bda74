/**
 * The logs of a receipt, each read with the ABI of the contract that wrote it. A log of an unknown contract is read with any
 * known ABI that fits, and the output says which.
 */
import {
  type AbiEvent,
  type AbiParameter,
  BaseError,
  decodeAbiParameters,
  getAddress,
  type Hex,
  toEventSelector,
} from 'viem'
import { printable } from '../output/printable.ts'
import type { Known, KnownContract } from './knownContracts.ts'
import { elementType, formatFields, formatTyped, namedValues } from './values.ts'

/** UTF-16 units of the data of a log that no ABI explains; `--json` has all of it. */
const MAX_DATA = 1_000

export interface RawLog {
  readonly address: Hex
  readonly topics: readonly Hex[]
  readonly data: Hex
}

export interface ReadLog {
  readonly log: RawLog
  /** Name of the contract that wrote it; null when it has none. */
  readonly contract: string | null
  /** Null when no known ABI explains it. */
  readonly event: ReadEvent | null
}

interface ReadEvent {
  readonly name: string
  readonly parameters: readonly AbiParameter[]
  readonly values: readonly unknown[]
  /** The contract whose ABI was used, when it is not the writer's: which parameters are indexed is then a guess. */
  readonly guessedBy: string | null
}

export function readLogs(logs: readonly RawLog[], known: Known): ReadLog[] {
  return logs.map((raw) => {
    const log = { ...raw, address: getAddress(raw.address) }
    const own = known.contracts.filter(({ address }) => address === log.address).flatMap((owner) => fitting(owner, log))
    const event = own[0] ?? onlyGuess(known.contracts.flatMap((owner) => fitting(owner, log)))
    return { log, contract: known.nameOf(log.address), event }
  })
}

/** `target`: the contract whose events are shown without its name before them. */
export function formatLog({ log, contract, event }: ReadLog, target: Hex | null, known: Known): string {
  const owner = contract === null ? log.address : printable(contract)
  if (event !== null) {
    const name = log.address === target ? printable(event.name) : `${owner}.${printable(event.name)}`
    const guess = event.guessedBy === null ? '' : `, if it is as ${printable(event.guessedBy)} has it`
    return `${name}(${formatFields(event.parameters, event.values, known.label)})${guess}`
  }
  return `of ${known.label(log.address)}, which no known ABI explains: topics [${log.topics.join(', ')}], data ${printable(log.data, MAX_DATA)}`
}

/** `args` are in declared order; of indexed strings, bytes, lists and structs the chain has the hash only. */
export function logJson({ log, contract, event }: ReadLog): object {
  const { address, topics, data } = log
  if (event === null) return { event: null, contract, address, topics, data }
  const args = namedValues(event.parameters, event.values)
  const guess = event.guessedBy === null ? {} : { guessedBy: event.guessedBy, topics, data }
  return { event: event.name, args, contract, address, ...guess }
}

function fitting(owner: KnownContract, log: RawLog): ReadEvent[] {
  return owner.abi.flatMap((item) => {
    const values = item.type === 'event' ? valuesOf(item, log) : null
    if (item.type !== 'event' || values === null) return []
    const guessedBy = owner.address === log.address ? null : owner.name
    return [{ name: item.name, parameters: item.inputs.map(shownParameter), values, guessedBy }]
  })
}

/** Of ABIs that read it differently nobody knows which is right. */
function onlyGuess(guesses: readonly ReadEvent[]): ReadEvent | null {
  const [first, ...others] = guesses.map(({ values }) => formatTyped(values))
  return others.every((other) => other === first) ? (guesses[0] ?? null) : null
}

/** Null when the log is not of this event. */
function valuesOf(event: AbiEvent, { topics, data }: RawLog): readonly unknown[] | null {
  const indexed = event.inputs.filter((input) => input.indexed === true)
  const rest = event.inputs.filter((input) => input.indexed !== true)
  if (event.anonymous === true || topics.length !== indexed.length + 1) return null
  try {
    if (toEventSelector(event) !== topics[0]) return null
    const ofTopics = indexed.map((input, at) => {
      const topic = topics[at + 1]!
      return isHashed(input) ? topic : decodeAbiParameters([input], topic)[0]
    })
    const ofData = rest.length === 0 ? [] : [...decodeAbiParameters(rest, data)]
    return event.inputs.map((input) => (input.indexed === true ? ofTopics.shift() : ofData.shift()))
  } catch (error) {
    // The ABI is malformed, or the data does not fit it.
    if (error instanceof BaseError) return null
    throw error
  }
}

function isHashed({ type }: AbiParameter): boolean {
  return type === 'string' || type === 'bytes' || type === 'tuple' || elementType(type) !== null
}

/** An indexed parameter that was hashed is shown as the 32 bytes that are left of it. */
function shownParameter(input: AbiEvent['inputs'][number]): AbiParameter {
  return input.indexed === true && isHashed(input) ? { name: input.name ?? '', type: 'bytes32' } : input
}
