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
const LOOK_AGAIN_MS = 10

/** @throws CliError when another process keeps the lock. */
export async function withFileLock<T>(path: string, body: () => T): Promise<T> {
  const lock = `${path}.lock`
  const began = performance.now()
  while (!takeLock(lock)) {
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

function takeLock(lock: string): boolean {
  try {
    const descriptor = openSync(lock, 'wx', PRIVATE_FILE_MODE)
    claim(lock, descriptor)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const left = textOf(lock)
  const holder = holderIn(left)
  if (left !== null && holder !== null && !isAlive(holder)) takeAway(lock, left)
  return false
}

/** A lock that nobody's number could be written into, as on a full disk, would be nobody's for ever: it goes. */
function claim(lock: string, descriptor: number): void {
  try {
    writeFileSync(descriptor, `${process.pid} ${randomBytes(8).toString('hex')}`)
  } catch (error) {
    rmSync(lock, { force: true })
    throw withPath(error, lock)
  } finally {
    closeSync(descriptor)
  }
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
 * Of several that find the lock left behind, one gets the right to take just this one away: by a file that is named as what
 * stands in the lock, which no two locks share. So a process that looked too long ago takes nothing away: the lock of a
 * living process is not touched, not even for a moment.
 */
function takeAway(lock: string, left: string): void {
  const right = `${lock}.${left.replace(' ', '-')}`
  try {
    writeFileSync(right, '', { flag: 'wx', mode: PRIVATE_FILE_MODE })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
    throw error
  }
  try {
    // Nobody else takes it away now, and who left it cannot.
    if (textOf(lock) === left) rmSync(lock)
  } finally {
    rmSync(right, { force: true })
  }
}
