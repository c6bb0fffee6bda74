/** `devnet dev` on the chain of a node in this process, ended by a signal as a person ends it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { watToWasm } from '@touchstone/node/testing/modules'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readDeployments } from '../contracts/deployments.ts'
import { networkPaths } from '../network/paths.ts'
import { createTerminal } from '../output/terminal.ts'
import { type InProcessRpc, startInProcessRpc } from '../testing/inProcessRpc.ts'
import { type DevOptions, devCommand } from './dev.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'touchstone-dev-'))
const project = join(folder, 'project')
/** A bound on hanging only. */
const HANGS_AFTER_MS = 240_000

const source = (step: string) => `import { U256, u256 } from '@touchstone/contracts/as'
@contract
export class Box {
  @view value: U256
  constructor(value: U256) { this.value = value }
  @external bump(): void { this.value += ${step} }
}
`
const test = (sum: number) => `import { expect, it } from 'vitest'\nit('adds', () => expect(1 + 1).toBe(${sum}))\n`
const write = (path: string, text: string) => writeFileSync(join(project, path), text)

let rpc: InProcessRpc
beforeAll(async () => {
  for (const name of ['assembly', 'test']) mkdirSync(join(project, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'), 'junction')
  write('package.json', '{ "type": "module" }')
  write('assembly/index.ts', source('u256(1)'))
  write('test/box.test.ts', test(2))
  rpc = await startInProcessRpc()
}, HANGS_AFTER_MS)
afterAll(async () => {
  await rpc.close()
  rmSync(folder, { recursive: true })
})

interface Round {
  readonly changed: readonly string[]
  readonly contracts: readonly object[]
  readonly deployed: readonly { readonly name: string; readonly status: string }[]
  readonly tests: string | null
  readonly error: { readonly kind: string; readonly details: { readonly problems: readonly object[] } } | null
}

/** Runs the command, `steps` beside it, and then does what Ctrl-C does. */
async function dev(
  words: readonly string[],
  options: Partial<DevOptions>,
  steps: (rounds: readonly Round[]) => Promise<void>,
  directory = project,
): Promise<readonly Round[]> {
  const rounds: Round[] = []
  const terminal = {
    ...createTerminal({ json: true, quiet: true, verbose: false, color: 'never' }),
    printJsonNow: (value: unknown) => void rounds.push(value as Round),
  }
  const context = { terminal, dataDir: folder, dataIsGiven: true, rpc: rpc.url, node: 1 }
  const all: DevOptions = { from: '0', deploy: true, test: true, port: 1, ...options }
  const ended = devCommand(context, directory, words, all)
  await Promise.race([ended, steps(rounds)])
  process.emit('SIGINT')
  await ended
  return rounds
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20))
}

const names = () => readDeployments(networkPaths(folder)).map(({ name }) => name)

it(
  'deploys at the start and after each change, and tells a mistake',
  async () => {
    const rounds = await dev(['41'], { test: false }, async (told) => {
      await until(() => told.length === 1)
      write('assembly/index.ts', source('1'))
      await until(() => told.some(({ error }) => error !== null))
      write('assembly/index.ts', source('u256(2)'))
      await until(() => told.filter(({ deployed }) => deployed.length > 0).length === 2)
    })
    expect(rounds[0]).toMatchObject({ changed: [], deployed: [{ name: 'Box', status: 'success' }], error: null })
    expect(rounds.find(({ error }) => error !== null)).toMatchObject({
      changed: ['assembly/index.ts'],
      deployed: [],
      error: { kind: 'failed', details: { problems: [{ line: 6 }] } },
    })
    expect(rounds.at(-1)).toMatchObject({ contracts: [{ contractName: 'Box' }], tests: null, error: null })
    // The name is the newest's.
    expect(names()).toEqual(['Box-1', 'Box'])
  },
  HANGS_AFTER_MS,
)

it(
  'leaves a code alone that is there, and runs the tests again when they change',
  async () => {
    const rounds = await dev(['41'], {}, async (told) => {
      await until(() => told.length === 1)
      write('test/box.test.ts', test(3))
      await until(() => told.at(-1)?.tests === 'failed')
    })
    expect(rounds[0]).toMatchObject({ deployed: [], tests: 'passed', error: null })
    expect(rounds.at(-1)).toMatchObject({ changed: ['test/box.test.ts'], deployed: [], tests: 'failed' })
    expect(names()).toEqual(['Box-1', 'Box'])
  },
  HANGS_AFTER_MS,
)

it(
  'builds a project of another language by its own script, and deploys its module with its interface',
  async () => {
    const folderOfC = join(folder, 'my-c')
    const modules = [1, 2].map((value) => {
      const store = `(i32.store8 (i32.const 31) (i32.const ${value})) (call $write (i32.const 0) (i32.const 32))`
      const text = `(module (import "vm_hooks" "write_result" (func $write (param i32 i32))) (memory (export "memory") 1 1)
        (func (export "user_entrypoint") (param i32) (result i32) ${store} (i32.const 0)))`
      return Buffer.from(watToWasm(text)).toString('base64')
    })
    const file = (path: string, text: string) => writeFileSync(join(folderOfC, path), text)
    mkdirSync(join(folderOfC, 'build'), { recursive: true })
    file('ICounter.sol', 'interface ICounter { function number() external view returns (uint256); }')
    file('counter.c', '0')
    // As a compiler does: of a source that is none it says so and fails.
    file(
      'build.mjs',
      `import { readFileSync, writeFileSync } from 'node:fs'
       const found = ${JSON.stringify(modules)}[Number(readFileSync('counter.c', 'utf8'))]
       if (found === undefined) process.exit(1)
       writeFileSync('build/counter.debug.wasm', 'for debuggers')
       writeFileSync('build/counter.wasm', Buffer.from(found, 'base64'))`,
    )
    const rounds = await dev(
      [],
      { test: false },
      async (told) => {
        await until(() => told.length === 1)
        file('counter.c', 'none')
        await until(() => told.some(({ error }) => error !== null))
        file('counter.c', '1')
        await until(() => told.filter(({ deployed }) => deployed.length > 0).length === 2)
      },
      folderOfC,
    )
    expect(rounds[0]).toMatchObject({ changed: [], deployed: [{ name: 'counter', status: 'success' }], error: null })
    expect(rounds.find(({ error }) => error !== null)).toMatchObject({ changed: ['counter.c'], deployed: [] })
    expect(rounds.at(-1)).toMatchObject({
      changed: ['counter.c'],
      contracts: [{ contractName: 'counter' }],
      error: null,
    })
    expect(names().slice(-2)).toEqual(['counter-1', 'counter'])
  },
  HANGS_AFTER_MS,
)

it('says why it deploys nothing', async () => {
  const problem = async (words: readonly string[], options: Partial<DevOptions>) => {
    const [round] = await dev(words, { test: false, ...options }, (told) => until(() => told.length === 1))
    return [round?.deployed, round?.error]
  }
  expect(await problem([], {})).toEqual([[], null])
  expect(await problem(['1'], { contract: 'Bx' })).toEqual([
    [],
    expect.objectContaining({ kind: 'usage', hint: 'it has Box' }),
  ])
})
