/**
 * What a folder's last build is worth to the next one: nothing when the disk was full, when a file that decides is another,
 * or when somebody wrote over what it made.
 */
import {
  mkdirSync,
  mkdtempSync,
  type PathOrFileDescriptor,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { buildContract, type CompileReason } from './buildContract.ts'
import type { CompiledProgram } from './compileProgram.ts'
import { SourceReads } from './stamp.ts'

const state = vi.hoisted(() => ({ full: false, compiled: () => {} }))
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

// The compiler itself once for each program: it takes the time, and gives the same.
vi.mock('./compileProgram.ts', async (original) => {
  const { compileProgram } = await original<typeof import('./compileProgram.ts')>()
  const known: { texts: ReadonlyMap<string, string | null>; program: CompiledProgram }[] = []
  return {
    async compileProgram(...[entry, read, sdk]: Parameters<typeof compileProgram>) {
      let program = known.find(({ texts }) => [...texts].every(([path, text]) => read(path) === text))?.program
      if (program === undefined) {
        const reads = new SourceReads(read)
        program = await compileProgram(entry, reads.read, sdk)
        known.push({ texts: reads.texts, program })
      }
      state.compiled()
      return program
    },
  }
})

const root = mkdtempSync(join(tmpdir(), 'touchstone-build-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** The folder, and why it was compiled since this was asked last. */
function contractFolder(name: string, files: Readonly<Record<string, string>>) {
  const path = join(root, name)
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    writeFileSync(join(path, file), text)
  }
  const reasons: CompileReason[] = []
  const build = async () => {
    reasons.length = 0
    const [artifact] = await buildContract(path, { onCompile: (reason) => reasons.push(reason) })
    return artifact!.bytecode
  }
  return { path, build, reasons }
}

const returning = (value: string) => `@contract\nexport class Token {\n  @view a(): u64 { return ${value} }\n}\n`
const importing = `import { one } from './numbers'\n${returning('one')}`

it('names the file, leaves no half of it, and builds again what is no artifact', async () => {
  const { path: folder } = contractFolder('full', { 'assembly/index.ts': returning('1') })
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

it('is built again when a file appears that is found sooner than the one it was made of', async () => {
  const { path, build, reasons } = contractFolder('sooner', {
    'assembly/index.ts': importing,
    'assembly/numbers/index.ts': 'export const one: u64 = 1\n',
  })
  const first = await build()
  writeFileSync(join(path, 'assembly/numbers.ts'), 'export const one: u64 = 11\n')
  expect(await build()).not.toBe(first)
  expect(reasons).toEqual(['source'])
  rmSync(join(path, 'assembly/numbers.ts'))
  expect(await build()).toBe(first)
})

it('is built again when its source was saved while the compiler worked', async () => {
  const { path, build, reasons } = contractFolder('saved', { 'assembly/index.ts': returning('1') })
  state.compiled = () => writeFileSync(join(path, 'assembly/index.ts'), returning('11'))
  const first = await build()
  state.compiled = () => {}
  expect(await build()).not.toBe(first)
  expect(reasons).toEqual(['source'])
})

it.each(['Token.json', 'Token.ts', 'Token.wasm', 'Token.wasm.map'])(
  'is built again when %s is another',
  async (name) => {
    const { path, build, reasons } = contractFolder('written', { 'assembly/index.ts': returning('1') })
    await build()
    const file = join(path, 'build', name)
    const whole = readFileSync(file)
    // One bit; of the artifact a digit of its code, which is code still.
    const changed = Buffer.from(whole)
    changed[Math.max(0, changed.indexOf('0x7f00')) + 4]! ^= 1
    writeFileSync(file, changed)
    await build()
    expect(reasons).toEqual(['tool'])
    expect(readFileSync(file).equals(whole)).toBe(true)
    await build()
    expect(reasons).toEqual([])
    rmSync(file)
    await build()
    expect(reasons).toEqual(['new'])
  },
)

it.skipIf(process.platform === 'win32')(
  'is built again when its stamp is anything, or leads to what never ends',
  async () => {
    const { path, build, reasons } = contractFolder('stamped', { 'assembly/index.ts': returning('1') })
    await build()
    const stamp = join(path, 'build/.stamp')
    const whole = readFileSync(stamp, 'utf8')
    for (const text of ['', 'null', '[]', '{}', whole.slice(0, 100), whole.replace('"Token.ts"', '"/dev/zero"')]) {
      writeFileSync(stamp, text)
      await build()
      expect(reasons, text).toEqual(['new'])
    }
    rmSync(stamp)
    symlinkSync('/dev/zero', stamp)
    await build()
    expect(reasons).toEqual(['new'])
    expect(readFileSync(stamp, 'utf8')).toBe(whole)
  },
)

it.skipIf(process.platform === 'win32')(
  'a build folder that is a link to another folder is refused, and that folder stays as it is',
  async () => {
    const { path } = contractFolder('linked', { 'assembly/index.ts': returning('1') })
    const other = join(root, 'other')
    mkdirSync(other)
    writeFileSync(join(other, 'package.json'), '{}')
    symlinkSync(other, join(path, 'build'))
    await expect(buildContract(path)).rejects.toThrow(/build is a link, and builds write and remove files there/)
    expect(readdirSync(other)).toEqual(['package.json'])
    rmSync(join(path, 'build'))
    mkdirSync(join(path, 'build'))
    symlinkSync(other, join(path, 'build/glue'))
    await buildContract(path, { keepGlue: true })
    expect(readdirSync(other)).toEqual(['package.json'])
  },
)
