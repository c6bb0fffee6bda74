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
import { makePrivateDirectory } from './privateFiles.ts'
import { damagedFiles, StoreError, storeErrorOf } from './storeError.ts'

/**
 * Bytes of uncompressed table blocks LevelDB keeps in memory, and of log before it sorts it into a table: larger writes
 * fewer tables, each of which has others sorted anew, and takes longer to replay at start. Memory can hold twice as much
 * log while a table is written, and a small chain fills the log and not the blocks. Why these: docs/rationale/state.md.
 */
const CHAIN_BYTES = { cacheSize: 4 * 1024 * 1024, writeBufferSize: 22 * 1024 * 1024 }
/** Where few records are at a time, which are read at the start only. */
const SMALL_BYTES = { cacheSize: 1024 * 1024, writeBufferSize: 4 * 1024 * 1024 }

/**
 * Bytes of keys and values of the largest write that goes by the native batch: it never gives back what it once took, which
 * is up to twice as much. More than a full block of transfers has.
 */
const MAX_KEPT_BATCH_BYTES = 4 * 1024 * 1024

/**
 * Directories open in this thread. LevelDB's lock is a POSIX record lock, which a process loses when it closes any file
 * descriptor of the file: a refused second open in the same process would leave the directory open to other processes.
 */
const openDirectories = new Set<string>()

/** Returns what gives it up again. @throws StoreError `locked` when it is taken. */
function claimDirectory(directory: string): () => void {
  const path = resolve(directory)
  if (openDirectories.has(path)) {
    throw new StoreError('locked', `The database in ${directory} is already open in this process. Close it first.`)
  }
  openDirectories.add(path)
  return () => openDirectories.delete(path)
}

export interface LevelStoreOptions {
  /** Advice when the files are damaged, a sentence; the chain's way out unless said otherwise. */
  readonly whenDamaged?: string
  /**
   * Lets other threads of this process in, by {@link joinLevelStore}. Only for a thread that outlives all that join:
   * the block cache belongs to who opened, and is freed with that thread while the others read through it.
   */
  readonly shared?: boolean
  /** It has few records at a time, and takes little memory. */
  readonly isSmall?: boolean
}

export interface JoinOptions {
  /** True for the one thread that writes; all others that join read only. */
  readonly writes?: boolean
}

/**
 * Opens the database in `directory`, creating it where there is none. Damaged files are refused before anything is
 * changed (levelFiles/check.ts).
 * @throws StoreError `locked`, `corrupt`, `permission`, `not-a-directory`, `no-space`, `io`; each says what to do.
 */
export async function openLevelStore(directory: string, options: LevelStoreOptions = {}): Promise<KeyValueStore> {
  const release = claimDirectory(directory)
  const failed = (error: unknown) => storeErrorOf(error, directory, options.whenDamaged)
  try {
    // LevelDB would make it too, open to all, and where the system gives no clear answer (below /proc) it never comes back.
    makePrivateDirectory(directory)
    const damage = filesDamage(directory)
    if (damage !== null) throw damagedFiles(directory, damage, options.whenDamaged)
    // Made only now: it opens by itself, whether or not anybody asks.
    const sizes = options.isSmall === true ? SMALL_BYTES : CHAIN_BYTES
    const level = newLevel(directory, { multithreading: options.shared === true, ...sizes })
    await level.open()
    return storeOver(level, failed, release)
  } catch (error) {
    release()
    throw failed(error)
  }
}

/**
 * A second way, for this thread, into a database that another thread of this process has open as `shared`; what one
 * writes, all read as soon as it is written. LevelDB counts the threads and opens nothing, so that neither its files are
 * checked again nor its lock touched. Close it, or end the thread, however suddenly, before the other one closes.
 * @throws StoreError.
 */
export async function joinLevelStore(directory: string, { writes = false }: JoinOptions = {}): Promise<KeyValueStore> {
  const failed = (error: unknown) => storeErrorOf(error, directory)
  const level = newLevel(directory, { multithreading: true, createIfMissing: false })
  try {
    await level.open()
  } catch (error) {
    throw failed(error)
  }
  const store = storeOver(level, failed, () => {})
  if (writes) return store
  return { ...store, batch: () => Promise.reject(new Error('a store that was joined is for reading')) }
}

type Database = Level<Uint8Array, Uint8Array>

interface LevelSettings {
  readonly multithreading: boolean
  readonly createIfMissing?: boolean
  readonly cacheSize?: number
  readonly writeBufferSize?: number
}

function newLevel(directory: string, settings: LevelSettings): Database {
  // LevelDB knows threads that share a database by the words of its path.
  return new Level(resolve(directory), {
    keyEncoding: 'view',
    valueEncoding: 'view',
    ...settings,
  })
}

function storeOver(level: Database, failed: (error: unknown) => StoreError, onClosed: () => void): KeyValueStore {
  const batches = new Batches(level)
  return {
    get(key) {
      try {
        const value = level.getSync(key)
        return value === undefined ? undefined : plainBytes(value)
      } catch (error) {
        // Contracts read while they run: a native stack that is used up here is none of the store's.
        if (error instanceof RangeError) throw error
        throw failed(error)
      }
    },
    async getMany(keys) {
      try {
        const values = await level.getMany(keys as Uint8Array[])
        return values.map((value) => (value === undefined ? undefined : plainBytes(value)))
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
        await batches.write(operations, sync)
      } catch (error) {
        throw failed(error)
      }
    },
    async close() {
      await level.close()
      onClosed()
    },
  }
}

/** A batch of the package, with what it gives those who implement a database (abstract-level, "private API"). */
interface NativeBatch {
  _put(key: Uint8Array, value: Uint8Array): void
  _del(key: Uint8Array): void
  _clear(): void
  _write(options: { readonly sync: boolean }): Promise<void>
}

/**
 * Writes by one native batch again and again, below the methods of abstract-level, which copy each operation and look at it
 * anew: docs/rationale/state.md. What is large, or comes while that one is written, goes through abstract-level: its memory
 * is free as soon as it is on the disk, where that of a second native batch stays until the garbage collector comes, which
 * does not know of it.
 */
class Batches {
  readonly #level: Database
  /** Null until the first write. */
  #kept: NativeBatch | null = null
  /** It is being written. */
  #isBusy = false

  constructor(level: Database) {
    this.#level = level
  }

  async write(operations: readonly StoreOperation[], sync: boolean): Promise<void> {
    // Where it is not open, the error of abstract-level says so.
    if (this.#isBusy || this.#level.status !== 'open' || bytesOf(operations) > MAX_KEPT_BATCH_BYTES) {
      return this.#level.batch(operations as StoreOperation[], { sync })
    }
    const batch = this.#kept ?? (this.#level.batch() as unknown as NativeBatch)
    this.#kept = batch
    this.#isBusy = true
    try {
      for (const operation of operations) {
        if (operation.type === 'del') batch._del(operation.key)
        else batch._put(operation.key, operation.value)
      }
      await batch._write({ sync })
    } finally {
      batch._clear()
      this.#isBusy = false
    }
  }
}

function bytesOf(operations: readonly StoreOperation[]): number {
  let bytes = 0
  for (const operation of operations) {
    bytes += operation.key.length
    if (operation.type === 'put') bytes += operation.value.length
  }
  return bytes
}

/**
 * classic-level hands out Buffers, whose `slice` shares memory where a Uint8Array's copies; nobody above should have to
 * know.
 */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
