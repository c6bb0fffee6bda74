/** The consensus seam on this node's chain and pool: what a block is made of, whether one is right, and its commit. */
import type { ChainService } from '../chain/chainService.ts'
import { toHex } from '../codec/hex.ts'
import type { Application } from '../consensus/application.ts'
import type { ValidatorHistory } from '../consensus/proofs/validatorHistory.ts'
import { isAssembled } from '../consensus/proposals/blockForm.ts'
import { operationsAmong } from '../execution/dev/askedOperations.ts'
import { type NextHeader, nextHeader } from '../execution/dev/nextHeader.ts'
import type { DevOperation } from '../execution/dev/operations.ts'
import type { Clock } from '../runtime/clock.ts'
import type { SignatureRecoverer } from '../runtime/recovery/signatureRecovery.ts'
import type { TxPool } from '../txpool/txPool.ts'
import type { Block } from '../types/block.ts'
import type { DevMode } from './devMode.ts'

export interface ChainApplicationOptions {
  readonly chain: ChainService
  readonly txpool: TxPool
  readonly recoverer: SignatureRecoverer
  readonly clock: Clock
  /** 20 bytes. */
  readonly feeRecipient: Uint8Array
  /** Told after each commit who decides the next heights; absent on a chain whose set is fixed. */
  readonly validators?: ValidatorHistory | null
  /** Absent on a chain that is not in dev mode. */
  readonly dev?: DevMode | null
}

export function createChainApplication(options: ChainApplicationOptions): Application {
  const { chain, txpool, recoverer, clock, feeRecipient, validators = null, dev = null } = options
  return {
    async propose(height) {
      const head = chain.head()
      if (head.header.number + 1n !== height)
        throw new Error(`asked for block ${height} on block ${head.header.number}`)
      const next = dev?.next() ?? nextHeader(head.header, chain.genesis, null)
      const controls = txpool.selectDev(next.gasLimit)
      const operations = operationsAmong(controls)
      // The block that asks for blocks is the first of them.
      const mines = dev === null || dev.mines() || operations.some(({ kind }) => kind === 'mine')
      const built = await chain.build({
        parentHash: head.hash,
        timestamp: clockFor(operations, next, BigInt(Math.floor(clock.now() / 1000))),
        miner: feeRecipient,
        transactions: mines ? txpool.select(next.gasLimit, next.baseFeePerGas) : controls,
      })
      txpool.drop(built.rejected)
      return built.block
    },

    async validate(block) {
      const senders = await recoverer.recover(block.transactions)
      const unsigned = senders.indexOf(null)
      if (unsigned !== -1) {
        return {
          ok: false,
          reason: `transaction ${unsigned} (${toHex(block.transactions[unsigned]!.hash)}): invalid signature`,
        }
      }
      return chain.validate(block, senders as readonly Uint8Array[], isAssembled(block))
    },

    async finalize(block, certificate, signed) {
      const rules = await chain.finalize(block, certificate, await certifiedSenders(recoverer, block), signed)
      recoverer.settled(block.transactions)
      validators?.update(rules.validators)
    },

    transactions: {
      transaction: (hash) => txpool.get(hash),
      onTransaction: (listener) => txpool.onAccepted(listener),
      arrivedAt: (hash) => txpool.arrivedAt(hash),
    },
    hasWork() {
      if (dev === null) return txpool.mayRun()
      return txpool.waitingDev() > 0 || dev.wantsBlock() || (dev.mines() && txpool.mayRun())
    },
    onWork(listener) {
      const stop = [txpool.onPending(() => listener()), dev?.onChange(listener)]
      return () => {
        for (const one of stop) one?.()
      }
    },
    ...(dev === null ? {} : { timeAhead: () => dev.timeAhead() }),
  }
}

/**
 * The time that the proposer's clock is to say, Unix seconds. A block of its own carries the control that gives the next
 * one its time, and is not to be later than that itself: a test may ask for the second after the newest block when more
 * than that has gone by.
 */
function clockFor(operations: readonly DevOperation[], { timeOffset }: NextHeader, now: bigint): bigint {
  let clock = now
  for (const operation of operations) {
    if (operation.kind === 'nextTimestamp' && operation.timestamp - timeOffset < clock) {
      clock = operation.timestamp - timeOffset
    }
  }
  return clock
}

/**
 * More than two thirds of the validators say that these signatures are right; one that is not is a fault of ours or theirs.
 */
async function certifiedSenders(recoverer: SignatureRecoverer, block: Block): Promise<readonly Uint8Array[]> {
  const senders = await recoverer.recover(block.transactions)
  if (senders.includes(null))
    throw new Error(`certified block ${toHex(block.hash)} has a transaction without a valid signature`)
  return senders as readonly Uint8Array[]
}
