/**
 * A whole node but for its sockets, and a peer that sends garbage: 10 000 byte strings on every gossip topic and every
 * request stream, random ones and damaged real messages, from ever new peers. Nothing changes and nothing throws.
 * Reproduce with the seed below; the same over real libp2p streams is in src/network/hostile.test.ts.
 */
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ChainService } from '../../src/chain/chainService.ts'
import { createInProcessChain } from '../../src/chain/inProcessChain.ts'
import type { Consensus } from '../../src/consensus/consensus.ts'
import { createValidatorSet } from '../../src/consensus/core/validatorSet.ts'
import { startConsensus } from '../../src/consensus/engine.ts'
import { openSigner, signingKey } from '../../src/consensus/signing/signer.ts'
import { addressOfPrivateKey } from '../../src/crypto/secp256k1.ts'
import type { Topic } from '../../src/network/network.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { createMemoryStore } from '../../src/runtime/memoryStore.ts'
import { createInProcessRecoverer } from '../../src/runtime/recovery/signatureRecovery.ts'
import { type BlockSync, startBlockSync } from '../../src/sync/blockSync.ts'
import { startTxGossip, type TxGossip } from '../../src/txpool/txGossip.ts'
import { openTxPool, type TxPool } from '../../src/txpool/txPool.ts'
import type { Genesis } from '../../src/types/genesis.ts'
import { signTransaction } from '../../src/types/transactionCodec.ts'
import { createChainApplication } from '../../src/wiring/chainApplication.ts'
import { SILENT_LOGGER } from '../../testing/logger.ts'
import { loneNetwork } from '../../testing/loneNetwork.ts'

const SEED = 20_261_122
const STRINGS = 10_000
const LONGEST = 400
const privateKey = new Uint8Array(32).fill(7)
const key = signingKey(new Uint8Array(32).fill(9))

const genesis: Genesis = {
  chainId: 31_337n,
  timestamp: 1_700_000_000n,
  gasLimit: 30_000_000n,
  baseFeePerGas: 1_000_000_000n,
  schedule: 'touchstone/1',
  validators: [{ publicKey: key.publicKey, power: 1n, feeRecipient: new Uint8Array(20).fill(0xee) }],
  alloc: [{ address: addressOfPrivateKey(privateKey), balance: 10n ** 20n }],
}

const network = loneNetwork()
const { gossip, requests, sent: published } = network
let chain: ChainService
let txpool: TxPool
let consensus: Consensus
let sync: BlockSync
let txGossip: TxGossip

beforeAll(async () => {
  chain = await createInProcessChain({ store: createMemoryStore(), genesis, engine: 'reference' })
  const recoverer = createInProcessRecoverer()
  const clock = systemClock
  txpool = openTxPool({ chain, recoverer, clock, logger: SILENT_LOGGER })
  txGossip = startTxGossip({ network, pool: txpool, clock, logger: SILENT_LOGGER })
  consensus = startConsensus({
    application: createChainApplication({ chain, txpool, recoverer, clock, feeRecipient: new Uint8Array(20).fill(1) }),
    network,
    signer: await openSigner({ store: createMemoryStore(), key, genesisHash: chain.genesisHash }),
    validatorSet: createValidatorSet(genesis.validators),
    chainId: genesis.chainId,
    genesisHash: chain.genesisHash,
    head: 0n,
    clock,
    logger: SILENT_LOGGER,
  })
  sync = startBlockSync({
    network,
    chain,
    apply: (block, certificate) => consensus.applyCertified(block, certificate),
    clock,
    logger: SILENT_LOGGER,
  })
  consensus.onBehind((height, peer) => sync.onBehind(height, peer))
})

afterAll(async () => {
  await sync.stop()
  await consensus.stop()
  txGossip.stop()
  await txpool.close()
  await chain.close()
})

function transfer(nonce: bigint): Uint8Array {
  const fields = { nonce, gasLimit: 21_000n, to: new Uint8Array(20).fill(3), value: 1n, data: new Uint8Array() }
  const fees = { maxPriorityFeePerGas: 1n, maxFeePerGas: 10n ** 10n }
  return signTransaction({ type: 2, chainId: genesis.chainId, ...fields, ...fees, accessList: [] }, privateKey).raw
}

async function includeOne(nonce: bigint): Promise<void> {
  const next = new Promise<void>((resolve) => {
    const stop = chain.onBlock(() => {
      stop()
      resolve()
    })
  })
  expect(await txpool.add(transfer(nonce), 'local')).toMatchObject({ ok: true })
  await next
}

/** Random bytes, or a real message that was cut, lengthened, or changed in a few places. */
function garbage(random: Random, real: readonly Uint8Array[]): Uint8Array {
  if (real.length === 0 || random.below(2) === 0) return random.bytes(random.below(LONGEST))
  const message = random.pick(real).slice()
  const kind = random.below(3)
  if (kind === 0) return message.subarray(0, random.below(message.length))
  if (kind === 1) return new Uint8Array([...message, ...random.bytes(1 + random.below(20))])
  for (let changes = 1 + random.below(4); changes > 0; changes--)
    message[random.below(message.length)]! ^= 1 + random.below(255)
  return message
}

describe('a node under garbage', () => {
  it('first makes a block, so that there are real messages to damage', async () => {
    await includeOne(0n)
    expect(chain.head().header.number).toBe(1n)
    expect([...gossip.keys()].sort()).toEqual(['block', 'consensus', 'tx'])
    expect(requests.size).toBeGreaterThanOrEqual(4)
  })

  it.each<Topic>(['tx', 'block', 'consensus'])('takes no harm on the topic %s', async (topic) => {
    const random = seededRandom(SEED)
    const real = published.filter((one) => one.topic === topic).map(({ message }) => message)
    if (topic !== 'tx') expect(real.length).toBeGreaterThan(0)
    const handler = gossip.get(topic)!
    const verdicts = new Set<string>()
    for (let i = 0; i < STRINGS; i++) verdicts.add(await handler(garbage(random, real), `peer-${i % 3_000}`))
    // An accepted message can only be a real one that the damage left as it was.
    expect(verdicts).toContain('reject')
    expect(chain.head().header.number).toBe(1n)
    expect(txpool.counts()).toEqual({ pending: 0, queued: 0 })
    expect(consensus.status().halted).toBeNull()
  })

  it('takes no harm on any request stream', async () => {
    const outcomes = new Set<string>()
    for (const handler of requests.values()) {
      const random = seededRandom(SEED)
      for (let i = 0; i < STRINGS; i++) {
        const request = random.bytes(random.below(LONGEST))
        // A handler refuses by throwing a CodecError, which the network turns into a closed stream.
        const answer = await handler(request, `peer-${i % 3_000}`).catch((error: Error) => error)
        outcomes.add(answer instanceof Error ? answer.name : 'answered')
      }
    }
    // The status request has no content to be wrong.
    expect([...outcomes].sort()).toEqual(['CodecError', 'answered'])
    expect(chain.head().header.number).toBe(1n)
  })

  it('and then goes on as before', async () => {
    await includeOne(1n)
    expect(chain.head().header.number).toBe(2n)
  })
})
