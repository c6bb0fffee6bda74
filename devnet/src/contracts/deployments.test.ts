import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getAddress, pad, parseAbi, toHex } from 'viem'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { networkPaths } from '../network/paths.ts'
import { nameProblem } from './contractName.ts'
import { findContract, readDeployments, recordDeployment } from './deployments.ts'
import { abiOf, knownContracts } from './knownContracts.ts'

const abi = parseAbi(['function f()'])
const at = (number: number) => getAddress(pad(toHex(number), { size: 20 }))
let folder: string
let paths: ReturnType<typeof networkPaths>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-book-'))
  paths = networkPaths(folder)
})
afterEach(() => rmSync(folder, { recursive: true }))
const names = () => readDeployments(paths).map(({ name, address }) => `${name} ${Number(address)}`)

describe('the address book', () => {
  it('never gives a name away: the later one gets another, or the earlier one when it is to be replaced', async () => {
    expect(await recordDeployment(paths, { name: 'Token', address: at(1), abi }, false)).toEqual({
      name: 'Token',
      earlier: null,
    })
    expect(await recordDeployment(paths, { name: 'Token', address: at(2), abi }, false)).toEqual({
      name: 'Token-1',
      earlier: null,
    })
    expect(await recordDeployment(paths, { name: 'Token', address: at(3), abi }, true)).toEqual({
      name: 'Token',
      earlier: 'Token-2',
    })
    expect(names()).toEqual(['Token-2 1', 'Token-1 2', 'Token 3'])
  })

  it('tells names apart by case, and says what was meant', async () => {
    await recordDeployment(paths, { name: 'Counter', address: at(1), abi }, false)
    await recordDeployment(paths, { name: 'counter', address: at(2), abi }, false)
    expect(findContract(paths, 'Counter').address).toBe(at(1))
    expect(findContract(paths, 'counter').address).toBe(at(2))
    expect(() => findContract(paths, 'COUNTER')).toThrow(expect.objectContaining({ hint: 'did you mean Counter?' }))
  })

  it('has the ABI itself, so that neither a new build nor a move of the file changes what is at the address', async () => {
    await recordDeployment(paths, { name: 'Token', address: at(1), abi, artifact: join(folder, 'gone.json') }, false)
    expect(abiOf(findContract(paths, 'Token').deployment!)).toEqual(abi)
  })

  it('of an earlier version is read: without the ABI, in lower case, with a name twice', () => {
    const artifact = join(folder, 'Old.json')
    writeFileSync(artifact, JSON.stringify({ contractName: 'Old', abi, bytecode: '0x' }))
    const old = [1, 2].map((number) => ({ name: 'Old', address: at(0xab00 + number).toLowerCase(), artifact }))
    writeFileSync(paths.deployments, JSON.stringify(old))
    expect(findContract(paths, 'Old').address).toBe(at(0xab02))
    expect(abiOf(findContract(paths, 'Old').deployment!)).toEqual(abi)
    const known = knownContracts({ paths, accounts: [] })
    expect([known.nameOf(at(0xab02)), known.nameOf(at(0xab01))]).toEqual(['Old', null])
    rmSync(artifact)
    expect(() => abiOf(findContract(paths, 'Old').deployment!)).toThrow(/there is no file/)
    expect(knownContracts({ paths, accounts: [] }).nameOf(at(0xab02))).toBe('Old')
  })

  it.each(['{}', '[{"name":"A","address":"0x12","abi":[]}]', `[{"name":"A","address":"${at(1)}"}]`])(
    'that is %s is refused with a sentence',
    (text) => {
      writeFileSync(paths.deployments, text)
      expect(() => readDeployments(paths)).toThrow(/is not an address book: a list of/)
    },
  )
})

it('an ABI that is none is told with the file, the entry and what to do', () => {
  const good = { name: 'Good', address: at(1), abi }
  for (const [nonsense, words] of [
    [[{ type: 'function', name: 'f', inputs: 5, outputs: [] }], /item 0 \(function f\): "inputs" is not a list/],
    [[null], /item 0 has no "type"/],
    [[...abi, { type: 'event', inputs: [] }], /item 1 \(event\) has no "name"/],
  ] as const) {
    writeFileSync(paths.deployments, JSON.stringify([good, { name: 'Bad', address: at(2), abi: nonsense }]))
    const thrown = expect.objectContaining({
      message: expect.stringMatching(words),
      hint: expect.stringMatching(/^mend/),
    })
    expect(() => findContract(paths, 'Good')).toThrow(thrown)
    expect(() => readDeployments(paths)).toThrow(
      `${paths.deployments}: the ABI of entry 1 (Bad ${at(2)}) is none: item`,
    )
  }
})

describe('several processes', () => {
  const source = fileURLToPath(new URL('./deployments.ts', import.meta.url))
  const writer = (from: number) => `
    import { recordDeployment } from ${JSON.stringify(source)}
    const paths = { root: ${JSON.stringify(folder)}, deployments: ${JSON.stringify(paths.deployments)} }
    for (let i = 0; i < 10; i++) {
      const address = '0x' + String(${from} + i).padStart(40, '0')
      await recordDeployment(paths, { name: 'Same', address, abi: [] }, false)
    }`

  it('that write at once lose nothing, and a lock that a killed one left is taken away', async () => {
    writeFileSync(`${paths.deployments}.lock`, '99999999')
    const codes = await Promise.all(
      [100, 200, 300].map(
        (from) =>
          new Promise((resolve) => {
            const child = spawn(process.execPath, ['--input-type=module', '-e', writer(from)], { stdio: 'inherit' })
            child.on('close', resolve)
          }),
      ),
    )
    expect(codes).toEqual([0, 0, 0])
    const book = readDeployments(paths)
    expect(new Set(book.map(({ name }) => name)).size).toBe(30)
    expect(new Set(book.map(({ address }) => address)).size).toBe(30)
    expect(readdirSync(folder)).toEqual(['deployments.json'])
    expect(readFileSync(paths.deployments, 'utf8')).toMatch(/^\[/)
  })
})

it('names are told from accounts, addresses, options and nothing', () => {
  for (const name of ['', ' ', 'a b', '\u00a0', '@1', '0xabc', '0X1', '-x', 'a\u001b', 'a\u200b', 'x'.repeat(65)]) {
    expect([name, nameProblem(name)]).toEqual([name, expect.stringContaining('1 to 64 visible characters')])
  }
  for (const name of ['Token', 'counter-c', 'Zähler', '代币', '1', 'x0x'])
    expect([name, nameProblem(name)]).toEqual([name, null])
})
