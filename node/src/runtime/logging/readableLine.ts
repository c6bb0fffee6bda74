/**
 * A line of a node's log for people: `2026-11-29T07:50:01.123Z INFO  consensus: block 12 is final  height=12`, with the
 * stack of an error on lines of its own. Read from the JSON that pino writes, or from a line that is in this form already.
 *
 * Why it is so: docs/rationale/terminal.md.
 */
import { parseExactJson } from '../../codec/exactJson.ts'
import { visibleText } from '../../codec/visibleText.ts'

/** JSON for programs, or text for people. */
export const LOG_FORMATS = ['json', 'pretty'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

/** From the least on; pino has numbers for them. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Of pino: https://github.com/pinojs/pino/blob/main/docs/api.md#logger-level */
const NUMBERS_OF_LEVELS: readonly (readonly [number, LogLevel])[] = [
  [50, 'error'],
  [40, 'warn'],
  [30, 'info'],
  [0, 'debug'],
]
const READABLE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (DEBUG|INFO|WARN|ERROR) +(.*)$/
/** Words that stand as they are; others are in quotes. */
const PLAIN_WORD = /^[\w.:/@+-]+$/
/** Digits of a number that a double may round. */
const LONG_NUMBER = /\d{16}/
/** As pino begins a line. */
const LEVEL_FIRST = /^\{"level":(\d{1,3})\b/
/** Those that the beginning of the line says, and the process, which is the node's. */
const SAID = ['time', 'level', 'name', 'part', 'msg', 'pid', 'hostname', 'err']

export interface LogEntry {
  /** Unix milliseconds; null where the line tells none. */
  readonly time: number | null
  /** Null for what no logger wrote, such as the crash of a runtime. */
  readonly level: LogLevel | null
  /** Room of the node. */
  readonly part: string | null
  readonly message: string
  /** Names and values that belong to it. */
  readonly fields: readonly (readonly [string, string])[]
  /** Message of the error that it tells of. */
  readonly error: string | null
  /** Of an error, a line each. */
  readonly stack: readonly string[]
}

/** Never throws: what is neither JSON nor in readable form is a message without more. */
export function readLogLine(line: string): LogEntry {
  return entryOfJson(line) ?? entryOfText(line)
}

/** Whether it is of that level or above; what no logger wrote counts as an error, as a crash is. */
export function isOfLevel(line: string, least: LogLevel): boolean {
  const number = LEVEL_FIRST.exec(line)?.[1]
  const level = number === undefined ? readLogLine(line).level : levelOf(Number(number))
  return LOG_LEVELS.indexOf(level ?? 'error') >= LOG_LEVELS.indexOf(least)
}

/** The lines of the readable form, plain text each: what strangers wrote is escaped. */
export function readableLines(entry: LogEntry): string[] {
  const { time, level, message, stack } = entry
  const text = `${messageOf(entry)}${fieldsOf(entry)}`
  if (level === null) return [visibleText(message)]
  const first = `${time === null ? '' : `${new Date(time).toISOString()} `}${level.toUpperCase().padEnd(5)} ${text}`
  return [first, ...stack.map((one) => `    ${one}`)].map(visibleText)
}

/** Without the time and the level. */
export function messageOf({ part, message }: LogEntry): string {
  return part === null ? message : `${part}: ${message}`
}

/** With spaces before them. */
export function fieldsOf({ fields }: LogEntry): string {
  return fields.length === 0 ? '' : `  ${fields.map(([name, value]) => `${name}=${value}`).join(' ')}`
}

function entryOfText(line: string): LogEntry {
  const found = READABLE.exec(line)
  const time = found === null ? Number.NaN : Date.parse(found[1]!)
  if (found === null || Number.isNaN(time)) {
    return { ...{ time: null, level: null, part: null, fields: [], error: null, stack: [] }, message: line }
  }
  const level = found[2]!.toLowerCase() as LogLevel
  return { ...{ time, level, part: null, fields: [], error: null, stack: [] }, message: found[3]! }
}

/** Null for what is no line of pino's. */
function entryOfJson(line: string): LogEntry | null {
  if (!line.startsWith('{')) return null
  const json = parsed(line)
  if (json === null || typeof json['level'] !== 'number') return null
  const { time, level, part, msg, err } = json
  return {
    // The line that tells of lost ones has none.
    time: typeof time === 'number' && Number.isFinite(new Date(time).getTime()) ? time : null,
    level: levelOf(level),
    part: typeof part === 'string' ? part : null,
    message: typeof msg === 'string' ? msg : '',
    fields: Object.entries(json)
      .filter(([name]) => !SAID.includes(name))
      .map(([name, value]) => [name, wordOf(value)] as const),
    error: errorOf(err) ?? errorOf(json),
    stack: stackOf(err),
  }
}

function levelOf(number: number): LogLevel {
  return NUMBERS_OF_LEVELS.find(([least]) => number >= least)?.[1] ?? 'debug'
}

function parsed(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const json: unknown = LONG_NUMBER.test(line) ? parseExactJson(line) : JSON.parse(line)
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : null
  } catch (error) {
    // The runtime may print anything as it ends.
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function wordOf(value: unknown): string {
  if (typeof value === 'string') return PLAIN_WORD.test(value) ? value : JSON.stringify(value)
  if (typeof value === 'bigint') return String(value)
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner))
}

/** Of what pino makes of an Error, or of a line whose field `error` says it. */
function errorOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  const { message, error } = value as { readonly message?: unknown; readonly error?: unknown }
  return [message, error].find((text) => typeof text === 'string') ?? null
}

function stackOf(err: unknown): string[] {
  if (typeof err !== 'object' || err === null) return []
  const { message, stack } = err as { readonly message?: unknown; readonly stack?: unknown }
  if (typeof stack === 'string') return stack.split('\n').map((line) => line.trim())
  return typeof message === 'string' ? [message] : []
}
