import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { printable } from '../output/printable.ts'

const mostBytesRead = 16 * 1024
const mostLineCharacters = 1_000

/** The last lines of a log file; reads only its end. */
export function lastLines(path: string, count: number): string[] {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    return ['(no log)']
  }
  try {
    const { size } = fstatSync(descriptor)
    const bytes = new Uint8Array(Math.min(size, mostBytesRead))
    readSync(descriptor, bytes, 0, bytes.length, size - bytes.length)
    const lines = new TextDecoder().decode(bytes).trimEnd().split('\n').slice(-count)
    return lines.map((line) => printable(line, mostLineCharacters))
  } finally {
    closeSync(descriptor)
  }
}
