/** The rules for options and arguments: each parser gives the value, or says what is allowed (exit code 2). */
import { isIP } from 'node:net'
import { InvalidArgumentError } from 'commander'
import type { Hex } from 'viem'
import { parseAmount } from './contracts/amount.ts'
import { nameProblem } from './contracts/contractName.ts'
import { millisecondsIn } from './network/duration.ts'

const MAX_MINUTES = 24 * 60
const MAX_UINT64 = 2n ** 64n - 1n
const MAX_UINT256 = 2n ** 256n - 1n
/** UTF-16 units of a command line that a shell asks about. */
const MAX_LINE = 2_048
/** RFC 1035, section 2.3.4. */
const MAX_HOST_CHARACTERS = 253

export type Parser<T> = (text: string) => T

export function wholeNumber(least: number, greatest: number): Parser<number> {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= greatest) return value
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${greatest}.`)
  }
}

/** Milliseconds: bare, or with their unit as `devnet link --delay` takes it. */
export function milliseconds(least: number, greatest: number): Parser<number> {
  return (text) => {
    const value = millisecondsIn(text)
    if (Number.isInteger(value) && value >= least && value <= greatest) return value
    throw new InvalidArgumentError(
      `It must be a whole number from ${least} to ${greatest} of milliseconds, which can be written as 500ms or 1.5s too.`,
    )
  }
}

export function minutes(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (value > 0 && value <= MAX_MINUTES) return value
  throw new InvalidArgumentError(`It must be a number of minutes, at most ${MAX_MINUTES}.`)
}

/** The path of a file or folder that is there or is to be made. */
export function path(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must be a path; it is empty.')
  if (text.includes('\0')) throw new InvalidArgumentError('It must be a path; no path has a NUL byte in it.')
  if (text.startsWith('-'))
    throw new InvalidArgumentError('It must be a path; for one that begins with a dash write ./ before it.')
  return text
}

/** An address to listen on. */
export function host(text: string): string {
  const isName =
    text.length <= MAX_HOST_CHARACTERS && /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_-]+)*\.?$/i.test(text)
  if (text.includes('%')) {
    throw new InvalidArgumentError('It must be an address without a zone (the part after %): no URL can hold one.')
  }
  // Digits and dots that are no address would be looked up as a name.
  if (isIP(text) !== 0 || (isName && !/^[\d.]+$/.test(text))) return text
  throw new InvalidArgumentError(
    'It must be an IP address or a host name, such as 127.0.0.1, 0.0.0.0, ::1 or localhost.',
  )
}

/** The URL of a node's JSON-RPC. */
export function rpcUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return text
  const isBare = /^[\w.-]+:\d{1,5}\/?$|^\[[\da-f:]+\]:\d{1,5}\/?$/i.test(text)
  throw new InvalidArgumentError(
    `It must be an http:// or https:// URL, such as http://${isBare ? `${text}: http:// is missing` : '127.0.0.1:8545'}.`,
  )
}

/** Origins with commas between them; each use of the option adds to those before. */
export function originList(text: string, before: readonly string[] = []): string[] {
  const origins = text.split(',').map((one) => one.trim())
  for (const origin of origins) {
    if (URL.canParse(origin) && new URL(origin).origin === origin) continue
    throw new InvalidArgumentError(
      `${JSON.stringify(origin)} is no origin as browsers write it, such as https://app.example or http://10.0.0.7:3000.`,
    )
  }
  return [...before, ...origins]
}

/** Wei to send. @throws CliError */
export function wei(text: string): bigint {
  const value = parseAmount(text, '--value')
  if (value <= MAX_UINT256) return value
  throw new InvalidArgumentError('It must be less than 2^256 wei.')
}

export function gasLimit(text: string): bigint {
  return unsigned(text, 1n, 'a whole number of gas, from 1 to 18446744073709551615')
}

export function blockNumber(text: string): bigint {
  return unsigned(text, 0n, 'the number of a block, decimal or 0x hex')
}

/** The number of a development account (0 or @0), its address, or a private key. */
export function account(text: string): string {
  if (/^@?\d{1,9}$/.test(text) || /^0x[0-9a-f]{40}$/i.test(text) || /^0x[0-9a-f]{64}$/i.test(text)) return text
  throw new InvalidArgumentError(
    'It must be the number of a development account (0), its address (0x and 40 hex digits), or a private key (0x and 64).',
  )
}

export function transactionHash(text: string): Hex {
  if (/^0x[0-9a-f]{64}$/i.test(text)) return text.toLowerCase() as Hex
  throw new InvalidArgumentError('It must be the hash of a transaction: 0x and 64 hex digits.')
}

/** The number of a block, or its hash; null for the newest. */
export function blockReference(text: string): bigint | Hex | null {
  if (text === 'latest') return null
  if (/^0x[0-9a-f]{64}$/i.test(text)) return text.toLowerCase() as Hex
  return unsigned(text, 0n, 'latest, the number of a block, decimal or 0x hex, or its hash: 0x and 64 hex digits')
}

/** A slot of storage as 32 bytes; given as a number, decimal or hex. */
export function storageSlot(text: string): Hex {
  const value = /^(\d{1,78}|0x[0-9a-f]{1,64})$/i.test(text) ? BigInt(text) : -1n
  if (value >= 0n && value <= MAX_UINT256) return `0x${value.toString(16).padStart(64, '0')}`
  throw new InvalidArgumentError(`${JSON.stringify(text)} is no storage slot: a number below 2^256, decimal or 0x hex.`)
}

/** The new name of a contract. */
export function contractName(text: string): string {
  const problem = nameProblem(text)
  if (problem === null) return text
  throw new InvalidArgumentError(problem)
}

/** JavaScript to run. */
export function code(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must be JavaScript; it is empty.')
  return text
}

/** Commands of the debugger. */
export function debugCommands(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must be commands of the debugger; it is empty.')
  return text
}

/** The beginning of a command line. */
export function typed(text: string): string {
  if (text.length <= MAX_LINE) return text
  throw new InvalidArgumentError(`It must have at most ${MAX_LINE} characters.`)
}

function unsigned(text: string, least: bigint, what: string): bigint {
  const value = /^(\d{1,20}|0x[0-9a-f]{1,16})$/i.test(text) ? BigInt(text) : -1n
  if (value >= least && value <= MAX_UINT64) return value
  throw new InvalidArgumentError(`It must be ${what}.`)
}
