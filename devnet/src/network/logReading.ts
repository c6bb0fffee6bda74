/**
 * The logs of a network's nodes as entries: their ends, from as many of the files that were full as it takes
 * (node/src/runtime/logging/logFile.ts), and what comes after. Nothing is read whole: a node may keep 64 MiB.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isOfLevel, type LogEntry, type LogLevel, readLogLine } from '@touchstone/node/log-lines'

/** Bytes of one node's files that are looked through for its last lines, and that one look at what came reads. */
export const MAX_LOG_BYTES_READ = 8 * 1024 * 1024
const PIECE_BYTES = 256 * 1024
/** A longer line is shown in pieces. */
const MAX_LINE_BYTES = 1024 * 1024
/** Files that were full, beside the one that is written. */
const MAX_FULL_FILES = 3
const LINE_FEED = 10

const decoder = new TextDecoder()

export interface LogEnd {
  /** Oldest first. */
  readonly entries: readonly LogEntry[]
  /** The bound was met before there were as many lines as asked for. */
  readonly isCut: boolean
}

/** Where in a node's log the next line begins. */
export interface LogPlace {
  /** Of the file, which another one may replace. */
  readonly inode: number
  readonly offset: number
}

/** The last `count` lines that are shown, and the place behind them. Nothing where there is no log. */
export function endOfLog(path: string, count: number, least: LogLevel): LogEnd & { readonly place: LogPlace } {
  let place: LogPlace = { inode: 0, offset: 0 }
  const entries: LogEntry[] = []
  let budget = MAX_LOG_BYTES_READ
  for (let age = 0; age <= MAX_FULL_FILES && entries.length < count && budget > 0; age++) {
    const file = open(age === 0 ? path : `${path}.${age}`)
    if (file === null) break
    try {
      const { size, ino } = fstatSync(file)
      if (age === 0) place = { inode: ino, offset: size }
      for (const line of linesBackwards(file, size, (bytes) => {
        budget -= bytes
        return budget > 0
      })) {
        if (line !== '' && isOfLevel(line, least)) entries.push(readLogLine(line))
        if (entries.length === count) break
      }
    } finally {
      closeSync(file)
    }
  }
  return { entries: entries.reverse(), isCut: entries.length < count && budget <= 0, place }
}

/** The lines that were written behind a place since, also where the file was emptied or replaced meanwhile. */
export function linesAfter(
  path: string,
  place: LogPlace,
): { readonly lines: readonly string[]; readonly place: LogPlace } {
  const file = open(path)
  if (file === null) return { lines: [], place }
  try {
    const { size, ino } = fstatSync(file)
    if (ino !== place.inode) return read(file, { inode: ino, offset: 0 }, size)
    if (size >= place.offset) return read(file, place, size)
    // It was full: its content has become the first of those beside it.
    const full = open(`${path}.1`)
    const before = full === null ? [] : readThenClose(full, place)
    const { lines, place: next } = read(file, { inode: ino, offset: 0 }, size)
    return { lines: [...before, ...lines], place: next }
  } finally {
    closeSync(file)
  }
}

function readThenClose(file: number, place: LogPlace): readonly string[] {
  try {
    return read(file, place, fstatSync(file).size).lines
  } finally {
    closeSync(file)
  }
}

/** Whole lines; what is behind the last line feed is read when it has its end, unless it is too long to wait for. */
function read(file: number, { inode, offset }: LogPlace, size: number): ReturnType<typeof linesAfter> {
  const bytes = new Uint8Array(Math.max(0, Math.min(size - offset, MAX_LOG_BYTES_READ)))
  const had = bytes.subarray(0, readSync(file, bytes, 0, bytes.length, offset))
  const last = had.lastIndexOf(LINE_FEED) + 1
  const end = last === 0 && had.length >= MAX_LINE_BYTES ? had.length : last
  const lines = decoder.decode(had.subarray(0, end)).split('\n')
  return { lines: lines.filter((line) => line !== ''), place: { inode, offset: offset + end } }
}

/** From the last to the first. `mayRead` is told of each piece, and says whether there may be another. */
function* linesBackwards(file: number, size: number, mayRead: (bytes: number) => boolean): Generator<string> {
  // The beginning of a line whose end was read: pieces, the first of them last.
  let rest: Uint8Array = new Uint8Array(0)
  for (let end = size; end > 0; ) {
    const begin = Math.max(0, end - PIECE_BYTES)
    const piece = new Uint8Array(end - begin + rest.length)
    readSync(file, piece, 0, end - begin, begin)
    piece.set(rest, end - begin)
    const first = begin === 0 ? 0 : piece.indexOf(LINE_FEED) + 1
    const isWhole = begin === 0 || first > 0 || piece.length >= MAX_LINE_BYTES
    if (isWhole) yield* decoder.decode(piece.subarray(first)).replace(/\n$/, '').split('\n').reverse()
    rest = isWhole ? piece.slice(0, first) : piece
    const go = mayRead(end - begin)
    end = begin
    if (!go) return
  }
}

/** Null where there is none. */
function open(path: string): number | null {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
