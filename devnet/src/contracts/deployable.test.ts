/** A deployed contract is the one its source describes, and one the chain takes; no network is asked. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildContract } from '@touchstone/contracts'
import { watToWasm } from '@touchstone/node/testing/modules'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CliError } from '../output/errors.ts'
import { createTerminal, type Terminal } from '../output/terminal.ts'
import { prepareDeployable } from './deployable.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-deployable-'))
const counter = join(folder, 'counter')
const source = join(counter, 'assembly/index.ts')
const artifact = join(counter, 'build/Counter.json')
const said: string[] = []
const terminal: Terminal = {
  ...createTerminal({ json: false, quiet: false, verbose: false, color: 'never' }),
  note: (line) => void said.push(line),
  warn: (line) => void said.push(line),
  alert: (line) => void said.push(line),
}

beforeAll(async () => {
  mkdirSync(join(counter, 'assembly'), { recursive: true })
  writeFileSync(source, contract(1))
  await buildContract(counter)
}, 180_000)
afterAll(() => rmSync(folder, { recursive: true }))

function contract(value: number): string {
  return `@contract\nexport class Counter {\n  @view count(): u64 { return ${value} }\n}\n`
}

async function refusal(path: string, abi?: string): Promise<CliError> {
  const error = await prepareDeployable(terminal, path, abi).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error, path).toBeInstanceOf(CliError)
  return error as CliError
}

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

it('a folder whose source has changed is built, and its artifact alone is refused', async () => {
  const { bytecode } = await prepareDeployable(terminal, counter, undefined)
  expect((await prepareDeployable(terminal, artifact, undefined)).bytecode).toBe(bytecode)
  expect(said.splice(0)).toEqual([])

  writeFileSync(source, contract(2))
  const { message, hint } = await refusal(artifact)
  expect(message).toContain('Counter.json is older than its source: assembly/index.ts changed since it was built')
  expect(hint).toContain(`npx devnet deploy ${counter}`)
  // An artifact that was taken away from its source is meant itself.
  cpSync(artifact, join(folder, 'Old.json'))
  expect((await prepareDeployable(terminal, join(folder, 'Old.json'), undefined)).bytecode).toBe(bytecode)

  const changed = await prepareDeployable(terminal, counter, undefined)
  expect(said.splice(0)).toEqual([`building ${counter}, whose source has changed`])

  // The same source and another tool, as a stamp of somebody else's tells it.
  const stamp = join(counter, 'build/.stamp')
  writeFileSync(stamp, readFileSync(stamp, 'utf8').replace(/"tool":"[0-9a-f]{8}/, '"tool":"00000000'))
  await prepareDeployable(terminal, counter, undefined)
  expect(said.splice(0)).toEqual([`building ${counter}, whose artifact or build tool has changed`])
  rmSync(join(counter, 'build'), { recursive: true })
  await prepareDeployable(terminal, counter, undefined)
  expect(said.splice(0)).toEqual([`building ${counter}, which is not built yet`])
  expect(changed.bytecode).not.toBe(bytecode)
  expect((await prepareDeployable(terminal, artifact, undefined)).bytecode).toBe(changed.bytecode)

  // Saved again with the same text: only the time is another.
  writeFileSync(source, contract(2))
  await prepareDeployable(terminal, artifact, undefined)

  writeFileSync(source, contract(2).replace('u64 {', 'u64 { let x = 10n;'))
  const broken = await refusal(counter)
  expect(broken.message).toBe(`${counter} does not build: a mistake`)
  expect(broken.details).toMatchObject({
    problems: [{ file: 'assembly/index.ts', line: 3, column: 32, length: 3, hint: 'write u256(10)' }],
  })
  expect(said.splice(0).slice(1, 4)).toEqual([
    `${source}:3:32: error: there are no bigint literals: 10n`,
    '    3 |   @view count(): u64 { let x = 10n; return 2 }',
    '      |                                ^^^',
  ])
  writeFileSync(source, contract(2))
}, 180_000)

it('what the chain would not store is refused before it is paid for', async () => {
  const json = JSON.parse(readFileSync(artifact, 'utf8')) as { bytecode: string }
  const cases: readonly (readonly [string, RegExp])[] = [
    [file('Hardhat.json', JSON.stringify({ abi: [], bytecode: '0x6080604052348015' })), /EVM code, as solc, Hardhat/],
    [file('Foundry.json', JSON.stringify({ abi: [], bytecode: { object: '0x6080604052' } })), /EVM code/],
    [file('Cut.json', JSON.stringify({ ...json, bytecode: json.bytecode.slice(0, 300) })), /announces \d+ bytes/],
    [file('Flat.json', JSON.stringify({ ...json, bytecode: '0xzz' })), /is not a hex string/],
    [file('None.json', JSON.stringify({ ...json, bytecode: '0x' })), /no code was given/],
  ]
  for (const [path, message] of cases) expect((await refusal(path)).message).toMatch(message)
  const text = '(module (import "wbg" "__wbindgen_throw" (func (param i32))) (memory (export "memory") 1))'
  expect((await refusal(file('pack.wasm', watToWasm(text)))).message).toMatch(/the chain would refuse .*browsers/)
})

it('says at once when nothing can be called by name', async () => {
  const wasm = file('counter.wasm', readFileSync(join(counter, 'build/Counter.wasm')))
  await prepareDeployable(terminal, wasm, undefined)
  expect(said.splice(0)).toEqual([`${wasm} is deployed without an ABI: none of its functions can be called by name`])
  const empty = file('empty.json', '[]')
  await prepareDeployable(terminal, wasm, empty)
  expect(said.splice(0)).toEqual([`the ABI of ${empty} has no functions: nothing can be called by name`])
})
