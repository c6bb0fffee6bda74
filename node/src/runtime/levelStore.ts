/**
 * The {@link KeyValueStore} of a node: LevelDB by way of npm `level` (classic-level).
 *
 * Reads are synchronous, because a contract's storage read cannot wait. LevelDB appends a batch to its log as one
 * checksummed record, so a crash leaves all of it or none, and with `sync` the record is on disk before the promise
 * resolves. The directory is locked while it is open.
 */
import { resolve } from 'node:path'
import { Level } from 'level'
import type { KeyRange, KeyValueStore, StoreOperation } from './keyValueStore.ts'
import { filesDamage } from './levelFiles/check.ts'
import { damagedFiles, StoreError, storeErrorOf } from './storeError.ts'

/** Bytes of uncompressed table blocks LevelDB keeps in memory. Its default, 8 MiB, is small for a state with many accounts. */
const BLOCK_CACHE_BYTES = 64 * 1024 * 1024
/** Bytes of log before LevelDB sorts it into a table: larger writes fewer tables, and takes longer to replay at start. */
const WRITE_BUFFER_BYTES = 16 * 1024 * 1024

/**
 * Directories open in this thread. LevelDB's lock is a POSIX record lock, which a process loses when it closes any file
 * descriptor of the file: a refused second open in the same process would leave the directory open to other processes.
 */
const openDirectories = new Set<string>()

export interface LevelStoreOptions {
  /** What to do when the files are damaged, a sentence; the chain's way out unless said otherwise. */
  readonly whenDamaged?: string
}

/**
 * Opens the database in `directory`, creating it where there is none. Damaged files are refused before anything is
 * changed (levelFiles/check.ts).
 * @throws StoreError `locked`, `corrupt`, `permission`, `not-a-directory`, `no-space`, `io`; each says what to do.
 */
export async function openLevelStore(directory: string, options: LevelStoreOptions = {}): Promise<KeyValueStore> {
  const path = resolve(directory)
  if (openDirectories.has(path)) {
    throw new StoreError('locked', `The database in ${directory} is already open in this process. Close it first.`)
  }
  const failed = (error: unknown) => storeErrorOf(error, directory, options.whenDamaged)
  const damage = checkedFiles(directory, failed)
  if (damage !== null) throw damagedFiles(directory, damage, options.whenDamaged)
  openDirectories.add(path)
  const level = new Level<Uint8Array, Uint8Array>(directory, {
    keyEncoding: 'view',
    valueEncoding: 'view',
    cacheSize: BLOCK_CACHE_BYTES,
    writeBufferSize: WRITE_BUFFER_BYTES,
  })
  try {
    await level.open()
  } catch (error) {
    openDirectories.delete(path)
    throw failed(error)
  }
  return {
    get(key) {
      try {
        const value = level.getSync(key)
        return value === undefined ? undefined : plainBytes(value)
      } catch (error) {
        throw failed(error)
      }
    },
    async *range({ from, to, reverse = false, limit = -1 }: KeyRange) {
      try {
        for await (const [key, value] of level.iterator({ gte: from, lt: to, reverse, limit })) {
          yield [plainBytes(key), plainBytes(value)] as const
        }
      } catch (error) {
        throw failed(error)
      }
    },
    async batch(operations: readonly StoreOperation[], { sync }) {
      try {
        await level.batch(operations as StoreOperation[], { sync })
      } catch (error) {
        throw failed(error)
      }
    },
    async close() {
      await level.close()
      openDirectories.delete(path)
    },
  }
}

function checkedFiles(directory: string, failed: (error: unknown) => StoreError): string | null {
  try {
    return filesDamage(directory)
  } catch (error) {
    throw failed(error)
  }
}

/** classic-level hands out Buffers, whose `slice` shares memory where a Uint8Array's copies; nobody above should have to know. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
