/** Programs that tests start run as bundles, whether a path or the command names them; where it is said, as sources. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { bundledName } from './bundledName.cjs'

const root = join(import.meta.dirname, '../..')
const bundle = process.env['TOUCHSTONE_TEST_BUNDLE']
const main = 'node/src/main.ts'
const cli = 'devnet/src/cli.ts'
const committer = 'node/test/faults/kill/committer.ts'

/** Loaded before any program. */
const before = [
  '/devnet/bin/devnet.js',
  '/node/src/runtime/compiledCodeFolder.mjs',
  '/node/src/runtime/optimiseNothing.mjs',
]

/** The first source or bundle that a process loads for a program; it ends there. */
function firstLoaded(program: string, options: { bundle: string; from?: string }): string {
  const hook = `import { registerHooks } from 'node:module'
import { writeSync } from 'node:fs'
registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:') && !${JSON.stringify(before)}.some((path) => url.endsWith(path))) {
      writeSync(1, url)
      process.exit(0)
    }
    return next(url, context)
  },
})`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, program],
    {
      encoding: 'utf8',
      cwd: options.from ?? root,
      env: { ...process.env, TOUCHSTONE_TEST_BUNDLE: options.bundle },
    },
  )
  expect(stderr).toBe('')
  return stdout
}

it.runIf(bundle)('is what a process of a test runs', () => {
  const bundled = (source: string) => pathToFileURL(join(bundle!, bundledName(source))).href
  for (const source of [main, cli, committer]) expect(firstLoaded(source, { bundle: bundle! })).toBe(bundled(source))
  const absolute = join(root, 'devnet/bin/devnet.js')
  expect(firstLoaded(absolute, { bundle: bundle!, from: import.meta.dirname })).toBe(bundled(cli))
})

it('leaves alone what is told to run the sources, and other programs', () => {
  expect(firstLoaded(main, { bundle: '' })).toBe(pathToFileURL(join(root, main)).href)
  const other = 'vm/src/index.ts'
  expect(firstLoaded(other, { bundle: bundle ?? '' })).toBe(pathToFileURL(join(root, other)).href)
})
