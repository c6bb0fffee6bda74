import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { compiledCodeFolder } from './compiledCodeFolder.mjs'

afterEach(() => void vi.unstubAllEnvs())

it('is in the folder for caches that the user named, or below their home', () => {
  vi.stubEnv('XDG_CACHE_HOME', '/caches')
  expect(compiledCodeFolder()).toBe(join('/caches', 'touchstone', 'compiled'))
  vi.stubEnv('XDG_CACHE_HOME', '')
  expect(compiledCodeFolder()).toBe(join(homedir(), '.cache', 'touchstone', 'compiled'))
})

it('is nowhere for who has no home, and never in the folder of the moment', () => {
  vi.stubEnv('XDG_CACHE_HOME', 'caches')
  expect(compiledCodeFolder()).toBe(null)
  vi.stubEnv('XDG_CACHE_HOME', '')
  vi.stubEnv('HOME', '')
  vi.stubEnv('USERPROFILE', '')
  expect(compiledCodeFolder()).toBe(null)
})
