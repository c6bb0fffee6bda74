#!/usr/bin/env node
/**
 * Plain JavaScript for any Node from 20 up. The command itself is TypeScript, which that Node may not read; then it runs
 * on the one that is installed with it.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

if (process.features.typescript) {
  // As the program does for a network: what looks for it would be optimised already.
  if (process.argv[2] === 'up') (await import('../../node/src/runtime/optimiseNothing.mjs')).optimiseNothing()
  // Stripping types and compiling takes as long as the work of most commands; once is enough.
  const { useCompiledCode } = await import('../../node/src/runtime/compiledCodeFolder.mjs')
  useCompiledCode()
  await import(await program())
} else {
  runOn(pinnedNode())
}

/** Bundled, where that was done of the sources that are here (scripts/bundle); a test says itself what it runs. */
async function program() {
  if (process.env.TOUCHSTONE_TEST_BUNDLE !== undefined) return '../src/cli.ts'
  const { keptProgram } = await import('../../scripts/bundle/kept.mjs')
  const kept = keptProgram('devnet/src/cli.ts')
  return kept === null ? '../src/cli.ts' : pathToFileURL(kept).href
}

/** The dev dependency `node` of the repository; null where it is not installed. */
function pinnedNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json')
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  } catch {
    return null
  }
}

/** @param {string | null} node */
function runOn(node) {
  if (node === null) {
    console.error(`error: devnet runs on Node 22.18 or newer; this is ${process.version}`)
    console.error('hint:  run npm install in the repository, which installs a Node of its own, or npm start')
    process.exit(2)
  }
  const devnet = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to both; a `kill` of this process alone has to be passed on.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => devnet.kill(signal))
  process.on('SIGINT', () => {})
  devnet.on('error', (error) => {
    console.error(`error: ${node} could not be started: ${error.message}`)
    process.exit(2)
  })
  devnet.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}
