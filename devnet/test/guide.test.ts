/** docs/guide.md: its commands do what stands under them, and its snippets are those of the templates. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TERMINAL_COLUMNS, textOfSvg } from '../../scripts/pictures/terminalSvg.ts'
import { type InProcessRpc, startInProcessRpc } from '../src/testing/inProcessRpc.ts'
import { expectLines, expectShown, shownCommands } from './support/shownCommands.ts'

const root = join(import.meta.dirname, '../..')
const guide = readFileSync(join(root, 'docs/guide.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'touchstone-guide-'))
const home = process.cwd()
/** A bound on hanging only. */
const HANGS_AFTER_MS = 240_000

let rpc: InProcessRpc
beforeAll(async () => {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  process.chdir(folder)
  rpc = await startInProcessRpc()
  process.env['DEVNET_RPC'] = rpc.url
})
afterAll(async () => {
  delete process.env['DEVNET_RPC']
  process.chdir(home)
  await rpc.close()
  rmSync(folder, { recursive: true })
})

it(
  'shows what its commands say',
  async () => {
    const commands = shownCommands(guide)
    expect(commands.length).toBeGreaterThan(9)
    for (const command of commands) {
      await expectShown(command)
      if (command.words[0] === 'init') process.chdir(command.words[1]!)
    }
  },
  HANGS_AFTER_MS,
)

it('has its snippets from the templates', () => {
  const test = readFileSync(join(root, 'contracts/templates/token/test/Token.test.ts'), 'utf8')
  const snippets = [...guide.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text]) => text!)
  expect(snippets).toHaveLength(1)
  for (const snippet of snippets) expect(test).toContain(snippet)
})

it('has a picture of a command that says what stands above it', () => {
  const commands = new Map(shownCommands(guide).map((command) => [`$ npx devnet ${command.words.join(' ')}`, command]))
  const pictures = [...guide.matchAll(/!\[[^\]]+\]\((pictures\/(\w+)\.svg)\)/g)].map(([, path, name]) => ({
    ...{ path: path!, name: name! },
    svg: readFileSync(join(root, 'docs', path!), 'utf8'),
  }))
  expect(pictures.map(({ name }) => name)).toEqual(['trace', 'flame'])
  const [command, ...said] = textOfSvg(pictures[0]!.svg)
  const shown = commands.get(command!)!
  // Run `npm run pictures` where the command says something else.
  expectLines(unwrapped(said), shown.lines)
  expect(pictures[1]!.svg).toContain('Token: Token#move')
})

/** A line that goes on in the next one, as in a terminal, begins at its edge. */
function unwrapped(lines: readonly string[]): string[] {
  const whole: string[] = []
  for (const [at, line] of lines.entries()) {
    if (at > 0 && lines[at - 1]!.length === TERMINAL_COLUMNS) whole.push(`${whole.pop()}${line}`)
    else whole.push(line)
  }
  return whole
}
