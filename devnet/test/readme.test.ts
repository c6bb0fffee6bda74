/** The program in README.md is right as it stands: it compiles with the strictest settings against the installed viem. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const compiler = join(root, 'node_modules/typescript/bin/tsc')
/** A bound on hanging only. */
const timeout = 120_000

it(
  'compiles',
  () => {
    const programs = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
    expect(programs).toHaveLength(1)
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-readme-'))
    try {
      for (const name of ['contracts', 'node_modules']) symlinkSync(join(root, name), join(folder, name))
      writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
      writeFileSync(join(folder, 'program.ts'), programs[0]![1]!)
      const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2024']
      const { status, stdout } = spawnSync(process.execPath, [compiler, ...options, 'program.ts'], {
        cwd: folder,
        encoding: 'utf8',
        timeout,
      })
      expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
  timeout,
)
