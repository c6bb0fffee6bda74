/**
 * How a command can end: exit codes and their words. docs/devnet.md, "How a command ends", has the same tables, `--help` of
 * each command the row that concerns it, and `--json` the kind as `error.kind`; a test compares all of them.
 *
 * 0, 1 and 2 as nearly everywhere; 3 as `systemctl status` and the init scripts of LSB say "not running"; 70 is EX_SOFTWARE
 * of sysexits.h; 128 and the number of the signal is what shells make of a process that a signal ended.
 *
 * Why it is so: docs/rationale/terminal.md.
 */
import { constants } from 'node:os'

export type Outcome =
  | 'success'
  | 'failed'
  | 'usage'
  | 'unreachable'
  | 'standing'
  | 'degraded'
  | 'internal'
  | 'interrupted'

export interface OutcomeKind {
  /** Of `interrupted` there are several: {@link interruptedCode}. */
  readonly exitCode: number | null
  readonly meaning: string
}

export const outcomes: Readonly<Record<Outcome, OutcomeKind>> = {
  success: { exitCode: 0, meaning: 'the command did its work, and the answer is yes' },
  failed: { exitCode: 1, meaning: 'it could not be done, or it is done and its answer is no: see the next table' },
  usage: {
    exitCode: 2,
    meaning: 'the command line, a `DEVNET_` variable or `devnet.config.json` is wrong; nothing was done',
  },
  unreachable: { exitCode: 3, meaning: 'no network runs there, or the node does not answer' },
  standing: { exitCode: 4, meaning: '`devnet status`: the network runs, and its chain stands' },
  degraded: {
    exitCode: 5,
    meaning: '`devnet status`: its chain can go on, but not with every node, or not in good order',
  },
  internal: { exitCode: 70, meaning: 'a fault of devnet itself: please report it with its output' },
  interrupted: {
    exitCode: null,
    meaning: 'ended by Ctrl-C (130), SIGTERM (143) or SIGHUP (129) before it was done; the message says at which step',
  },
}

/** Signals that a person or a supervisor ends a command with. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
export type EndingSignal = (typeof endingSignals)[number]

export function interruptedCode(signal: EndingSignal): number {
  return 128 + constants.signals[signal]
}

export interface CommandEnds {
  /** Exit code 0. */
  readonly success: string
  /** Exit code 1; null for a command that cannot fail. */
  readonly failed: string | null
  /** Whether it asks a network, so that there may be none. */
  readonly asksNetwork: boolean
}

/** The meaning of exit codes 0 and 1 for each command. */
export const commandEnds: Readonly<Record<string, CommandEnds>> = {
  up: {
    success: 'stopped by Ctrl-C, SIGTERM or SIGHUP once every node had answered',
    failed:
      'a node did not start, a port is taken, the folder cannot be used, no node is left running, or there was a divergence',
    asksNetwork: false,
  },
  init: {
    success: 'the project is written',
    failed: 'the folder is not empty, or cannot be written',
    asksNetwork: false,
  },
  build: {
    success: 'the artifacts are written',
    failed: 'the source does not build, or the artifacts cannot be written',
    asksNetwork: false,
  },
  dev: {
    success: 'ended by Ctrl-C, SIGTERM or SIGHUP, whatever became of the last change',
    failed: 'the folder has no contract, cannot be watched, or the network did not start',
    asksNetwork: false,
  },
  inspect: {
    success: 'the chain, or with `--for` another one, would take it',
    failed: 'it would refuse it, or the file is no module',
    asksNetwork: false,
  },
  deploy: {
    success: 'the contract is in a final block; with `--wait 0`: a node has the transaction',
    failed: 'reverted, refused, not in a block in time, or the file cannot be deployed',
    asksNetwork: true,
  },
  call: { success: 'the contract answered', failed: 'reverted or refused', asksNetwork: true },
  send: {
    success: 'the transaction is in a final block and succeeded; with `--wait 0`: a node has it',
    failed: 'reverted (also where it is in a block and paid for), refused, or not in a block in time',
    asksNetwork: true,
  },
  receipt: {
    success: 'the transaction is in a final block and succeeded',
    failed: 'it failed, is unknown, or is not in a block in time',
    asksNetwork: true,
  },
  status: {
    success: 'healthy',
    failed: 'a divergence: nodes have different blocks, or one made something else of a block; 4 and 5: as above',
    asksNetwork: true,
  },
  export: {
    success: 'the file is written whole',
    failed: 'the chain cannot be read, or the file cannot be written; a file that was there before is unchanged',
    asksNetwork: true,
  },
  replay: {
    success: 'everything is equal',
    failed: 'something differs, or the file is damaged or cannot be read',
    asksNetwork: false,
  },
  prove: {
    success: 'the file is written, and was checked as `devnet verify` does',
    failed: 'the node has no such transaction, log or block, or the file cannot be written',
    asksNetwork: true,
  },
  verify: {
    success: 'the file proves what it says',
    failed: 'it does not: the message says at which step; or it is no proof file, or cannot be read',
    asksNetwork: false,
  },
  'verify-source': {
    success: 'the contract was built from this source',
    failed: 'it was not: the message says where they part; or the source does not build, or there is no contract',
    asksNetwork: true,
  },
  console: {
    success: 'it was left; with `--eval`: the code ran',
    failed: 'with `--eval`: the code failed',
    asksNetwork: true,
  },
  logs: {
    success: 'shown',
    failed: 'no network was made in the folder',
    asksNetwork: false,
  },
  accounts: { success: 'listed', failed: 'the node refused', asksNetwork: true },
  trace: {
    success: 'the trace is shown, also of what failed',
    failed: 'the transaction is unknown or in no block yet, or the node refused',
    asksNetwork: true,
  },
  profile: {
    success: 'the profile is shown, also of what failed, and its files are written',
    failed: 'the transaction is unknown or in no block yet, the node refused, or a file cannot be written',
    asksNetwork: true,
  },
  debug: {
    success: 'it was left, or its commands have ended',
    failed:
      'the transaction is unknown or in no block yet, the node refused, it came out otherwise here, or a command of a script was wrong',
    asksNetwork: true,
  },
  coverage: {
    success: 'the table is shown, and the file is written',
    failed: 'no test wrote any coverage, no module was built, or a file cannot be read or written',
    asksNetwork: false,
  },
  tx: { success: 'shown', failed: 'the transaction is unknown', asksNetwork: true },
  block: { success: 'shown', failed: 'there is no such block', asksNetwork: true },
  storage: { success: 'shown', failed: 'the node refused', asksNetwork: true },
  balance: { success: 'shown', failed: 'the node refused', asksNetwork: true },
  code: { success: 'shown', failed: 'the node refused', asksNetwork: true },
  events: {
    success: 'listed',
    failed: 'the node refused: it goes through so many blocks and logs at once and no more',
    asksNetwork: true,
  },
  node: { success: 'done', failed: 'the network refused, or the node did not start', asksNetwork: true },
  partition: { success: 'the network is split', failed: 'the network refused', asksNetwork: true },
  heal: { success: 'there is no partition', failed: 'the network refused', asksNetwork: true },
  link: { success: 'the link has that shape', failed: 'the network refused', asksNetwork: true },
  links: { success: 'listed', failed: 'the network refused', asksNetwork: true },
  chaos: {
    success: 'nothing was lost and nothing forked',
    failed: 'something was, there was a divergence, or the run did not come to its end',
    asksNetwork: false,
  },
  completions: { success: 'printed', failed: null, asksNetwork: false },
  config: { success: 'printed', failed: null, asksNetwork: false },
}

/** Both tables as docs/devnet.md has them. */
export function outcomeTables(): string[] {
  const kinds = Object.entries(outcomes).map(
    ([kind, { exitCode, meaning }]) =>
      `| ${exitCode ?? endingSignals.map(interruptedCode).join(', ')} | \`${kind}\` | ${meaning} |`,
  )
  const commands = Object.entries(commandEnds).map(
    ([name, { success, failed, asksNetwork }]) =>
      `| \`devnet ${name}\` | ${success} | ${failed ?? '-'} | ${asksNetwork ? 'yes' : '-'} |`,
  )
  return [
    ['| exit code | `error.kind` | meaning |', '|---|---|---|', ...kinds].join('\n'),
    ['| command | 0 | 1 | 3 |', '|---|---|---|---|', ...commands].join('\n'),
  ]
}

/** The lines below the help of a command. */
export function endsInHelp(name: string): string {
  const ends = commandEnds[name]
  if (ends === undefined) return ''
  const rows = [
    `  0  ${ends.success}`,
    ...(ends.failed === null ? [] : [`  1  ${ends.failed}`]),
    '  2  used wrongly',
    ...(ends.asksNetwork ? [`  3  ${outcomes.unreachable.meaning}`] : []),
    ...(name === 'status' ? ['  4  the chain stands', '  5  it can go on, but not everything is in order'] : []),
    '  130, 143, 129  interrupted (SIGINT, SIGTERM, SIGHUP)',
  ]
  return ['', 'Exit codes (docs/devnet.md has them all):', ...rows].join('\n')
}
