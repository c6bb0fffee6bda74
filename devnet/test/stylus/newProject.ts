/** A project as `cargo stylus new` makes it: what else the tool does with one, down to its debuggers. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseAbi } from 'viem'
import type { Builds } from './builds.ts'
import type { Trial } from './trial.ts'

const COUNTER = parseAbi([
  'function number() view returns (uint256)',
  'function setNumber(uint256 new_number)',
  'function addFromMsgValue() payable',
  'function increment()',
])

export async function driveNewProject(trial: Trial, builds: Builds): Promise<void> {
  const { endpoint } = trial
  const folder = join(dirname(builds.folder), 'new-project')
  const aside = `${folder}-target`
  if (existsSync(join(folder, 'target'))) renameSync(join(folder, 'target'), aside)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(dirname(folder), { recursive: true })
  await trial.cargo.in({ folder: dirname(folder) }).passes('new', [folder], /^/)
  if (existsSync(aside)) renameSync(aside, join(folder, 'target'))

  const cargo = trial.cargo.in({ folder, label: 'new-project' })
  const counter = { address: await trial.deployByTool(cargo, []), abi: COUNTER }
  await cargo.passes('export-abi', [], /function addFromMsgValue\(\) external payable/)
  await cargo.passes('get-initcode', [], /^7f[0-9a-f]{64}80602b6000396000f3/m)
  // It has none.
  await cargo.passes('constructor', [], /^(?![\s\S]*constructor\()/)
  await trial.send(counter, 'setNumber', [41n])
  const { transactionHash } = await trial.send(counter, 'addFromMsgValue', [], 1n)
  await trial.expectRead(counter, 'number', [], 42n)
  await cargo.fails(
    'verify',
    ['--no-verify', '--skip-clean', '--deployment-tx', transactionHash, ...endpoint],
    /no constructor|doesn't have one|Verification failed/i,
    'that transaction deployed nothing',
  )

  // The contract runs here, and each of its host calls gets what the trace of the node says.
  const ofTransaction = ['--tx', transactionHash, ...endpoint]
  const completed = /call completed successfully/
  const why = 'the program was not installed with RUSTFLAGS="-C link-args=-rdynamic" (docs/protocol/arbitrum.md)'
  const replays = ['replay', [...ofTransaction, '--child'], completed] as const
  if (await cargo.passesUnless(/undefined symbol/, why, ...replays)) {
    await cargo.passes('replay', [...ofTransaction, '--child', '--use-native-tracer'], completed)
    if (isHere('gdb')) {
      const debugged = cargo.in({ input: 'continue\nquit\n' })
      await debugged.passes('replay', [...ofTransaction, '--debugger', 'gdb'], completed)
    } else console.log('skipped: replay in a debugger, as there is no gdb')
    await cargo.passes('usertrace', [...ofTransaction, '--child'], completed)
  }
  if (isHere('rust-stylusdb')) await cargo.passes('usertrace', ofTransaction, /add_from_msg_value/)
  else await cargo.fails('usertrace', ofTransaction, /rust-stylusdb not installed/, 'its debugger is another program')
  console.log('passed: a project of cargo stylus new')
}

function isHere(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined
}
