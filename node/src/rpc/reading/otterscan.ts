/** The views of Otterscan's methods: blocks without long fields, pages of transactions, and frames as it lists them. */
import { equalBytes } from '../../codec/bytes.ts'
import { toHex, toQuantity } from '../../codec/hex.ts'
import { EMPTY_CODE_HASH } from '../../crypto/keccak.ts'
import { isPrecompile } from '../../execution/precompiles/precompileNames.ts'
import type { TracedFrame } from '../../execution/trace/callTree.ts'
import type { Account } from '../../types/account.ts'
import { blockView } from '../views/block.ts'
import { transactionView } from '../views/transaction.ts'
import type { TransactionInBlock } from './blocks.ts'
import type { ExecutedBlock } from './executedBlock.ts'

export function hasCode(account: Account | null): boolean {
  return account !== null && !equalBytes(account.codeHash, EMPTY_CODE_HASH)
}

/** `0x` and the four bytes of a selector. */
const SELECTOR_LENGTH = 10

function briefBlock({ block }: ExecutedBlock): Readonly<Record<string, unknown>> {
  const { transactions: _left, ...rest } = blockView(block, null)
  return { ...rest, logsBloom: null, transactionCount: block.transactions.length }
}

/** Nothing is issued on this chain. `totalFees`: all that senders paid, what is burnt included. */
export function blockDetailsView(executed: ExecutedBlock): object {
  const fees = executed.receipts.reduce((sum, { gasUsed, effectiveGasPrice }) => sum + gasUsed * effectiveGasPrice, 0n)
  return {
    block: briefBlock(executed),
    issuance: { blockReward: '0x0', uncleReward: '0x0', issuance: '0x0' },
    totalFees: toQuantity(fees),
  }
}

/** Transactions from `first` up to `end`, whose input is cut to the selector, and receipts without logs. */
export function blockTransactionsView(executed: ExecutedBlock, first: number, end: number): object {
  const indices = Array.from({ length: Math.max(0, end - first) }, (_, offset) => first + offset)
  const transactions = indices.map((index) => {
    const view = transactionView(executed.transaction(index)!, executed.place(index))
    return { ...view, input: (view['input'] as string).slice(0, SELECTOR_LENGTH) }
  })
  return {
    fullblock: { ...briefBlock(executed), transactions },
    receipts: indices.map((index) => executed.briefReceipt(index)),
  }
}

/** The newest comes first. */
export function historyView(found: readonly TransactionInBlock[], firstPage: boolean, lastPage: boolean): object {
  return {
    txs: found.map(({ block, index }) => transactionView(block.transaction(index)!, block.place(index))),
    receipts: found.map(({ block, index }) => ({
      ...block.receipt(index),
      timestamp: Number(block.block.header.timestamp),
    })),
    firstPage,
    lastPage,
  }
}

/** Every frame, in the order in which they began; precompiles are left out. Only calls and creations have a value. */
export function traceEntries(root: TracedFrame): object[] {
  const entries: object[] = []
  const add = (frame: TracedFrame, depth: number): void => {
    if (isPrecompile(frame.to)) return
    const hasValue = frame.kind !== 'DELEGATECALL' && frame.kind !== 'STATICCALL'
    entries.push({
      type: frame.kind,
      depth,
      from: toHex(frame.from),
      to: toHex(frame.to),
      value: hasValue ? toQuantity(frame.value) : null,
      input: toHex(frame.input),
      output: toHex(frame.output),
    })
    for (const step of frame.steps) if (step.kind === 'frame') add(step.frame, depth + 1)
  }
  add(root, 0)
  return entries
}

const TRANSFER = 0
const CREATION = { CREATE: 2, CREATE2: 3 } as const

/** Transfers and creations below the outermost frame. Undone ones do not count. */
export function internalOperations(root: TracedFrame): object[] {
  const operations: object[] = []
  const add = (frame: TracedFrame): void => {
    if (frame.error !== null) return
    const { kind, from, to, value } = frame
    if (frame !== root && kind !== 'DELEGATECALL' && kind !== 'STATICCALL' && (kind !== 'CALL' || value > 0n)) {
      const type = kind === 'CALL' ? TRANSFER : CREATION[kind]
      operations.push({ type, from: toHex(from), to: toHex(to), value: toQuantity(value) })
    }
    for (const step of frame.steps) if (step.kind === 'frame') add(step.frame)
  }
  add(root)
  return operations
}
