/** The transactions of each block in the window of `devnet up`: sender, contract and function by name, gas, what failed. */
import { statSync } from 'node:fs'
import { BaseError, createPublicClient, type Hex, http, type PublicClient, type TransactionReceipt } from 'viem'
import { describeFailure } from '../contracts/failure.ts'
import { type Known, knownContracts } from '../contracts/knownContracts.ts'
import type { DevAccount } from '../network/accounts.ts'
import type { Network } from '../network/runner.ts'
import { CliError } from '../output/errors.ts'
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import { ReadingPace } from '../output/readingPace.ts'
import type { Terminal } from '../output/terminal.ts'
import { failureOf } from '../transactions/receiptText.ts'
import { describeTransaction } from '../transactions/transactionText.ts'

/** Blocks that wait until they are read; further ones are shown at once, without their transactions. */
const MAX_BLOCKS_WAITING = 64
/** Of one block. */
const MAX_TRANSACTIONS_SHOWN = 20
/** UTF-16 units of what a transaction does, and of why it failed. */
const MAX_WORDS = 400
const REQUEST_TIMEOUT_MS = 5_000

export interface BlockToTell {
  readonly number: bigint
  readonly gasUsed: bigint
  /** Said first. */
  readonly line: string
  /** JSON-RPC of a node that has it. */
  readonly rpc: string
}

export interface BlockTeller {
  tell(block: BlockToTell): void
  /** Nothing is printed any more. */
  stop(): void
}

/**
 * One after the other, so that lines of blocks do not mix. While transactions come faster than anybody reads, blocks are
 * shown without them.
 */
export function blockTeller(
  terminal: Terminal,
  network: Pick<Network, 'paths' | 'ready'>,
  pace: ReadingPace = new ReadingPace(),
): BlockTeller {
  const waiting: BlockToTell[] = []
  const names = new Names(network)
  let telling = false
  let stopped = false
  let saidTooFast = false
  const linesOf = async (block: BlockToTell) => {
    if (block.gasUsed === 0n) return []
    if (pace.hasRoom(MAX_TRANSACTIONS_SHOWN)) {
      const lines = await transactionLines(terminal, block, names)
      pace.take(lines.length)
      saidTooFast = false
      return lines
    }
    if (saidTooFast) return []
    saidTooFast = true
    return [
      `  transactions come faster than they can be read here; devnet block ${block.number} shows those of this block`,
    ]
  }
  const work = async () => {
    telling = true
    for (let block = waiting.shift(); block !== undefined && !stopped; block = waiting.shift()) {
      const lines = await linesOf(block)
      if (!stopped) terminal.printLines([block.line, ...lines])
    }
    telling = false
  }
  return {
    tell(block) {
      if (stopped) return
      const isPlain = !telling && block.gasUsed === 0n
      if (isPlain || waiting.length >= MAX_BLOCKS_WAITING) return terminal.print(block.line)
      waiting.push(block)
      if (!telling) void work()
    },
    stop() {
      stopped = true
    },
  }
}

/** A line for each; a node that went away meanwhile has none. */
async function transactionLines(terminal: Terminal, block: BlockToTell, names: Names): Promise<string[]> {
  const { number, rpc } = block
  const client = createPublicClient({
    transport: http(rpc, { batch: true, retryCount: 0, timeout: REQUEST_TIMEOUT_MS }),
  })
  try {
    const { transactions } = await client.getBlock({ blockNumber: number, includeTransactions: true })
    const shown = transactions.slice(0, MAX_TRANSACTIONS_SHOWN)
    const receipts = await Promise.all(shown.map(({ hash }) => client.getTransactionReceipt({ hash })))
    const known = names.known()
    const lines = shown.map((transaction, at) => transactionLine(terminal, transaction, receipts[at]!, known))
    const more = transactions.length - shown.length
    return more > 0 ? [...lines, `  and ${groupDigits(more)} more: devnet block ${number}`] : lines
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    terminal.detail(`block ${number} could not be read: ${(error as Error).message}`)
    return []
  }
}

type BlockTransaction = Awaited<ReturnType<PublicClient['getTransaction']>>

function transactionLine(
  { color }: Terminal,
  transaction: Pick<BlockTransaction, 'from' | 'to' | 'input' | 'value'>,
  receipt: TransactionReceipt,
  known: Known,
): string {
  const { attempt, words } = describeTransaction(transaction, known)
  const created = receipt.contractAddress
  const what = created ? `${words} at ${known.label(created)}` : words
  const gas = color.dim(`${groupDigits(receipt.gasUsed)} gas`)
  const line = `  ${short(transaction.from, known)} → ${printable(what, MAX_WORDS)}  ${gas}`
  const failure = failureOf(receipt)
  if (failure === null) return line
  const reason = describeFailure(attempt, failure.message, failure.revertData)
  return `${line}  ${color.red(`failed: ${printable(reason, MAX_WORDS)}`)}`
}

function short(address: Hex, known: Known): string {
  return known.nameOf(address) ?? known.label(address)
}

/** The address book, read again when it has changed. */
class Names {
  readonly #network: Pick<Network, 'paths' | 'ready'>
  #known: Known | null = null
  #writtenAt: number | null = null

  constructor(network: Pick<Network, 'paths' | 'ready'>) {
    this.#network = network
  }

  known(): Known {
    const { paths, ready } = this.#network
    const accounts = ready.accounts as readonly DevAccount[]
    const writtenAt = statSync(paths.deployments, { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (this.#known !== null && writtenAt === this.#writtenAt) return this.#known
    try {
      this.#known = knownContracts({ paths, accounts })
    } catch (error) {
      // A book that somebody broke is told by the commands that need it.
      if (!(error instanceof CliError)) throw error
      this.#known ??= { contracts: [], label: (address) => address, nameOf: () => null, labelled: (text) => text }
    }
    this.#writtenAt = writtenAt
    return this.#known
  }
}
