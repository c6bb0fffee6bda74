/**
 * Starts a node, and looks whether it stays: one that came to something else of a block does so again unless something
 * changed.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { CliError } from '../../output/errors.ts'
import { standing } from '../agreement.ts'
import { divergenceHeadline, divergenceLines, type NodeDivergence, readDivergence } from '../divergence.ts'
import type { ReadyNode } from '../readyFile.ts'
import type { Network } from '../runner.ts'

/** How long a node that ended by itself is watched after its start. */
const WATCH_MS = 2_000
/** How long one that diverged may take to come to that block again: it gets the blocks of its peers first. */
const DIVERGED_WATCH_MS = 20_000
/** How long a node that is about to end may take to: it writes down what it found, and closes its databases. */
const ENDING_WATCH_MS = 20_000
const LOOK_MS = 100

/** A sentence on how the start ended. @throws CliError when it ended again. */
export async function startAndSee(network: Network, node: number): Promise<string> {
  await untilEnded(network, node)
  const before = describe(network, node)
  const diverged = before === undefined ? null : certified(readDivergence(before))
  await network.start(node)
  if (diverged === null && before?.state !== 'ended') return `node ${node} started`
  const block = diverged === null ? null : Number(diverged.record.block)
  const deadline = performance.now() + (block === null ? WATCH_MS : DIVERGED_WATCH_MS)
  while (performance.now() < deadline) {
    await wait(LOOK_MS)
    const now = describe(network, node)!
    if (now.state === 'ended') throw endedAgain(now)
    if (now.state !== 'running') return `node ${node} started, and is ${now.state} now`
    if (block === null) continue
    const { height, halted } = await standing(now)
    if (height !== null && height >= block) {
      return `node ${node} started; it had diverged at block ${block}, and executes it now as it was certified`
    }
    if (halted !== null) throw divergedAgain(now, block)
  }
  if (block === null) return `node ${node} started`
  return `node ${node} started; it had diverged at block ${block}, which it has not come to yet: it ends again if nothing has changed`
}

/**
 * A node that came to something else answers nobody before its process is gone, so `devnet status` says already that it has
 * ended. Any that answers and has not stopped is not waited for, and is running already.
 */
async function untilEnded(network: Network, node: number): Promise<void> {
  const deadline = performance.now() + ENDING_WATCH_MS
  for (let now = describe(network, node); now?.state === 'running'; now = describe(network, node)) {
    const { error, halted } = await standing(now)
    // After a fork a node stops, and stays for its operator to look at.
    if ((error === null && halted !== 'failure') || performance.now() >= deadline) return
    await wait(LOOK_MS)
  }
}

function describe(network: Network, node: number): ReadyNode | undefined {
  return network.describe().nodes[node - 1]
}

function certified(divergence: NodeDivergence | null): NodeDivergence | null {
  return divergence?.record.kind === 'certified' ? divergence : null
}

function endedAgain(node: ReadyNode): CliError {
  const divergence = certified(readDivergence(node))
  if (divergence === null) {
    return new CliError(`node ${node.index} started and ended again by itself`, { hint: `its log is ${node.logFile}` })
  }
  return new CliError(`node ${node.index} started and ended again: ${divergenceHeadline(divergence)}`, {
    lines: divergenceLines(divergence),
  })
}

function divergedAgain({ index }: ReadyNode, block: number): CliError {
  return new CliError(`node ${index} started, and makes something else of block ${block} again: it ends`, {
    hint: 'devnet status shows where the engines part; start it with software in which that is mended',
  })
}
