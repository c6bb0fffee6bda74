/** Beginning with a snapshot on a chain whose validators have changed: the proof of who decides is checked link by link. */
import { encodeFunctionData, parseAbi } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { listLogger } from '../../testing/logger.ts'
import { createInProcessChain } from '../chain/inProcessChain.ts'
import { SnapshotStore } from '../chain/snapshotStore.ts'
import { accounts, transaction } from '../chain/testing/fixtures.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { ValidatorTrail } from '../consensus/proofs/handovers.ts'
import { REGISTRY_ADDRESS, REGISTRY_INTERFACE } from '../execution/validatorRegistry/registryInterface.ts'
import { memoryNetworks } from '../network/testing/memoryNetwork.ts'
import { systemClock } from '../runtime/clock.ts'
import { installCrypto } from '../runtime/installCrypto.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import type { Genesis } from '../types/genesis.ts'
import type { Handover } from '../types/handover.ts'
import { decodeHandover, encodeHandover } from '../types/handoverCodec.ts'
import { DEFAULT_SYNC_LIMITS } from './limits.ts'
import { type CertifiedBlock, decodeHandoversFrom, HANDOVERS_REQUEST } from './messages.ts'
import { serveChain } from './serving.ts'
import { fetchSnapshot } from './snapshotSync.ts'
import { type CertifiedChain, certifiedChain, certifiedGenesis, certify } from './testing/certifiedChain.ts'

const abi = parseAbi(REGISTRY_INTERFACE)
/** Heights from which the second validator has another power: 3, then 4, of 12 and 13. */
const CHANGES = [5n, 8n]
const HEIGHT = 10n

const genesis: Genesis = {
  ...certifiedGenesis,
  validators: certifiedGenesis.validators.map((validator, index) => ({
    ...validator,
    operator: accounts[index]!.address,
  })),
}

let source: CertifiedChain
let handovers: readonly Handover[]
let head: CertifiedBlock
beforeAll(async () => {
  await installCrypto()
  source = await certifiedChain({ genesis, signers: [0, 1] })
  // The first operator has 7 of 10, which is a quorum by itself.
  const proposals = CHANGES.map((height, index) => {
    const { publicKey, feeRecipient, operator } = genesis.validators[1]!
    const text = (bytes: Uint8Array) => toHex(bytes) as `0x${string}`
    const args = [text(publicKey), BigInt(3 + index), text(feeRecipient), text(operator!), height] as const
    const data = fromHex(encodeFunctionData({ abi, functionName: 'propose', args }))
    return transaction(0, index, { to: REGISTRY_ADDRESS, value: 0n, data, gasLimit: 2_000_000n })
  })
  await source.grow(1, () => proposals)
  await source.grow(Number(HEIGHT) - 1)
  handovers = (await source.chain.handovers(1n, 64)).map(decodeHandover)
  const { block, certificate } = (await source.chain.block('latest'))!
  head = { block, certificate: certificate! }
}, 120_000)

const startCheck = () =>
  new ValidatorTrail(genesis.validators, { chainId: genesis.chainId, genesisHash: source.chain.genesisHash })

const fault = (certified: CertifiedBlock, given: readonly Handover[]) => {
  const trail = startCheck()
  for (const handover of given) {
    const found = trail.take(handover)
    if (found !== null) return found
  }
  return trail.faultOf({ header: certified.block.header, certificate: certified.certificate })
}

describe('handovers', () => {
  it('are kept where the next height is decided by others, and go over the wire and back', async () => {
    expect(handovers.map(({ header }) => header.number)).toEqual(CHANGES.map((height) => height - 1n))
    expect(handovers[0]!.validators.map(({ power }) => power)).toEqual([7n, 3n, 1n, 1n])
    expect((await source.chain.handovers(5n, 64)).map((raw) => decodeHandover(raw).header.number)).toEqual([7n])
    for (const handover of handovers) expect(decodeHandover(encodeHandover(handover))).toEqual(handover)
  })

  it('prove a block of any height', async () => {
    for (let number = 1n; number <= HEIGHT; number++) {
      const { block, certificate } = (await source.chain.block({ number }))!
      const until = handovers.filter(({ header }) => header.number <= number)
      expect(fault({ block, certificate: certificate! }, until)).toBeNull()
    }
  })

  it.each<[string, (given: readonly Handover[]) => readonly Handover[], RegExp]>([
    ['none', () => [], /^block 10 is decided by other validators/],
    ['without the first', ([, second]) => [second!], /^the handover at block 7 is decided by other validators/],
    ['without the last', ([first]) => [first!], /^block 10 is decided by other validators/],
    ['in another order', ([first, second]) => [second!, first!], /^the handover at block 7/],
    ['twice', ([first, second]) => [first!, first!, second!], /^a handover at block 4, after 4/],
    [
      'with other validators',
      ([first, second]) => [{ ...first!, validators: genesis.validators }, second!],
      /^the handover at block 4 names other validators/,
    ],
    [
      'with the certificate of another block',
      ([first, second]) => [{ ...first!, certificate: second!.certificate }, second!],
      /^the handover at block 4 has the certificate of another block/,
    ],
    [
      'with a changed header',
      ([first, second]) => [{ ...first!, header: { ...first!.header, gasUsed: 1n } }, second!],
      /^the handover at block 4 has the certificate of another block/,
    ],
    [
      'with too few signatures',
      ([first, second]) => [
        { ...first!, certificate: { ...first!.certificate, signatures: first!.certificate.signatures.slice(1) } },
        second!,
      ],
      /^the handover at block 4 has no valid certificate/,
    ],
  ])('are refused %s', (_, change, message) => {
    expect(fault(head, change(handovers))).toMatch(message)
  })

  it('make a certificate of the old quorum worthless', () => {
    // 7 of 10 was enough, 7 of 13 is not.
    const old = certify(source.chain, head.block, [0])
    expect(fault({ ...head, certificate: old }, handovers)).toMatch(/^block 10 has no valid certificate/)
  })

  it('are asked for at the block itself too', async () => {
    const { block, certificate } = (await source.chain.block({ number: 7n }))!
    expect(fault({ block, certificate: certificate! }, handovers.slice(0, 1))).toMatch(/handover at block 7 is missing/)
  })
})

describe('a snapshot', () => {
  it('of such a chain is fetched with them, and passes them on', async () => {
    const networks = memoryNetworks()
    let chain = source.chain
    for (const name of ['first', 'second']) {
      const peer = networks.join(`${name} peer`)
      serveChain(peer, chain, DEFAULT_SYNC_LIMITS)
      await peer.start()
      const liar = networks.join(`${name} liar`)
      serveChain(liar, source.chain, DEFAULT_SYNC_LIMITS)
      liar.setRequestHandler(HANDOVERS_REQUEST, async () => [])
      await liar.start()
      const store = createMemoryStore()
      const network = networks.join(name)
      const height = await fetchSnapshot({
        network,
        store: SnapshotStore.open(store, genesis)!,
        genesis,
        check: startCheck(),
        hasHandovers: true,
        named: 0,
        clock: systemClock,
        logger: listLogger([]),
        limits: { choosingTime: 5, retryDelay: 5 },
      })
      expect(height).toBe(HEIGHT)
      expect(network.penalties.every((penalty) => penalty.peer === `${name} liar`)).toBe(true)
      await Promise.all([network, peer, liar].map((each) => each.stop()))
      chain = await createInProcessChain({ store, genesis, engine: 'reference' })
      expect(await chain.handovers(1n, 64)).toEqual(await source.chain.handovers(1n, 64))
      expect(await chain.validatorsAfter('latest')).toEqual(await source.chain.validatorsAfter('latest'))
    }
  })

  it('is not proven by handovers without end: a peer is asked for no more after the first false one', async () => {
    const networks = memoryNetworks()
    const liar = networks.join('liar')
    serveChain(liar, source.chain, DEFAULT_SYNC_LIMITS)
    let asked = 0
    liar.setRequestHandler(HANDOVERS_REQUEST, async (request) => {
      asked += 1
      const number = decodeHandoversFrom(request)
      return [encodeHandover({ ...handovers[0]!, header: { ...handovers[0]!.header, number } })]
    })
    await liar.start()
    const network = networks.join('late')
    const height = await fetchSnapshot({
      network,
      store: SnapshotStore.open(createMemoryStore(), genesis)!,
      genesis,
      check: startCheck(),
      hasHandovers: true,
      named: 0,
      clock: systemClock,
      logger: listLogger([]),
      limits: { choosingTime: 5, retryDelay: 5, attempts: 1 },
    })
    expect(height).toBeNull()
    expect(asked).toBe(1)
    expect(network.penalties.map(({ reason }) => reason)).toEqual([
      'block 10: handovers: the handover at block 1 has the certificate of another block',
    ])
    await Promise.all([network, liar].map((each) => each.stop()))
  })
})
