/** Which files a LevelDB database consists of: the edits in its MANIFEST added up (deps/leveldb/db/version_edit.cc). */
import { VarintReader } from './varint.ts'

const COMPARATOR = 1
const LOG_NUMBER = 2
const NEXT_FILE = 3
const LAST_SEQUENCE = 4
const COMPACT_POINTER = 5
const DELETED_FILE = 6
const NEW_FILE = 7
const PREVIOUS_LOG = 9

export interface LiveFiles {
  /** File numbers of the tables. */
  readonly tables: ReadonlySet<number>
  /** Logs from this number on are read when the database is opened; older ones are left over. */
  readonly firstLog: number
}

/** @throws RangeError on records that are no edits. */
export function liveFiles(records: readonly Uint8Array[]): LiveFiles {
  const tables = new Set<number>()
  let firstLog = 0
  for (const record of records) {
    const reader = new VarintReader(record)
    while (!reader.ended) {
      const tag = reader.next()
      if (tag === COMPARATOR) reader.bytes()
      else if (tag === LOG_NUMBER) firstLog = reader.next()
      else if (tag === NEXT_FILE || tag === LAST_SEQUENCE || tag === PREVIOUS_LOG) reader.next()
      else if (tag === COMPACT_POINTER) {
        reader.next()
        reader.bytes()
      } else if (tag === DELETED_FILE) {
        reader.next()
        tables.delete(reader.next())
      } else if (tag === NEW_FILE) {
        reader.next()
        tables.add(reader.next())
        reader.next()
        reader.bytes()
        reader.bytes()
      } else throw new RangeError(`an edit of unknown kind ${tag}`)
    }
  }
  return { tables, firstLog }
}
