/**
 * Looks at the files of a LevelDB database before it is opened, without changing any. LevelDB by itself makes a new
 * database where its CURRENT file is lost (and deletes the old one's files), skips damaged records of its log without a
 * word, and hands out damaged table blocks as they are.
 *
 * Why it is so: docs/rationale/chain.md.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readLog } from './log.ts'
import { type LiveFiles, liveFiles } from './manifest.ts'
import { tableDamage } from './table.ts'

/** Bytes of tables read at a start, the newest first: about a second. Earlier starts looked at older ones. */
export const CHECKED_TABLE_BYTES = 512 * 1024 * 1024

/** The damage, as a clause that names the file; null when there is no damage, or no database. */
export function filesDamage(directory: string): string | null {
  const names = namesIn(directory)
  if (!names.includes('CURRENT')) {
    // LevelDB makes CURRENT before any of these.
    const left = names.find((name) => /^\d+\.(log|ldb|sst)$/.test(name))
    return left === undefined ? null : `CURRENT is missing, and ${left} is there`
  }
  const manifest = new TextDecoder().decode(readIfThere(directory, 'CURRENT') ?? new Uint8Array(0))
  if (!/^MANIFEST-\d+\n$/.test(manifest)) return 'CURRENT does not name a MANIFEST'
  const name = manifest.trim()
  const edits = readIfThere(directory, name)
  if (edits === null) return `CURRENT names ${name}, which is missing`
  const { records, damagedAt, goesOn } = readLog(edits)
  if (damagedAt !== null && goesOn) return `${name} is damaged at byte ${damagedAt}`
  if (records.length === 0) return `${name} has no content`
  let live: LiveFiles
  try {
    live = liveFiles(records)
  } catch (error) {
    return `${name} cannot be read: ${(error as Error).message}`
  }
  return logsDamage(directory, names, live) ?? tablesDamage(directory, names, live)
}

function logsDamage(directory: string, names: readonly string[], { firstLog }: LiveFiles): string | null {
  for (const name of names) {
    if (!name.endsWith('.log') || Number.parseInt(name, 10) < firstLog) continue
    const { damagedAt, goesOn } = readLog(readIfThere(directory, name) ?? new Uint8Array(0))
    if (damagedAt !== null && goesOn) return `${name} is damaged at byte ${damagedAt}`
  }
  return null
}

function tablesDamage(directory: string, names: readonly string[], { tables }: LiveFiles): string | null {
  let left = CHECKED_TABLE_BYTES
  for (const number of [...tables].sort((a, b) => b - a)) {
    const name = names.find((one) => /\.(ldb|sst)$/.test(one) && Number.parseInt(one, 10) === number)
    if (name === undefined) return `table ${number} is missing`
    left -= statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0
    if (left < 0) return null
    const bytes = readIfThere(directory, name)
    const damage = bytes === null ? null : tableDamage(bytes)
    if (damage !== null) return `in ${name} ${damage}`
  }
  return null
}

/** Empty where there is no directory that can be read: LevelDB says then what is wrong with it. */
function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** Null when it is gone: a process that has the database open may have deleted it a moment ago. */
function readIfThere(directory: string, name: string): Uint8Array | null {
  try {
    return readFileSync(join(directory, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
