/**
 * docs/guide.md and the pages under docs/guide/ that need no network of several nodes (steering.test.ts has those): their
 * commands do what stands under them, in one folder, with their files where they belong.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TERMINAL_COLUMNS, textOfSvg } from '../../scripts/pictures/terminalSvg.ts'
import { type InProcessRpc, startInProcessRpc } from '../src/testing/inProcessRpc.ts'
import { expectLines, expectStep, shownCommands, stepsOf } from './support/shownCommands.ts'

const root = join(import.meta.dirname, '../..')
const docs = join(root, 'docs')
const page = (path: string) => readFileSync(join(docs, path), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'touchstone-guide-'))
const home = process.cwd()
/** A bound on hanging only. */
const HANGS_AFTER_MS = 240_000

/** In the order in which they are read, with the folder in which the reader is. */
const PAGES: readonly (readonly [path: string, folder: string])[] = [
  ['guide.md', ''],
  ['guide/trace.md', 'my-token'],
  ['guide/profile.md', 'my-token'],
  ['guide/debug.md', 'my-token'],
  ['guide/write.md', ''],
  ['guide/test.md', 'tip-jar'],
  ['guide/deploy.md', 'tip-jar'],
  ['guide/other-languages.md', ''],
]
const ON_NETWORK = ['guide/several-nodes.md', 'guide/break-things.md']

let rpc: InProcessRpc
beforeAll(async () => {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  rpc = await startInProcessRpc()
  process.env['DEVNET_RPC'] = rpc.url
})
afterAll(async () => {
  delete process.env['DEVNET_RPC']
  process.chdir(home)
  await rpc.close()
  rmSync(folder, { recursive: true })
})

for (const [path, start] of PAGES) {
  it(
    `docs/${path} shows what its commands say`,
    async () => {
      process.chdir(join(folder, start))
      const steps = stepsOf(page(path))
      expect(steps.length).toBeGreaterThan(1)
      for (const step of steps) {
        await expectStep(step)
        if (!('words' in step) || step.words[0] !== 'init') continue
        process.chdir(step.words[1]!)
        if (step.words.includes('c')) compiledC()
      }
    },
    HANGS_AFTER_MS,
  )
}

/** As clang made it: not everybody has that. */
function compiledC(): void {
  mkdirSync('build')
  copyFileSync(join(root, 'contracts/foreign/counter-c.wasm'), 'build/counter.wasm')
}

it('is led to, page by page, from its first one', () => {
  const all = readdirSync(join(docs, 'guide')).map((name) => `guide/${name}`)
  expect([...PAGES.map(([path]) => path), ...ON_NETWORK].filter((path) => path !== 'guide.md').sort()).toEqual(
    all.sort(),
  )
  expect(all.filter((path) => !page('guide.md').includes(`](${path})`))).toEqual([])
})

it('has pictures of what it shows', () => {
  const shown = [...PAGES.map(([path]) => path), ...ON_NETWORK].flatMap((path) =>
    [...page(path).matchAll(/!\[[^\]]+\]\(\.\.\/pictures\/(\w+)\.svg\)/g)].map(([, name]) => name!),
  )
  expect(shown.sort()).toEqual(['flame', 'profile', 'trace'])
  const svg = (name: string) => readFileSync(join(docs, 'pictures', `${name}.svg`), 'utf8')
  // Run `npm run pictures` where a command says something else.
  for (const name of ['trace', 'profile']) {
    const [command, ...said] = textOfSvg(svg(name))
    const [first] = shownCommands(page(`guide/${name}.md`))
    expect(command).toBe(`$ npx devnet ${first!.words.join(' ')}`)
    expectLines(unwrapped(said), first!.lines)
  }
  expect(svg('flame')).toContain('Token: Token#move')
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
