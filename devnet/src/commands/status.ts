/** `devnet status`: where every node stands, and loudly when they do not hold the same chain. */
import type { Agreement, NodeStanding } from '../network/agreement.ts'
import { noNetwork } from '../network/awayNode.ts'
import { type Health, healthOf } from '../network/health.ts'
import { networkPaths } from '../network/paths.ts'
import { type ReadyNode, readRunning } from '../network/readyFile.ts'
import { compareAndWatch } from '../network/standstill.ts'
import { CliError } from '../output/errors.ts'
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
  if (running === null) throw noNetwork(paths)
  // Of a runner of an earlier version, which wrote no partition.
  const partition = running.partition ?? null
  const { agreement, standstill } = await compareAndWatch(running.nodes, partition)
  const health = healthOf({ nodes: running.nodes, partition }, agreement, standstill)
  const { word, headline, lines } = health
  if (terminal.json) {
    const { nodes, ...compared } = agreement
    terminal.printJson({
      ...{ health: word, problems: word === 'healthy' ? [] : [headline, ...lines] },
      ...{ ...compared, partition, standstill },
      nodes: nodes.map((node, position) => shownJson(node, running.nodes[position]!)),
    })
  } else {
    printStandings(terminal, agreement)
    terminal.print(verdict(terminal, agreement, health))
  }
  if (word !== 'healthy') throw new CliError(headline, { lines, kind: word === 'divergence' ? 'failed' : word })
}

function shownJson({ error, divergence, ...standing }: NodeStanding, { state, validator, engine }: ReadyNode): object {
  const shown = { ...standing, divergence: divergence?.record ?? null, state, validator, engine }
  return error === null ? shown : { ...shown, error }
}

function printStandings(terminal: Terminal, { nodes }: Agreement): void {
  const { color } = terminal
  terminal.printLines(
    formatTable(
      ['node', 'height', 'block', 'state root', 'peers', 'round'],
      nodes.map((node) =>
        node.error === null
          ? [
              String(node.index),
              String(node.height),
              short(node.hash!),
              short(node.stateRoot!),
              String(node.peers),
              String(node.round),
            ]
          : [String(node.index), color.red(printable(whyAway(node), mostWords)), '', '', '', ''],
      ),
    ),
  )
  printFaults(terminal, nodes)
}

function whyAway({ error, divergence }: NodeStanding): string {
  return divergence?.record.kind === 'certified' ? `DIVERGED at block ${divergence.record.block}` : error!
}

/** Who agrees with whom, and on what: never more than was compared. */
function verdict({ color }: Terminal, agreement: Agreement, { word }: Health): string {
  const { agree, comparedAt, compared, notCompared, nodes, disagreement } = agreement
  if (disagreement !== null) return color.red(`the nodes do not agree at height ${disagreement.height}`)
  if (comparedAt === null || compared.length === 0) return color.red('nothing could be compared')
  const all = compared.length === nodes.length
  if (comparedAt === 0) {
    const who = all ? `all ${nodes.length} nodes` : `${compared.length} of ${nodes.length} nodes`
    return (word === 'healthy' ? color.green : color.yellow)(`no block yet: ${who} stand at the same genesis`)
  }
  if (agree && word === 'healthy') return color.green(`all ${nodes.length} nodes agree at height ${comparedAt}`)
  const who = all ? `the ${nodes.length} nodes` : `${compared.length} of ${nodes.length} nodes`
  const rest =
    notCompared.length === 0 ? '' : `; not compared: ${notCompared.map((index) => `node ${index}`).join(', ')}`
  return color.yellow(`${who} have the same block at height ${comparedAt}${rest}`)
}

/** What validators did that no correct one does, and what machines could not execute. */
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
  for (const { index, setAside } of nodes) {
    for (const hash of setAside) {
      terminal.print(
        color.red(
          `node ${index} could not execute transaction ${hash} and has set it aside (docs/devnet.md says what to do)`,
        ),
      )
    }
  }
}

function short(hash: string): string {
  return `${hash.slice(0, 10)}…${hash.slice(-6)}`
}
