/** The logs of a receipt, read with the ABI of the contract that wrote each, or else with any that fits. */
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
import type { Known } from './knownContracts.ts'
import { elementType, formatFields, namedValues } from './values.ts'

/** UTF-16 units of the data of a log that no ABI explains; `--json` has all of it. */
const mostData = 1_000

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
  readonly event: {
    readonly name: string
    readonly parameters: readonly AbiParameter[]
    readonly values: readonly unknown[]
  } | null
}

export function readLogs(logs: readonly RawLog[], known: Known): ReadLog[] {
  return logs.map((log) => {
    const address = getAddress(log.address)
    const own = known.contracts.filter((contract) => contract.address === address)
    const others = known.contracts.filter((contract) => contract.address !== address)
    const events = [...own, ...others].flatMap(({ abi }) => abi.filter((item) => item.type === 'event'))
    return { log: { ...log, address }, contract: known.nameOf(address), event: firstFitting(events, log) }
  })
}

/** `target`: whose events need no name before them. */
export function formatLog({ log, contract, event }: ReadLog, target: Hex | null, known: Known): string {
  const owner = contract === null ? log.address : printable(contract)
  if (event !== null) {
    const name = log.address === target ? printable(event.name) : `${owner}.${printable(event.name)}`
    return `${name}(${formatFields(event.parameters, event.values, known.label)})`
  }
  return `of ${known.label(log.address)}, whose ABI is not known: topics [${log.topics.join(', ')}], data ${printable(log.data, mostData)}`
}

/** `args` are in declared order; of indexed strings, bytes, lists and structs the chain has the hash only. */
export function logJson({ log, contract, event }: ReadLog): object {
  const { address, topics, data } = log
  if (event === null) return { event: null, contract, address, topics, data }
  return { event: event.name, args: namedValues(event.parameters, event.values), contract, address }
}

function firstFitting(events: readonly AbiEvent[], log: RawLog): ReadLog['event'] {
  for (const event of events) {
    const values = valuesOf(event, log)
    if (values !== null) return { name: event.name, parameters: event.inputs.map(shownParameter), values }
  }
  return null
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
    // An ABI that is none, or data that is not what it says.
    if (error instanceof BaseError) return null
    throw error
  }
}

function isHashed({ type }: AbiParameter): boolean {
  return type === 'string' || type === 'bytes' || type === 'tuple' || elementType(type) !== null
}

/** What was hashed is shown as the 32 bytes that are left of it. */
function shownParameter(input: AbiEvent['inputs'][number]): AbiParameter {
  return input.indexed === true && isHashed(input) ? { name: input.name ?? '', type: 'bytes32' } : input
}
