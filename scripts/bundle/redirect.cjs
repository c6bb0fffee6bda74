/**
 * Required by every Node that a test run starts (globalSetup.ts), in each of its threads: where its program is a bundled
 * source, or the command that imports one, it runs the bundle instead. A process with TOUCHSTONE_TEST_BUNDLE empty runs the sources.
 */
const { existsSync } = require('node:fs')
const { join, relative, resolve } = require('node:path')
const { fileURLToPath, pathToFileURL } = require('node:url')
const { isMainThread } = require('node:worker_threads')
const { bundledName } = require('./bundledName.cjs')

const root = resolve(__dirname, '../..')
const bundle = process.env.TOUCHSTONE_TEST_BUNDLE
const programs = new Map([
  ['node/src/main.ts', 'node/src/main.ts'],
  ['node/test/faults/kill/committer.ts', 'node/test/faults/kill/committer.ts'],
  ['devnet/src/cli.ts', 'devnet/src/cli.ts'],
  ['devnet/bin/devnet.js', 'devnet/src/cli.ts'],
])

/** @param {string} path */
const fromRoot = (path) => relative(root, path).replaceAll('\\', '/')
const source = programs.get(fromRoot(process.argv[1] ?? ''))

/**
 * The bundle in the place of the first module for which `sourceOf` names a source.
 * @param {(path: string) => string | undefined} sourceOf @param {boolean} isFirst of all modules, or nothing
 */
function redirect(sourceOf, isFirst) {
  const { registerHooks } = require('node:module')
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      const source = found.url.startsWith('file:') ? sourceOf(fromRoot(fileURLToPath(found.url))) : undefined
      if (isFirst || source !== undefined) hooks.deregister()
      if (source === undefined) return found
      return { url: pathToFileURL(join(bundle, bundledName(source))).href, format: 'module', shortCircuit: true }
    },
  })
}

if (bundle && !isMainThread) {
  // A thread of a process that runs sources, as those of vitest do; which one it is shows by its first module.
  redirect((path) => (existsSync(join(bundle, bundledName(path))) ? path : undefined), true)
} else if (bundle && source !== undefined) {
  redirect((path) => (path === source ? source : undefined), false)
}
