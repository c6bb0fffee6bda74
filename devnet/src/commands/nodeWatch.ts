/**
 * The lines that `devnet up` shows of its nodes besides their blocks: a node ended or came to another result, or the
 * chain stands.
 */
import { relative } from 'node:path'
import { standingsOf } from '../network/agreement.ts'
import { divergenceHeadline, divergenceLines, type NodeDivergence, readDivergence } from '../network/divergence.ts'
import { standstillHeadline } from '../network/health.ts'
import { lastErrors } from '../network/logTail.ts'
import type { NodeExit } from '../network/nodeSlot.ts'
import type { Network } from '../network/runner.ts'
import { StandstillWatch } from '../network/standstill.ts'
import type { Terminal } from '../output/terminal.ts'

const LOG_LINES_SHOWN = 8
const LOOK_MS = 2_000
/** After how much longer it is said again that the chain stands. */
const SAY_AGAIN_SECONDS = 30

export interface NodeWatch {
  /** A node ended without being asked to. */
  onExit(exit: NodeExit): void
  /** Whether a block came out otherwise on one of them. */
  readonly sawDivergence: boolean
  stop(): void
}

export function watchNodes(terminal: Terminal, network: Network): NodeWatch {
  const divergences = new DivergenceWatch(terminal)
  const standstill = new StandstillTeller(terminal)
  // Of earlier runs: `devnet status` has them too, and the node tells whether it is over.
  for (const node of network.describe().nodes) divergences.look(readDivergence(node))
  let looking = false
  const look = async () => {
    const { nodes, partition } = network.describe()
    for (const node of nodes) divergences.look(readDivergence(node))
    const standings = await standingsOf(nodes, partition)
    if (standings.some(({ error }) => error === null)) standstill.look(nodes, standings, partition)
  }
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    void look().finally(() => {
      looking = false
    })
  }, LOOK_MS)
  return {
    onExit({ index, code, signal, logFile }) {
      const node = network.describe().nodes[index - 1]!
      const ending = `node ${index} ended by itself (${signal ?? `exit code ${code}`})`
      const divergence = readDivergence(node)
      if (divergence?.record.kind === 'certified') {
        divergences.look(divergence)
        terminal.warn(
          `${ending}: it cannot go on after block ${divergence.record.block}; its log is ${relative('.', logFile)}`,
        )
        return
      }
      terminal.warn(`${ending}; its log (${relative('.', logFile)}) says:`, lastErrors(logFile, LOG_LINES_SHOWN))
    },
    get sawDivergence() {
      return divergences.seen
    },
    stop: () => clearInterval(timer),
  }
}

/** Tells each divergence at once in a line, and whole when it is known where the engines part. */
class DivergenceWatch {
  readonly #terminal: Terminal
  /** By node, block, and what was said. */
  readonly #told = new Set<string>()
  /** The nodes that found that engines part there. */
  readonly #places = new Map<string, number>()

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  get seen(): boolean {
    return this.#told.size > 0
  }

  /** The same place is not shown for each node. */
  #linesOnce(divergence: NodeDivergence): string[] {
    const place = placeOf(divergence)
    const known = place === null ? undefined : this.#places.get(place)
    if (known !== undefined)
      return [`its engines part where those of node ${known} do; the record is ${divergence.file}`]
    if (place !== null) this.#places.set(place, divergence.node)
    return divergenceLines(divergence)
  }

  look(divergence: NodeDivergence | null): void {
    if (divergence === null) return
    const { node, record } = divergence
    const { noteColor } = this.#terminal
    const isNew = (what: string) => {
      const key = `${node} ${record.hash} ${what}`
      const known = this.#told.has(key)
      this.#told.add(key)
      return !known
    }
    if (record.explanation === null) {
      if (!isNew('seen')) return
      this.#terminal.warn(noteColor.red(`DIVERGENCE: node ${node} makes something else of block ${record.block}`), [
        'it is looking for where the engines part',
      ])
    } else if (isNew('explained')) {
      isNew(record.kind)
      this.#terminal.warn(noteColor.red(divergenceHeadline(divergence)), this.#linesOnce(divergence))
    } else if (isNew(record.kind)) this.#terminal.warn(noteColor.red(divergenceHeadline(divergence)))
  }
}

/** The part of a finding that several nodes may have alike: the transaction, and where the engines part in it. */
function placeOf({ record }: NodeDivergence): string | null {
  const finding = record.explanation?.finding ?? null
  if (finding?.transaction == null) return null
  return JSON.stringify([finding.transaction.hash, finding.instruction?.contract, finding.instruction?.place])
}

/** Says that the chain stands, and why, at once and every so often while it does, and once that it goes on. */
class StandstillTeller {
  readonly #terminal: Terminal
  readonly #watch = new StandstillWatch()
  /** When it was said last, as seconds of the standstill; null while it goes on. */
  #said: number | null = null

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  look(...[nodes, standings, partition]: LookArguments): void {
    const found = this.#watch.look(nodes, standings, performance.now(), partition)
    const { noteColor } = this.#terminal
    if (found === null) {
      if (this.#said !== null) this.#terminal.note('the chain goes on')
      this.#said = null
    } else if (this.#said === null || found.seconds - this.#said >= SAY_AGAIN_SECONDS) {
      this.#terminal.warn(noteColor.red(standstillHeadline(found)), found.reasons)
      this.#said = found.seconds
    }
  }
}

type LookParameters = Parameters<StandstillWatch['look']>
type LookArguments = [LookParameters[0], LookParameters[1], LookParameters[3]]
