/** `devnet coverage` of tests of the example token, on a chain in this process. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildContract } from '@touchstone/contracts'
import { createTestChain } from '@touchstone/contracts/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runInProcess } from '../testing/runInProcess.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-coverage-'))
const token = join(folder, 'token')
const raw = join(folder, 'coverage')
const source = () => readFileSync(join(token, 'assembly/index.ts'), 'utf8').split('\n')
/** A bound on hanging only. */
const HANGS_AFTER_MS = 240_000
const ZERO = `0x${'00'.repeat(20)}` as const

const coverage = (...options: string[]) =>
  runInProcess('coverage', token, '--from', raw, '--color', 'never', '--data', folder, ...options)

beforeAll(async () => {
  cpSync(fileURLToPath(new URL('../../../contracts/examples/token', import.meta.url)), token, { recursive: true })
  const [artifact] = await buildContract(token)
  process.env['TOUCHSTONE_COVERAGE'] = raw
  const chain = await createTestChain({})
  const [alice, bob] = chain.accounts
  const contract = await chain.deploy({ ...artifact!, abi: artifact!.abi as readonly unknown[] }, [
    'Gold',
    'GLD',
    1_000n,
  ])
  const { send, read } = contract as unknown as Record<
    'send' | 'read',
    Record<string, (args?: unknown[]) => Promise<unknown>>
  >
  await send['transfer']!([bob, 1n])
  await send['transfer']!([bob, 2n])
  await expect(send['transfer']!([ZERO, 1n])).rejects.toThrow('ERC20InvalidReceiver')
  expect(await read['balanceOf']!([alice])).toBe(997n)
  await chain.close()
}, HANGS_AFTER_MS)
afterAll(() => {
  delete process.env['TOUCHSTONE_COVERAGE']
  rmSync(folder, { recursive: true })
})

describe('devnet coverage', () => {
  it('has of each line how often it ran, and of each choice which ways were taken', async () => {
    const { code, out, err } = await coverage('--keep', '--json')
    expect([code, err]).toEqual([0, expect.stringContaining('lcov.info is written')])
    const [{ files, unused }] = JSON.parse(out)
    expect([files.length, unused]).toEqual([1, []])
    const [{ lineCounts, branchCounts, lines, linesHit, branches, branchesHit }] = files
    const lineOf = (text: string, after = 0) => source().findIndex((line, at) => at >= after && line.includes(text)) + 1
    const move = lineOf('private move(')
    expect(lineCounts[lineOf('this.balanceOf[to] = ', move)]).toBe(2)
    // Three transfers came here, of which the last was refused.
    const check = lineOf('if (to.isZero)', move)
    expect(lineCounts[check]).toBe(3)
    expect(lineCounts[lineOf('this.allowance[', 0)] ?? 0).toBe(0)
    const ways = branchCounts.filter(({ line }: { readonly line: number }) => line === check)
    expect(ways.map(({ taken }: { readonly taken: readonly number[] }) => [...taken].sort())).toContainEqual([1, 2])
    expect(linesHit).toBeGreaterThan(5)
    expect(linesHit).toBeLessThan(lines)
    expect(branchesHit).toBeLessThan(branches)
    const text = readFileSync(join(raw, 'lcov.info'), 'utf8')
    expect(text).toMatch(/^TN:\nSF:.*token\/assembly\/index\.ts\n/)
    expect(text).toContain(`\nDA:${check},3\n`)
    expect(text).toContain(`\nLF:${lines}\nLH:${linesHit}\nend_of_record\n`)
    expect(text).toContain(`\nBRF:${branches}\nBRH:${branchesHit}\n`)
    expect(text.match(/^BRDA:/gm)).toHaveLength(branches)
  })

  it('shows functions of a module without a source map, and counts the next run anew', async () => {
    const map = join(token, 'build/Token.wasm.map')
    const text = readFileSync(map)
    rmSync(map)
    const functions = await coverage('--keep')
    expect(functions.out).toMatch(/^Token: Token#move +\d+\.\d % \(\d+\/\d+\)$/m)
    writeFileSync(map, text)
    const home = process.cwd()
    process.chdir(token)
    const here = await runInProcess('coverage', '--from', raw, '--keep', '--color', 'never')
    process.chdir(home)
    expect(here.out).toMatch(/^assembly\/index\.ts +\d+\.\d % /m)
    const { out } = await coverage()
    expect(out).toMatch(/^.*token\/assembly\/index\.ts +\d+\.\d % \(\d+\/\d+\) +\d+\.\d % \(\d+\/\d+\) +\d+/m)
    expect(await coverage()).toMatchObject({ code: 1, err: expect.stringContaining('there is no coverage in') })
    expect(existsSync(join(raw, 'lcov.info'))).toBe(true)
  })

  it('says what is damaged', async () => {
    writeFileSync(join(raw, 'x.raw.json'), '{')
    expect(await coverage()).toMatchObject({ code: 1, err: expect.stringContaining('x.raw.json is no coverage') })
  })
})
