import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { printable } from '../output/printable.ts'

const MAX_BYTES_READ = 16 * 1024
const MAX_LINE_CHARACTERS = 1_000
/** Lines of a log that are looked through for the sentences in it. */
const MAX_LINES_READ = 100
/** Of pino: https://github.com/pinojs/pino/blob/main/docs/api.md#logger-level */
const ERROR_LEVEL = 50

/** The last lines of a log file; reads only its end. */
export function lastLines(path: string, count: number): string[] {
  return rawLines(path, count).map((line) => printable(line, MAX_LINE_CHARACTERS))
}

/**
 * The lines of a node's log about the end of the node, for people: the messages of its last errors, each once, and
 * whatever is no JSON, such as what Node prints when it crashes. The last lines as they are when there is nothing of
 * the kind.
 */
export function lastErrors(path: string, count: number): string[] {
  const said: string[] = []
  for (const line of rawLines(path, MAX_LINES_READ)) {
    const words = errorWords(line)
    if (words === null) continue
    // The same error is logged by the part that has it and by all above it, behind words of their own.
    const known = said.findIndex((other) => other.includes(words) || words.includes(other))
    if (known === -1) said.push(words)
    else if (words.length < said[known]!.length) said[known] = words
  }
  if (said.length === 0) return lastLines(path, count)
  return said.slice(-count).map((line) => printable(line, MAX_LINE_CHARACTERS))
}

/** Null for a line that tells of no error. */
function errorWords(line: string): string | null {
  let entry: unknown
  try {
    entry = JSON.parse(line)
  } catch (error) {
    if (error instanceof SyntaxError) return line.trim() === '' ? null : line
    throw error
  }
  if (typeof entry !== 'object' || entry === null) return line
  const { level, msg, error, err } = entry as Record<string, unknown>
  if (typeof level !== 'number' || level < ERROR_LEVEL) return null
  const message = (err as { message?: unknown } | null | undefined)?.message ?? error
  if (typeof message === 'string') return message.replace(/^Error in the execution worker: /, '')
  return typeof msg === 'string' ? msg : null
}

function rawLines(path: string, count: number): string[] {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    return ['(no log)']
  }
  try {
    const { size } = fstatSync(descriptor)
    const bytes = new Uint8Array(Math.min(size, MAX_BYTES_READ))
    readSync(descriptor, bytes, 0, bytes.length, size - bytes.length)
    const lines = new TextDecoder().decode(bytes).trimEnd().split('\n')
    // The first may be the end of a line that begins before what was read.
    return (size > bytes.length ? lines.slice(1) : lines).slice(-count)
  } finally {
    closeSync(descriptor)
  }
}
