/**
 * Why this machine makes something else of a block than its header says: executes it from the state of its parent on the
 * engine that did and on each other one, and narrows down where the first two that differ part: transaction, receipt,
 * account and slot, host call, instruction. For people only. Nothing that comes out here decides anything: the block
 * was found invalid, or a replay unequal, before.
 *
 * Pure, and bounded by limits.ts besides what executing the block takes: each transaction runs on each engine,
 * and the one in question some ten times more.
 */
import { equalBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { type ExecutionObserver, forgetExecutions, observeContract } from '../execution/contractHost.ts'
import { BlockRun, blockContextOf } from '../execution/executeBlock.ts'
import { executeTransaction } from '../execution/executeTransaction.ts'
import { ENGINE_NAMES, type EngineName, type ExecutionConfig } from '../execution/executionConfig.ts'
import { createProgramCache } from '../execution/programCache.ts'
import { type JournaledState, openState } from '../state/journaledState.ts'
import type { StateSource } from '../state/stateStore.ts'
import { memoryNodes } from '../trie/nodeStore.ts'
import { orderedTrieRoot } from '../trie/orderedTrie.ts'
import type { Block } from '../types/block.ts'
import { mergeBlooms } from '../types/bloom.ts'
import type { ReceiptRecord } from '../types/receipt.ts'
import { encodeReceipt } from '../types/receiptCodec.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { receiptDifferences } from './compareReceipts.ts'
import { type Comparison, type Execute, firstDifference, type HeardEvent } from './events.ts'
import type { EventDifference, Finding } from './finding.ts'
import { MAX_COMPARED_EVENTS, MAX_INSTRUMENTED_BYTES, MAX_STATE_DIFFERENCES } from './limits.ts'
import { stateDifferences } from './stateDifferences.ts'

export interface Unexplained {
  readonly block: Block
  /** Of its transactions, 20 bytes each. */
  readonly senders: readonly Uint8Array[]
  /** The state after its parent, read through the trie. */
  readonly parent: Pick<StateSource, 'root' | 'nodes' | 'codes'>
  readonly chainId: bigint
  readonly schedule: string
  /** Which made something else of it. */
  readonly engine: EngineName
}

export type Explanation =
  | { readonly finding: Finding; readonly trouble: null }
  /** It could not be found out, for a reason of this machine. */
  | { readonly finding: null; readonly trouble: string }

/** Never throws: what this machine cannot do is told. */
export function explain(unexplained: Unexplained): Explanation {
  try {
    return { finding: new Explainer(unexplained).find(), trouble: null }
  } catch (error) {
    forgetExecutions()
    return { finding: null, trouble: textOf(error) }
  }
}

/** One engine's execution of the block, as far as it can. */
interface Run {
  readonly engine: EngineName
  readonly receipts: readonly ReceiptRecord[]
  /** State root after each transaction. */
  readonly roots: readonly Uint8Array[]
  /** After the end of the block, or before the transaction that cannot be in it. */
  readonly root: Uint8Array
  /** Why the transaction after the last receipt cannot be in the block. */
  readonly invalid: string | null
}

class Explainer {
  readonly #block: Block
  readonly #senders: readonly Uint8Array[]
  readonly #parent: Unexplained['parent']
  readonly #chain: Pick<ExecutionConfig, 'chainId' | 'schedule'>
  readonly #engine: EngineName

  constructor({ block, senders, parent, chainId, schedule, engine }: Unexplained) {
    this.#block = block
    this.#senders = senders
    this.#parent = parent
    this.#chain = { chainId, schedule }
    this.#engine = engine
  }

  find(): Finding {
    const own = this.#run(this.#engine)
    let finding: Finding
    // The oracle is the last in the list, and compared first: what it tells apart needs no third opinion.
    for (const engine of ENGINE_NAMES.toReversed()) {
      if (engine === this.#engine) continue
      finding = this.#compare(own, this.#run(engine))
      if (!finding.agree) break
    }
    return finding!
  }

  #compare(own: Run, other: Run): Finding {
    const pair = { ...NOTHING, engines: [own.engine, other.engine] as const }
    const index = firstUnequal(own, other)
    const right = whichOf(this.#matches(own), this.#matches(other), pair.engines)
    if (index === null) return { ...pair, right, agree: true }
    const { hash, transaction } = this.#block.transactions[index]!
    const found = {
      ...pair,
      right,
      transaction: { index, hash: toHex(hash), to: transaction.to === null ? null : toHex(transaction.to) },
      receipt: receiptsAt(own, other, index),
    }
    if (own.invalid !== null || other.invalid !== null) {
      const short = Math.min(own.receipts.length, other.receipts.length)
      if (short <= index)
        return { ...found, remarks: ['one engine does not let the transaction into the block at all'] }
    }
    return { ...found, ...this.#inside(index, own.receipts.slice(0, index), pair.engines) }
  }

  #run(engine: EngineName): Run {
    const state = openState(this.#parent)
    const config = this.#config(engine)
    const run = new BlockRun(state, this.#block.header, config)
    const roots: Uint8Array[] = []
    for (const index of this.#block.transactions.keys()) {
      const refused = run.add(this.#transaction(index), index)
      if (refused !== null) {
        return { engine, receipts: run.receipts, roots, root: state.root(), invalid: refused.error.message }
      }
      roots.push(state.root())
    }
    return { engine, receipts: run.receipts, roots, root: run.finish().stateRoot, invalid: null }
  }

  #matches({ receipts, root, invalid }: Run): boolean {
    const { header } = this.#block
    return (
      invalid === null &&
      header.gasUsed === receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0n) &&
      equalBytes(header.stateRoot, root) &&
      equalBytes(header.logsBloom, mergeBlooms(receipts.map(({ receipt }) => receipt.logsBloom))) &&
      equalBytes(header.receiptsRoot, orderedTrieRoot(receipts.map(({ receipt }) => encodeReceipt(receipt))))
    )
  }

  /** Inside the transaction in which the engines part, on the state before it, on which they agree. */
  #inside(
    index: number,
    before: readonly ReceiptRecord[],
    [own, other]: Finding['engines'],
  ): Pick<Finding, 'state' | 'moreState' | 'hostCall' | 'instruction' | 'remarks'> {
    const open = this.#stateBefore(index)
    const gasUsed = before.reduce((sum, receipt) => sum + receipt.gasUsed, 0n)
    const changesOn = (engine: EngineName) => {
      const state = open()
      this.#execute(state, index, gasUsed, this.#config(engine))
      return state.takeChanges()
    }
    const all = stateDifferences(open(), changesOn(own), changesOn(other))
    const remarks: string[] = []
    const compare = (steps: boolean): Comparison => {
      const on = (engine: EngineName): Execute => {
        return (observer) => {
          forgetExecutions()
          let instrumented = 0
          const between: ExecutionConfig['between'] = (contract, module) => {
            instrumented += module.length
            const withSteps = steps && instrumented <= MAX_INSTRUMENTED_BYTES
            return observeContract(contract, module, withSteps ? observer : borders(observer))
          }
          this.#execute(open(), index, gasUsed, { ...this.#config(engine), between })
        }
      }
      return firstDifference(on(own), on(other), steps)
    }
    const calls = compare(false)
    const steps = compare(true)
    if (!calls.whole || !steps.whole) remarks.push(`only the first ${MAX_COMPARED_EVENTS} events were compared`)
    if (calls.difference === null)
      remarks.push('the contracts call the same host functions with the same arguments on both')
    if (steps.difference === null) {
      remarks.push(
        'with a call after each instruction the engines do not part: the difference goes away when it is watched',
      )
    }
    return {
      state: all
        .slice(0, MAX_STATE_DIFFERENCES)
        .map(({ left, right, ...rest }) => ({ ...rest, [own]: left, [other]: right })),
      moreState: Math.max(0, all.length - MAX_STATE_DIFFERENCES),
      hostCall: eventDifference(calls, own, other),
      instruction: eventDifference(steps, own, other),
      remarks,
    }
  }

  /** Opens the state that the transaction begins with, as often as it is asked to. */
  #stateBefore(index: number): () => JournaledState {
    const state = openState(this.#parent)
    const run = new BlockRun(state, this.#block.header, this.#config(this.#engine))
    for (let earlier = 0; earlier < index; earlier++) run.add(this.#transaction(earlier), earlier)
    const { root, nodes, codes } = state.takeChanges()
    const added = memoryNodes()
    added.add(nodes)
    const addedCodes = new Map(codes.map(([hash, code]) => [toHex(hash), code]))
    const parent = this.#parent
    return () =>
      openState({
        root,
        nodes: { node: (hash) => added.node(hash) ?? parent.nodes.node(hash) },
        codes: { code: (hash) => addedCodes.get(toHex(hash)) ?? parent.codes.code(hash) },
      })
  }

  #transaction(index: number): SenderTransaction {
    return { ...this.#block.transactions[index]!, sender: this.#senders[index]! }
  }

  #execute(state: JournaledState, index: number, gasUsed: bigint, config: ExecutionConfig) {
    const { header } = this.#block
    return executeTransaction(
      state,
      this.#transaction(index),
      blockContextOf(header),
      header.gasLimit - gasUsed,
      config,
    )
  }

  #config(engine: EngineName): ExecutionConfig {
    return { ...this.#chain, engine, programs: createProgramCache() }
  }
}

const NOTHING: Omit<Finding, 'engines'> = {
  right: 'neither',
  agree: false,
  transaction: null,
  receipt: [],
  state: [],
  moreState: 0,
  hostCall: null,
  instruction: null,
  remarks: [],
}

/** The same observer, of whom nothing is asked about instructions. */
function borders(observer: ExecutionObserver): ExecutionObserver {
  return {
    enter: (frame, line) => observer.enter(frame, line),
    leave: (line) => observer.leave(line),
    note: (line) => observer.note(line),
    step: null,
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

function whichOf(own: boolean, other: boolean, [first, second]: Finding['engines']): Finding['right'] {
  if (own) return other ? 'both' : first
  return other ? second : 'neither'
}

/** Index of the first transaction after which the runs are not the same; null when there is none. */
function firstUnequal(own: Run, other: Run): number | null {
  const length = Math.max(own.receipts.length, other.receipts.length)
  for (let index = 0; index < length; index++) {
    const [one, second] = [own.receipts[index], other.receipts[index]]
    if (one === undefined || second === undefined || receiptDifferences(one, second).length > 0) return index
    if (!equalBytes(own.roots[index]!, other.roots[index]!)) return index
  }
  return null
}

function receiptsAt(own: Run, other: Run, index: number): Finding['receipt'] {
  const [one, second] = [own.receipts[index], other.receipts[index]]
  if (one === undefined || second === undefined) {
    return [{ field: 'validity', [own.engine]: own.invalid, [other.engine]: other.invalid }]
  }
  return receiptDifferences(one, second).map(({ field, expected, got }) => ({
    field,
    [own.engine]: expected,
    [other.engine]: got,
  }))
}

function eventDifference({ difference }: Comparison, own: EngineName, other: EngineName): EventDifference | null {
  if (difference === null) return null
  const { left, right, number, before } = difference
  const isSamePlace = left?.place != null && right?.place != null && samePlace(left.place, right.place)
  return {
    number,
    contract:
      left === null || right === null || left.contract === right.contract ? ((left ?? right)?.contract ?? null) : null,
    place: isSamePlace ? { ...left.place } : null,
    [own]: left?.text ?? null,
    [other]: right?.text ?? null,
    before: before.map(({ text }) => text),
  }
}

function samePlace(one: NonNullable<HeardEvent['place']>, other: NonNullable<HeardEvent['place']>): boolean {
  return one.functionIndex === other.functionIndex && one.offset === other.offset
}
