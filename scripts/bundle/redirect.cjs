/**
 * Required by every Node that a test run starts (globalSetup.ts): where its program is a bundled source, or the command
 * that imports one, it runs the bundle instead. A process with TOUCHSTONE_TEST_BUNDLE empty runs the sources.
 */
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

if (isMainThread && bundle && source !== undefined) {
  const { registerHooks } = require('node:module')
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      if (!found.url.startsWith('file:') || fromRoot(fileURLToPath(found.url)) !== source) return found
      hooks.deregister()
      return { url: pathToFileURL(join(bundle, bundledName(source))).href, format: 'module', shortCircuit: true }
    },
  })
}
