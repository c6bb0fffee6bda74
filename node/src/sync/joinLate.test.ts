/**
 * A node that joins a chain of some thousand blocks, among peers most of which lie or are slow, and is killed half-way.
 * Everything is real but network and disk: the chain, the certificates, the consensus engine that judges them.
 */
import { expect, it } from 'vitest'
import { listLogger } from '../../testing/logger.ts'
import { openChain } from '../chain/chain.ts'
import type { ChainService } from '../chain/chainService.ts'
import { createInProcessChain } from '../chain/inProcessChain.ts'
import { transaction } from '../chain/testing/fixtures.ts'
import { startConsensus } from '../consensus/engine.ts'
import { memoryNetworks } from '../network/testing/memoryNetwork.ts'
import { until } from '../network/testing/testNetworks.ts'
import { systemClock } from '../runtime/clock.ts'
import { installCrypto } from '../runtime/installCrypto.ts'
import type { KeyValueStore } from '../runtime/keyValueStore.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { sealBlock } from '../types/blockCodec.ts'
import type { Certificate } from '../types/certificate.ts'
import { encodeCertificate } from '../types/certificateCodec.ts'
import { startBlockSync } from './blockSync.ts'
import { DEFAULT_SYNC_LIMITS } from './limits.ts'
import { BLOCKS_REQUEST, type CertifiedBlock, decodeBlocks, decodeRange, encodeCertifiedBlock } from './messages.ts'
import { serveChain } from './serving.ts'
import { certifiedChain, certifiedGenesis, certifiedValidators } from './testing/certifiedChain.ts'

const HEIGHT = 4_000
const KILLED_AT = 1_777
/** Lies after which a real network disconnects and refuses a peer. */
const MOST_LIES = 4

type Answer = (blocks: readonly CertifiedBlock[], from: bigint) => Promise<readonly Uint8Array[]>

const encode = ({ block, certificate }: CertifiedBlock) =>
  encodeCertifiedBlock(block.raw, encodeCertificate(certificate))
const withCertificate =
  (change: (certificate: Certificate, index: number) => Certificate): Answer =>
  async (blocks) =>
    blocks.map(({ block, certificate }, index) => encode({ block, certificate: change(certificate, index) }))

function answers(chain: ChainService): Readonly<Record<string, Answer>> {
  const range = async (from: bigint, count: number) =>
    (await chain.rawBlocks(from, count, 2 ** 22)).map((one) => encodeCertifiedBlock(one.block, one.certificate))
  return {
    'other transactions': async (blocks) =>
      blocks.map(({ block, certificate }) =>
        encode({ block: { ...block, raw: sealBlock(block.header, [transaction(0, 0)]).raw }, certificate }),
      ),
    'another block': async (blocks) =>
      blocks.map(({ block, certificate }) => {
        const forged = sealBlock({ ...block.header, timestamp: block.header.timestamp + 1n }, [])
        return encode({ block: forged, certificate: { ...certificate, blockHash: forged.hash } })
      }),
    'a forged signature': withCertificate((certificate) => ({
      ...certificate,
      signatures: [{ index: 0, signature: new Uint8Array(64).fill(3) }],
    })),
    'too few signatures': withCertificate((certificate) => ({
      ...certificate,
      signatures: certificate.signatures.map(({ signature }) => ({ index: 1, signature })),
    })),
    'another round': withCertificate((certificate, index) => ({ ...certificate, round: index % 2 })),
    'the certificate of another block': async (blocks) =>
      blocks.map(({ block }, index) =>
        encode({ block, certificate: blocks[(index + 1) % blocks.length]!.certificate }),
      ),
    'a gap': async (blocks) => blocks.filter((_, index) => index !== 1).map(encode),
    'blocks of other heights': (blocks, from) => range(from + 1n, blocks.length),
    'more than was asked for': (blocks, from) => range(from, blocks.length + 1),
    'a flood': async (blocks) => Array.from({ length: 1_000 }, () => encode(blocks[0]!)),
    garbage: async () => [Uint8Array.of(0xc2, 1, 2)],
    'half a range': async (blocks) => blocks.slice(0, Math.ceil(blocks.length / 2)).map(encode),
    'one block at a time': async (blocks) => blocks.slice(0, 1).map(encode),
    nothing: async () => [],
    'an error': () => Promise.reject(new Error('no')),
    silence: () => new Promise(() => undefined),
    'the truth, slowly': async (blocks) => {
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      return blocks.map(encode)
    },
  }
}

const blameless = [
  'honest',
  'half a range',
  'one block at a time',
  'nothing',
  'an error',
  'silence',
  'the truth, slowly',
]

/** A node that follows, on this disk, until it is there or its disk stops. */
async function join(networks: ReturnType<typeof memoryNetworks>, name: string, store: KeyValueStore) {
  const network = networks.join(name)
  const lies = new Map<string, number>()
  network.penalize = (peer) => {
    lies.set(peer, (lies.get(peer) ?? 0) + 1)
    if (lies.get(peer) === MOST_LIES) networks.cut(name, peer)
  }
  const chain = await createInProcessChain({ store, genesis: certifiedGenesis, engine: 'reference' })
  const applied: bigint[] = []
  let failed = false
  const logger = listLogger([])
  const consensus = startConsensus({
    application: {
      propose: () => Promise.reject(new Error('not a validator')),
      validate: (block) => chain.validate(block, []),
      async finalize(block, certificate) {
        await chain.finalize(block, certificate, [])
      },
      hasWork: () => false,
      onWork: () => () => undefined,
    },
    network,
    signer: null,
    validatorSet: certifiedValidators,
    chainId: certifiedGenesis.chainId,
    genesisHash: chain.genesisHash,
    head: chain.head().header.number,
    headHash: chain.head().hash,
    clock: systemClock,
    logger,
  })
  consensus.onCommit(({ block }) => applied.push(block.header.number))
  consensus.onHalt(() => {
    failed = true
  })
  const sync = startBlockSync({
    network,
    chain,
    apply: (block, certificate) => consensus.applyCertified(block, certificate),
    clock: systemClock,
    logger,
    limits: { hedgeMin: 200, retryDelay: 20, peerPause: 300, statusInterval: 500 },
  })
  await network.start()
  await until(() => failed || chain.head().header.number === BigInt(HEIGHT), 'the node catches up or fails', 120_000)
  await sync.stop()
  await consensus.stop()
  await network.stop()
  return { chain, applied, lies, failed }
}

/** A disk that writes nothing more after so many batches. */
function failingStore(inner: KeyValueStore, batches: number): KeyValueStore {
  let left = batches
  return {
    ...inner,
    batch: (operations, options) =>
      left-- > 0 ? inner.batch(operations, options) : Promise.reject(new Error('the machine stopped')),
  }
}

it(`a node that joins at height ${HEIGHT} catches up among liars, and goes on after a kill`, async () => {
  await installCrypto()
  const source = await certifiedChain()
  await source.grow(HEIGHT)
  const networks = memoryNetworks()
  const asked = new Map<string, number>()
  const blocksAsked = new Map<string, number>()
  for (const [name, answer] of [...Object.entries(answers(source.chain)), ['honest', null] as const]) {
    const network = networks.join(name)
    serveChain(network, source.chain, DEFAULT_SYNC_LIMITS)
    if (answer !== null) {
      network.setRequestHandler(BLOCKS_REQUEST, async (request) => {
        const { from, count } = decodeRange(request)
        asked.set(name, (asked.get(name) ?? 0) + 1)
        blocksAsked.set(name, (blocksAsked.get(name) ?? 0) + count)
        const raw = await source.chain.rawBlocks(from, count, 2 ** 22)
        const frames = raw.map((one) => encodeCertifiedBlock(one.block, one.certificate))
        return answer(decodeBlocks(frames, from, count), from)
      })
    }
    await network.start()
  }

  const disk = createMemoryStore()
  // One batch is block 0, and each block is one.
  const killed = await join(networks, 'late', failingStore(disk, KILLED_AT + 1))
  expect(killed.failed).toBe(true)
  expect(killed.applied).toEqual(Array.from({ length: KILLED_AT }, (_, index) => BigInt(index + 1)))
  const left = await openChain({ store: disk, genesis: certifiedGenesis, engine: 'reference' })
  expect(left.head.header.number).toBe(BigInt(KILLED_AT))

  const again = await join(networks, 'late again', disk)
  expect(again.failed).toBe(false)
  expect(again.applied).toEqual(Array.from({ length: HEIGHT - KILLED_AT }, (_, index) => BigInt(KILLED_AT + index + 1)))
  expect(again.chain.head()).toEqual(source.chain.head())
  for (const number of [1n, 777n, BigInt(KILLED_AT), BigInt(HEIGHT)]) {
    expect(await again.chain.block({ number })).toEqual(await source.chain.block({ number }))
  }

  // Every liar was asked, found out, and left alone; nobody else was blamed.
  const liars = [...asked.keys()].filter((name) => !blameless.includes(name))
  expect(liars).toHaveLength(11)
  for (const { lies } of [killed, again]) {
    expect([...lies.keys()].filter((name) => blameless.includes(name))).toEqual([])
  }
  for (const liar of liars) {
    expect((killed.lies.get(liar) ?? 0) + (again.lies.get(liar) ?? 0), liar).toBeGreaterThan(0)
    // Some of them give single blocks rightly, and are asked for single ones again and again: in all, for two ranges.
    expect(blocksAsked.get(liar), liar).toBeLessThanOrEqual(2 * DEFAULT_SYNC_LIMITS.rangeBlocks)
  }
  expect(asked.get('silence')).toBeLessThan(40)
}, 240_000)
