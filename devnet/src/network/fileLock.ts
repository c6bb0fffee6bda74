/**
 * Lets one process at a time read a file, change it and write it back. The lock is a file beside it that holds the process
 * id of whoever has it; one that a killed process has left is taken away.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { PRIVATE_FILE_MODE } from '@touchstone/node/private-files'
import { CliError } from '../output/errors.ts'
import { isAlive } from './readyFile.ts'

/** Milliseconds: a change takes one or two, so whoever waits longer waits for something that is stuck. */
const mostLockWaitMs = 10_000
const lookAgainMs = 10

/** @throws CliError when another process keeps the lock. */
export async function withFileLock<T>(path: string, body: () => T): Promise<T> {
  const lock = `${path}.lock`
  const began = performance.now()
  while (!takeLock(lock)) {
    if (performance.now() - began > mostLockWaitMs) {
      throw new CliError(
        `process ${holderOf(lock) ?? 'unknown'} has had ${path} locked for ${mostLockWaitMs / 1000} s`,
        {
          hint: `if no devnet command runs, delete ${lock}`,
        },
      )
    }
    await wait(lookAgainMs)
  }
  try {
    return body()
  } finally {
    rmSync(lock, { force: true })
  }
}

function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx', mode: PRIVATE_FILE_MODE })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const holder = holderOf(lock)
  if (holder !== null && !isAlive(holder)) takeAway(lock, holder)
  return false
}

/** Null while it is being written, and when it is gone. */
function holderOf(lock: string): number | null {
  try {
    const text = readFileSync(lock, 'utf8')
    return /^\d{1,9}$/.test(text) ? Number(text) : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Renamed first: of several that find it left behind only one gets it, and sees whether it is still the one it looked at. */
function takeAway(lock: string, holder: number): void {
  const taken = `${lock}.${process.pid}`
  try {
    renameSync(lock, taken)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  try {
    if (holderOf(taken) !== holder) linkSync(taken, lock)
  } finally {
    rmSync(taken, { force: true })
  }
}
