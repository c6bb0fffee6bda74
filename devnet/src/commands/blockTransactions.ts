/** The transactions of each block in the window of `devnet up`: sender, contract and function by name, gas, what failed. */
import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Hex } from 'viem'
import { describeFailure } from '../contracts/failure.ts'
import { type Known, knownContracts } from '../contracts/knownContracts.ts'
import type { DevAccount } from '../network/accounts.ts'
import type { Network } from '../network/runner.ts'
import { CliError } from '../output/errors.ts'
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import { ReadingPace } from '../output/readingPace.ts'
import type { Terminal } from '../output/terminal.ts'
import { describeTransaction } from '../transactions/transactionText.ts'
import { type ReadTransaction, readBlocks } from './readBlocks.ts'

/** Blocks that wait until they are read; further ones are shown at once, without their transactions. */
const MAX_BLOCKS_WAITING = 64
/** Of one block. */
const MAX_TRANSACTIONS_SHOWN = 20
/** UTF-16 units of what a transaction does, and of why it failed. */
const MAX_WORDS = 400
/**
 * Milliseconds from a block to the question what is in it: those that come meanwhile are asked for together, and the client
 * that has sent a transaction has its answers from the node first.
 */
const TOGETHER_MS = 100
const MAX_READ_TOGETHER = 16
/**
 * Gas of a block that is asked for with its receipts, and of blocks with one before them: it bounds the bytes of the answer.
 */
const MAX_GAS_READ_TOGETHER = 5_000_000n

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
  /** Of blocks that were read with one before them. */
  const ahead = new Map<bigint, ReadTransaction[] | null>()
  const transactionsOf = async (block: BlockToTell): Promise<ReadTransaction[] | null> => {
    if (!ahead.has(block.number)) {
      ahead.clear()
      const numbers = [block, ...followers(block, waiting)].map(({ number }) => number)
      const apart = block.gasUsed > MAX_GAS_READ_TOGETHER
      const read = await readBlocks(block.rpc, numbers, apart).catch((error: Error) => error.message)
      if (typeof read === 'string') {
        terminal.detail(`block ${block.number} could not be read: ${read}`)
        return []
      }
      for (const [at, number] of numbers.entries()) ahead.set(number, read[at]!)
    }
    return ahead.get(block.number)!
  }
  const linesOf = async (block: BlockToTell) => {
    if (block.gasUsed === 0n) return []
    if (pace.hasRoom(MAX_TRANSACTIONS_SHOWN)) {
      const lines = transactionLines(terminal, block, await transactionsOf(block), names)
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
    await sleep(TOGETHER_MS)
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

/** Those of `waiting` that are asked for with the block. */
function followers({ rpc }: BlockToTell, waiting: readonly BlockToTell[]): BlockToTell[] {
  const taken: BlockToTell[] = []
  let gas = 0n
  for (const block of waiting) {
    if (block.gasUsed === 0n || block.rpc !== rpc) continue
    gas += block.gasUsed
    if (gas > MAX_GAS_READ_TOGETHER || taken.length === MAX_READ_TOGETHER - 1) break
    taken.push(block)
  }
  return taken
}

/** A line for each; none where the node does not give the block. */
function transactionLines(
  terminal: Terminal,
  { number }: BlockToTell,
  transactions: readonly ReadTransaction[] | null,
  names: Names,
): string[] {
  if (transactions === null) {
    terminal.detail(`block ${number} could not be read: the node does not give it`)
    return []
  }
  const known = names.known()
  const shown = transactions.slice(0, MAX_TRANSACTIONS_SHOWN)
  const lines = shown.map((transaction) => transactionLine(terminal, transaction, known))
  const more = transactions.length - shown.length
  return more > 0 ? [...lines, `  and ${groupDigits(more)} more: devnet block ${number}`] : lines
}

function transactionLine({ color }: Terminal, transaction: ReadTransaction, known: Known): string {
  const { attempt, words } = describeTransaction(transaction, known)
  const { contractAddress: created, failure } = transaction
  const what = created === null ? words : `${words} at ${known.label(created)}`
  const gas = color.dim(`${groupDigits(transaction.gasUsed)} gas`)
  const line = `  ${short(transaction.from, known)} → ${printable(what, MAX_WORDS)}  ${gas}`
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
