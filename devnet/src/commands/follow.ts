/** Each new block and its transactions while `devnet up` runs, and a loud line when the nodes' words on it differ. */
import type { Head } from '../network/nodeProcess.ts'
import type { Network } from '../network/runner.ts'
import { groupDigits } from '../output/groupDigits.ts'
import type { Terminal } from '../output/terminal.ts'
import type { BlockTeller, BlockToTell } from './blockTransactions.ts'

/** Heights kept while nodes are still reporting them. */
const MAX_OPEN_HEIGHTS = 256

interface OpenHeight {
  /** By node. */
  readonly reports: Map<number, Head>
  disagreed: boolean
}

/** Returns the way to stop. */
export function followBlocks(terminal: Terminal, network: Network): () => void {
  const { color } = terminal
  const open = new Map<bigint, OpenHeight>()
  /** JSON-RPC, by number. */
  const nodes = new Map<number, string>()
  let teller: Promise<BlockTeller> | null = null
  /** The highest block that has its line. */
  let newest: bigint | null = null
  let stopped = false
  const know = () => {
    for (const { index, rpc } of network.describe().nodes) nodes.set(index, rpc)
  }
  know()
  network.onAdd(know)
  network.onHead(onHead)
  return () => {
    stopped = true
    void teller?.then((loaded) => loaded.stop())
  }

  /** Loaded with the first block: a client and the words of transactions are a third of this process. */
  async function tell(block: BlockToTell): Promise<void> {
    teller ??= import('./blockTransactions.ts').then(({ blockTeller }) => blockTeller(terminal, network))
    const loaded = await teller
    if (!stopped) loaded.tell(block)
  }

  function onHead(node: number, head: Head): void {
    const rpc = nodes.get(node)
    // One that is just being added is known once it is ready.
    if (stopped || rpc === undefined) return
    const { number, gasUsed } = head
    const isNew = newest === null || number > newest
    const height = open.get(number) ?? { reports: new Map<number, Head>(), disagreed: false }
    // A node that catches up executes blocks that had their lines long ago.
    if (!isNew && height.reports.size === 0) return
    if (isNew) {
      if (newest !== null && number > newest + 1n)
        void tell({ number, gasUsed: 0n, line: gapLine(newest, number), rpc })
      newest = number
      void tell({ number, gasUsed, line: blockLine(head), rpc })
    }
    height.reports.set(node, head)
    open.set(head.number, height)
    if (open.size > MAX_OPEN_HEIGHTS) open.delete(open.keys().next().value!)
    const reports = [...height.reports]
    const same = reports.every(([, other]) => other.hash === head.hash && other.stateRoot === head.stateRoot)
    if (same && reports.length === nodes.size) terminal.detail(`all ${nodes.size} nodes agree on block ${head.number}`)
    if (same || height.disagreed) return
    height.disagreed = true
    const words = reports.map(([index, own]) => `node ${index}  block ${own.hash}  state root ${own.stateRoot}`)
    terminal.warn(
      `${color.red(`THE NODES DISAGREE at height ${head.number}.`)} This must never happen; keep the data directory and report it.`,
      words,
    )
  }

  /** Of nodes that started, or told no more than this process could hear. */
  function gapLine(before: bigint, after: bigint): string {
    const [from, to] = [before + 1n, after - 1n]
    const blocks = from === to ? `block ${from} has` : `blocks ${from} to ${to} have`
    return color.dim(`${blocks} no line here, since no node could tell of that in time: devnet block ${from} shows one`)
  }

  function blockLine({ number, hash, gasUsed, stateRoot }: Head): string {
    return `${color.bold(`block ${number}`)}  ${hash.slice(0, 10)}…  ${groupDigits(gasUsed)} gas  ${color.dim(`state root ${stateRoot.slice(0, 10)}…`)}`
  }
}
