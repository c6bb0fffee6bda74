/** `devnet coverage` of tests of the example token, on a chain in this process. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildContract, codeOf, initCodeOf } from '@touchstone/contracts'
import { createTestChain } from '@touchstone/contracts/testing'
import { parseAbi, toHex } from 'viem'
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
    expect(lineCounts[lineOf('this.balanceOf[to] += value', move)]).toBe(2)
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

  it.each(['variables.c.O0.dwarf4', 'variables.c.O2.dwarf5', 'variables.rs.O2.dwarf5'])(
    'has lines and branches of C and Rust, by debug information: %s',
    async (vector) => {
      const own = (path: string) => fileURLToPath(new URL(`../../../contracts/${path}`, import.meta.url))
      const { stripped } = (await import(own('templates/strip.mjs'))) as { stripped(module: Uint8Array): Uint8Array }
      const project = join(folder, vector)
      const file = vector.split('.').slice(0, 2).join('.')
      const text = readFileSync(own(`src/dwarf/testing/${file}`), 'utf8')
      mkdirSync(join(project, 'build'), { recursive: true })
      writeFileSync(join(project, file), text)
      const debug = readFileSync(own(`src/dwarf/testing/${vector}.wasm`))
      writeFileSync(join(project, 'build/contract.debug.wasm'), debug)
      const module = stripped(debug)
      writeFileSync(join(project, 'build/contract.wasm'), module)
      const chain = await createTestChain({})
      const abi = parseAbi(['function x() view', 'function tooLong(uint256[2]) view'])
      const bytecode = toHex(initCodeOf(codeOf(module), 'store'))
      const { read } = await chain.deploy({ contractName: 'contract', abi, bytecode })
      // It traps: what ran until then counts. The other is refused at its first lines.
      await expect(read.x()).rejects.toThrow()
      await expect(read.tooLong([[1n, 2n]])).rejects.toThrow()
      await chain.close()
      const run = await runInProcess('coverage', project, '--from', raw, '--color', 'never', '--data', folder, '--json')
      const [{ files }] = JSON.parse(run.out)
      expect(files.map((one: { readonly file: string }) => one.file)).toEqual([expect.stringMatching(`/${file}$`)])
      const [{ lineCounts, branchCounts, linesHit, lines }] = files
      const lineOf = (part: string) => text.split('\n').findIndex((line) => line.includes(part)) + 1
      const isC = file.endsWith('.c')
      const check = lineOf(isC ? 'if (length == 0 ||' : 'if length == 0 ||')
      expect(lineCounts[check]).toBe(2)
      const ways = branchCounts.filter(({ line }: { readonly line: number }) => line === check)
      expect(ways.some(({ taken }: { readonly taken: readonly number[] }) => taken?.includes(1))).toBe(true)
      expect(lineCounts[lineOf(isC ? 'result = moved(' : 'wallet.spend(')]).toBe(1)
      // Behind the trap.
      expect(lineCounts[lineOf(isC ? 'return sum / ' : 'let result = sum')] ?? 0).toBe(0)
      expect(linesHit).toBeGreaterThan(8)
      expect(linesHit).toBeLessThan(lines)
    },
  )

  it('says what is damaged', async () => {
    writeFileSync(join(raw, 'x.raw.json'), '{')
    expect(await coverage()).toMatchObject({ code: 1, err: expect.stringContaining('x.raw.json is no coverage') })
  })
})
