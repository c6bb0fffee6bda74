/** What a checkout runs: the bundle that was kept, and the sources from the first change on. In a checkout of its own. */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isSettled } from './keep.ts'
import { keptFolder, stateOf } from './kept.mjs'

const repository = join(import.meta.dirname, '../..')
/** A date of the sources, in seconds: whole, so that it can be put back as it was. */
const WRITTEN = 1_700_000_000
let root: string
let source: string
let list: string

beforeAll(() => {
  // As the program finds it: the folder for temporary files is a link on some systems.
  root = realpathSync(mkdtempSync(join(tmpdir(), 'touchstone-kept-')))
  for (const path of [
    'devnet/bin/devnet.js',
    'node/src/runtime/compiledCodeFolder.mjs',
    'node/src/runtime/optimiseNothing.mjs',
    'scripts/bundle/kept.mjs',
    'scripts/bundle/bundledName.cjs',
  ]) {
    cpSync(join(repository, path), join(root, path))
  }
  writeFileSync(join(root, 'package.json'), '{"type":"module"}')
  source = join(root, 'devnet/src/cli.ts')
  mkdirSync(join(root, 'devnet/src'))
  writeFileSync(source, 'console.log("source" as string)')
  const cache = join(root, keptFolder.slice(repository.length))
  mkdirSync(join(cache, 'bundle-1'), { recursive: true })
  writeFileSync(join(cache, 'bundle-1/devnet.src.cli.js'), 'console.log("bundle")')
  list = join(cache, 'current.json')
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

function keep(changes: object = {}): void {
  const files = { [source]: stateOf(source) }
  writeFileSync(list, JSON.stringify({ root, folder: 'bundle-1', files, ...changes }))
}

/** What the command of that checkout runs. */
function run(variables: NodeJS.ProcessEnv = {}): string {
  const { TOUCHSTONE_TEST_BUNDLE: _, NODE_OPTIONS: __, NODE_COMPILE_CACHE: ___, ...rest } = process.env
  const env = { ...rest, XDG_CACHE_HOME: join(root, 'cache'), ...variables }
  const command = [join(root, 'devnet/bin/devnet.js')]
  const ran = spawnSync(process.execPath, command, { encoding: 'utf8', env, cwd: root })
  expect(ran.stderr).toBe('')
  return ran.stdout.trim()
}

it('is a bundle as long as its sources are as they were, and the sources otherwise', () => {
  expect(run()).toBe('source')
  utimesSync(source, WRITTEN, WRITTEN)
  keep()
  expect(run()).toBe('bundle')
  // As long as before, and dated back.
  writeFileSync(source, 'console.log("sOurce" as string)')
  utimesSync(source, WRITTEN, WRITTEN)
  expect(run()).toBe('sOurce')
})

it('is the sources where the bundle is of another folder, of files that are gone, or no bundle at all', () => {
  keep({ root: join(root, 'moved') })
  expect(run()).toBe('sOurce')
  keep()
  expect(run()).toBe('bundle')
  const gone = join(root, 'gone.json')
  writeFileSync(gone, '{}')
  keep({ files: { [gone]: stateOf(gone) } })
  expect(run()).toBe('bundle')
  unlinkSync(gone)
  expect(run()).toBe('sOurce')
  keep({ folder: 'bundle-2' })
  expect(run()).toBe('sOurce')
  writeFileSync(list, '{"root":')
  expect(run()).toBe('sOurce')
})

it('trusts no file that is so new that another write could leave its dates as they are', () => {
  const file = join(root, 'new.json')
  writeFileSync(file, '{}')
  expect(isSettled(file, Date.now())).toBe(false)
  expect(isSettled(file, Date.now() + 60_000)).toBe(true)
})

it('has its compiled code in a folder of the user and not among temporary files of all, and runs without one', () => {
  expect(readdirSync(join(root, 'cache/touchstone/compiled'))).not.toEqual([])
  const before = run()
  expect(run({ XDG_CACHE_HOME: 'relative' })).toBe(before)
  expect(existsSync(join(root, 'relative'))).toBe(false)
  const here = readdirSync(root)
  expect(run({ NODE_COMPILE_CACHE: '' })).toBe(before)
  expect(readdirSync(root)).toEqual(here)
})
