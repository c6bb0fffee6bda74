import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { equalBytes } from '../../codec/bytes.ts'
import { nobleProvider } from '../../crypto/nobleProvider.ts'
import { setCryptoProvider } from '../../crypto/provider.ts'
import { addressOfPrivateKey } from '../../crypto/secp256k1.ts'
import type { TransactionEnvelope } from '../../types/transaction.ts'
import { encodeTransaction, signTransaction } from '../../types/transactionCodec.ts'
import {
  type CacheBounds,
  cachedRecovery,
  createInProcessRecoverer,
  type SignatureRecoverer,
  senderOf,
} from './signatureRecovery.ts'
import { createSignatureRecoveryPool } from './signatureRecoveryPool.ts'

const privateKey = new Uint8Array(32).fill(7)
const sender = addressOfPrivateKey(privateKey)

function transfer(nonce: number): TransactionEnvelope {
  return signTransaction(
    {
      type: 0,
      chainId: 31_337n,
      nonce: BigInt(nonce),
      gasPrice: 1n,
      gasLimit: 21_000n,
      to: sender,
      value: 1n,
      data: new Uint8Array(nonce),
    },
    privateKey,
  )
}

/** r = 5 is the x of no point with this parity: some small r is no x of the curve at all. */
function unrecoverable(): TransactionEnvelope {
  const { transaction } = transfer(0)
  for (let r = 1n; ; r++) {
    const envelope = encodeTransaction({ ...transaction, r })
    if (senderOf(envelope) === null) return envelope
  }
}

const transfers = Array.from({ length: 40 }, (_, nonce) => transfer(nonce))
const pool = createSignatureRecoveryPool({ workers: 2 })
afterAll(() => pool.close())

const implementations: readonly [string, SignatureRecoverer][] = [
  ['in process', createInProcessRecoverer()],
  ['in workers', pool],
]

describe.each(implementations)('signature recovery %s', (_, recoverer) => {
  test('gives senders in the order asked, and null for a signature no key could have made', async () => {
    const bad = unrecoverable()
    const senders = await recoverer.recover([transfers[0]!, bad, transfers[1]!])
    expect(senders[0]).toEqual(sender)
    expect(senders[1]).toBeNull()
    expect(senders[2]).toEqual(sender)
    expect(await recoverer.recover([])).toEqual([])
  })

  test('takes more at once than one batch holds, and the same one twice', async () => {
    const [first] = transfers
    const senders = await recoverer.recover([...transfers, first!, ...transfers])
    expect(senders.length).toBe(81)
    expect(senders.every((found) => found !== null && equalBytes(found, sender))).toBe(true)
  })
})

describe('the cache of senders', () => {
  const counting = (bounds?: CacheBounds) => {
    const asked: number[] = []
    const cached = cachedRecovery(async (transactions) => {
      asked.push(transactions.length)
      return transactions.map(senderOf)
    }, bounds)
    return { asked, ...cached }
  }

  test('recovers a transaction once, also while it is being recovered', async () => {
    const { asked, recover } = counting()
    await Promise.all([recover([transfers[0]!, transfers[1]!, transfers[0]!]), recover([transfers[1]!, transfers[2]!])])
    await recover([transfers[2]!])
    expect(asked).toEqual([2, 1])
  })

  test('is bounded, and forgets the longest unused first', async () => {
    const { asked, recover } = counting({ maxEntries: 2 })
    await recover([transfers[0]!])
    await recover([transfers[1]!])
    await recover([transfers[0]!])
    await recover([transfers[2]!])
    expect(asked).toEqual([1, 1, 1])
    await recover([transfers[0]!])
    expect(asked).toEqual([1, 1, 1])
    await recover([transfers[1]!])
    expect(asked).toEqual([1, 1, 1, 1])
  })

  test('keeps a few of those that are in final blocks, the newest, and all others', async () => {
    const { asked, recover, settled } = counting({ maxSettled: 2 })
    await recover(transfers.slice(0, 4))
    settled(transfers.slice(0, 1))
    settled(transfers.slice(1, 3))
    await recover(transfers.slice(1, 4))
    expect(asked).toEqual([4])
    await recover(transfers.slice(0, 1))
    expect(asked).toEqual([4, 1])
  })

  test('does not keep a failure', async () => {
    let attempts = 0
    const { recover } = cachedRecovery(async (transactions) => {
      if (attempts++ === 0) throw new Error('a worker was lost')
      return transactions.map(senderOf)
    })
    await expect(recover([transfers[0]!])).rejects.toThrow('a worker was lost')
    expect(await recover([transfers[0]!])).toEqual([sender])
  })
})

test('a lone transaction is recovered without a worker where recovery is fast, others are not', async () => {
  let now = 0
  const clock = { now: () => now, monotonic: () => now, after: () => () => undefined }
  const slow = createSignatureRecoveryPool({ workers: 1, clock })
  onTestFinished(async () => {
    setCryptoProvider(nobleProvider)
    await slow.close()
  })
  setCryptoProvider({ recoverPublicKey: (...args) => nobleProvider.recoverPublicKey(...args) })
  // Alone: at once, so that no turn of the event loop passes.
  const turns: string[] = []
  setImmediate(() => turns.push('turn'))
  expect(await slow.recover([transfer(100)])).toEqual([sender])
  expect(turns).toEqual([])
  now += 3
  expect(await slow.recover([transfer(101)])).toEqual([sender])
  // Another one close behind, and several at once.
  now += 2
  const close = slow.recover([transfer(102)])
  now += 9
  const waiting = slow.recover([transfer(103)])
  expect(await Promise.all([close, waiting])).toEqual([[sender], [sender]])
  expect(turns).toEqual(['turn'])
  // A while after a worker had one, too.
  const waits = [
    [99, false],
    [99, false],
    [100, true],
    [3, true],
  ] as const
  for (const [index, [wait, isAtOnce]] of waits.entries()) {
    now += wait
    turns.length = 0
    setImmediate(() => turns.push('turn'))
    expect(await slow.recover([transfer(104 + index)])).toEqual([sender])
    expect(turns, `after ${wait} ms`).toEqual(isAtOnce ? [] : ['turn'])
  }
})

test('a closed pool rejects what it has not done and what comes later', async () => {
  const closing = createSignatureRecoveryPool({ workers: 1 })
  const pending = expect(closing.recover(transfers)).rejects.toThrow('closed')
  await closing.close()
  await pending
  await expect(closing.recover([transfer(1)])).rejects.toThrow('closed')
})
