/** A build whose disk is full, or whose folder cannot be made, and one whose artifacts somebody wrote over. */
import {
  mkdirSync,
  mkdtempSync,
  type PathOrFileDescriptor,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { buildContract } from './buildContract.ts'

const state = vi.hoisted(() => ({ full: false }))
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  return {
    ...fs,
    writeFileSync(path: PathOrFileDescriptor, ...rest: [string, ...unknown[]]) {
      if (!state.full || !String(path).includes('.json.')) return fs.writeFileSync(path, ...(rest as [string]))
      // As much as there was room for.
      fs.writeFileSync(path, rest[0].slice(0, 10))
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' })
    },
  }
})

const folder = mkdtempSync(join(tmpdir(), 'touchstone-full-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('names the file, leaves no half of it, and builds again what is no artifact', async () => {
  mkdirSync(join(folder, 'assembly'))
  writeFileSync(
    join(folder, 'assembly/index.ts'),
    '@contract\nexport class Token {\n  @view a(): u64 { return 1 }\n}\n',
  )
  // Nothing can be made where a file is, nor in a folder that one may not write.
  writeFileSync(join(folder, 'build'), '')
  await expect(buildContract(folder)).rejects.toThrow(/^cannot write .*build: EEXIST/)
  rmSync(join(folder, 'build'))
  state.full = true
  const failed = expect(buildContract(folder)).rejects
  await failed.toMatchObject({ code: 'ENOSPC', message: expect.stringMatching(/^cannot write .*Token\.json: ENOSPC/) })
  // Whole files, and no artifact that names them.
  expect(readdirSync(join(folder, 'build'))).toEqual(['Token.wasm', 'Token.wasm.map'])
  state.full = false
  const built = await buildContract(folder)
  for (const text of ['null', '{}', JSON.stringify({ ...built[0], bytecode: '0xzz' })]) {
    writeFileSync(join(folder, 'build/Token.json'), text)
    expect(await buildContract(folder)).toEqual(built)
  }
  const typed = join(folder, 'build/Token.ts')
  const whole = readFileSync(typed, 'utf8')
  writeFileSync(typed, whole.replace('uint64', 'uint8'))
  await buildContract(folder)
  expect(readFileSync(typed, 'utf8')).toBe(whole)
})
