/**
 * Lets one process at a time read a file, change it and write it back. The lock is a file beside it that holds the process
 * id of its holder and a random number; one that a killed process has left is taken away.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { PRIVATE_FILE_MODE } from '@touchstone/node/private-files'
import { CliError } from '../output/errors.ts'
import { withPath } from './jsonFile.ts'
import { isAlive } from './readyFile.ts'

/** Milliseconds: a change takes one or two, so a process that waits longer waits for something that is stuck. */
const MAX_LOCK_WAIT_MS = 10_000
/** Milliseconds that a lock may stay without a process id: it is written right after the file is made. */
const MAX_CLAIM_MS = 2_000
const LOOK_AGAIN_MS = 10

/** @throws CliError when another process keeps the lock. */
export async function withFileLock<T>(path: string, body: () => T): Promise<T> {
  const lock = `${path}.lock`
  const began = performance.now()
  const unclaimed: Unclaimed = { name: null, since: began }
  while (!takeLock(lock, unclaimed)) {
    if (performance.now() - began > MAX_LOCK_WAIT_MS) {
      throw new CliError(
        `process ${holderIn(textOf(lock)) ?? 'unknown'} has had ${path} locked for ${MAX_LOCK_WAIT_MS / 1000} s`,
        {
          hint: `if no devnet command runs, delete ${lock} and the files whose names begin like that`,
        },
      )
    }
    await wait(LOOK_AGAIN_MS)
  }
  try {
    return body()
  } finally {
    rmSync(lock, { force: true })
  }
}

/** The lock without a process id that was there at the last look, and since when by this process's clock, not the disk's. */
interface Unclaimed {
  name: string | null
  since: number
}

function takeLock(lock: string, unclaimed: Unclaimed): boolean {
  try {
    const descriptor = openSync(lock, 'wx', PRIVATE_FILE_MODE)
    return claim(lock, descriptor)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const left = textOf(lock)
  const holder = holderIn(left)
  const name = left !== null && holder === null ? fileOf(lock) : null
  if (name !== unclaimed.name) Object.assign(unclaimed, { name, since: performance.now() })
  if (left === null) return false
  if (holder !== null) {
    if (!isAlive(holder)) takeAway(lock, left.replace(' ', '-'), () => textOf(lock) === left)
  } else if (name !== null && performance.now() - unclaimed.since > MAX_CLAIM_MS)
    takeAway(lock, name, () => fileOf(lock) === name)
  return false
}

/**
 * A lock that nobody's number could be written into, as on a full disk, would be nobody's for ever: it goes. False when it
 * was taken away before the number stood in it, as from a process that was halted in between.
 */
function claim(lock: string, descriptor: number): boolean {
  const own = `${process.pid} ${randomBytes(8).toString('hex')}`
  try {
    writeFileSync(descriptor, own)
  } catch (error) {
    rmSync(lock, { force: true })
    throw withPath(error, lock)
  } finally {
    closeSync(descriptor)
  }
  return textOf(lock) === own
}

/** Which file it is and when it was written, as a part of a name. Null when it is gone. */
function fileOf(lock: string): string | null {
  const stats = statSync(lock, { bigint: true, throwIfNoEntry: false })
  return stats === undefined ? null : `${stats.ino}-${stats.mtimeNs}`
}

/** Null when it is gone. */
function textOf(lock: string): string | null {
  try {
    return readFileSync(lock, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Null while it is being written, too. Earlier versions wrote the process id alone. */
function holderIn(text: string | null): number | null {
  const holder = /^(\d{1,9})(?: [0-9a-f]{16})?$/.exec(text ?? '')?.[1]
  return holder === undefined ? null : Number(holder)
}

/**
 * Of several that find the lock left behind, one gets the right to take just this one away: by a file that is named as
 * this lock (what stands in it, or which file it is), which no two locks share. So a process that looked too long ago takes
 * nothing away: the lock of a living process is not touched, not even for a moment. Only who was halted before its number
 * stood in the lock may lose it, and sees that.
 */
function takeAway(lock: string, name: string, isStillThere: () => boolean): void {
  const right = `${lock}.${name}`
  try {
    writeFileSync(right, '', { flag: 'wx', mode: PRIVATE_FILE_MODE })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
    throw error
  }
  try {
    // Nobody else takes it away now, and who left it cannot.
    if (isStillThere()) rmSync(lock)
  } finally {
    rmSync(right, { force: true })
  }
}
