/** `npm run build` as it is typed: what a stranger's contract makes it say is text and nothing else. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { BUILD_TIMEOUT } from './fixtures.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-build-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it(
  'shows what a terminal would obey as an escape, and keeps its own lines',
  () => {
    const contract = join(folder, 'a\u001b[2Jb\u202ec')
    mkdirSync(join(contract, 'assembly'), { recursive: true })
    writeFileSync(join(contract, 'assembly/index.ts'), 'export class {')
    const cli = fileURLToPath(new URL('../src/builder/cli.ts', import.meta.url))
    const { stderr, status } = spawnSync(process.execPath, [cli, contract], { encoding: 'utf8' })
    expect(stderr).toMatch(/a\\u\{1b\}\[2Jb\\u\{202e\}c:\nassembly\/index\.ts:1:8: /)
    expect(status).toBe(1)
  },
  BUILD_TIMEOUT,
)
