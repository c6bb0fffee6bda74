/**
 * Four validators, one of them Byzantine (its key signs two things for one step), and a node that joins: as real processes
 * over libp2p. It is caught, voted out, a weight changes, and the chain goes on with the new set; a restart in between.
 */
import { encodeFunctionData, parseAbi } from 'viem'
import { afterAll, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../node/src/codec/hex.ts'
import { conflictingVotes } from '../../../node/src/consensus/proofs/evidence.ts'
import { voteSignBytes } from '../../../node/src/consensus/signing/signBytes.ts'
import { signingKey } from '../../../node/src/consensus/signing/signer.ts'
import { encodeEvidence } from '../../../node/src/consensus/wire/messages.ts'
import { addressOfPrivateKey } from '../../../node/src/crypto/secp256k1.ts'
import {
  REGISTRY_ADDRESS,
  REGISTRY_INTERFACE,
} from '../../../node/src/execution/validatorRegistry/registryInterface.ts'
import { signTransaction } from '../../../node/src/types/transactionCodec.ts'
import { Attacker } from '../../../node/test/hostile/support/attacker.ts'
import { type NetworkNode, NodeProcesses, processGenesis, until } from '../../../node/test/process/nodeProcesses.ts'

const abi = parseAbi(REGISTRY_INTERFACE)
const seeds = [21, 22, 23, 24, 25].map((fill) => new Uint8Array(32).fill(fill))
const publicKeys = seeds.map((seed) => toHex(signingKey(seed).publicKey) as `0x${string}`)
const operatorKeys = [31, 32, 33, 34, 35].map((fill) => new Uint8Array(32).fill(fill))
const operators = operatorKeys.map((key) => toHex(addressOfPrivateKey(key)) as `0x${string}`)
const feeRecipient = (index: number) => toHex(new Uint8Array(20).fill(0x40 + index)) as `0x${string}`
const CHAIN_ID = 31337n

const nodes = new NodeProcesses(
  processGenesis(
    [0, 1, 2, 3].map((index) => ({
      publicKey: publicKeys[index],
      power: '0x1',
      feeRecipient: feeRecipient(index),
      operator: operators[index],
    })),
    Object.fromEntries(operators.map((address) => [address, { balance: '0xde0b6b3a7640000' }])),
  ),
)

afterAll(() => nodes.dispose())

const start = (name: string, index: number, fill: number, bootstrap: readonly string[]) =>
  nodes.start(
    name,
    fill,
    { validatorSeed: toHex(seeds[index]!), blockTimeMs: 150, feeRecipient: toHex(new Uint8Array(20).fill(fill)) },
    bootstrap,
  )

const nonces = [0n, 0n, 0n, 0n, 0n]
const height = async (node: NetworkNode) => BigInt(await node.ask<string>('eth_blockNumber'))

async function send(node: NetworkNode, operator: number, data: `0x${string}`): Promise<void> {
  const fees = { maxPriorityFeePerGas: 1_000_000_000n, maxFeePerGas: 100_000_000_000n, gasLimit: 1_000_000n }
  const fields = { to: REGISTRY_ADDRESS, value: 0n, data: Buffer.from(data.slice(2), 'hex'), accessList: [] }
  const nonce = nonces[operator]!
  nonces[operator] = nonce + 1n
  const { raw, hash } = signTransaction(
    { type: 2, chainId: CHAIN_ID, nonce, ...fees, ...fields },
    operatorKeys[operator]!,
  )
  await node.ask('eth_sendRawTransaction', toHex(raw))
  let receipt: { status: string } | null = null
  await until(async () => {
    receipt = await node.ask<{ status: string } | null>('eth_getTransactionReceipt', toHex(hash))
    return receipt !== null
  })
  expect(receipt).toMatchObject({ status: '0x1' })
}

/** Proposed by operator 0, approved by 1 and 2: three of four. */
async function decide(node: NetworkNode, id: bigint, index: number, power: bigint, effective: bigint): Promise<void> {
  const args = [publicKeys[index]!, power, feeRecipient(index), operators[index]!, effective] as const
  await send(node, 0, encodeFunctionData({ abi, functionName: 'propose', args }))
  const approval = encodeFunctionData({ abi, functionName: 'approve', args: [id] })
  await Promise.all([1, 2].map((operator) => send(node, operator, approval)))
}

/** Two votes of one validator for two blocks in one round of a height, shown to a node. */
async function showDoubleVote(node: NetworkNode, validator: number, height: bigint): Promise<void> {
  const genesisHash = fromHex(node.genesisHash)
  const [first, second] = [1, 2].map((fill) => {
    const blockHash = new Uint8Array(32).fill(fill)
    const bytes = voteSignBytes(genesisHash, height, 0, 'prevote', blockHash)
    const signature = signingKey(seeds[validator]!).sign(bytes)
    return { type: 'prevote' as const, height, round: 0, id: toHex(blockHash).slice(2), validator, signature }
  })
  const peer = await Attacker.make({ address: node.p2p, genesisHash })
  try {
    expect((await peer.join()).ok).toBe(true)
    expect(await peer.push('block', encodeEvidence(conflictingVotes(genesisHash, first!, second!)))).toBe(true)
    await until(async () => (await node.ask<unknown[]>('touchstone_evidence')).length > 0)
  } finally {
    await peer.stop()
  }
}

interface ShownSet {
  readonly hash: string
  readonly validators: readonly { readonly publicKey: string; readonly power: string }[]
  readonly scheduled: readonly { readonly height: string }[]
}

it('a validator joins, a Byzantine one is caught and leaves, a weight changes, and the chain goes on', async () => {
  const first = await start('node 1', 0, 1, [])
  const bootstrap = [first.p2p]
  let second = await start('node 2', 1, 2, bootstrap)
  const third = await start('node 3', 2, 3, bootstrap)
  await start('node 4', 3, 4, bootstrap)
  const joining = await start('node 5', 4, 5, bootstrap)

  await until(async () => (await height(third)) > 0n)
  await showDoubleVote(third, 3, await height(third))
  await until(async () => (await joining.ask<unknown[]>('touchstone_evidence')).length > 0)
  const [evidence] = await joining.ask<{ validator: object; raw: string }[]>('touchstone_evidence')
  expect(evidence!.validator).toMatchObject({ index: 3, publicKey: publicKeys[3] })
  await until(async () => (await second.ask<{ raw: string }[]>('touchstone_evidence')).length > 0)

  const from = (await height(first)) + 20n
  await decide(first, 1n, 4, 2n, from)
  await decide(first, 2n, 3, 0n, from + 2n)
  await decide(first, 3n, 1, 3n, from + 4n)
  const { scheduled } = await first.ask<ShownSet>('touchstone_validators')
  expect(scheduled.map((each) => BigInt(each.height))).toEqual([from, from + 2n, from + 4n])
  // With a change behind it and others ahead, a restart finds the set of its height.
  await second.stop()
  await until(async () => (await height(first)) >= from)
  second = await start('node 2', 1, 2, bootstrap)

  const well = [first, second, third, joining]
  await until(async () => (await Promise.all(well.map(height))).every((each) => each >= from + 6n))
  const sets = await Promise.all(
    well.map((node) => node.ask<ShownSet>('touchstone_validators', `0x${(from + 5n).toString(16)}`)),
  )
  for (const set of sets) {
    expect(set.validators.map(({ publicKey, power }) => [publicKey, power])).toEqual([
      [publicKeys[0], '0x1'],
      [publicKeys[1], '0x3'],
      [publicKeys[2], '0x1'],
      [publicKeys[4], '0x2'],
    ])
  }
  const at = `0x${(from + 6n).toString(16)}`
  const blocks = await Promise.all(
    well.map((node) => node.ask<{ hash: string; extraData: string }>('eth_getBlockByNumber', at, false)),
  )
  expect(new Set(blocks.map(({ hash }) => hash)).size).toBe(1)
  expect(blocks[0]!.extraData).toBe(sets[0]!.hash)
  // The one that joined signs too.
  await until(async () => {
    const { signatures } = await first.ask<{ signatures: { index: number }[] }>('touchstone_getCertificate', 'latest')
    return signatures.some(({ index }) => index === 3)
  })
  expect(await joining.ask('touchstone_status')).toMatchObject({
    ...{ validatorKey: publicKeys[4], isValidator: true, halted: null },
  })
  for (const node of well) expect(await node.stop()).toBe(0)
}, 180_000)
