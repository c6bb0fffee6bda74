/** Lines of modules from the files beside them: DWARF of the unstripped one, with the texts of the project alone. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { readLines } from './sourceLines.ts'

const own = (path: string) => fileURLToPath(new URL(`../../../contracts/${path}`, import.meta.url))
const { stripped } = (await import(own('templates/strip.mjs'))) as { stripped(module: Uint8Array): Uint8Array }
const folder = mkdtempSync(join(tmpdir(), 'touchstone-lines-'))
const project = join(folder, 'project')
const wasm = join(project, 'build/vector.wasm')

function build(version: 4 | 5): void {
  const debug = readFileSync(own(`src/dwarf/testing/vector.dwarf${version}.wasm`))
  writeFileSync(join(project, 'build/vector.debug.wasm'), debug)
  writeFileSync(wasm, stripped(debug))
}

beforeEach(() => {
  rmSync(project, { recursive: true, force: true })
  mkdirSync(join(project, 'build'), { recursive: true })
  cpSync(own('src/dwarf/testing/vector.c'), join(project, 'vector.c'))
  build(5)
})
afterAll(() => rmSync(folder, { recursive: true }))

it('reads the module before it was stripped, and the sources below the project as they were compiled', () => {
  const lines = readLines(wasm)
  if (typeof lines === 'string') throw new Error(lines)
  expect(lines.textOf('vector.c')).toContain('u32 user_entrypoint(u32 length) {')
  writeFileSync(join(project, 'vector.c'), 'another text')
  const changed = readLines(wasm)
  expect(typeof changed === 'string' ? changed : changed.textOf('vector.c')).toBeNull()
})

it('does not open a file that lies elsewhere, named or behind a link', () => {
  rmSync(join(project, 'vector.c'))
  symlinkSync(own('src/dwarf/testing/vector.c'), join(project, 'vector.c'))
  const lines = readLines(wasm)
  expect(typeof lines === 'string' ? lines : lines.textOf('vector.c')).toBeNull()
})

it('takes a text that the compiler tells no hash of unless it is newer than the module', () => {
  build(4)
  const old = readLines(wasm)
  expect(typeof old === 'string' ? old : old.textOf('vector.c')).toContain('user_entrypoint')
})

it('says why there are no lines', () => {
  writeFileSync(join(project, 'build/vector.debug.wasm'), 'no module')
  expect(readLines(wasm)).toMatch(
    /vector\.debug\.wasm is no module with debug information: it is no WebAssembly module$/,
  )
  rmSync(join(project, 'build/vector.debug.wasm'))
  expect(readLines(wasm)).toMatch(/there is neither .*vector\.wasm\.map nor .*vector\.debug\.wasm$/)
  writeFileSync(`${wasm}.map`, '{')
  expect(readLines(wasm)).toMatch(/vector\.wasm\.map is no source map: /)
  rmSync(`${wasm}.map`)
  symlinkSync('/dev/null', `${wasm}.map`)
  expect(readLines(wasm)).toMatch(/vector\.wasm\.map is no file$/)
})
