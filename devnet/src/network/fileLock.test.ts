/**
 * Locks that killed processes left, and several processes that find one at the same moment: their steps in the worst order.
 */
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { withFileLock } from './fileLock.ts'

/** Called after each step that a process makes on the disk. */
let afterStep: (name: string, path: unknown) => void = () => {}
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>()
  const stepwise = (name: 'readFileSync' | 'writeFileSync' | 'renameSync' | 'linkSync' | 'rmSync') => {
    const call = real[name] as (...args: unknown[]) => unknown
    return (...args: unknown[]) => {
      try {
        return call(...args)
      } finally {
        afterStep(name, args[0])
      }
    }
  }
  return {
    ...real,
    readFileSync: stepwise('readFileSync'),
    writeFileSync: stepwise('writeFileSync'),
    renameSync: stepwise('renameSync'),
    linkSync: stepwise('linkSync'),
    rmSync: stepwise('rmSync'),
  }
})
const { readFileSync, writeFileSync, rmSync } = await vi.importActual<typeof fs>('node:fs')

let folder: string
let path: string
let lock: string
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'touchstone-lock-'))
  path = join(folder, 'book.json')
  lock = `${path}.lock`
})
afterEach(() => {
  afterStep = () => {}
  rmSync(folder, { recursive: true })
})

/** Of no process. */
const dead = 999_999_999
const holders = () => fs.readdirSync(folder)

it.each([
  ['as this version writes it', `${dead} 0123456789abcdef`],
  ['as an earlier one did', String(dead)],
])('a lock that was left is taken away: %s', async (_how, text) => {
  writeFileSync(lock, text)
  expect(await withFileLock(path, () => holders())).toEqual(['book.json.lock'])
  expect(holders()).toEqual([])
})

it.each([
  ['nothing', ''],
  ['no number', '../\u0000 x'],
])('a lock with %s in it is taken away once its writer must have been killed', async (_what, text) => {
  writeFileSync(lock, text)
  let seen = 0
  afterStep = (name, at) => {
    if (name === 'readFileSync' && at === lock && fs.existsSync(lock)) seen++
  }
  expect(await withFileLock(path, () => holders())).toEqual(['book.json.lock'])
  // Not at the first look: it could be about to be written.
  expect(seen).toBeGreaterThan(2)
  expect(holders()).toEqual([])
})

it('who was halted before its number stood in the lock does not hold one that was taken away meanwhile', async () => {
  let isHalted = true
  afterStep = (name, at) => {
    if (name !== 'writeFileSync' || typeof at !== 'number' || !isHalted) return
    isHalted = false
    // As if it had been away while it was empty, and another process had come in.
    rmSync(lock)
    writeFileSync(lock, String(process.ppid))
    setTimeout(() => rmSync(lock), 50)
  }
  let others: string[] = []
  await withFileLock(path, () => {
    others = readFileSync(lock, 'utf8').split(' ')
  })
  expect(others[0]).toBe(String(process.pid))
  expect(holders()).toEqual([])
})

it('a lock that cannot be written to, as on a full disk, is not left for the next to wait for', async () => {
  afterStep = (name) => {
    const code = 'ENOSPC'
    const error = Object.assign(new Error(`${code}: no space left on device, write`), { code, syscall: 'write' })
    if (name === 'writeFileSync') throw error
  }
  await expect(withFileLock(path, () => 1)).rejects.toThrow(`ENOSPC: no space left on device, write '${lock}'`)
  expect(holders()).toEqual([])
  afterStep = () => {}
  expect(await withFileLock(path, () => 1)).toBe(1)
})

it('who looked too long ago takes nothing from whoever has it now', async () => {
  const living = String(process.ppid)
  writeFileSync(lock, String(dead))
  // We have just read what was left; meanwhile another process takes that away, and a third gets the lock.
  let others: 'to come' | 'inside' | 'done' = 'to come'
  const gone: string[] = []
  afterStep = (name, at) => {
    if (name === 'readFileSync' && at === lock && others === 'to come') {
      writeFileSync(lock, living)
      others = 'inside'
    } else if (others === 'inside') {
      // A fourth would come in at any moment without it.
      if (!fs.existsSync(lock) || readFileSync(lock, 'utf8') !== living) gone.push(`${name} ${String(at)}`)
    }
  }
  let entered = false
  const waiting = withFileLock(path, () => {
    entered = true
  })
  await vi.waitFor(() => expect(others).toBe('inside'))
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect({ gone, entered }).toEqual({ gone: [], entered: false })
  others = 'done'
  rmSync(lock)
  await waiting
  expect(holders()).toEqual([])
})
