/**
 * Makes the chain that every machine executes again: from a seed, on one chain in this process, with blocks of every kind
 * of transaction and certificates of four validators.
 */
import { readFileSync } from 'node:fs'
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { createInProcessChain } from '../../src/chain/inProcessChain.ts'
import { encodeReceiptRecords } from '../../src/chain/records.ts'
import { equalBytes } from '../../src/codec/bytes.ts'
import { voteSignBytes } from '../../src/consensus/signing/signBytes.ts'
import { ed25519PublicKey, ed25519Sign } from '../../src/crypto/ed25519.ts'
import { addressOfPrivateKey } from '../../src/crypto/secp256k1.ts'
import { createAddress } from '../../src/execution/contractAddress.ts'
import { encodeBlockRecord, encodeEndRecord, encodeGenesisRecord, encodeHeader } from '../../src/replay/exportFormat.ts'
import { createMemoryStore } from '../../src/runtime/memoryStore.ts'
import type { Block } from '../../src/types/block.ts'
import type { Certificate } from '../../src/types/certificate.ts'
import { encodeCertificate } from '../../src/types/certificateCodec.ts'
import type { Genesis } from '../../src/types/genesis.ts'
import { genesisToJson } from '../../src/types/genesisCodec.ts'
import type { SenderTransaction } from '../../src/types/transaction.ts'
import { signTransaction, type UnsignedTransaction } from '../../src/types/transactionCodec.ts'
import { readForeignTokens } from '../../testing/foreignTokens.ts'
import { foreignTokenSteps } from './foreignTokenScenarios.ts'
import { REGISTRY_KIND, validatorSeeds } from './registryScenarios.ts'
import { marketSteps, scenarios, worldSteps } from './scenarios.ts'
import type { Artifact, Artifacts, Place, Step, World } from './steps.ts'

const CHAIN_ID = 31_337n
const GWEI = 10n ** 9n
const privateKeys = [1, 2, 3, 4].map((fill) => new Uint8Array(32).fill(fill))
const accounts = privateKeys.map((key) => addressOfPrivateKey(key))
/** The first decides alone, so that a certificate may have one signature or four: each takes long to check when emulated. */
const powers = [100n, 7n, 2n, 1n]
const MAX_STEPS_PER_BLOCK = 3

export interface GeneratedExport {
  readonly bytes: Uint8Array
  readonly blocks: number
  readonly transactions: number
  /** By kind: how many there are. */
  readonly kinds: ReadonlyMap<string, number>
  /** Every different reason a transaction failed for. */
  readonly failures: ReadonlySet<string>
}

export interface GenerateOptions {
  /** At least 16, for the contracts and the market. */
  readonly blocks: number
  readonly seed: number
  readonly artifacts?: Artifacts
}

/** The example contracts as `npm run build` leaves them, and those of others. */
export function readArtifacts(): Artifacts {
  const read = (path: string): Artifact => {
    const url = new URL(`../../../contracts/examples/${path}`, import.meta.url)
    try {
      return JSON.parse(readFileSync(url, 'utf8')) as Artifact
    } catch (cause) {
      throw new Error(`${url.pathname} cannot be read; build the example contracts first: npm run build`, { cause })
    }
  }
  return {
    token: read('token/build/Token.json'),
    exchange: read('exchange/build/Exchange.json'),
    foreignTokens: readForeignTokens(),
  }
}

/** @throws Error when a transaction ends otherwise than its scenario says: the export would not hold what it should. */
export async function generateExport({
  blocks,
  seed,
  artifacts = readArtifacts(),
}: GenerateOptions): Promise<GeneratedExport> {
  const random = seededRandom(seed)
  const genesis = genesisOf()
  const chain = await createInProcessChain({ store: createMemoryStore(), genesis, engine: 'compiled' })
  const parts = [encodeHeader(), encodeGenesisRecord(genesisToJson(genesis))]
  const kinds = new Map<string, number>()
  const failures = new Set<string>()
  const nonces = accounts.map(() => 0n)
  const plan = planSteps(blocks, random, artifacts)
  let transactions = 0
  for (const steps of plan) {
    const head = chain.head()
    const place = { height: head.header.number + 1n, validators: await chain.validatorsAfter('latest') }
    const offered = steps.map((step) => sign(step, place, nonces, random))
    const { block } = await chain.build({
      parentHash: head.hash,
      timestamp: head.header.timestamp + BigInt(random.below(3)),
      miner: genesis.validators[random.below(4)]!.feeRecipient,
      transactions: offered,
    })
    if (block.transactions.length !== offered.length)
      throw new Error(`block ${block.header.number} leaves transactions out`)
    const certificate = certify(block, place, chain.genesisHash, random)
    await chain.finalize(
      block,
      certificate,
      offered.map(({ sender }) => sender),
    )
    const { receipts } = (await chain.receipts('latest'))!
    for (const [index, { receipt, failure }] of receipts.entries()) {
      const { kind, succeeds } = steps[index]!
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
      if (failure !== null) failures.add(failure.message)
      if ((receipt.status === 1) === succeeds) continue
      const why = failure === null ? 'it succeeded' : `it failed: ${failure.message}`
      throw new Error(`block ${block.header.number}, "${kind}" should ${succeeds ? 'succeed' : 'fail'}; ${why}`)
    }
    transactions += offered.length
    parts.push(
      encodeBlockRecord({
        number: block.header.number,
        block: block.raw,
        certificate: encodeCertificate(certificate),
        receipts: encodeReceiptRecords(receipts),
      }),
    )
  }
  const head = chain.head()
  parts.push(encodeEndRecord({ blocks: head.header.number, lastHash: head.hash }))
  await chain.close()
  return { bytes: Buffer.concat(parts), blocks: plan.length, transactions, kinds, failures }
}

/** Contracts and market first, then scenarios: each once, and then at random; every tenth block is empty. */
function planSteps(blocks: number, random: Random, artifacts: Artifacts): Step[][] {
  const [puppet, otherPuppet, traps, calculator, gold, silver, exchange] = Array.from({ length: 7 }, (_, nonce) =>
    createAddress(accounts[0]!, BigInt(nonce)),
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const own = { accounts, puppet, otherPuppet, traps, calculator, gold, silver, exchange }
  const setup = [...worldSteps(artifacts, [gold, silver]), ...marketSteps(artifacts, own)]
  // Behind the blocks that tests change: these codes take long to load.
  const sent = setup.filter(({ from }) => from === 0).length
  const foreignTokens = artifacts.foreignTokens.map((_, index) => createAddress(accounts[0]!, BigInt(sent + index)))
  const world: World = { ...own, foreignTokens }
  setup.push(...foreignTokenSteps(artifacts, world))
  const plan: Step[][] = []
  while (setup.length > 0) plan.push(setup.splice(0, MAX_STEPS_PER_BLOCK))
  const unused = [...scenarios]
  for (let number = 0; plan.length < blocks; ) {
    const steps: Step[] = []
    const count = plan.length % 10 === 0 ? 0 : 1 + random.below(MAX_STEPS_PER_BLOCK)
    while (steps.length < count) {
      const scenario = unused.length > 0 ? unused.splice(random.below(unused.length), 1)[0]! : random.pick(scenarios)
      const next = scenario(random, world, artifacts, number++)
      if (isRegistry(next) && steps.some(isRegistry)) continue
      // A step that does not fit any more under the block's gas limit waits for no other block: another draw comes.
      if (steps.reduce((sum, { gas }) => sum + gas, next.gas) <= GAS_LIMIT) steps.push(next)
      else plan.push([next])
    }
    plan.push(steps)
  }
  return plan.slice(0, blocks)
}

const isRegistry = ({ kind }: Step): boolean => kind.startsWith(REGISTRY_KIND)

const GAS_LIMIT = 30_000_000n

function genesisOf(): Genesis {
  return {
    chainId: CHAIN_ID,
    timestamp: 1_700_000_000n,
    gasLimit: GAS_LIMIT,
    baseFeePerGas: GWEI,
    schedule: 'touchstone/1',
    validators: powers.map((power, index) => ({
      publicKey: ed25519PublicKey(validatorSeeds[index]!),
      power,
      feeRecipient: new Uint8Array(20).fill(0xe0 + index),
      operator: accounts[Math.min(index, 1)]!,
    })),
    alloc: accounts.map((address) => ({ address, balance: 10n ** 24n })),
  }
}

/** Of type 0, 1 or 2; with an access list of 1 or 2. */
function sign(step: Step, place: Place, nonces: bigint[], random: Random): SenderTransaction {
  const { from, to, value, gas: gasLimit, accessList } = step
  const data = step.dataIn?.(place) ?? step.data
  const shared = { chainId: CHAIN_ID, nonce: nonces[from]!++, to, value, data, gasLimit }
  const type = accessList.length > 0 ? 1 + random.below(2) : random.below(3)
  const gasPrice = GWEI * BigInt(20 + random.below(10))
  const unsigned: UnsignedTransaction =
    type === 0
      ? { type, ...shared, gasPrice }
      : type === 1
        ? { type, ...shared, gasPrice, accessList }
        : {
            type: 2,
            ...shared,
            maxFeePerGas: gasPrice,
            maxPriorityFeePerGas: GWEI * BigInt(random.below(3)),
            accessList,
          }
  return { ...signTransaction(unsigned, privateKeys[from]!), sender: accounts[from]! }
}

/** By the first validator, which decides alone, and by some of the others. */
function certify(block: Block, { validators }: Place, genesisHash: Uint8Array, random: Random): Certificate {
  const round = random.below(8) === 0 ? 1 + random.below(3) : 0
  const { number: height } = block.header
  const message = voteSignBytes(genesisHash, height, round, 'precommit', block.hash)
  const signers = validators[0]!.validators.flatMap(({ publicKey }, index) => {
    const seed = validatorSeeds.find((each) => equalBytes(ed25519PublicKey(each), publicKey))!
    return index === 0 || random.below(8) === 0 ? [{ seed, index }] : []
  })
  const signatures = signers.map(({ seed, index }) => ({ index, signature: ed25519Sign(message, seed) }))
  return { chainId: CHAIN_ID, height, round, blockHash: block.hash, signatures }
}
