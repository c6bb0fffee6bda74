/** Reads that clients make beside those of viem.test.ts and ethers.test.ts, against a live node. */
import { JsonRpcProvider } from 'ethers'
import { createPublicClient, createWalletClient, type Hex, http, keccak256 } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHarness } from './harness.ts'
import { LIVE_CHAIN as chain, type LiveNode, PRIVATE_KEYS, startLiveNode } from './liveNode.ts'
import { encodedValue, probeAbi, probeBytecode } from './probe.ts'

const alice = privateKeyToAccount(PRIVATE_KEYS[0]!).address
const NOBODY = `0x${'99'.repeat(20)}` as Hex

let node: LiveNode
let probe: Hex
const client = () => createPublicClient({ chain, transport: http(node.http), pollingInterval: 20 })
const wallet = (account: Hex) => createWalletClient({ account, chain, transport: http(node.http) })
const ask = <T>(method: string, ...params: unknown[]) =>
  client().request({ method: method as never, params: params as never }) as Promise<T>
const set = (value: bigint) =>
  wallet(alice).writeContract({ address: probe, abi: probeAbi, functionName: 'set', args: [value] })

beforeAll(async () => {
  node = await startLiveNode({ sendHold: 500 })
  const hash = await wallet(alice).deployContract({ abi: probeAbi, bytecode: probeBytecode() })
  probe = (await client().waitForTransactionReceipt({ hash })).contractAddress as Hex
  for (const value of [1n, 2n, 3n]) await set(value)
})
afterAll(async () => {
  await node.close()
  expect(node.logged.filter(({ level }) => level === 'error')).toEqual([])
})

test('eth_getAccount agrees with the proof, and eth_getAccountInfo with the single reads', async () => {
  const proof = await client().getProof({ address: probe, storageKeys: [] })
  expect(await ask('eth_getAccount', probe)).toEqual({
    balance: '0x0',
    nonce: '0x1',
    codeHash: proof.codeHash,
    storageRoot: proof.storageHash,
  })
  expect(await ask('eth_getAccount', NOBODY, 'latest')).toBeNull()
  const { code } = await ask<{ code: Hex }>('eth_getAccountInfo', probe, 'latest')
  expect(code).toBe(await client().getCode({ address: probe }))
  expect(keccak256(code)).toBe(proof.codeHash)
  expect(await ask('eth_getAccountInfo', NOBODY)).toEqual({ balance: '0x0', nonce: '0x0', code: '0x' })
})

test('eth_getStorageValues reads slots of one block, at any height', async () => {
  const head = await client().getBlockNumber()
  const wanted = { [probe]: ['0x0', encodedValue(1n)], [NOBODY]: ['0x5'] }
  const values = (value: bigint) => ({
    [probe]: [encodedValue(value), encodedValue(0n)],
    [NOBODY]: [encodedValue(0n)],
  })
  expect(await ask('eth_getStorageValues', wanted)).toEqual(values(3n))
  expect(await ask('eth_getStorageValues', wanted, `0x${(head - 1n).toString(16)}`)).toEqual(values(2n))
  const slots = Array.from({ length: 513 }, (_, index) => `0x${index.toString(16)}`)
  await expect(ask('eth_getStorageValues', { [probe]: slots, [NOBODY]: slots })).rejects.toThrow('maxStorageValues')
  for (const none of [{}, { [probe]: [] }]) {
    await expect(ask('eth_getStorageValues', none)).rejects.toThrow('slots asks for no slot')
  }
})

test('eth_getTransactionBySenderAndNonce finds each transaction of a sender, and what waits in the pool', async () => {
  const next = await client().getTransactionCount({ address: alice })
  for (let nonce = 0; nonce < next; nonce++) {
    const found = await ask<{ hash: Hex }>('eth_getTransactionBySenderAndNonce', alice, `0x${nonce.toString(16)}`)
    expect(found).toMatchObject({ from: alice.toLowerCase(), nonce: `0x${nonce.toString(16)}` })
    expect(await client().getTransaction({ hash: found.hash })).toMatchObject({ nonce, hash: found.hash })
  }
  expect(await ask('eth_getTransactionBySenderAndNonce', alice, `0x${next.toString(16)}`)).toBeNull()
  expect(await ask('eth_getTransactionBySenderAndNonce', NOBODY, '0x0')).toBeNull()
})

test('pending is the next block, with what the pool would offer for it', async () => {
  node.paused = true
  try {
    const sent = wallet(alice).sendTransaction({ to: NOBODY, value: 1n })
    // Its answer waits for the block, which does not come.
    while (node.pool.counts().pending === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const head = await client().getBlock()
    const pending = await client().getBlock({ blockTag: 'pending' })
    expect(pending).toMatchObject({
      hash: null,
      nonce: null,
      number: head.number + 1n,
      parentHash: head.hash,
      gasLimit: head.gasLimit,
      gasUsed: 0n,
      stateRoot: head.stateRoot,
    })
    expect(pending.timestamp).toBeGreaterThan(head.timestamp)
    const hash = await sent
    expect(pending.transactions).toEqual([hash])
    expect(await client().getBlockTransactionCount({ blockTag: 'pending' })).toBe(1)
    const full = await client().getBlock({ blockTag: 'pending', includeTransactions: true })
    expect(full.transactions).toMatchObject([{ hash, blockHash: null, from: alice.toLowerCase() }])
    expect(await client().getTransaction({ blockTag: 'pending', index: 0 })).toMatchObject({ hash })
    expect(await ask('eth_pendingTransactions')).toMatchObject([{ hash, blockNumber: null }])
    const { nonce } = full.transactions[0]!
    expect(await ask('eth_getTransactionBySenderAndNonce', alice, `0x${nonce.toString(16)}`)).toMatchObject({ hash })
    expect(keccak256(await ask<Hex>('eth_getRawTransactionByBlockNumberAndIndex', 'pending', '0x0'))).toBe(hash)
    const provider = new JsonRpcProvider(node.http)
    expect(await provider.getBlock('pending')).toMatchObject({ number: Number(head.number) + 1, transactions: [hash] })
    provider.destroy()
    await node.seal()
    const sealed = await client().getBlock()
    expect(sealed.number).toBe(pending.number)
    expect(sealed.baseFeePerGas).toBe(pending.baseFeePerGas)
  } finally {
    node.paused = false
  }
})

test('proofs at any kept height are against the state root of that block', async () => {
  const head = await client().getBlockNumber()
  for (let blockNumber = 1n; blockNumber <= head; blockNumber++) {
    const proof = await client().getProof({ address: probe, storageKeys: [encodedValue(0n)], blockNumber })
    const { stateRoot } = await client().getBlock({ blockNumber })
    // The first node of a proof is the root itself.
    expect(keccak256(proof.accountProof[0]!)).toBe(stateRoot)
    const stored = await client().getStorageAt({ address: probe, slot: '0x0', blockNumber })
    expect(proof.storageProof[0]!.value).toBe(BigInt(stored!))
  }
})

test('eth_config, and what this chain has none of', async () => {
  const { current, next, last } = await ask<{ current: Record<string, unknown>; next: unknown; last: unknown }>(
    'eth_config',
  )
  expect({ next, last }).toEqual({ next: null, last: null })
  expect(current).toMatchObject({ activationTime: 0, chainId: '0x7a69', blobSchedule: null, systemContracts: {} })
  const precompiles = Object.values(current['precompiles'] as Record<string, Hex>)
  for (const [index, address] of precompiles.entries()) expect(BigInt(address)).toBe(BigInt(index + 1))
  expect(precompiles).toHaveLength(9)
  expect(await client().getBlobBaseFee()).toBe(0n)
  const { baseFeePerGas } = await ask<{ baseFeePerGas: Hex }>('eth_getBlockByNumber', 'pending', false)
  expect(await ask('eth_baseFee')).toBe(baseFeePerGas)
  expect(await ask('eth_protocolVersion')).toBe('0x2')
  const { hash } = await client().getBlock()
  const unknown = `0x${'11'.repeat(32)}`
  expect(await ask('eth_getUncleCountByBlockHash', hash)).toBe('0x0')
  expect(await ask('eth_getUncleCountByBlockHash', unknown)).toBeNull()
  expect(await ask('eth_getUncleCountByBlockNumber', 'latest')).toBe('0x0')
  expect(await ask('eth_getUncleCountByBlockNumber', '0xffffff')).toBeNull()
  expect(await ask('eth_getUncleByBlockHashAndIndex', hash, '0x0')).toBeNull()
  expect(await ask('eth_getUncleByBlockNumberAndIndex', 'latest', '0x0')).toBeNull()
})

test('what needs a block that a snapshot left out is history that is not there', async () => {
  const here = createHarness()
  const transaction = here.node.transaction(0n)
  here.node.mine([[transaction, []]])
  here.node.mine()
  const chain = { ...here.node.backend.chain, base: 1n, account: async () => ({ nonce: 1n }) as never }
  Object.assign(here.node.backend, { chain })
  const sender = `0x${Buffer.from(transaction.sender).toString('hex')}`
  expect((await here.call('eth_getTransactionBySenderAndNonce', sender, '0x0')).error?.code).toBe(4444)
})

test('eth_capabilities tells from which block on a node has what, and whether states go', async () => {
  const whole = await ask<Record<string, { oldestBlock: Hex }>>('eth_capabilities')
  const { head, ...resources } = whole
  const block = await client().getBlock()
  expect(head).toEqual({ number: `0x${block.number.toString(16)}`, hash: block.hash })
  for (const [name, resource] of Object.entries(resources)) {
    expect(resource, name).toEqual({ disabled: false, oldestBlock: '0x0' })
  }
  const here = createHarness()
  const states = () => ({ oldest: 90n, kept: 10n, letGo: 5 })
  Object.assign(here.node.backend, { chain: { ...here.node.backend.chain, base: 50n, states } })
  const from = (oldestBlock: Hex) => ({ disabled: false, oldestBlock })
  const state = { ...from('0x5a'), deleteStrategy: { type: 'window', retentionBlocks: '0xa' } }
  expect((await here.call('eth_capabilities')).result).toMatchObject({
    ...{ state, stateproofs: state, blocks: from('0x32') },
    ...{ tx: from('0x33'), logs: from('0x33'), receipts: from('0x33') },
  })
})

test('a pool too large for an answer says so', async () => {
  const here = createHarness({ maxResponseLength: 300 })
  here.node.offer(here.node.transaction(0n))
  here.node.offer(here.node.transaction(1n))
  expect((await here.call('eth_pendingTransactions')).error?.message).toContain('maxResponseLength')
})
