/** The list of mutants in docs/mutants.md is the one `npm run mutate:consensus` runs, and each can be applied and tested. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { expect, it } from 'vitest'
import { readRows, rowOf } from './document.ts'
import { applyMutant } from './mutant.ts'
import { MUTANTS } from './mutants/all.ts'
import { COPIED, TEST_FILES } from './workspace.ts'

const root = join(import.meta.dirname, '../../..')
const sourceOf = (file: string) => readFileSync(join(root, 'node/src/consensus', file), 'utf8')

it('each mutant has its text once in its source, and a name of its own', () => {
  for (const mutant of MUTANTS) expect(applyMutant(sourceOf(mutant.file), mutant)).not.toBe(sourceOf(mutant.file))
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
})

it('docs/mutants.md lists them all, each with a killer (npm run mutate:consensus -- --write)', () => {
  const rows = readRows(readFileSync(join(root, 'docs/mutants.md'), 'utf8'))
  expect(rows).toEqual(MUTANTS.map((mutant, index) => rowOf(mutant, rows[index]?.killer ?? 'none')))
  const folders = ['node/src/consensus', 'node/test/sim'].map((folder) => join(root, folder))
  const files = folders.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }))
  const tests = new Set(files.map((file) => basename(file)))
  for (const { killer } of rows) {
    const [file] = killer.split(': ')
    expect(killer === 'does not end' || tests.has(file!), killer).toBe(true)
  }
})

it('the copy that is broken has every file that its tests import', () => {
  const reached = new Set(TEST_FILES.map((file) => join(root, 'node', file)))
  for (const path of reached) {
    for (const [, target] of readFileSync(path, 'utf8').matchAll(/^(?:import|export|\}) .*?'(\.[^']+)'$/gm)) {
      reached.add(join(dirname(path), target!))
    }
  }
  const paths = [...reached].map((path) => relative(root, path).split(sep).join('/'))
  expect(paths).toContain('node/src/consensus/engine.ts')
  expect(paths.filter((path) => !COPIED.some((folder) => path.startsWith(`${folder}/`)))).toEqual([])
})
