/**
 * Senders of transactions, each recovered once per node: a cache by transaction hash in front of whatever does the
 * arithmetic. About 1.4 ms of pure JavaScript each, so a node gives it to workers (signatureRecoveryPool.ts).
 */
import { keyOf } from '../../codec/bytes.ts'
import { CodecError } from '../../codec/codecError.ts'
import type { TransactionEnvelope } from '../../types/transaction.ts'
import { recoverSender } from '../../types/transactionCodec.ts'

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
export function senderOf({ transaction }: TransactionEnvelope): Uint8Array | null {
  try {
    return recoverSender(transaction)
  } catch (error) {
    if (error instanceof CodecError) return null
    throw error
  }
}

export interface CacheBounds {
  readonly maxEntries?: number
  /** How many of them may be of transactions that are in final blocks. */
  readonly maxSettled?: number
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
  const underWay = new Map<string, Promise<Uint8Array | null>>()

  const remember = (key: string, sender: Uint8Array | null) => {
    known.delete(key)
    known.set(key, sender)
    if (known.size > maxEntries) known.delete(known.keys().next().value!)
  }

  const start = (transactions: readonly TransactionEnvelope[]) => {
    const result = missing(transactions)
    for (const [index, { hash }] of transactions.entries()) {
      const key = keyOf(hash)
      const sender = result.then((senders) => {
        const found = senders[index] ?? null
        remember(key, found)
        return found
      })
      const forget = () => underWay.delete(key)
      underWay.set(key, sender)
      sender.then(forget, forget)
    }
  }

  const recover: SignatureRecoverer['recover'] = (transactions) => {
    const unknown = new Map<string, TransactionEnvelope>()
    for (const transaction of transactions) {
      const key = keyOf(transaction.hash)
      if (!known.has(key) && !underWay.has(key)) unknown.set(key, transaction)
    }
    if (unknown.size > 0) start([...unknown.values()])
    return Promise.all(
      transactions.map(({ hash }) => {
        const key = keyOf(hash)
        const sender = known.get(key)
        if (sender === undefined) return underWay.get(key)!
        remember(key, sender)
        return sender
      }),
    )
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
