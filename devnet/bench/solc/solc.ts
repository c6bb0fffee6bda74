/**
 * Gas of calls of the example token and of the template's auction beside the same in Solidity:
 * `npm run bench:solc -- [options]`.
 *
 *   --rivals DIR   where solc, anvil and hardhat are installed, from the registry (a folder for temporary files)
 *   --json         the figures as JSON
 *
 * Compiles devnet/bench/solc/Token.sol and Auction.sol with solc's optimizer (200 runs, all else its default), and makes
 * the calls of devnet/bench/solc/calls.ts on anvil, on hardhat and on ours, where the codes are warm. Each figure is what a
 * whole transaction uses. Ends with 1 when solc's figures are not those of calls.ts, which docs/rationale/contracts.md
 * shows and a test holds ours to; when anvil and hardhat differ; when the contracts do not have the same functions, events,
 * errors, layout and logs; or when neither server can be installed.
 */
import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import type { Abi } from 'viem'
import { readOptions } from '../../../scripts/options.ts'
import { freePortRange } from '../../src/index.ts'
import { rpcClient } from '../rpc/jsonRpc.ts'
import { answers } from '../rpc/measure.ts'
import { installRivals, VERSIONS } from '../rpc/rivals.ts'
import { rivalSubjects, type Subject, start } from '../rpc/subjects.ts'
import { type Called, type CallName, CONTRACTS, type ContractName, makeCalls, SOLC_GAS } from './calls.ts'
import { compile, type SolcContract } from './compile.ts'
import { OurStage } from './ours.ts'
import { differences, sameLogs } from './sameWork.ts'
import { TheirStage } from './theirs.ts'

type Calls = Record<CallName, Called>

const { values } = readOptions(import.meta.url, {
  options: {
    rivals: { type: 'string', default: join(tmpdir(), 'touchstone-bench-rivals') },
    json: { type: 'boolean', default: false },
  },
})
const say = (line: string) => process.stderr.write(`${line}\n`)
const wrong: string[] = []
mkdirSync(values.rivals, { recursive: true })
const rivals = installRivals(values.rivals, say)
const subjects = rivals === null ? [] : rivalSubjects(rivals)

if (subjects.length === 0) wrong.push('nothing was measured: neither anvil nor hardhat, or no solc')
else await compare()
for (const line of wrong) say(`error: ${line}`)
if (wrong.length > 0) process.exitCode = 1

async function compare(): Promise<void> {
  const compiled = { Token: compile(values.rivals, 'Token')!, Auction: compile(values.rivals, 'Auction')! }
  const stage = new OurStage()
  const ours = await makeCalls(stage)
  for (const name of Object.keys(CONTRACTS) as ContractName[]) {
    const { abi, storageLayout } = stage.contracts.get(name)!.artifact
    const found = differences({ abi: abi as Abi, storageLayout }, compiled[name])
    wrong.push(...found.map((line) => `${name}: ${line}`))
  }
  const theirs = new Map<string, Calls>()
  for (const subject of subjects) theirs.set(subject.name, await callsOn(subject, compiled))
  const rows = (Object.keys(SOLC_GAS) as CallName[]).map((name) => rowOf(name, ours, theirs))
  if (values.json) process.stdout.write(`${JSON.stringify({ versions: VERSIONS, rows }, null, 2)}\n`)
  else show(rows)
}

async function callsOn(subject: Subject, compiled: Record<ContractName, SolcContract>): Promise<Calls> {
  const port = await freePortRange('127.0.0.1', 1)
  const running = start(subject, port, values.rivals)
  const client = rpcClient(`http://127.0.0.1:${port}`)
  try {
    await answers(client)
    return await makeCalls(await TheirStage.open(client, compiled))
  } finally {
    client.close()
    await running.stop()
  }
}

interface Row {
  readonly name: CallName
  /** By the server. */
  readonly solc: Readonly<Record<string, number>>
  readonly ours: number
  /** Ours by the first server's. */
  readonly ratio: number
  /** What calls.ts says of solc. */
  readonly table: number
}

function rowOf(name: CallName, ours: Calls, theirs: ReadonlyMap<string, Calls>): Row {
  for (const [server, calls] of theirs) {
    const gas = Number(calls[name].gasUsed)
    if (gas !== SOLC_GAS[name]) wrong.push(`${name}: ${gas} gas on ${server}, and calls.ts says ${SOLC_GAS[name]}`)
    if (!sameLogs(ours[name], calls[name])) wrong.push(`${name}: the logs on ${server} are not ours`)
  }
  const solc = Object.fromEntries([...theirs].map(([server, calls]) => [server, Number(calls[name].gasUsed)]))
  const gas = Number(ours[name].gasUsed)
  return { name, solc, ours: gas, ratio: gas / Object.values(solc)[0]!, table: SOLC_GAS[name] }
}

function show(rows: readonly Row[]): void {
  const servers = Object.keys(rows[0]!.solc)
  const head = ['', ...servers.map((server) => `solc ${VERSIONS.solc} on ${server}`), 'ours', 'ratio', 'calls.ts']
  const table = new Table({ head, style: { head: [], border: [] } })
  for (const { name, solc, ours, ratio, table: said } of rows) {
    table.push([name, ...servers.map((server) => solc[server]!), ours, ratio.toFixed(2), said])
  }
  console.log(table.toString())
}
