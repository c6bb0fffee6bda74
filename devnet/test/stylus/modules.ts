/** Modules that need no build: of Rust, C and AssemblyScript, and one that goes in fragments. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Address, encodeFunctionData, type Hex, keccak256, parseAbi } from 'viem'
import { watToWasm } from '../../../node/testing/modules.ts'
import { type CargoStylus, deployedAt, deployedBy, expectThat } from './cargoStylus.ts'
import type { Trial } from './trial.ts'

const FOREIGN = fileURLToPath(new URL('../../../contracts/foreign', import.meta.url))
const EXAMPLES = fileURLToPath(new URL('../../../contracts/examples', import.meta.url))
const COUNTER = parseAbi([
  'function number() view returns (uint256)',
  'function setNumber(uint256 new_number)',
  'function increment()',
])
/** Above what the tool puts into one account (24 576 bytes), and not to be compressed. */
const INCOMPRESSIBLE_BYTES = 40_000

/** The tool runs in a workspace only, also where it is given a module; one without packages is enough. */
export function writeWorkspace(folder: string): void {
  writeFileSync(join(folder, 'Cargo.toml'), '[workspace]\nmembers = []\nresolver = "2"\n')
  writeFileSync(join(folder, 'Stylus.toml'), '[workspace]\n\n[workspace.networks]\n')
  mkdirSync(join(folder, 'modules'))
}

/** @param folder written by {@link writeWorkspace} */
export async function driveModules(trial: Trial, folder: string): Promise<void> {
  const { nodes, endpoint, key } = trial
  const cargo = trial.cargo.in({ folder })
  const client = nodes.client(1)

  for (const name of ['counter.wasm', 'counter-c.wasm']) {
    const address = await deploy(trial, cargo, join(FOREIGN, name))
    const code = (await client.getCode({ address })) ?? '0x'
    await cargo.passes('codehash-keepalive', ['--codehash', keccak256(code), ...endpoint, ...key], /kept alive/)
    await cargo.fails('activate', ['--address', address, ...endpoint, ...key], /0xcc944bf2/, 'it is activated')
    await count(trial, cargo, address)
  }

  const token = join(EXAMPLES, 'token/build/Token.wasm')
  if (existsSync(token)) {
    await deploy(trial, cargo, token)
    await generateHeader(cargo, folder, join(EXAMPLES, 'token/build/Token.json'))
  } else console.log(`skipped: ${token} is not built (npm run build)`)

  const large = join(folder, 'modules/large.wasm')
  writeFileSync(large, largeModule())
  const answers = await deploy(trial, cargo, large)
  const { data } = await client.call({ to: answers })
  expectThat(data === `0x${'61'.repeat(32)}`, `the contract in fragments answers ${data}`)

  await cargo.fails('cache', ['status', ...endpoint], /no cache managers found/, 'nothing is cached for a price')
}

/** From our ABI, in the frame of solc's standard output, which the tool reads. */
async function generateHeader(cargo: CargoStylus, folder: string, artifact: string): Promise<void> {
  const { abi } = JSON.parse(readFileSync(artifact, 'utf8')) as { abi: unknown }
  const input = join(folder, 'solc.json')
  const out = join(folder, 'generated')
  writeFileSync(input, JSON.stringify({ contracts: { 'Token.sol': { Token: { abi } } } }))
  await cargo.passes('cgen', [input, out], /^/)
  const header = readFileSync(join(out, 'Token.sol/Token.h'), 'utf8')
  expectThat(/SELECTOR_transfer 0xa9059cbb/.test(header), `cgen wrote ${header}`)
}

/** By the tool, after its estimate, which covers the last transaction at least. */
async function deploy(trial: Trial, cargo: CargoStylus, file: string): Promise<Address> {
  const { endpoint, key } = trial
  const words = ['--no-verify', '--wasm-file', file, ...endpoint, ...key]
  await cargo.passes('check', ['--wasm-file', file, ...endpoint], /contract size/)
  const estimated = await cargo.passes('deploy', ['--estimate-gas', ...words], /deployment tx gas: \d+/)
  const gas = BigInt(/deployment tx gas: (\d+)/.exec(estimated)![1]!)
  const said = await cargo.passes('deploy', words, /successfully activated/)
  const receipt = await trial.nodes.client(1).getTransactionReceipt({ hash: deployedBy(said) })
  expectThat(gas >= receipt.gasUsed, `estimated ${gas} for a deployment whose last transaction used ${receipt.gasUsed}`)
  return deployedAt(said)
}

/** With viem, and as the tool shows it with the script it sends and with nitro's tracer. */
async function count(trial: Trial, cargo: CargoStylus, address: Address): Promise<void> {
  const { endpoint, sender } = trial
  const counter = { address, abi: COUNTER }
  await trial.send(counter, 'setNumber', [41n])
  const { transactionHash } = await trial.send(counter, 'increment')
  await trial.expectRead(counter, 'number', [], 42n)
  const data: Hex = encodeFunctionData({ abi: COUNTER, functionName: 'increment' })
  for (const tracer of [[], ['--use-native-tracer']]) {
    await cargo.passes('trace', ['--tx', transactionHash, ...endpoint, ...tracer], /storage_flush_cache/)
    const call = ['--to', address, '--from', sender, '--data', data]
    await cargo.passes('simulate', [...call, ...endpoint, ...tracer], /"name":"user_entrypoint"/)
  }
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
