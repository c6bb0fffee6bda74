import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { writeOutput } from './outputFile.ts'

let isFull = false
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>()
  return {
    ...real,
    /** A full disk takes the beginning, and names no file. */
    writeFileSync: (path: string, text: string, options: fs.WriteFileOptions) => {
      real.writeFileSync(path, isFull ? text.slice(0, 1) : text, options)
      const code = 'ENOSPC'
      const error = Object.assign(new Error(`${code}: no space left on device, write`), { code, syscall: 'write' })
      if (isFull) throw error
    },
  }
})

const folder = fs.mkdtempSync(join(tmpdir(), 'touchstone-output-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))

it('writes a file, and on a full disk leaves the one that was there and nothing beside it', () => {
  const path = join(folder, 'flame.svg')
  writeOutput(path, 'old')
  isFull = true
  expect(() => writeOutput(path, 'new')).toThrow(`cannot write ${path}: ENOSPC: no space left on device, write`)
  isFull = false
  expect(fs.readFileSync(path, 'utf8')).toBe('old')
  writeOutput(path, 'new')
  expect(fs.readFileSync(path, 'utf8')).toBe('new')
  expect(fs.readdirSync(folder)).toEqual(['flame.svg'])
})
