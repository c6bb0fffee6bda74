/** `devnet status`: where every node stands, and loudly when they do not hold the same chain. */
import { type Agreement, compareNodes, type NodeStanding } from '../network/agreement.ts'
import { networkPaths } from '../network/paths.ts'
import { readRunning } from '../network/readyFile.ts'
import { CliError } from '../output/errors.ts'
import { formatTable } from '../output/table.ts'
import type { Terminal } from '../output/terminal.ts'
import type { CommandContext } from './context.ts'

export async function statusCommand(context: CommandContext): Promise<void> {
  const { terminal } = context
  const paths = networkPaths(context.dataDir)
  const running = readRunning(paths)
  if (running === null) {
    throw new CliError(`no network runs in ${paths.root}`, {
      hint: 'start one with npm start, or name its folder with --data DIR',
    })
  }
  const agreement = await compareNodes(running.nodes)
  if (terminal.json) {
    terminal.printJson({ agree: agreement.agree, nodes: agreement.nodes.map(withoutNullError) })
  } else {
    printStandings(terminal, agreement)
  }
  if (agreement.disagreement !== null) throw new CliError(disagreementText(agreement))
  if (agreement.nodes.every(({ error }) => error !== null)) throw new CliError('no node answers')
}

function withoutNullError({ error, ...standing }: NodeStanding): object {
  return error === null ? standing : { ...standing, error }
}

function printStandings(terminal: Terminal, agreement: Agreement): void {
  const { color } = terminal
  terminal.print(
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
          : [String(node.index), color.red(node.error), '', '', '', ''],
      ),
    ),
  )
  const silent = agreement.nodes.filter(({ error }) => error !== null).length
  if (agreement.disagreement !== null) return
  if (silent === 0) terminal.print(color.green(`all ${agreement.nodes.length} nodes agree`))
  else terminal.print(color.yellow(`${agreement.nodes.length - silent} nodes agree, ${silent} not answering`))
}

function disagreementText({ disagreement }: Agreement): string {
  const lines = disagreement!.blocks.map(
    ({ index, hash, stateRoot }) => `  node ${index}  block ${hash}  state root ${stateRoot}`,
  )
  return `THE NODES DISAGREE at height ${disagreement!.height}. This must never happen; keep the data directory and report it.\n${lines.join('\n')}`
}

function short(hash: string): string {
  return `${hash.slice(0, 10)}…${hash.slice(-6)}`
}
