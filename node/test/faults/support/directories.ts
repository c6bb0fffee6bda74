/** Database directories of tests: made once, copied, damaged, and compared byte for byte. */
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyOf } from '../../../src/codec/bytes.ts'
import { openLevelStore } from '../../../src/runtime/levelStore.ts'
import { StoreError } from '../../../src/runtime/storeError.ts'

/** The files LevelDB writes at every attempt to open: its lock, and a log for people. */
const UNIMPORTANT = /^(LOCK|LOG|LOG\.old)$/

export class TestDirectories {
  readonly root: string
  #made = 0

  constructor(name: string) {
    this.root = mkdtempSync(join(tmpdir(), `touchstone-${name}-`))
  }

  /** A path where nothing is yet. */
  fresh(): string {
    return join(this.root, String(this.#made++))
  }

  copyOf(directory: string): string {
    const copy = this.fresh()
    cpSync(directory, copy, { recursive: true })
    return copy
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}

/** Of every file with its path. */
export function contentHash(directory: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted()) {
    const path = join(directory, name)
    if (UNIMPORTANT.test(name.split('/').at(-1)!) || !statSync(path).isFile()) continue
    hash.update(`${name}\0`).update(readFileSync(path)).update('\0')
  }
  return hash.digest('hex')
}

/**
 * Of every record of a database. LevelDB sorts its log into a table whenever it is opened, which changes files and no
 * record. A database that does not open counts by its files, one that is not there as empty.
 */
export async function recordsHash(directory: string, directories: TestDirectories): Promise<string> {
  const hash = createHash('sha256')
  if (!existsSync(directory)) return hash.digest('hex')
  const copy = directories.copyOf(directory)
  try {
    const store = await openLevelStore(copy)
    for await (const [key, value] of store.range({ from: new Uint8Array(0), to: new Uint8Array(128).fill(0xff) })) {
      hash.update(`${keyOf(key)} ${keyOf(value)}\n`)
    }
    await store.close()
    return hash.digest('hex')
  } catch (error) {
    if (error instanceof StoreError) return contentHash(directory)
    throw error
  }
}
