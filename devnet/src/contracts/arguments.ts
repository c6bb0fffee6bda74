/**
 * Turns words of the command line into values of Solidity types.
 *
 * Integers: decimal (underscores allowed), 0x hex, or with a unit: 1.5ether, 20gwei. Booleans: true, false. Addresses:
 * hex, `@N` for development account N (counted from 0), or a deployed contract's name. Bytes: 0x hex. Arrays and
 * tuples: JSON, whose numbers are read to the digit.
 */

import { parseExactJson } from '@touchstone/node/exact-json'
import { type AbiParameter, getAddress, type Hex, isAddress } from 'viem'
import { usageError } from '../output/errors.ts'
import { parseAmount } from './amount.ts'
import { componentsOf, formatTyped } from './values.ts'

export interface ArgumentContext {
  /** Address of a deployed contract or null. */
  readonly contract: (name: string) => Hex | null
  readonly accounts: readonly Hex[]
}

export function parseArguments(
  inputs: readonly AbiParameter[],
  words: readonly string[],
  context: ArgumentContext,
  what: string,
): unknown[] {
  if (words.length !== inputs.length) {
    const list = inputs.map(describe).join(', ')
    throw usageError(
      `${what} takes ${inputs.length} argument${inputs.length === 1 ? '' : 's'} (${list}), not ${words.length}`,
    )
  }
  return inputs.map((input, position) => parseValue(input, words[position]!, context, describe(input)))
}

function parseValue(input: AbiParameter, value: unknown, context: ArgumentContext, where: string): unknown {
  const array = /^(.*)\[(\d*)\]$/.exec(input.type)
  if (array !== null) return parseArray(input, array[1]!, array[2]!, value, context, where)
  if (input.type === 'tuple') return parseTuple(input, value, context, where)
  if (value === null || typeof value === 'object') {
    throw usageError(`${where}: expected a single value, got ${formatTyped(value)}`)
  }
  const text = String(value)
  if (input.type === 'string' && typeof value !== 'string') {
    throw usageError(`${where}: ${text} is not a string`, `in JSON strings have quotes: "${text}"`)
  }
  if (/^u?int/.test(input.type)) return parseInteger(input.type, text, where)
  if (input.type === 'bool') return parseBoolean(text, where)
  if (input.type === 'address') return parseAddress(text, context, where)
  if (input.type.startsWith('bytes')) return parseBytes(input.type, text, where)
  return text
}

function parseInteger(type: string, text: string, where: string): bigint {
  const signed = type.startsWith('int')
  const bits = BigInt(/\d+/.exec(type)?.[0] ?? '256')
  const negative = text.startsWith('-')
  const magnitude = parseAmount(negative ? text.slice(1) : text, where)
  const value = negative ? -magnitude : magnitude
  const least = signed ? -(1n << (bits - 1n)) : 0n
  const greatest = signed ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n
  if (value < least || value > greatest)
    throw usageError(`${where}: ${text} does not fit ${type} (${least} to ${greatest})`)
  return value
}

function parseBoolean(text: string, where: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw usageError(`${where}: "${text}" is not a bool`, 'write true or false')
}

function parseAddress(text: string, context: ArgumentContext, where: string): Hex {
  const account = /^@(\d+)$/.exec(text)
  if (account !== null) {
    const address = context.accounts[Number(account[1])]
    if (address === undefined)
      throw usageError(`${where}: there is no account ${text}`, `accounts are @0 to @${context.accounts.length - 1}`)
    return address
  }
  if (/^0x/i.test(text)) {
    if (!isAddress(text, { strict: false }))
      throw usageError(`${where}: "${text}" is not an address`, 'an address is 0x and 40 hex digits')
    if (/[a-f]/.test(text.slice(2)) && /[A-F]/.test(text) && !isAddress(text)) {
      throw usageError(
        `${where}: the checksum of ${text} is wrong`,
        'check it for a typing error, or write it in lower case',
      )
    }
    return getAddress(text)
  }
  const contract = context.contract(text)
  if (contract === null)
    throw usageError(
      `${where}: "${text}" is not an address`,
      'write 0x and 40 hex digits, @N for a development account, or the name of a deployed contract',
    )
  return contract
}

function parseBytes(type: string, text: string, where: string): Hex {
  if (!/^0x([0-9a-f]{2})*$/i.test(text))
    throw usageError(`${where}: "${text}" is not ${type}`, 'write 0x and an even number of hex digits')
  const size = /\d+/.exec(type)?.[0]
  const length = text.length / 2 - 1
  if (size !== undefined && length !== Number(size))
    throw usageError(`${where}: ${type} has ${size} bytes, not ${length}`)
  return text as Hex
}

function parseArray(
  input: AbiParameter,
  item: string,
  size: string,
  value: unknown,
  context: ArgumentContext,
  where: string,
): unknown[] {
  const list = fromJson(value, where)
  if (!Array.isArray(list)) throw usageError(`${where}: expected a JSON list such as ["1","2"]`)
  if (size !== '' && list.length !== Number(size)) throw usageError(`${where}: has ${size} items, not ${list.length}`)
  return list.map((entry, index) => parseValue({ ...input, type: item }, entry, context, `${where}[${index}]`))
}

function parseTuple(input: AbiParameter, value: unknown, context: ArgumentContext, where: string): unknown {
  const components = componentsOf(input)
  const json = fromJson(value, where)
  const names = components.map(({ name }, position) => name || String(position))
  if (typeof json !== 'object' || json === null)
    throw usageError(`${where}: expected a JSON object with ${names.join(', ')}`)
  if (Array.isArray(json) && json.length > names.length)
    throw usageError(`${where}: has ${names.length} fields (${names.join(', ')}), not ${json.length}`)
  const unknown = Array.isArray(json) ? undefined : Object.keys(json).find((key) => !names.includes(key))
  if (unknown !== undefined) throw usageError(`${where}: there is no field "${unknown}"`, `fields: ${names.join(', ')}`)
  const field = (position: number): unknown => {
    if (Array.isArray(json)) return json[position]
    const name = names[position]!
    return Object.hasOwn(json, name) ? (json as Record<string, unknown>)[name] : undefined
  }
  const entries = components.map((component, position) => {
    const entry = field(position)
    if (entry === undefined) throw usageError(`${where}: ${names[position]} is missing`)
    return [names[position]!, parseValue(component, entry, context, `${where}.${names[position]}`)] as const
  })
  return components.every(({ name }) => name) ? Object.fromEntries(entries) : entries.map(([, entry]) => entry)
}

function fromJson(value: unknown, where: string): unknown {
  if (typeof value !== 'string') return value
  try {
    return parseExactJson(value)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const meant = meantJson(value)
    throw usageError(
      `${where}: "${value}" is not JSON: ${error.message}`,
      meant === null ? 'quote it for the shell: \'["1","2"]\', \'{"x":1,"y":2}\'' : `did you mean '${meant}'?`,
    )
  }
}

/**
 * An argument that was written more loosely, such as `[@1,@2]`, `(1,-2)`, `{x:1ether}` or `a,b`, as JSON; null when
 * that is not clear.
 */
function meantJson(text: string): string | null {
  const list = /^\s*[[{(]/.test(text) ? text : `[${text}]`
  const tokens = list.match(/"(?:[^"\\]|\\.)*"|[[\]{}(),:]|\s+|[^\s[\]{}(),:"]+|"/g) ?? []
  const json = tokens
    .map((token) => {
      if (token === '(') return '['
      if (token === ')') return ']'
      return /^[[\]{},:"\s]|^-?\d+$|^(true|false)$/.test(token) ? token : JSON.stringify(token)
    })
    .join('')
  try {
    parseExactJson(json)
    return json
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function describe(input: AbiParameter): string {
  return input.name ? `${input.type} ${input.name}` : input.type
}
