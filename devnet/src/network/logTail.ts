import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { type LogEntry, readLogLine } from '@touchstone/node/log-lines'
import { printable } from '../output/printable.ts'

const MAX_BYTES_READ = 16 * 1024
const MAX_LINE_CHARACTERS = 1_000
/** Lines of a log that are looked through for the sentences in it. */
const MAX_LINES_READ = 100
/** Of a stack below an error, in a log for people. */
const STACK_LINE = /^ {4}at /
const ERROR_BELOW = /^ {4}(?:\w*Error: )?/

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
  // The readable line above, whose error may stand below it.
  let above: LogEntry | null = null
  for (const line of rawLines(path, MAX_LINES_READ)) {
    const entry = readLogLine(line)
    if (entry.level !== null) above = line.startsWith('{') ? null : entry
    const words = entry.level === null && above !== null ? wordsBelow(line, above) : errorWords(entry)
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
function errorWords({ level, message, error }: LogEntry): string | null {
  if (level === null) return message.trim() === '' ? null : message
  if (level !== 'error') return null
  return (error ?? message).replace(/^Error in the execution worker: /, '')
}

/** The same in a log for people, of a line that does not begin as one. */
function wordsBelow(line: string, { level }: LogEntry): string | null {
  if (STACK_LINE.test(line) || (level !== 'error' && line.startsWith('    ')) || line.trim() === '') return null
  return line.replace(ERROR_BELOW, '').replace(/^Error in the execution worker: /, '')
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
