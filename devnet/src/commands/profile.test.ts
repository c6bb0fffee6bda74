/** `devnet profile` on the chain of a node in this process, with the example token. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { groupDigits } from '../output/groupDigits.ts'
import { type InProcessRpc, startInProcessRpc } from '../testing/inProcessRpc.ts'
import { runInProcess } from '../testing/runInProcess.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-profile-'))
const token = join(folder, 'token')
const INK = 10_000
/** A bound on hanging only. */
const HANGS_AFTER_MS = 240_000

let rpc: InProcessRpc
let sent: string

async function done(...args: string[]): Promise<string> {
  const { code, out, err } = await runInProcess(...args, '--rpc', rpc.url, '--data', folder, '--color', 'never')
  if (code !== 0) throw new Error(`${args.join(' ')}: ${err}`)
  return out
}
const json = async (...args: string[]) => JSON.parse(await done(...args, '--json'))

beforeAll(async () => {
  rpc = await startInProcessRpc()
  cpSync(fileURLToPath(new URL('../../../contracts/examples/token', import.meta.url)), token, { recursive: true })
  await done('deploy', token, 'Gold', 'GLD', '1000')
  sent = (await json('send', 'Token', 'transfer', '@1', '25')).hash
}, HANGS_AFTER_MS)
afterAll(async () => {
  await rpc.close()
  rmSync(folder, { recursive: true })
})

const inkOf = (list: readonly { readonly ink: number }[]) => list.reduce((sum, { ink }) => sum + ink, 0)

describe('devnet profile', () => {
  it('has the gas of the receipt, to the unit, by what it is for and by source line', async () => {
    const { gasUsed } = await json('receipt', sent)
    const profile = await json('profile', sent)
    expect(profile).toMatchObject({ gasUsed, gasSpent: gasUsed, refund: '0', isCut: false, withoutLines: [] })
    expect(inkOf(profile.costs)).toBe(Number(gasUsed) * INK)
    expect(inkOf(profile.calls)).toBe(Number(gasUsed) * INK)
    const byName = Object.fromEntries(profile.costs.map((cost: { readonly name: string }) => [cost.name, cost]))
    expect(byName['transaction'].ink).toBe(21_000 * INK)
    expect(byName['storage_flush_cache']).toMatchObject({ kind: 'host', contract: 'Token' })
    expect(byName['user_entrypoint']).toMatchObject({ kind: 'function', calls: 1 })
    const executed = profile.costs.filter(({ kind }: { kind: string }) => kind === 'function' || kind === 'host')
    expect(byName['user_entrypoint'].totalInk).toBe(inkOf(executed))
    expect(inkOf(profile.lines)).toBe(inkOf(executed))
    const apart = await json('profile', sent, '--library-lines')
    expect([profile.isFolded, apart.isFolded]).toEqual([true, false])
    expect(inkOf(apart.lines)).toBe(inkOf(executed))
    const libraries = (lines: readonly { readonly file: string | null; readonly ink: number }[]) =>
      lines.filter(({ file }) => file?.startsWith('~lib/') === true)
    expect(libraries(apart.lines).length).toBeGreaterThan(5)
    expect(libraries(profile.lines)).toEqual([])
    // What an author's line calls is more than the half of what it costs.
    const costOf = ({ lines }: typeof profile, wanted: string) =>
      inkOf(lines.filter(({ text }: { text: string | null }) => text?.includes(wanted) === true))
    expect(costOf(profile, 'this.balanceOf[to] += value')).toBeGreaterThan(
      2 * costOf(apart, 'this.balanceOf[to] += value'),
    )
    const source = readFileSync(join(token, 'assembly/index.ts'), 'utf8').split('\n')
    const own = profile.lines.filter(({ file }: { file: string }) => file === 'assembly/index.ts')
    for (const { line, text } of own) expect(text).toBe(source[line - 1]!.trim())
    expect(own.some(({ text }: { text: string }) => text.includes('this.balanceOf[to] += value'))).toBe(true)
  })

  it('shows tables', async () => {
    const { gasUsed } = await json('receipt', sent)
    const text = await done('profile', sent, '--top', '3')
    expect(text).toMatch(new RegExp(`^gas used ${groupDigits(BigInt(gasUsed))}\n\nfixed costs\n`))
    expect(text).toMatch(/^21,000 +\d+\.\d % +×1 +transaction$/m)
    expect(text).toMatch(/^source lines, with what they call in libraries\n/m)
    expect(text).toMatch(/^and \d+ more; --top and --json show them$/m)
  })

  it('of a call writes a flame graph and a file for speedscope, whose total is the gas', async () => {
    const [svg, speedscope] = [join(folder, 'flame.svg'), join(folder, 'speedscope.json')]
    const files = ['--flame', svg, '--speedscope', speedscope]
    const { gasSpent } = await json('profile', 'Token', 'transfer', '@2', '5', ...files)
    const graph = readFileSync(svg, 'utf8')
    expect(graph).toContain(`>${groupDigits(BigInt(gasSpent))} gas</text>`)
    expect(graph).toContain('prefers-color-scheme: dark')
    expect(graph).not.toMatch(/<script|href=|url\(/)
    const file = JSON.parse(readFileSync(speedscope, 'utf8'))
    const [profile] = file.profiles
    expect(profile).toMatchObject({ type: 'evented', unit: 'none', startValue: 0, endValue: Number(gasSpent) })
    const open: number[] = []
    let last = 0
    for (const { type, frame, at } of profile.events) {
      expect(at).toBeGreaterThanOrEqual(last)
      last = at
      expect(file.shared.frames[frame].name).toEqual(expect.any(String))
      if (type === 'O') open.push(frame)
      else expect(open.pop()).toBe(frame)
    }
    expect([open, last]).toEqual([[], Number(gasSpent)])
  })

  it(
    'compares with a file of an earlier build, and with another transaction',
    async () => {
      const before = join(folder, 'before.json')
      writeFileSync(before, await done('profile', 'Token', 'transfer', '@2', '5', '--json'))
      expect(await json('profile', 'Token', 'transfer', '@2', '5', '--diff', before)).toMatchObject({
        costs: [],
        lines: [],
      })
      const path = join(token, 'assembly/index.ts')
      const old = readFileSync(path, 'utf8')
      writeFileSync(
        path,
        old.replaceAll(
          'this.balanceOf[to] += value',
          'this.balanceOf[to] += U256.ZERO;\n    this.balanceOf[to] += value',
        ),
      )
      await done('deploy', token, 'Gold', 'GLD', '1000', '--name', 'Dearer')
      const { gasUsed, costs, lines } = await json('profile', 'Dearer', 'transfer', '@2', '5', '--diff', before)
      expect(BigInt(gasUsed[1])).toBeGreaterThan(BigInt(gasUsed[0]))
      expect(costs.map(({ words }: { words: string }) => words)).toContain('storage_cache_bytes32')
      expect(lines.map(({ words }: { words: string }) => words)).toContain(
        'assembly/index.ts: this.balanceOf[to] += U256.ZERO;',
      )
      expect(await done('profile', 'Token', 'transfer', '@1', '25', '--diff', sent)).toMatch(
        /^gas used [\d,]+ before, /,
      )
    },
    HANGS_AFTER_MS,
  )

  it('says why it has no lines of a contract that was built again', async () => {
    const text = await done('profile', sent)
    expect(text).toContain('no source lines of Token: ')
    expect(text).toContain('is not the module on the chain: it was built again since')
    expect(text).toContain('Token: Token#move')
  })

  it.each(['{ "ink": 1 }', '{ "kind": "host", "name": 7, "ink": 1 }', 'null'])(
    'compares with no file whose costs are [%s]',
    async (cost) => {
      const file = join(folder, 'other.json')
      writeFileSync(file, `{ "gasUsed": "1", "costs": [${cost}], "lines": [] }`)
      const ran = await runInProcess('profile', sent, '--diff', file, '--rpc', rpc.url, '--data', folder)
      expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('is no profile')])
    },
  )

  it.each([
    [['--diff', 'nowhere.json'], 2, 'is no hash of a transaction, and there is no such file'],
    [['--block', '1'], 2, '--block is for a call'],
    [['--flame', join(folder, 'no', 'folder.svg')], 1, 'its folder does not exist'],
  ])('with %j is refused', async (options, code, words) => {
    const ran = await runInProcess('profile', sent, ...options, '--rpc', rpc.url, '--data', folder)
    expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(words)])
  })
})
