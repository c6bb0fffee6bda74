/**
 * Our nodes beside hardhat and anvil, as a wallet and a test suite meet them: `npm run bench:rpc -- [options]`.
 *
 *   --rounds N         rounds, in which the servers take turns; medians are shown (3)
 *   --transactions N   token transfers of the burst (2000)
 *   --senders N        who send them, each one when the one before was answered (32)
 *   --engine NAME      engine of our nodes (compiled; or interpreter, reference, mixed)
 *   --nodes LIST       our networks (1,4)
 *   --rivals DIR       where hardhat, anvil and solc are installed, from the registry (a folder for temporary files)
 *   --no-rivals        our nodes alone
 *   --json             the figures as JSON
 *   --check            end with 1 where a ratio is much worse than in devnet/bench/rpc/baseline.json
 *
 * Memory and processor time are those of the whole process tree, with what starts and watches the nodes (Linux only). The
 * null server answers without doing anything: its row is what the load program can send at most. A send of ours is answered
 * when its block is final, or sendHold has passed (docs/protocol/rpc.md).
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { keepBundle } from '../../../scripts/bundle/keep.ts'
import { readOptions } from '../../../scripts/options.ts'
import { median } from '../../../vm/bench/measure.ts'
import { freePortRange } from '../../src/index.ts'
import { type Figures, measure } from './measure.ts'
import { installRivals } from './rivals.ts'
import { builtToken, nullSubject, ownSubject, rivalSubjects, type Subject } from './subjects.ts'

/** A ratio may be this much worse than in the baseline before `--check` fails: machines and days differ. */
const SLACK = 1.3
const SIZES = { receipts: 100, calls: 300 }
const LABELS: Record<keyof Figures, string> = {
  tokensPerSecond: 'token transfers/s',
  processorPerTransfer: 'processor time per transfer, ms',
  receipt: 'send to receipt, p50 ms',
  tokenReceipt: 'token send to receipt, p50 ms',
  slowSend: 'slowest 1 % of sends under load, ms',
  call: 'eth_call, p50 ms',
  estimate: 'eth_estimateGas, p50 ms',
  coldStart: 'cold start to first answer, ms',
  idleMemory: 'memory idle, MiB',
  loadedMemory: 'memory after the load, MiB',
}

const { values } = readOptions(import.meta.url, {
  options: {
    rounds: { type: 'string', default: '3' },
    transactions: { type: 'string', default: '2000' },
    senders: { type: 'string', default: '32' },
    engine: { type: 'string', default: 'compiled' },
    nodes: { type: 'string', default: '1,4' },
    rivals: { type: 'string', default: join(tmpdir(), 'touchstone-bench-rivals') },
    'no-rivals': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
})
const say = (line: string) => process.stderr.write(`${line}\n`)
const sizes = { ...SIZES, transactions: whole('transactions'), senders: whole('senders') }
const rounds = whole('rounds')
mkdirSync(values.rivals, { recursive: true })
const subjects = await chooseSubjects()
const found = new Map<string, Figures[]>(subjects.map(({ name }) => [name, []]))

for (let round = 1; round <= rounds; round++) {
  for (const subject of subjects) {
    say(`round ${round} of ${rounds}: ${subject.name}`)
    const port = await freePortRange('127.0.0.1', 4)
    try {
      found.get(subject.name)!.push(await measure(subject, { port, home: values.rivals, sizes, say }))
    } catch (error) {
      say(`${subject.name}: ${(error as Error).message}`)
    }
  }
}

const medians = Object.fromEntries([...found].map(([name, list]) => [name, mediansOf(list)]))
const ratios = ratiosOf(medians)
if (values.json) process.stdout.write(`${JSON.stringify({ medians, ratios }, null, 2)}\n`)
else show()
if (values.check) check()

async function chooseSubjects(): Promise<Subject[]> {
  await keepBundle()
  const token = builtToken()
  const own = values.nodes.split(',').map((count) => ownSubject(Number(count), { engine: values.engine, token }))
  const rivals = values['no-rivals'] ? null : installRivals(values.rivals, say)
  return [nullSubject, ...(rivals === null ? [] : rivalSubjects(rivals)), ...own]
}

function whole(option: 'rounds' | 'transactions' | 'senders'): number {
  const number = Number(values[option])
  if (Number.isSafeInteger(number) && number > 0) return number
  say(`error: --${option} ${values[option]}: a whole number from 1 up is wanted`)
  process.exit(2)
}

function mediansOf(list: readonly Figures[]): Figures {
  const of = (key: keyof Figures) => {
    const known = list.map((figures) => figures[key]).filter((value) => value !== null)
    return known.length === 0 ? null : median(known)
  }
  return Object.fromEntries(Object.keys(LABELS).map((key) => [key, of(key as keyof Figures)])) as unknown as Figures
}

/** More is worse in each of them. A line is missing where a side is. */
function ratiosOf(all: Record<string, Figures | undefined>): Record<string, number> {
  const lines: Record<string, number> = {}
  const add = (line: string, value: number | null | undefined, by: number | null | undefined = 1) => {
    if (typeof value === 'number' && typeof by === 'number') lines[line] = value / by
  }
  const { hardhat, 'one node': one, '4 nodes': four } = all
  add('hardhat/one-node token', hardhat?.tokensPerSecond, one?.tokensPerSecond ?? null)
  add('hardhat/four-nodes token', hardhat?.tokensPerSecond, four?.tokensPerSecond ?? null)
  add('one-node/hardhat receipt', one?.receipt, hardhat?.receipt ?? null)
  add('one-node/hardhat call', one?.call, hardhat?.call ?? null)
  add('one-node/hardhat cold', one?.coldStart, hardhat?.coldStart ?? null)
  add('four-nodes/hardhat receipt', four?.receipt, hardhat?.receipt ?? null)
  return lines
}

function show(): void {
  const table = new Table({ head: ['', ...Object.keys(medians)], style: { head: [], border: [] } })
  for (const [key, label] of Object.entries(LABELS)) {
    table.push([label, ...Object.values(medians).map((figures) => text(figures[key as keyof Figures]))])
  }
  const { hardhat, 'one node': one, '4 nodes': four } = medians as Record<string, Figures | undefined>
  console.log(table.toString())
  const by = (left?: number | null, right?: number | null) => (left && right ? (left / right).toFixed(2) : 'unknown')
  console.log(`one-node/hardhat token ${by(one?.tokensPerSecond, hardhat?.tokensPerSecond)}`)
  console.log(`four-nodes/hardhat token ${by(four?.tokensPerSecond, hardhat?.tokensPerSecond)}`)
  console.log(`one-node/hardhat receipt ${by(one?.receipt, hardhat?.receipt)}`)
  console.log(`four-nodes receipt ${text(four?.receipt ?? null)} ms`)
  console.log(`cold ${by(one?.coldStart, hardhat?.coldStart)}`)
}

function text(value: number | null): string {
  return value === null ? '-' : value.toFixed(value < 10 ? 2 : 0)
}

function check(): void {
  const baseline = JSON.parse(readFileSync(join(import.meta.dirname, 'baseline.json'), 'utf8')) as Record<
    string,
    number
  >
  const worse = Object.entries(baseline).filter(([line, before]) => !((ratios[line] ?? Infinity) <= before * SLACK))
  for (const [line, before] of worse) {
    say(`worse: ${line} is ${ratios[line]?.toFixed(2) ?? 'unknown'}, the baseline ${before.toFixed(2)}`)
  }
  if (worse.length > 0) process.exitCode = 1
}
