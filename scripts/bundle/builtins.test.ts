/** Modules of Node itself in a bundle: what is used of them is there, and nothing else of them is read. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { afterAll, expect, it } from 'vitest'
import { builtins } from './builtins.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-builtins-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the program writes, bundled. */
async function output(program: string): Promise<string> {
  const source = join(folder, 'source.mjs')
  writeFileSync(join(folder, 'old.cjs'), "module.exports = require('node:path').basename('/a/b')")
  writeFileSync(source, program)
  const build = await rolldown({ input: source, platform: 'node', plugins: [builtins()] })
  await build.write({ dir: folder, entryFileNames: 'bundle.mjs', format: 'esm', strictExecutionOrder: true })
  await build.close()
  return execFileSync(process.execPath, [join(folder, 'bundle.mjs')], { encoding: 'utf8' }).trim()
}

it('has the functions by name, the whole by default and by a star, and what CommonJS asks for', async () => {
  const program = `
import { join as put } from 'node:path'
import EventEmitter, { once } from 'events'
import * as os from 'node:os'
import old from './old.cjs'
const { isIP } = await import('node:net')
console.log(put('a', 'b'), new EventEmitter().emit('x'), typeof once, typeof os.homedir(), os['E' + 'OL'].length, isIP('::1'), old)`
  expect(await output(program)).toBe('a/b false function string 1 6 b')
})

it('reads nothing that the program does not use', async () => {
  const program = (specifier: string) => `
import { inspect } from '${specifier}'
const has = (name) => process.moduleLoadList.includes('NativeModule ' + name)
console.log(inspect(1), has('internal/util/parse_args/parse_args'))`
  expect(await output(program('node:util'))).toBe('1 false')
  // As it is without the bundle.
  const plain = join(folder, 'source.mjs')
  expect(execFileSync(process.execPath, [plain], { encoding: 'utf8' }).trim()).toBe('1 true')
})
