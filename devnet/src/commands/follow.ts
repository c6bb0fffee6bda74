/** One line for each new block while `devnet up` runs, with the word of every node on it. */
import { createPublicClient, webSocket } from 'viem'
import { groupDigits } from '../contracts/values.ts'
import type { Network } from '../network/runner.ts'
import type { Terminal } from '../output/terminal.ts'

/** Heights kept while nodes are still reporting them. */
const mostOpenHeights = 256
const reconnectMs = 1_000

interface OpenHeight {
  readonly reports: Map<number, { readonly hash: string; readonly stateRoot: string }>
  disagreed: boolean
}

/** Returns the way to stop. */
export function followBlocks(terminal: Terminal, network: Network): () => void {
  const { color } = terminal
  const open = new Map<bigint, OpenHeight>()
  const stops = network.ready.nodes.map(({ index, ws }) => {
    // A node that is restarted must be followed again, however long it was away.
    const client = createPublicClient({
      transport: webSocket(ws, { reconnect: { attempts: Number.MAX_SAFE_INTEGER, delay: reconnectMs }, retryCount: 0 }),
    })
    return client.watchBlocks({
      onError: () => {},
      onBlock(block) {
        const { number, hash, stateRoot } = block
        const height = open.get(number) ?? { reports: new Map(), disagreed: false }
        if (height.reports.size === 0)
          terminal.print(blockLine(number, block.transactions?.length ?? 0, block.gasUsed, stateRoot, hash))
        open.set(number, height)
        if (open.size > mostOpenHeights) open.delete(open.keys().next().value!)
        height.reports.set(index, { hash, stateRoot })
        if (height.disagreed || [...height.reports.values()].every((other) => other.hash === hash)) return
        height.disagreed = true
        const words = [...height.reports].map(
          ([node, report]) => `  node ${node}  block ${report.hash}  state root ${report.stateRoot}`,
        )
        terminal.warn(
          color.red(
            `THE NODES DISAGREE at height ${number}. This must never happen; keep the data directory and report it.`,
          ),
        )
        terminal.warn(words.join('\n'))
      },
    })
  })
  return () => {
    for (const stop of stops) stop()
  }

  function blockLine(number: bigint, transactions: number, gasUsed: bigint, stateRoot: string, hash: string): string {
    const count = `${transactions} transaction${transactions === 1 ? '' : 's'}`
    return `${color.bold(`block ${number}`)}  ${hash.slice(0, 10)}…  ${count}, ${groupDigits(gasUsed)} gas  ${color.dim(`state root ${stateRoot.slice(0, 10)}…`)}`
  }
}
