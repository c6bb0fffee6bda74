/** docs/guide.md: its commands do what stands under them, and its snippets are those of the templates. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type InProcessRpc, startInProcessRpc } from '../src/testing/inProcessRpc.ts'
import { runInProcess } from '../src/testing/runInProcess.ts'

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

interface Shown {
  readonly words: readonly string[]
  readonly lines: readonly string[]
}

/** Commands with the lines under them. */
function commands(): Shown[] {
  const blocks = guide.match(/(?:^ {4}.*\n)+/gm)!.map((block) => block.replace(/^ {4}/gm, ''))
  return blocks.flatMap((block) =>
    block
      .split(/^\$ npx devnet /m)
      .slice(1)
      .map((text) => {
        const [command, ...lines] = text.trimEnd().split('\n')
        const words = [...command!.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare!)
        return { words, lines }
      }),
  )
}

/** `…` is anything; everything else is what it is. */
function pattern(line: string): RegExp {
  const parts = line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`)
}

it(
  'shows what its commands say',
  async () => {
    const found = commands()
    expect(found.length).toBeGreaterThan(9)
    for (const { words, lines } of found) {
      const { code, out, err } = await runInProcess(...words, '--color', 'never')
      expect([words, code, err]).toEqual([words, 0, err])
      const end = lines.indexOf('...')
      const shown = out.trimEnd().split('\n')
      if (end < 0) expect([words, shown.length]).toEqual([words, lines.length])
      for (const [at, line] of lines.slice(0, end < 0 ? lines.length : end).entries()) {
        expect(shown[at]).toMatch(pattern(line))
      }
      if (words[0] === 'init') process.chdir(words[1]!)
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
