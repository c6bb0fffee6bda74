import type * as fs from 'node:fs'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { runInProcess } from '../testing/runInProcess.ts'

/** Files that the disk takes until it is full. */
let room = Number.POSITIVE_INFINITY
vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>()
  return {
    ...real,
    /** A full disk takes the beginning. */
    writeFileSync: (path: fs.PathOrFileDescriptor, text: string, options?: fs.WriteFileOptions) => {
      const isFull = --room < 0
      real.writeFileSync(path, isFull ? text.slice(0, 1) : text, options)
      const code = 'ENOSPC'
      if (isFull) throw Object.assign(new Error(`${code}: no space left on device, write`), { code, syscall: 'write' })
    },
  }
})

const folder = mkdtempSync(join(tmpdir(), 'touchstone-init-'))
afterAll(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)

it('writes a project, and says which files', async () => {
  const { code, out } = await runInProcess('init', at('my-vault'), '--template', 'empty', '--json')
  expect(code).toBe(0)
  const { files, ...rest } = JSON.parse(out)
  expect(rest).toEqual({ directory: at('my-vault'), name: 'my-vault', template: 'empty', language: 'assemblyscript' })
  const written = readdirSync(at('my-vault'), { recursive: true, withFileTypes: true, encoding: 'utf8' })
  expect(files).toHaveLength(written.filter((entry) => entry.isFile()).length)
  expect(readFileSync(at('my-vault/assembly/index.ts'), 'utf8')).toContain('export class MyVault {')
  const { name, devDependencies, scripts } = JSON.parse(readFileSync(at('my-vault/package.json'), 'utf8'))
  expect(scripts.dev).toBe('devnet dev .')
  expect([name, devDependencies['@touchstone/devnet']]).toEqual(['my-vault', '0.1.0'])
})

it('takes tarballs where they are told to be, by their paths from the project', async () => {
  mkdirSync(at('dist'))
  const missing = await runInProcess('init', at('packed'), '--packages', at('dist'))
  expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('has no touchstone-contracts-0.1.0.tgz')])
  for (const name of ['vm', 'node', 'contracts', 'devnet']) writeFileSync(at(`dist/touchstone-${name}-0.1.0.tgz`), '')
  const { code, err } = await runInProcess('init', at('packed'), '--packages', at('dist'))
  expect([code, err]).toEqual([0, `next: cd ${at('packed')} && npm install && npm test\n`])
  const { devDependencies } = JSON.parse(readFileSync(at('packed/package.json'), 'utf8'))
  expect(devDependencies['@touchstone/vm']).toBe('file:../dist/touchstone-vm-0.1.0.tgz')
})

it('leaves alone what is there', async () => {
  mkdirSync(at('full'))
  writeFileSync(at('full/notes'), 'mine')
  writeFileSync(at('file'), 'mine')
  const full = await runInProcess('init', at('full'))
  expect([full.code, full.err]).toEqual([1, expect.stringContaining('full is not empty: it has "notes"')])
  expect(readdirSync(at('full'))).toEqual(['notes'])
  const file = await runInProcess('init', at('file'))
  expect([file.code, file.err]).toEqual([1, expect.stringContaining('is there already, and is no folder')])
  const before = readdirSync(folder)
  const around = await runInProcess('init', `${folder}/full/missing/..`)
  expect([around.code, readdirSync(at('full')), readdirSync(folder)]).toEqual([1, ['notes'], before])
  mkdirSync(at('hollow'))
  expect((await runInProcess('init', at('hollow'))).code).toBe(0)
})

it.each([0, 3, 7])('leaves nothing of its own on a disk that is full after %i files', async (files) => {
  mkdirSync(at('there'))
  for (const project of ['there', 'above/missing/project']) {
    room = files
    const { code, err } = await runInProcess('init', at(project))
    room = Number.POSITIVE_INFINITY
    const full = `${at(project)} cannot be written: ENOSPC: no space left on device, write`
    expect([code, err]).toEqual([1, expect.stringContaining(full)])
  }
  expect([readdirSync(at('there')), existsSync(at('above'))]).toEqual([[], false])
  expect((await runInProcess('init', at('there'))).code).toBe(0)
  rmSync(at('there'), { recursive: true })
})

it('gives the command that goes on, as a shell takes it', async () => {
  const { err } = await runInProcess('init', at('my folder/project'), '--packages', at('dist'))
  expect(err).toBe(`next: cd "${at('my folder/project')}" && npm install && npm test\n`)
})

it.each([
  [['My Vault'], 'begins with a small letter'],
  [['.hidden'], 'begins with a small letter'],
  [['address', '--template', 'empty'], 'would be named Address, which is a type of the language or the SDK'],
  [[`a${'b'.repeat(64)}`], 'at most 64'],
  [['x', '--template', 'dao'], 'counter, token, nft, auction, exchange, empty'],
  [['x', '--language', 'go'], 'assemblyscript, c, rust'],
  [['x', '--language', 'c', '--template', 'nft'], 'there is no template nft in c; there is counter'],
  [['x', '--packages', 'nowhere'], 'there is no folder nowhere'],
])('refuses %j', async ([name, ...options], words) => {
  const before = readdirSync(folder)
  const { code, err } = await runInProcess('init', at(name!), ...options)
  expect([code, err]).toEqual([2, expect.stringContaining(words)])
  expect(readdirSync(folder)).toEqual(before)
})
