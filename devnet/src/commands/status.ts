/** `devnet status`: where every node stands, and loudly when they do not hold the same chain. */
import type { Agreement, NodeStanding } from '../network/agreement.ts'
import { networkPaths } from '../network/paths.ts'
import { readRunning } from '../network/readyFile.ts'
import { clocks, compareAndWatch, type Standstill } from '../network/standstill.ts'
import { CliError, unreachableError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import { formatTable } from '../output/table.ts'
import type { Terminal } from '../output/terminal.ts'
import type { CommandContext } from './context.ts'

/** UTF-16 units of what a node says that are shown. */
const mostWords = 200

export async function statusCommand(context: CommandContext): Promise<void> {
  const { terminal } = context
  const paths = networkPaths(context.dataDir)
  const running = readRunning(paths)
  if (running === null) {
    const hint = 'start one with npm start, or name its folder with --data DIR'
    throw unreachableError(`no network runs in ${paths.root}`, hint)
  }
  const { agreement, standstill } = await compareAndWatch(running.nodes)
  if (terminal.json) {
    terminal.printJson({ agree: agreement.agree, standstill, nodes: agreement.nodes.map(withoutNullError) })
  } else {
    printStandings(terminal, agreement, standstill)
  }
  if (agreement.disagreement !== null) throw disagreementError(agreement)
  if (agreement.nodes.every(({ error }) => error !== null))
    throw new CliError('no node answers', { kind: 'unreachable' })
  if (standstill !== null) throw standstillError(standstill)
}

function standstillError({ height, seconds, pending, reasons }: Standstill): CliError {
  const work = pending === 0 ? '' : `, and ${pending} transaction${pending === 1 ? ' waits' : 's wait'}`
  return new CliError(`THE CHAIN STANDS at height ${height}: no block for ${seconds} s${work}`, {
    kind: 'standing',
    lines: reasons,
  })
}

function withoutNullError({ error, ...standing }: NodeStanding): object {
  return error === null ? standing : { ...standing, error }
}

function printStandings(terminal: Terminal, agreement: Agreement, standstill: Standstill | null): void {
  const { color } = terminal
  terminal.printLines(
    formatTable(
      ['node', 'height', 'block', 'state root', 'peers', 'round'],
      agreement.nodes.map((node) =>
        node.error === null
          ? [
              String(node.index),
              String(node.height),
              short(node.hash!),
              short(node.stateRoot!),
              String(node.peers),
              String(node.round),
            ]
          : [String(node.index), color.red(printable(node.error, mostWords)), '', '', '', ''],
      ),
    ),
  )
  printFaults(terminal, agreement.nodes)
  if (standstill === null) for (const line of clocks(agreement.nodes)) terminal.print(color.yellow(line))
  const silent = agreement.nodes.filter(({ error }) => error !== null).length
  if (agreement.disagreement !== null) return
  const later = agreement.notCompared.length
  if (silent + later === 0) {
    // Which is what they do, and not what is the matter.
    const words = `all ${agreement.nodes.length} nodes agree`
    terminal.print(standstill === null ? color.green(words) : color.yellow(`${words} on the blocks there are`))
    return
  }
  const rest = [
    ...(silent === 0 ? [] : [`${silent} not answering`]),
    ...(later === 0 ? [] : [`${later} not compared yet: a snapshot later than the head of the node furthest behind`]),
  ]
  terminal.print(color.yellow([`${agreement.nodes.length - silent - later} nodes agree`, ...rest].join(', ')))
}

/** What validators did that no correct one does, and who stopped over it. */
function printFaults(terminal: Terminal, nodes: readonly NodeStanding[]): void {
  const { color } = terminal
  const most = new Map<string, NodeStanding['evidence'][number]>()
  for (const entry of nodes.flatMap(({ evidence }) => evidence)) {
    if (entry.count > (most.get(entry.publicKey)?.count ?? 0)) most.set(entry.publicKey, entry)
  }
  for (const { validator, publicKey, count } of most.values()) {
    const times = count === 1 ? 'once' : `${count} times`
    terminal.print(
      color.yellow(`validator ${validator} (${short(publicKey)}) signed two different messages for one step, ${times}`),
    )
  }
  const abstaining = nodes.filter((node) => node.abstaining).map(({ index }) => index)
  if (abstaining.length > 0) {
    const which = abstaining.length === 1 ? `node ${abstaining[0]} does` : `nodes ${abstaining.join(', ')} do`
    terminal.print(
      color.yellow(`${which} not vote yet: the record of what was signed is gone (docs/devnet.md says how long)`),
    )
  }
  for (const { index, setAside } of nodes) {
    for (const hash of setAside) {
      terminal.print(
        color.red(
          `node ${index} could not execute transaction ${hash} and has set it aside (docs/devnet.md says what to do)`,
        ),
      )
    }
  }
  for (const { index, halted } of nodes) {
    if (halted !== null)
      terminal.print(
        color.red(`node ${index} has stopped: ${printable(halted, mostWords)}; touchstone_status of it says more`),
      )
  }
}

function disagreementError({ disagreement }: Agreement): CliError {
  const lines = disagreement!.blocks.map(
    ({ index, hash, stateRoot }) => `node ${index}  block ${hash}  state root ${stateRoot}`,
  )
  return new CliError(
    `THE NODES DISAGREE at height ${disagreement!.height}. This must never happen; keep the data directory and report it.`,
    { lines },
  )
}

function short(hash: string): string {
  return `${hash.slice(0, 10)}…${hash.slice(-6)}`
}
