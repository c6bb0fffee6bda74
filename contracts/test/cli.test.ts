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
  'shows problems with their lines, what a terminal would obey as an escape, and all of it as JSON',
  () => {
    const contract = join(folder, 'a\u001b[2Jb\u202ec')
    mkdirSync(join(contract, 'assembly'), { recursive: true })
    writeFileSync(join(contract, 'assembly/index.ts'), '\tconst a = 10n // \u001b[2J\n')
    const cli = fileURLToPath(new URL('../src/builder/cli.ts', import.meta.url))
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [cli, contract, ...args], { encoding: 'utf8', cwd: folder })
    const { stderr, status } = run()
    expect(stderr).toBe(
      [
        'a\\u{1b}[2Jb\\u{202e}c/assembly/index.ts:1:12: error: there are no bigint literals: 10n',
        '    1 |   const a = 10n // \\u{1b}[2J',
        '      |             ^^^',
        '  hint: write u256(10)',
        '',
        '',
      ].join('\n'),
    )
    expect(status).toBe(1)
    const asJson = run('--json')
    expect([asJson.status, asJson.stderr]).toEqual([1, ''])
    const problem = { file: 'assembly/index.ts', line: 1, column: 12, length: 3, hint: 'write u256(10)' }
    expect(JSON.parse(asJson.stdout)).toEqual([
      { directory: contract, contracts: [], problems: [{ ...problem, message: 'there are no bigint literals: 10n' }] },
    ])
  },
  BUILD_TIMEOUT,
)
