/** `devnet build` as it is typed: an author's mistake is never a bug of the tool. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it, vi } from 'vitest'
import { runCli } from '../program.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-build-'))
afterEach(() => void vi.restoreAllMocks())
afterAll(() => rmSync(folder, { recursive: true }))

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' }
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.out += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.err += String(text)
    return true
  })
  const code = await runCli(['build', ...args])
  vi.restoreAllMocks()
  return { code, ...written }
}

function contract(name: string, source: string): string {
  mkdirSync(join(folder, name, 'assembly'), { recursive: true })
  writeFileSync(join(folder, name, 'assembly/index.ts'), source)
  return join(folder, name)
}

it('tells each mistake with its place, its line, a mark and what to write, and fails', async () => {
  const directory = contract('slips', '@contract\nexport class A {\n  @veiw n: u64\n  m: number\n}\n')
  const { code, out, err } = await run(directory, '--color', 'never')
  expect([code, out]).toEqual([1, ''])
  expect(err.split('\n')).toEqual([
    `building ${directory}`,
    `${directory}/assembly/index.ts:3:3: error: @veiw means nothing on a field of a @contract; there are @view, @transient, @immutable`,
    '    3 |   @veiw n: u64',
    '      |   ^^^^^',
    '  hint: did you mean @view?',
    '',
    `${directory}/assembly/index.ts:4:6: error: number is a floating-point type, and contracts have none`,
    '    4 |   m: number',
    '      |      ^^^^^^',
    '  hint: write U256, or u64 for small counts',
    '',
    `error: ${directory} does not build: 2 mistakes`,
    '',
  ])
  const coloured = await run(directory, '--color', 'always')
  expect(coloured.err).toContain(`\u001b[1m${directory}/assembly/index.ts:4:6:\u001b[22m \u001b[31merror:\u001b[39m`)
})

it('says what is wrong with a folder, and never that the tool is', async () => {
  const empty = join(folder, 'empty')
  mkdirSync(empty)
  const cases: readonly (readonly [string, RegExp, RegExp])[] = [
    [
      join(folder, 'none'),
      /^error: there is no folder .*none$/m,
      /^hint: {2}name the folder with assembly\/index.ts$/m,
    ],
    [empty, /^error: .*empty has no assembly\/index.ts$/m, /^hint: {2}write the contract in /m],
    [
      contract('none-marked', 'export class A {}'),
      /index.ts:1:1: error: no class is marked @contract/,
      /write @contract/,
    ],
    [
      contract('syntax', '@contract export class A {'),
      /error: the file ends before everything is closed/,
      /look where the indentation/,
    ],
  ]
  for (const [path, message, hint] of cases) {
    const { code, err } = await run(path, '--color', 'never')
    expect([code, err]).toEqual([1, expect.stringMatching(message)])
    expect(err).toMatch(hint)
    expect(err).not.toContain('internal')
  }
})
