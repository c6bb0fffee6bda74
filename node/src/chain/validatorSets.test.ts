/**
 * Changes of the validator set by transactions, as clients send them: headers, storage, logs, and following by a light
 * client.
 */
import { decodeFunctionResult, encodeFunctionData, parseAbi, parseEventLogs } from 'viem'
import { beforeEach, describe, expect, it, test } from 'vitest'
import { equalBytes } from '../codec/bytes.ts'
import { fromHex, toHex } from '../codec/hex.ts'
import { createValidatorSet } from '../consensus/core/validatorSet.ts'
import { buildCertificate } from '../consensus/proofs/certificate.ts'
import { ValidatorTrail } from '../consensus/proofs/handovers.ts'
import { voteSignBytes } from '../consensus/signing/signBytes.ts'
import { type SigningKey, signingKey } from '../consensus/signing/signer.ts'
import { initialRegistry, type ValidatorChange } from '../execution/validatorRegistry/registry.ts'
import { REGISTRY_ADDRESS, REGISTRY_INTERFACE } from '../execution/validatorRegistry/registryInterface.ts'
import { changedWords, writeWords } from '../execution/validatorRegistry/registryStorage.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import type { Genesis } from '../types/genesis.ts'
import { validatorSetHash } from '../types/genesisCodec.ts'
import type { Handover } from '../types/handover.ts'
import { ZERO_HASH } from '../types/headerCodec.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import type { ChainService } from './chainService.ts'
import { createInProcessChain } from './inProcessChain.ts'
import {
  accounts,
  CHAIN_ID,
  genesis as plainGenesis,
  request,
  sendersOf,
  stranger,
  transaction,
} from './testing/fixtures.ts'
import { RegistryReader, validatorFields } from './validatorSets.ts'

const abi = parseAbi(REGISTRY_INTERFACE)

const keys: readonly SigningKey[] = [11, 12, 13, 14].map((fill) => signingKey(new Uint8Array(32).fill(fill)))
const joining = signingKey(new Uint8Array(32).fill(15))
const genesis: Genesis = {
  ...plainGenesis,
  validators: keys.map(({ publicKey }, index) => ({
    publicKey,
    power: 1n,
    feeRecipient: new Uint8Array(20).fill(0x50 + index),
    operator: accounts[index]!.address,
  })),
}

let chain: ChainService
let certifiedBlocks: { readonly block: Block; readonly certificate: Certificate }[]
let handover: Handover | null
let nonces: number[]

beforeEach(async () => {
  chain = await createInProcessChain({ store: createMemoryStore(), genesis, engine: 'reference' })
  certifiedBlocks = []
  handover = null
  nonces = [0, 0, 0, 0]
})

test('the fields of headers are those of any number, in whatever order they are asked for', () => {
  const change: ValidatorChange = {
    ...{ id: 1n, height: 10n, proposer: accounts[0]!.address, approvals: [], isScheduled: true },
    validator: { publicKey: joining.publicKey, power: 1n, feeRecipient: stranger, operator: accounts[0]!.address },
  }
  const registry = { ...initialRegistry(genesis.validators)!, changes: [change] }
  const slots = new Map<string, Uint8Array>()
  const state = {
    account: () => ({ nonce: 1n, balance: 0n, storageRoot: new Uint8Array(32).fill(1), codeHash: new Uint8Array(32) }),
    storage: (_: Uint8Array, slot: Uint8Array) => slots.get(toHex(slot)) ?? new Uint8Array(32),
    setStorage: (_: Uint8Array, slot: Uint8Array, value: Uint8Array) => void slots.set(toHex(slot), value),
  }
  writeWords(state, changedWords(state, registry))
  const reader = new RegistryReader(genesis)
  for (const number of [12n, 5n, 10n, 9n, 8n, 11n, 9n]) {
    expect(reader.fields(state, number)).toEqual(validatorFields(registry, genesis, number))
  }
})

function call(from: number, data: `0x${string}`, fields: Parameters<typeof transaction>[2] = {}): SenderTransaction {
  const to = REGISTRY_ADDRESS
  return transaction(from, nonces[from]!++, { to, value: 0n, data: fromHex(data), gasLimit: 2_000_000n, ...fields })
}

function proposal(from: number, key: SigningKey, power: bigint, height: bigint): SenderTransaction {
  const args = [
    toHex(key.publicKey) as `0x${string}`,
    power,
    toHex(stranger) as `0x${string}`,
    toHex(accounts[0]!.address) as `0x${string}`,
    height,
  ] as const
  return call(from, encodeFunctionData({ abi, functionName: 'propose', args }))
}

function approval(from: number, id: bigint): SenderTransaction {
  return call(from, encodeFunctionData({ abi, functionName: 'approve', args: [id] }))
}

/** A block that everyone of its height's set signs. */
async function append(...offered: SenderTransaction[]) {
  const { validators } = (await chain.validatorsAfter('latest'))[0]!
  const set = createValidatorSet(validators)
  const { block } = await chain.build(request(chain.head(), offered))
  expect(block.transactions.length).toBe(offered.length)
  expect(await chain.validate(block, sendersOf(block, offered))).toEqual({ ok: true })
  const height = block.header.number
  const id = toHex(block.hash).slice(2)
  const precommits = set.validators.map(({ publicKey }, validator) => {
    const key = [...keys, joining].find((each) => equalBytes(each.publicKey, publicKey))!
    const signature = key.sign(voteSignBytes(chain.genesisHash, height, 0, 'precommit', block.hash))
    return { type: 'precommit' as const, height, round: 0, id, validator, signature }
  })
  const certificate: Certificate = buildCertificate(CHAIN_ID, precommits)
  await chain.finalize(block, certificate, sendersOf(block, offered))
  certifiedBlocks.push({ block, certificate })
  const [next] = await chain.validatorsAfter('latest')
  const isHandover = next!.validators.length !== validators.length
  if (isHandover) handover = { header: block.header, certificate, validators: next!.validators }
  return block
}

async function logs() {
  const { receipts } = (await chain.receipts('latest'))!
  const all = receipts.flatMap(({ receipt }) => receipt.logs)
  return parseEventLogs({
    abi,
    logs: all.map(({ address, topics, data }) => ({
      address: toHex(address),
      topics: topics.map(toHex),
      data: toHex(data),
    })) as never,
  }).map(({ eventName, args }) => [eventName, args] as const)
}

async function read(functionName: 'validators' | 'changes') {
  const message = { to: REGISTRY_ADDRESS, data: fromHex(encodeFunctionData({ abi, functionName })) }
  const outcome = await chain.call(null, message, 'latest', [])
  if (outcome.kind !== 'success') throw new Error(outcome.kind)
  return decodeFunctionResult({ abi, functionName, data: toHex(outcome.output) as `0x${string}` })
}

/** Validator 5 joins with power 2 at height 5, decided in block 2. */
async function join() {
  await append(proposal(0, joining, 2n, 5n))
  await append(approval(1, 1n), approval(2, 1n))
}

describe('a change of the validator set', () => {
  it('is proposed, approved and scheduled with logs, and in force from its height', async () => {
    await append(proposal(0, joining, 2n, 5n))
    expect(await logs()).toMatchObject([
      ['ChangeProposed', { id: 1n, publicKey: toHex(joining.publicKey), power: 2n, height: 5n }],
      ['ChangeApproved', { id: 1n, approvedPower: 1n }],
    ])
    expect(await read('changes')).toMatchObject([{ id: 1n, height: 5n, approvedPower: 1n, isScheduled: false }])
    await append(approval(1, 1n), approval(2, 1n))
    expect((await logs()).map(([name]) => name)).toEqual(['ChangeApproved', 'ChangeApproved', 'ChangeScheduled'])
    expect((await chain.validatorsAfter('latest')).map(({ from, validators }) => [from, validators.length])).toEqual([
      [3n, 4],
      [5n, 5],
    ])
    await append()
    await append()
    expect(await read('validators')).toHaveLength(4)
    await append()
    expect(await read('validators')).toHaveLength(5)
    expect(await read('changes')).toEqual([])
  })

  it('is in the headers: who decides this height, and the next where it is another set', async () => {
    await join()
    for (let block = 3; block <= 6; block++) await append()
    const [before, after] = [genesis.validators, (await chain.validatorsAfter('latest'))[0]!.validators]
    for (const { header } of certifiedBlocks.map(({ block }) => block)) {
      const set = header.number < 5n ? before : after
      expect(header.extraData).toEqual(validatorSetHash(set))
      expect(header.mixHash).toEqual(header.number === 4n ? validatorSetHash(after) : ZERO_HASH)
    }
  })

  it('is refused in a block whose header says something else', async () => {
    await join()
    await append()
    const { block } = await chain.build(request(chain.head(), []))
    const lying = { ...block, header: { ...block.header, mixHash: ZERO_HASH } }
    expect(await chain.validate({ ...lying, hash: stranger }, [])).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^mix hash/),
    })
  })

  it('is known again after a restart, and of every old height', async () => {
    const store = createMemoryStore()
    chain = await createInProcessChain({ store, genesis, engine: 'reference' })
    await join()
    for (let block = 3; block <= 5; block++) await append()
    const again = await createInProcessChain({ store, genesis, engine: 'reference' })
    const counts = async (number: bigint) =>
      (await again.validatorsAfter({ number })).map(({ validators }) => validators.length)
    expect(await counts(1n)).toEqual([4])
    expect(await counts(2n)).toEqual([4, 5])
    expect(await counts(4n)).toEqual([5])
    expect(await counts(5n)).toEqual([5])
  })

  it('can be proven from the state root', async () => {
    await join()
    const proof = await chain.proof(REGISTRY_ADDRESS, [new Uint8Array(32)], 'latest')
    expect(proof.storageProof[0]!.value).toBeGreaterThan(100n)
    expect(proof.account.nonce).toBe(1n)
  })

  it('says why it is refused, and costs what it used', async () => {
    const outcomeOf = async (data: `0x${string}`, fields = {}) =>
      chain.call(
        null,
        { from: accounts[0]!.address, to: REGISTRY_ADDRESS, data: fromHex(data), ...fields },
        'latest',
        [],
      )
    const late = encodeFunctionData({ abi, functionName: 'approve', args: [7n] })
    expect(await outcomeOf(late)).toMatchObject({
      kind: 'revert',
      message: expect.stringContaining('no open change 7'),
    })
    expect(await outcomeOf(late, { value: 1n })).toMatchObject({ message: expect.stringContaining('takes no value') })
    expect(await outcomeOf('0x12345678')).toMatchObject({ message: expect.stringContaining('no function') })
    expect(await outcomeOf(`${late.slice(0, 10)}${'ff'.repeat(32)}` as `0x${string}`)).toMatchObject({ kind: 'revert' })
    expect(await outcomeOf(late, { gas: 25_000n })).toMatchObject({
      kind: 'failure',
      message: expect.stringContaining('registry costs'),
    })
    const propose = encodeFunctionData({
      abi,
      functionName: 'propose',
      args: [
        toHex(joining.publicKey) as `0x${string}`,
        2n,
        toHex(stranger) as `0x${string}`,
        toHex(stranger) as `0x${string}`,
        50n,
      ],
    })
    const estimate = await chain.estimateGas(
      null,
      { from: accounts[0]!.address, to: REGISTRY_ADDRESS, data: fromHex(propose) },
      'latest',
      [],
    )
    if (estimate.kind !== 'success') throw new Error(estimate.kind)
    await append(call(0, propose, { gasLimit: estimate.gas }))
    await append(call(0, propose, { gasLimit: 40_000n }))
    const { receipts } = (await chain.receipts('latest'))!
    expect(receipts[0]!.receipt.status).toBe(0)
    expect(await read('changes')).toHaveLength(1)
  })

  it('is nothing on a chain without operators', async () => {
    const fixed = await createInProcessChain({ store: createMemoryStore(), genesis: plainGenesis, engine: 'reference' })
    const message = { to: REGISTRY_ADDRESS, data: fromHex(encodeFunctionData({ abi, functionName: 'validators' })) }
    expect(await fixed.call(null, message, 'latest', [])).toMatchObject({ kind: 'success', output: new Uint8Array(0) })
    expect(await fixed.validatorsAfter('latest')).toEqual([{ from: 1n, validators: plainGenesis.validators }])
  })
})

describe('handovers', () => {
  beforeEach(async () => {
    await join()
    for (let block = 3; block <= 7; block++) await append()
  })

  const faultOf = (last: number, change: (handover: Handover) => readonly Handover[]) => {
    const trail = new ValidatorTrail(genesis.validators, { chainId: CHAIN_ID, genesisHash: chain.genesisHash })
    for (const given of change(handover!)) {
      const fault = trail.take(given)
      if (fault !== null) return fault
    }
    const { block, certificate } = certifiedBlocks[last]!
    return trail.faultOf({ header: block.header, certificate })
  }

  it('lead from the validators of the genesis to those of a later block', () => {
    expect(faultOf(6, (given) => [given])).toBeNull()
    expect(faultOf(4, (given) => [given])).toBeNull()
    // The block at which the set changes is decided by the old one still, and names the new one.
    expect(faultOf(3, (given) => [given])).toBeNull()
    expect(faultOf(2, () => [])).toBeNull()
    // One that comes later does not matter to it.
    expect(faultOf(2, (given) => [given])).toBeNull()
  })

  it('are needed, and must be what the chain says', () => {
    expect(faultOf(6, () => [])).toContain('decided by other validators')
    expect(faultOf(3, () => [])).toContain('is missing')
    expect(faultOf(6, (given) => [{ ...given, validators: genesis.validators }])).toContain('names other validators')
    expect(faultOf(6, (given) => [given, given])).toContain('after 4')
    const { certificate } = certifiedBlocks[6]!
    expect(faultOf(6, (given) => [{ ...given, certificate }])).toContain('certificate of another block')
    const short = (given: Handover) => ({ ...given.certificate, signatures: given.certificate.signatures.slice(0, 2) })
    expect(faultOf(6, (given) => [{ ...given, certificate: short(given) }])).toContain('more than two thirds')
  })
})
