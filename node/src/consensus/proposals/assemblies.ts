/**
 * The blocks of one height that were proposed and whose transactions are not all here yet. Bounded; ended with the height.
 */
import { equalBytes, keyOf } from '../../codec/bytes.ts'
import { CodecError } from '../../codec/codecError.ts'
import type { Network } from '../../network/network.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Block } from '../../types/block.ts'
import type { TransactionEnvelope } from '../../types/transaction.ts'
import type { TransactionSource } from '../application.ts'
import { MAX_ASSEMBLIES, MAX_BAD_LISTS } from '../limits.ts'
import { encodeContents } from '../wire/contents.ts'
import type { ProposalMessage } from '../wire/messages.ts'
import { Assembly, type AssemblyOutcome } from './assembly.ts'
import type { BlockForm } from './blockForm.ts'
import { encodePartRequest, PARTS_PROTOCOL } from './partRequests.ts'
import { type ProposedBlocks, type ReadProposal, readPlaced } from './proposedBlocks.ts'

export interface AssembliesOptions {
  readonly form: BlockForm
  readonly clock: Clock
  readonly network: Pick<Network, 'peers' | 'request' | 'penalize'>
  /** This node's pool. */
  readonly transactions: TransactionSource | undefined
  readonly blocks: ProposedBlocks
  /** The one under way. */
  round(): number
  /** All is there. May be called from within {@link Assemblies.take} and {@link Assemblies.repeat}. */
  onBlock(message: ProposalMessage, block: Block): void
  /** The proposer signed a list of transactions that is no block. */
  onBad(message: ProposalMessage, reason: string): void
  onFailure(error: unknown): void
}

interface Waiting {
  readonly assembly: Assembly
  /** Of different rounds: a block may be proposed again before it is here. */
  readonly messages: ProposalMessage[]
}

export class Assemblies {
  readonly #options: AssembliesOptions
  readonly #waiting = new Map<string, Waiting>()
  readonly #bad = new Set<string>()
  #unsubscribe: (() => void) | null = null

  constructor(options: AssembliesOptions) {
    this.#options = options
  }

  /** Proposals of this round that wait for their blocks. */
  ofRound(round: number): number {
    let count = 0
    for (const { messages } of this.#waiting.values()) {
      count += messages.filter((message) => message.round === round).length
    }
    return count
  }

  /** The same proposal, however often it is repeated, with or without transactions. */
  isWaiting(message: ProposalMessage): boolean {
    const known = this.#waiting.get(nameOf(message))
    return known?.messages.some((other) => isSame(other, message)) ?? false
  }

  /** Its list is no block's. */
  isBad(message: ProposalMessage): boolean {
    return this.#bad.has(nameOf(message))
  }

  /** Takes in the repetition of a proposal that waits: a peer that has it, and transactions. Returns its fault. */
  repeat(message: ProposalMessage, from: string): string | null {
    const assembly = this.#waiting.get(nameOf(message))?.assembly
    if (assembly === undefined) return null
    assembly.addSource(from)
    try {
      for (const placed of message.transactions) {
        // Only what is missing is hashed: anybody can repeat the rest.
        if (assembly.part(placed.index) === undefined) assembly.hear(readPlaced(placed, assembly.listed))
      }
      return null
    } catch (error) {
      if (error instanceof CodecError) return `proposal of round ${message.round}: ${error.message}`
      throw error
    }
  }

  /** The block of a verified proposal, or why it is none; null when it has to be waited for. */
  take(message: ProposalMessage, { listed, transactions }: ReadProposal, from: string): AssemblyOutcome | null {
    const name = nameOf(message)
    const known = this.#options.blocks.block(keyOf(message.blockHash))
    if (known !== undefined) {
      if (equalBytes(encodeContents(known.transactions), message.contents)) return { ok: true, block: known }
      return this.#isBad(name, 'the block with this hash has other transactions')
    }
    const waiting = this.#waiting.get(name)
    if (waiting !== undefined) {
      waiting.messages.push(message)
      waiting.assembly.addSource(from)
      for (const transaction of transactions) waiting.assembly.hear(transaction)
      return null
    }
    const { form, clock, network, onFailure } = this.#options
    const { contentsHash } = message
    const assembly = new Assembly({
      form,
      clock,
      head: message.head,
      listed,
      request: (peer, indexes, signal) =>
        network.request(peer, PARTS_PROTOCOL, encodePartRequest({ contentsHash, indexes }), { signal }),
      peers: () => {
        // Strangers are asked when the others give nothing.
        const peers = network.peers()
        return [...peers.filter(({ named }) => named), ...peers.filter(({ named }) => !named)].map(({ id }) => id)
      },
      onFault: (peer, reason) => network.penalize(peer, reason),
      // Several lists may name it, and several blocks may have one list.
      onFetched: (transaction) => this.#hear(transaction),
      onFailure,
      onEnd: (outcome) => this.#onEnd(name, outcome),
    })
    for (const transaction of transactions) assembly.put(transaction)
    this.#putKnown(assembly)
    if (assembly.isComplete) {
      const outcome = assembly.assemble()
      return outcome.ok ? outcome : this.#isBad(name, outcome.reason)
    }
    if (!this.#makeRoom(message.round)) return null
    this.#waiting.set(name, { assembly, messages: [message] })
    this.#unsubscribe ??= this.#options.transactions?.onTransaction((transaction) => this.#hear(transaction)) ?? null
    assembly.addSource(from)
    assembly.start()
    return null
  }

  /** One with this list of transactions: what is there of it is for peers that lack it. */
  withContents(contentsHash: Uint8Array): Assembly | undefined {
    const list = `/${keyOf(contentsHash)}`
    for (const [name, { assembly }] of this.#waiting) if (name.endsWith(list)) return assembly
    return undefined
  }

  stop(): void {
    for (const name of [...this.#waiting.keys()]) this.#forget(name)
  }

  /** From the pool, and from what other proposals of the height have brought. */
  #putKnown(assembly: Assembly): void {
    const { transactions, blocks } = this.#options
    if (transactions !== undefined) {
      for (const hash of assembly.missing()) {
        const transaction = transactions.transaction(hash)
        if (transaction !== undefined) assembly.put(transaction)
      }
    }
    if (assembly.isComplete) return
    for (const block of blocks.all()) for (const transaction of block.transactions) assembly.put(transaction)
    for (const other of this.#waiting.values()) {
      for (const transaction of other.assembly.present()) assembly.put(transaction)
    }
  }

  /**
   * Of the other rounds the one with the most makes room, the oldest of such; a later one only if it has more than this
   * one will have. So the proposers of the next rounds, who may send theirs early, cannot keep that of the round under
   * way out. Nor can they drive it out, also not by proposing the same block: it never makes room.
   */
  #makeRoom(round: number): boolean {
    if (this.#waiting.size < MAX_ASSEMBLIES) return true
    const current = this.#options.round()
    const names = new Map<number, string[]>()
    for (const [name, { messages }] of this.#waiting) {
      const rounds = messages.map((message) => message.round)
      if (rounds.includes(current) || rounds.includes(round)) continue
      const newest = Math.max(...rounds)
      names.set(newest, [...(names.get(newest) ?? []), name])
    }
    const own = this.ofRound(round)
    const [fullest] = [...names].sort(([a, ofA], [b, ofB]) => ofB.length - ofA.length || a - b)
    if (fullest === undefined || (fullest[0] > round && fullest[1].length <= own + 1)) return false
    this.#forget(fullest[1][0]!)
    return true
  }

  #hear(transaction: TransactionEnvelope): void {
    for (const { assembly } of [...this.#waiting.values()]) assembly.hear(transaction)
  }

  #onEnd(name: string, outcome: AssemblyOutcome): void {
    const messages = this.#waiting.get(name)?.messages ?? []
    this.#forget(name)
    if (!outcome.ok) this.#isBad(name, outcome.reason)
    for (const message of messages) {
      if (outcome.ok) this.#options.onBlock(message, outcome.block)
      else this.#options.onBad(message, outcome.reason)
    }
  }

  #isBad(name: string, reason: string): AssemblyOutcome {
    if (this.#bad.size < MAX_BAD_LISTS) this.#bad.add(name)
    return { ok: false, reason }
  }

  #forget(name: string): void {
    this.#waiting.get(name)?.assembly.stop()
    this.#waiting.delete(name)
    if (this.#waiting.size > 0) return
    this.#unsubscribe?.()
    this.#unsubscribe = null
  }
}

/** Of what has to be put together: the block, by its list. */
function nameOf(message: ProposalMessage): string {
  return `${keyOf(message.blockHash)}/${keyOf(message.contentsHash)}`
}

function isSame(a: ProposalMessage, b: ProposalMessage): boolean {
  return a.round === b.round && a.validRound === b.validRound
}
