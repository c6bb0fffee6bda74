/**
 * `npm run test:stylus [-- --tool PATH]`: the stock program `cargo-stylus` (cargo install cargo-stylus --version 0.10.9
 * --locked) against a network of four nodes on both engines. It checks, deploys, activates, keeps alive, simulates and
 * traces modules of Rust, C and AssemblyScript and one that goes in fragments; what was deployed is driven by viem.
 * Without --tool it is looked for in PATH. Where it is not, this says so and ends with 0.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Address, encodeFunctionData, type Hex, keccak256, parseAbi } from 'viem'
import { watToWasm } from '../../../node/testing/modules.ts'
import { readOptions } from '../../../scripts/options.ts'
import { expectSameChain, startTestNetwork, type TestNetwork } from '../e2e/harness.ts'

const RUN_TIMEOUT_MS = 5 * 60_000
const FOREIGN = fileURLToPath(new URL('../../../contracts/foreign', import.meta.url))
const EXAMPLES = fileURLToPath(new URL('../../../contracts/examples', import.meta.url))
const COUNTER = parseAbi([
  'function number() view returns (uint256)',
  'function setNumber(uint256 new_number)',
  'function increment()',
])
/** Above what the tool puts into one account (24 576 bytes), and not to be compressed. */
const INCOMPRESSIBLE_BYTES = 40_000

interface Ran {
  readonly output: string
  readonly code: number | null
}

const { values } = readOptions(import.meta.url, { options: { tool: { type: 'string' } } })
const tool = values.tool ?? 'cargo-stylus'
if (spawnSync(tool, ['--help']).error !== undefined) {
  console.log(
    `skipped: there is no program ${tool}: cargo install cargo-stylus --version 0.10.9 --locked, or name it with --tool PATH`,
  )
  process.exit(0)
}

const folder = mkdtempSync(join(tmpdir(), 'touchstone-stylus-'))
let network: TestNetwork | null = null
try {
  writeWorkspace()
  network = await startTestNetwork()
  await drive(network)
} finally {
  await network?.dispose()
  rmSync(folder, { recursive: true, force: true })
}

/** The tool runs in a workspace only, also where it is given a module; one without packages is enough. */
function writeWorkspace(): void {
  writeFileSync(join(folder, 'Cargo.toml'), '[workspace]\nmembers = []\nresolver = "2"\n')
  writeFileSync(join(folder, 'Stylus.toml'), '[workspace]\n\n[workspace.networks]\n')
  mkdirSync(join(folder, 'modules'))
}

async function drive(nodes: TestNetwork): Promise<void> {
  const endpoint = ['--endpoint', nodes.ready.nodes[0]!.rpc]
  const key = ['--private-key', nodes.ready.accounts[0]!.privateKey]
  const client = nodes.client(1)

  for (const name of ['counter.wasm', 'counter-c.wasm']) {
    const file = join(FOREIGN, name)
    const address = await deploy(file, endpoint, key)
    const code = (await client.getCode({ address })) ?? '0x'
    await passes('codehash-keepalive', ['--codehash', keccak256(code), ...endpoint, ...key], /kept alive/)
    await fails('activate', ['--address', address, ...endpoint, ...key], /0xcc944bf2/, 'it is activated')
    await count(nodes, address, endpoint)
  }

  const token = join(EXAMPLES, 'token/build/Token.wasm')
  if (existsSync(token)) {
    await deploy(token, endpoint, key)
    await generateHeader(join(EXAMPLES, 'token/build/Token.json'))
  } else console.log(`skipped: ${token} is not built (npm run build)`)

  const large = join(folder, 'modules/large.wasm')
  writeFileSync(large, largeModule())
  // The tool estimates with a root that names nobody, which is refused where roots are checked (docs/protocol/arbitrum.md).
  const answers = await deploy(large, endpoint, key, false)
  const { data } = await client.call({ to: answers })
  expectThat(data === `0x${'61'.repeat(32)}`, `the contract in fragments answers ${data}`)

  await fails('cache', ['status', ...endpoint], /no cache managers found/, 'nothing is cached for a price')
  const height = await client.getBlockNumber({ cacheTime: 0 })
  await expectSameChain(nodes, height, [1, 2, 3, 4])
  console.log(`passed: four nodes agree on all ${height} blocks`)
}

/** From our ABI, in the frame of solc's standard output, which the tool reads. */
async function generateHeader(artifact: string): Promise<void> {
  const { abi } = JSON.parse(readFileSync(artifact, 'utf8')) as { abi: unknown }
  const input = join(folder, 'solc.json')
  const out = join(folder, 'generated')
  writeFileSync(input, JSON.stringify({ contracts: { 'Token.sol': { Token: { abi } } } }))
  await passes('cgen', [input, out], /^/)
  const header = readFileSync(join(out, 'Token.sol/Token.h'), 'utf8')
  expectThat(/SELECTOR_transfer 0xa9059cbb/.test(header), `cgen wrote ${header}`)
}

async function deploy(
  file: string,
  endpoint: readonly string[],
  key: readonly string[],
  estimates = true,
): Promise<Address> {
  const module = ['--wasm-file', file]
  await passes('check', [...module, ...endpoint], /contract size/)
  if (estimates) {
    await passes('deploy', ['--no-verify', '--estimate-gas', ...module, ...endpoint, ...key], /deployment tx gas: \d+/)
  }
  const { output } = await passes('deploy', ['--no-verify', ...module, ...endpoint, ...key], /successfully activated/)
  const address = /deployed code at address: (0x[0-9a-f]{40})/i.exec(output)?.[1]
  if (address === undefined) throw new Error(`no address in: ${output}`)
  return address as Address
}

/** With viem, and as the tool shows it with the script it sends and with nitro's tracer. */
async function count(nodes: TestNetwork, address: Address, endpoint: readonly string[]): Promise<void> {
  const client = nodes.client(1)
  const wallet = nodes.wallet(1, 1)
  const increment = encodeFunctionData({ abi: COUNTER, functionName: 'increment' })
  let hash: Hex | null = null
  for (const data of [encodeFunctionData({ abi: COUNTER, functionName: 'setNumber', args: [41n] }), increment]) {
    hash = await wallet.sendTransaction({ to: address, data })
    const { status } = await client.waitForTransactionReceipt({ hash })
    expectThat(status === 'success', `${data} ended with ${status}`)
  }
  const number = await client.readContract({ address, abi: COUNTER, functionName: 'number' })
  expectThat(number === 42n, `the counter is at ${number}`)
  for (const tracer of [[], ['--use-native-tracer']]) {
    await passes('trace', ['--tx', hash!, ...endpoint, ...tracer], /storage_flush_cache/)
    const call = ['--to', address, '--from', wallet.account.address, '--data', increment]
    await passes('simulate', [...call, ...endpoint, ...tracer], /"name":"user_entrypoint"/)
  }
}

async function passes(command: string, args: readonly string[], said: RegExp): Promise<Ran> {
  const ran = await run(command, args)
  if (ran.code !== 0 || !said.test(ran.output)) {
    throw new Error(`cargo stylus ${command} ended with ${ran.code}, and not with ${said}:\n${ran.output}`)
  }
  console.log(`passed: cargo stylus ${command} ${shownArgs(args)}`)
  return ran
}

async function fails(command: string, args: readonly string[], said: RegExp, why: string): Promise<void> {
  const { code, output } = await run(command, args)
  if (code === 0 || !said.test(output)) {
    throw new Error(`cargo stylus ${command} ended with ${code}, and not with ${said} as ${why}:\n${output}`)
  }
  console.log(`passed: cargo stylus ${command} is refused, as ${why}`)
}

function run(command: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, ['stylus', command, ...args], { cwd: folder, timeout: RUN_TIMEOUT_MS })
    let output = ''
    const hear = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('error', reject)
    // Colours stand within its words.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with one
    child.on('close', (code) => resolve({ output: output.replace(/\x1b\[[0-9;]*m/g, ''), code }))
  })
}

/** Files by their names; nobody needs the rest. */
function shownArgs(args: readonly string[]): string {
  return args
    .filter((arg) => arg.endsWith('.wasm') || arg === '--estimate-gas' || arg === '--use-native-tracer')
    .join(' ')
}

/** Answers with 32 times the letter a; the rest of its data is noise from a generator of linear congruences. */
function largeModule(): Uint8Array {
  let state = 1
  const noise = Array.from({ length: INCOMPRESSIBLE_BYTES }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return `\\${(state >>> 24).toString(16).padStart(2, '0')}`
  })
  return watToWasm(`(module
    (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
    (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
    (memory (export "memory") 1 1)
    (data (i32.const 0) "${'a'.repeat(32)}${noise.join('')}")
    (func (export "user_entrypoint") (param i32) (result i32)
      (call $write_result (i32.const 0) (i32.const 32)) (i32.const 0)))`)
}

function expectThat(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}
