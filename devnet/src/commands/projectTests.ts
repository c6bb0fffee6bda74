/** The tests of a project, by the vitest that is installed in it. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'

/** `stopped`: before they came to an end. */
export type TestsEnd = 'passed' | 'failed' | 'stopped'

/** The path of vitest's program; null when the project has no tests, or none to run them with. */
export function findTestRunner(directory: string): string | null {
  if (!existsSync(join(directory, 'test'))) return null
  try {
    const manifest = createRequire(resolve(directory, 'package.json')).resolve('vitest/package.json')
    return join(dirname(manifest), 'vitest.mjs')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    return null
  }
}

/** @param shown whether what they say goes to the terminal */
export function runTests(runner: string, directory: string, shown: boolean, stop: AbortSignal): Promise<TestsEnd> {
  return new Promise((done, failed) => {
    const output = shown ? 'inherit' : 'ignore'
    const tests = spawn(process.execPath, [runner, 'run'], { cwd: directory, stdio: ['ignore', output, output] })
    const end = () => tests.kill()
    stop.addEventListener('abort', end, { once: true })
    tests.on('error', failed)
    tests.on('close', (code) => {
      stop.removeEventListener('abort', end)
      done(stop.aborted ? 'stopped' : code === 0 ? 'passed' : 'failed')
    })
    if (stop.aborted) end()
  })
}
