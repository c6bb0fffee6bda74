import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { compiledCodeFolder } from './compiledCodeFolder.mjs'

afterEach(() => void vi.unstubAllEnvs())

const caches = mkdtempSync(join(tmpdir(), 'touchstone-caches-'))
afterAll(() => rmSync(caches, { recursive: true }))

it('is in the folder for caches that the user named, or below their home, and made there', () => {
  const folders = [join(caches, 'named', 'touchstone', 'compiled'), join(caches, '.cache', 'touchstone', 'compiled')]
  vi.stubEnv('XDG_CACHE_HOME', join(caches, 'named'))
  expect(compiledCodeFolder()).toBe(folders[0])
  vi.stubEnv('XDG_CACHE_HOME', '')
  vi.stubEnv('HOME', caches)
  vi.stubEnv('USERPROFILE', caches)
  expect(compiledCodeFolder()).toBe(folders[1])
  expect(folders.filter((folder) => !existsSync(folder))).toEqual([])
})

it.runIf(existsSync('/proc/self'))('is nowhere where the system says ENOENT of a parent that exists', () => {
  vi.stubEnv('XDG_CACHE_HOME', '/proc/nope')
  expect(compiledCodeFolder()).toBe(null)
  vi.stubEnv('XDG_CACHE_HOME', '/proc/nope/deeper')
  expect(compiledCodeFolder()).toBe(null)
})

it('is nowhere for who has no home, and never in the folder of the moment', () => {
  vi.stubEnv('XDG_CACHE_HOME', 'caches')
  expect(compiledCodeFolder()).toBe(null)
  vi.stubEnv('XDG_CACHE_HOME', '')
  vi.stubEnv('HOME', '')
  vi.stubEnv('USERPROFILE', '')
  expect(compiledCodeFolder()).toBe(null)
})

describe.skipIf(process.getuid === undefined)('a folder for caches that others have', () => {
  const ours = join(caches, 'touchstone')
  const folder = join(ours, 'compiled')
  beforeEach(() => {
    rmSync(ours, { recursive: true, force: true })
    vi.stubEnv('XDG_CACHE_HOME', caches)
  })

  it('is used where there is nothing yet, or our own', () => {
    expect(compiledCodeFolder()).toBe(folder)
    mkdirSync(folder, { recursive: true })
    // By the umask of systems where each user has a group.
    chmodSync(folder, 0o775)
    expect(compiledCodeFolder()).toBe(folder)
  })

  it.each(['touchstone', 'touchstone/compiled'])('is not used where all may write into %s', (name) => {
    mkdirSync(folder, { recursive: true })
    chmodSync(join(caches, name), 0o777)
    expect(compiledCodeFolder()).toBe(null)
  })

  it('is not used where another user was first', () => {
    mkdirSync(folder, { recursive: true })
    vi.spyOn(process as { getuid: () => number }, 'getuid').mockReturnValue(process.getuid!() + 1)
    expect(compiledCodeFolder()).toBe(null)
    vi.restoreAllMocks()
  })

  it('is not used through a link to a folder for all, a link to itself, or a file', () => {
    symlinkSync(join(caches, 'all'), ours)
    mkdirSync(join(caches, 'all/compiled'), { recursive: true })
    chmodSync(join(caches, 'all/compiled'), 0o777)
    expect(compiledCodeFolder()).toBe(null)
    rmSync(ours)
    symlinkSync(ours, ours)
    expect(compiledCodeFolder()).toBe(null)
    rmSync(ours)
    writeFileSync(ours, '')
    expect(compiledCodeFolder()).toBe(null)
  })
})
