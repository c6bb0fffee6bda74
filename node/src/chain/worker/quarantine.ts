/**
 * Transactions that this node could not execute, or during which it died: kept over restarts, so that none stops the
 * node again and again. One small file for each, so that a person releases it by deleting the file, also while the node
 * runs.
 *
 * A node that ends while it executes a transaction gives it a strike at the next start. One is nothing: processes are
 * killed. With two the transaction is held too, and executed with more care (chain/limits.ts). Strikes go when a block
 * with the transaction is final here.
 *
 * Why it is so: docs/rationale/chain.md.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyOf } from '../../codec/bytes.ts'
import { storeErrorOf } from '../../runtime/storeError.ts'
import type { ExecutionMark } from '../executionMark.ts'
import { BY_REFERENCE_AT } from '../limits.ts'
import type { Strikes } from '../secondLine.ts'
import { type MarkedExecution, openExecutionMark, readExecutionMark } from './executionMarkFile.ts'

/** Entries kept. Those that only have a strike make room first, then those of the lowest blocks. */
export const MAX_QUARANTINED = 64

export interface QuarantineEntry {
  /** 32 bytes, hex without 0x. */
  readonly key: string
  /** Block in which it was executed last, or was to be. */
  readonly block: bigint
  /** Deaths of the node while it executed it, since it was last in a block here. */
  readonly strikes: number
  /** Why the transaction is held, for people; null while it is only watched. */
  readonly reason: string | null
}

const ENTRY_FILE = /^0x([0-9a-f]{64})\.json$/
/** The file that names the execution of this moment. */
const MARK_FILE = 'executing'
/** There from the moment the node was told to stop: nobody is at fault for work that is cut short then. */
const STOPPING_FILE = 'stopping'

export class Quarantine {
  readonly #directory: string
  readonly #entries = new Map<string, QuarantineEntry>()

  /** Use {@link openQuarantine}. */
  constructor(directory: string) {
    this.#directory = directory
    mkdirSync(directory, { recursive: true })
    this.reload()
  }

  /** Reads the directory again: another thread of this node may have written there. @throws the system's error. */
  reload(): void {
    const directory = this.#directory
    this.#entries.clear()
    for (const name of readdirSync(directory).sort()) {
      const key = ENTRY_FILE.exec(name)?.[1]
      if (key === undefined) continue
      const entry = readEntry(join(directory, name), key)
      if (entry !== null) this.#entries.set(key, entry)
    }
    this.#makeRoom(0)
  }

  /** In order of their blocks. */
  entries(): readonly QuarantineEntry[] {
    return [...this.#entries.values()].sort((a, b) => (a.block < b.block ? -1 : a.block > b.block ? 1 : 0))
  }

  /** Why a transaction is held; null when it is not, or not any more, since its file was deleted. */
  reasonFor(hash: Uint8Array): string | null {
    const key = keyOf(hash)
    const reason = this.#entries.get(key)?.reason ?? null
    if (reason === null || existsSync(this.#path(key))) return reason
    this.#entries.delete(key)
    return null
  }

  /** Of the transactions in the quarantine now, as long as their files are there. */
  strikes(): Strikes {
    const struck = new Map<string, number>()
    for (const { key, strikes } of this.#entries.values()) if (strikes > 0) struck.set(key, strikes)
    return {
      get size() {
        return struck.size
      },
      get: (key) => {
        if (struck.has(key) && !existsSync(this.#path(key))) struck.delete(key)
        return struck.get(key)
      },
    }
  }

  /** @throws StoreError. */
  hold(hash: Uint8Array, block: bigint, reason: string): void {
    const key = keyOf(hash)
    this.#put({ key, block, strikes: this.#entries.get(key)?.strikes ?? 0, reason })
  }

  /** The node died while it executed this. @throws StoreError. */
  strike({ hash, block }: MarkedExecution): void {
    const key = keyOf(hash)
    const before = this.#entries.get(key)
    const strikes = (before?.strikes ?? 0) + 1
    const reason =
      strikes < BY_REFERENCE_AT ? null : `the node ended ${strikes} times while it executed the transaction`
    this.#put({ key, block, strikes, reason: before?.reason ?? reason })
  }

  /** These are in a final block: they were executed after all. @throws StoreError. */
  settle(transactions: readonly { readonly hash: Uint8Array }[]): void {
    if (this.#entries.size === 0) return
    for (const { hash } of transactions) this.#delete(keyOf(hash))
  }

  #put(entry: QuarantineEntry): void {
    if (!this.#entries.has(entry.key)) this.#makeRoom(1)
    this.#entries.set(entry.key, entry)
    const { block, strikes, reason } = entry
    const text = `${JSON.stringify({ block: String(block), strikes, reason }, null, 2)}\n`
    this.#onDisk(() => {
      writeFileSync(`${this.#path(entry.key)}.new`, text)
      renameSync(`${this.#path(entry.key)}.new`, this.#path(entry.key))
    })
  }

  #makeRoom(places: number): void {
    const byWeight = this.entries()
    const leaving = [
      ...byWeight.filter(({ reason }) => reason === null),
      ...byWeight.filter(({ reason }) => reason !== null),
    ]
    for (const { key } of leaving) {
      if (this.#entries.size + places <= MAX_QUARANTINED) return
      this.#delete(key)
    }
  }

  #delete(key: string): void {
    if (!this.#entries.delete(key)) return
    this.#onDisk(() => rmSync(this.#path(key), { force: true }))
  }

  #path(key: string): string {
    return join(this.#directory, `0x${key}.json`)
  }

  #onDisk(write: () => void): void {
    onDisk(this.#directory, write)
  }
}

/** @throws StoreError. */
export function openQuarantine(directory: string): Quarantine {
  return onDisk(directory, () => new Quarantine(directory))
}

/** The record of executions, as the chain needs it. */
export interface ExecutionRecord {
  readonly mark: ExecutionMark
  /** As long as their files are there: a person, or a final block, takes strikes away. */
  readonly strikes: Strikes
}

/**
 * Counts the strike that the last run left, and begins the mark of this one. Only for who has the node's database open:
 * nobody else may be running. @throws StoreError.
 */
export function recordExecution(directory: string): ExecutionRecord {
  const quarantine = openQuarantine(directory)
  const markPath = join(directory, MARK_FILE)
  const stoppingPath = join(directory, STOPPING_FILE)
  return onDisk(directory, () => {
    const marked = existsSync(stoppingPath) ? null : readExecutionMark(markPath)
    if (marked !== null) quarantine.strike(marked)
    rmSync(stoppingPath, { force: true })
    return { mark: openExecutionMark(markPath), strikes: quarantine.strikes() }
  })
}

/** The execution of the thread now, or when it ended. @throws StoreError. */
export function markedExecution(directory: string): MarkedExecution | null {
  return onDisk(directory, () => readExecutionMark(join(directory, MARK_FILE)))
}

/** The node was told to stop. @throws StoreError. */
export function recordStopping(directory: string): void {
  onDisk(directory, () => writeFileSync(join(directory, STOPPING_FILE), ''))
}

/** @throws StoreError that names the directory. */
function onDisk<T>(directory: string, use: () => T): T {
  try {
    return use()
  } catch (error) {
    throw storeErrorOf(error, directory)
  }
}

/**
 * An entry that cannot be read is held: somebody put it there, and deleting the file releases it. Null when it was
 * deleted meanwhile: a person may, at any moment, and so do both threads of this node.
 */
function readEntry(path: string, key: string): QuarantineEntry | null {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  const { block, strikes, reason } = fieldsOf(text)
  return { key, block, strikes, reason }
}

function fieldsOf(text: string): Omit<QuarantineEntry, 'key'> {
  const unreadable = { block: 0n, strikes: 0, reason: 'its record cannot be read' }
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return unreadable
    throw error
  }
  if (typeof json !== 'object' || json === null) return unreadable
  const { block, strikes, reason } = json as Record<string, unknown>
  if (typeof block !== 'string' || !/^\d{1,20}$/.test(block)) return unreadable
  if (typeof strikes !== 'number' || !Number.isSafeInteger(strikes) || strikes < 0) return unreadable
  if (reason !== null && typeof reason !== 'string') return unreadable
  return { block: BigInt(block), strikes, reason }
}
