/**
 * Senders of transactions, each recovered once per node: a cache by transaction hash in front of whatever does the
 * arithmetic. About 1.4 ms of pure JavaScript each, so a node gives it to workers (signatureRecoveryPool.ts).
 */
import { keyOf } from '../../codec/bytes.ts'
import { recoverRawSender } from '../../types/rawSender.ts'
import type { TransactionEnvelope } from '../../types/transaction.ts'

export interface SignatureRecoverer {
  /** In the order given: 20 bytes, or null when no key could have made the signature. */
  recover(transactions: readonly TransactionEnvelope[]): Promise<readonly (Uint8Array | null)[]>
  /** These are in a final block. Peers may still bring a few of them, so the newest stay known for a while. */
  settled(transactions: readonly TransactionEnvelope[]): void
  /** Rejects the recoveries that are under way. */
  close(): Promise<void>
}

/** Senders kept: about 300 bytes each, and more than a full pool and a few full blocks have transactions. */
export const MAX_CACHED_SENDERS = 65_536
/** Of transactions in final blocks: peers that were behind still bring them for a moment. */
export const MAX_SETTLED_SENDERS = 4_096

/** Does the arithmetic for transactions that are not in the cache. */
export type RecoverMissing = (transactions: readonly TransactionEnvelope[]) => Promise<readonly (Uint8Array | null)[]>

/** Recovers on the calling thread: for tests, simulations and replay. */
export function createInProcessRecoverer(): SignatureRecoverer {
  return { ...cachedRecovery(async (transactions) => transactions.map(senderOf)), close: async () => {} }
}

/** Null for a signature that no key could have made. */
export function senderOf({ raw }: TransactionEnvelope): Uint8Array | null {
  return recoverRawSender(raw)
}

export interface CacheBounds {
  readonly maxEntries?: number
  /** How many of them may be of transactions that are in final blocks. */
  readonly maxSettled?: number
}

/** A transaction that is being recovered, with others. */
interface UnderWay {
  readonly senders: Promise<readonly (Uint8Array | null)[]>
  readonly index: number
}

/**
 * Asks `missing` for what is neither known nor being recovered already. A Map iterates in the order of insertion and a
 * hit is inserted anew, so the first entry is the longest unused and goes first.
 */
export function cachedRecovery(
  missing: RecoverMissing,
  { maxEntries = MAX_CACHED_SENDERS, maxSettled = MAX_SETTLED_SENDERS }: CacheBounds = {},
): Pick<SignatureRecoverer, 'recover' | 'settled'> {
  const known = new Map<string, Uint8Array | null>()
  /** In the order of their blocks, so the first one goes first. */
  const inBlocks = new Set<string>()
  const underWay = new Map<string, UnderWay>()

  const remember = (key: string, sender: Uint8Array | null) => {
    known.delete(key)
    known.set(key, sender)
    if (known.size > maxEntries) known.delete(known.keys().next().value!)
  }

  const start = async (unknown: ReadonlyMap<string, TransactionEnvelope>): Promise<void> => {
    const senders = missing([...unknown.values()])
    let index = 0
    for (const key of unknown.keys()) underWay.set(key, { senders, index: index++ })
    try {
      const found = await senders
      index = 0
      for (const key of unknown.keys()) remember(key, found[index++] ?? null)
    } finally {
      for (const key of unknown.keys()) underWay.delete(key)
    }
  }

  const recover: SignatureRecoverer['recover'] = async (transactions) => {
    const keys = transactions.map(({ hash }) => keyOf(hash))
    const unknown = new Map<string, TransactionEnvelope>()
    for (const [index, key] of keys.entries()) {
      if (!known.has(key) && !underWay.has(key)) unknown.set(key, transactions[index]!)
    }
    const started = unknown.size > 0 ? start(unknown) : null
    const places = keys.map((key) => {
      const sender = known.get(key)
      if (sender !== undefined) remember(key, sender)
      return sender === undefined ? underWay.get(key)! : sender
    })
    await started
    const senders: (Uint8Array | null)[] = []
    for (const place of places) {
      senders.push(place === null || place instanceof Uint8Array ? place : ((await place.senders)[place.index] ?? null))
    }
    return senders
  }
  const settled: SignatureRecoverer['settled'] = (transactions) => {
    for (const { hash } of transactions) {
      inBlocks.add(keyOf(hash))
      if (inBlocks.size <= maxSettled) continue
      const [oldest] = inBlocks
      inBlocks.delete(oldest!)
      known.delete(oldest!)
    }
  }

  return { recover, settled }
}
