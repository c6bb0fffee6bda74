/** `devnet status`, once or all the time: where every node stands, and loudly when they do not hold the same chain. */
import { setTimeout as wait } from 'node:timers/promises'
import { interruptible, unlessInterrupted } from '../interruption.ts'
import { type Agreement, compareNodes, type NodeStanding } from '../network/agreement.ts'
import { noNetwork } from '../network/awayNode.ts'
import { type Health, healthOf } from '../network/health.ts'
import { networkPaths } from '../network/paths.ts'
import { type ReadyFile, type ReadyNode, readRunning } from '../network/readyFile.ts'
import { compareAndWatch, type Partition, type Standstill, StandstillWatch } from '../network/standstill.ts'
import { CliError } from '../output/errors.ts'
import { printable } from '../output/printable.ts'
import { formatTable } from '../output/table.ts'
import type { Terminal } from '../output/terminal.ts'
import type { CommandContext } from './context.ts'

/** UTF-16 units of what a node says that are shown. */
const MAX_WORDS = 200

interface Found {
  readonly running: ReadyFile
  readonly agreement: Agreement
  readonly standstill: Standstill | null
  readonly health: Health
}

export async function statusCommand(context: CommandContext): Promise<void> {
  const { terminal } = context
  const running = runningIn(context)
  const { agreement, standstill } = await compareAndWatch(running.nodes, partitionOf(running))
  const found = judged(running, agreement, standstill)
  if (terminal.json) terminal.printJson(documentOf(found))
  else printFound(terminal, found)
  throwUnlessHealthy(found.health)
}

/**
 * Looks every so many seconds until somebody ends it, and shows what it finds whenever that is something else than
 * before. A chain that stands is told from one that is slow by all the looks together.
 * @throws CliError as `devnet status` would at the end
 */
export async function watchStatus(context: CommandContext, seconds: number): Promise<void> {
  const { terminal } = context
  const watch = new StandstillWatch()
  let shown = ''
  let last: Health | null = null
  const look = async () => {
    const running = runningIn(context)
    const agreement = await compareNodes(running.nodes, partitionOf(running))
    const standstill = watch.look(running.nodes, agreement.nodes, performance.now(), partitionOf(running))
    const found = judged(running, agreement, standstill)
    last = found.health
    const now = shownState(found)
    if (now === shown) return
    if (terminal.json) terminal.printJsonNow(documentOf(found))
    else {
      if (shown !== '') terminal.print('')
      printFound(terminal, found)
      const { word, headline, lines } = found.health
      if (word !== 'healthy') terminal.printLines([headline, ...lines].map((line) => terminal.color.red(line)))
    }
    shown = now
  }
  await interruptible({ doing: () => 'devnet status watched the network' }, async (interrupted) => {
    while (!interrupted.aborted) {
      await unlessInterrupted(interrupted, look()).catch(unlessEnded(interrupted))
      await unlessInterrupted(interrupted, wait(seconds * 1_000)).catch(unlessEnded(interrupted))
    }
  })
  if (last !== null) throwUnlessHealthy(last)
}

/** Swallows what an interruption rejects with: it is the way to end a watch. */
function unlessEnded(interrupted: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!interrupted.aborted || error !== interrupted.reason) throw error
  }
}

/** @throws CliError when no network runs */
function runningIn({ dataDir }: CommandContext): ReadyFile {
  const paths = networkPaths(dataDir)
  const running = readRunning(paths)
  if (running === null) throw noNetwork(paths)
  return running
}

/** Null of a runner of an earlier version, which wrote no partition. */
function partitionOf({ partition }: ReadyFile): Partition {
  return partition ?? null
}

function judged(running: ReadyFile, agreement: Agreement, standstill: Standstill | null): Found {
  const health = healthOf({ nodes: running.nodes, partition: partitionOf(running) }, agreement, standstill)
  return { running, agreement, standstill, health }
}

function documentOf({ running, agreement, standstill, health: { word, headline, lines } }: Found): object {
  const { nodes, ...compared } = agreement
  return {
    ...{ health: word, problems: word === 'healthy' ? [] : [headline, ...lines] },
    ...{ ...compared, partition: partitionOf(running), standstill },
    nodes: nodes.map((node, position) => shownJson(node, running.nodes[position]!)),
  }
}

function printFound(terminal: Terminal, { agreement, health }: Found): void {
  printStandings(terminal, agreement)
  terminal.print(verdict(terminal, agreement, health))
}

/** All that a watcher should see change: not the nodes' clocks, nor the seconds that a chain has stood. */
function shownState({ agreement, health: { word, lines } }: Found): string {
  const nodes = agreement.nodes.map(({ clock: _, pending: __, wantsBlock: ___, divergence, ...node }) => ({
    ...node,
    divergence: divergence?.record ?? null,
  }))
  const { comparedAt, disagreement } = agreement
  return JSON.stringify({ word, lines, comparedAt, disagreement, nodes }, (_key, value) =>
    typeof value === 'bigint' ? String(value) : value,
  )
}

function throwUnlessHealthy({ word, headline, lines }: Health): void {
  if (word !== 'healthy') throw new CliError(headline, { lines, kind: word === 'divergence' ? 'failed' : word })
}

function shownJson(
  { error, divergence, voters: _, ...standing }: NodeStanding,
  { state, validator, engine }: ReadyNode,
): object {
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
          : [String(node.index), color.red(printable(whyAway(node), MAX_WORDS)), '', '', '', ''],
      ),
    ),
  )
  printFaults(terminal, nodes)
}

function whyAway({ error, divergence }: NodeStanding): string {
  return divergence?.record.kind === 'certified' ? `DIVERGED at block ${divergence.record.block}` : error!
}

/** Which nodes agree, and on what: never more than was compared. */
function verdict({ color }: Terminal, agreement: Agreement, { word }: Health): string {
  const { agree, comparedAt, compared, notCompared, nodes, disagreement } = agreement
  if (disagreement !== null) return color.red(`the nodes do not agree at height ${disagreement.height}`)
  if (comparedAt === null || compared.length === 0) return color.red('nothing could be compared')
  const all = compared.length === nodes.length
  if (comparedAt === 0) {
    const who = all ? `all ${nodes.length} nodes` : `${compared.length} of ${nodes.length} nodes`
    return (word === 'healthy' ? color.green : color.yellow)(`no block yet: ${who} stand at the same genesis`)
  }
  if (agree && word === 'healthy') {
    const who = nodes.length === 1 ? 'the node is' : `all ${nodes.length} nodes agree`
    return color.green(`${who} at height ${comparedAt}`)
  }
  const who = all ? `the ${nodes.length} nodes` : `${compared.length} of ${nodes.length} nodes`
  const rest =
    notCompared.length === 0 ? '' : `; not compared: ${notCompared.map((index) => `node ${index}`).join(', ')}`
  return color.yellow(`${who} have the same block at height ${comparedAt}${rest}`)
}

/** The deeds of validators that no correct one does, and the transactions that machines could not execute. */
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
