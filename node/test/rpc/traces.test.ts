/** Traces over JSON-RPC: what tools read, against what the chain says in other ways. */
import { createPublicClient, createWalletClient, type Hex, http, keccak256 } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/codec/hex.ts'
import { encodeInitCode } from '../../src/execution/initCode.ts'
import { command, PUPPET_CODE, word } from '../../src/execution/testing/puppet.ts'
import { orderedTrieRoot } from '../../src/trie/orderedTrie.ts'
import { LIVE_CHAIN as chain, type LiveNode, PRIVATE_KEYS, startLiveNode } from './liveNode.ts'

const account = privateKeyToAccount(PRIVATE_KEYS[0]!)

let node: LiveNode
let outer: Hex
let inner: Hex
/** A transaction in which `outer` stores, calls `inner`, which logs and reverts, and logs itself. */
let sent: Hex
let created: Hex
const client = () => createPublicClient({ chain, transport: http(node.http), pollingInterval: 20 })
const wallet = () => createWalletClient({ account, chain, transport: http(node.http) })
// biome-ignore lint/suspicious/noExplicitAny: whatever the method gives
const ask = (method: string, ...params: unknown[]): Promise<any> =>
  client().request({ method: method as never, params: params as never })

async function deploy(): Promise<{ readonly hash: Hex; readonly address: Hex }> {
  const hash = await wallet().sendTransaction({
    data: toHex(encodeInitCode(PUPPET_CODE, null)) as Hex,
    gas: 10_000_000n,
  })
  return { hash, address: (await client().waitForTransactionReceipt({ hash })).contractAddress as Hex }
}

beforeAll(async () => {
  node = await startLiveNode()
  const first = await deploy()
  created = first.hash
  outer = first.address
  inner = (await deploy()).address
  const doomed = command.sequence(command.log([1n], Uint8Array.of(1)), command.revert(Uint8Array.of(9)))
  const data = command.sequence(
    command.store(1n, 5n),
    command.call('call', fromHex(inner), doomed, { value: 3n }),
    command.log([7n], Uint8Array.of(2)),
  )
  sent = await wallet().sendTransaction({ to: outer, data: toHex(data) as Hex, value: 10n, gas: 1_000_000n })
  await client().waitForTransactionReceipt({ hash: sent })
})
afterAll(async () => {
  await node.close()
  expect(node.logged.filter(({ level }) => level === 'error')).toEqual([])
})

describe('debug_traceTransaction', () => {
  it('with callTracer gives the tree, with the gas of the receipt and the logs that count', async () => {
    const receipt = await client().getTransactionReceipt({ hash: sent })
    const trace = await ask('debug_traceTransaction', sent, { tracer: 'callTracer', tracerConfig: { withLog: true } })
    expect(trace).toMatchObject({
      ...{ type: 'CALL', from: account.address.toLowerCase(), to: outer.toLowerCase(), value: '0xa', gas: '0xf4240' },
      gasUsed: `0x${receipt.gasUsed.toString(16)}`,
      calls: [
        {
          type: 'CALL',
          from: outer.toLowerCase(),
          to: inner.toLowerCase(),
          value: '0x3',
          error: 'execution reverted',
          output: '0x09',
        },
      ],
      logs: [{ address: outer.toLowerCase(), data: '0x02', index: '0x0', position: '0x1' }],
    })
    expect(trace.calls[0].logs).toBeUndefined()
    const top = await ask('debug_traceTransaction', sent, { tracer: 'callTracer', tracerConfig: { onlyTopCall: true } })
    expect(top.calls).toBeUndefined()
    const creation = await ask('debug_traceTransaction', created, { tracer: 'callTracer' })
    expect(creation).toMatchObject({ type: 'CREATE', to: outer.toLowerCase(), output: toHex(PUPPET_CODE) })
  })

  it('with prestateTracer gives what was there, and in diff mode what changed', async () => {
    const block = (await client().getTransactionReceipt({ hash: sent })).blockNumber
    const sender = account.address.toLowerCase() as Hex
    const before = await ask('debug_traceTransaction', sent, { tracer: 'prestateTracer' })
    const balance = await client().getBalance({ address: sender, blockNumber: block - 1n })
    expect(BigInt(before[sender].balance)).toBe(balance)
    expect(before[outer.toLowerCase()]).toMatchObject({ balance: '0x0', nonce: 1, code: toHex(PUPPET_CODE) })
    expect(before[outer.toLowerCase()].storage).toEqual({ [toHex(word(1n))]: toHex(word(0n)) })
    const config = { diffMode: true, disableCode: true }
    const { pre, post } = await ask('debug_traceTransaction', sent, { tracer: 'prestateTracer', tracerConfig: config })
    expect(BigInt(post[sender].balance)).toBe(await client().getBalance({ address: sender, blockNumber: block }))
    expect(post[sender].nonce).toBe(pre[sender].nonce + 1)
    expect(post[outer.toLowerCase()]).toEqual({ balance: '0xa', storage: { [toHex(word(1n))]: toHex(word(5n)) } })
    expect(Object.keys(post)).not.toContain(inner.toLowerCase())
  })

  it('with stylusTracer gives host calls as nitro does, also to who sends its script', async () => {
    const steps = await ask('debug_traceTransaction', sent, { tracer: 'stylusTracer' })
    const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name)
    expect(names(steps)).toEqual([
      ...['user_entrypoint', 'read_args', 'storage_cache_bytes32', 'storage_flush_cache', 'call_contract'],
      ...['return_data_size', 'read_return_data', 'emit_log', 'write_result', 'user_returned'],
    ])
    const call = steps[4]
    expect(call).toMatchObject({ address: inner.toLowerCase(), outs: '0x0000000102' })
    expect(names(call.steps)).toEqual(['user_entrypoint', 'read_args', 'emit_log', 'write_result', 'user_returned'])
    expect(steps[2].args).toBe(`0x${toHex(word(1n)).slice(2)}${toHex(word(5n)).slice(2)}`)
    expect(call.startInk).toBeGreaterThan(call.endInk)
    const script = '{ "hostio": function(info) { this.open.push(info) }, "result": function() { return this.open } }'
    expect(await ask('debug_traceTransaction', sent, { tracer: script })).toEqual(steps)
  })

  it('counts selectors, holds several tracers, and shows our own', async () => {
    const selectors = await ask('debug_traceTransaction', sent, { tracer: '4byteTracer' })
    expect(Object.values(selectors)).toEqual([1, 1])
    const mux = await ask('debug_traceTransaction', sent, {
      tracer: 'muxTracer',
      tracerConfig: { '4byteTracer': {}, callTracer: { onlyTopCall: true } },
    })
    expect(mux).toMatchObject({ '4byteTracer': selectors, callTracer: { type: 'CALL' } })
    const wasm = await ask('debug_traceTransaction', sent, { tracer: 'wasmTracer' })
    const kinds = new Set(wasm.steps.map((step: { readonly kind: string }) => step.kind))
    expect([...kinds].sort()).toEqual(['frame', 'host', 'log'])
    const flat = await ask('debug_traceTransaction', sent, { tracer: 'flatCallTracer' })
    expect(flat).toEqual(await ask('trace_transaction', sent))
  })

  it('with profileTracer gives the gas of the receipt, by what used it', async () => {
    const { gasUsed } = await client().getTransactionReceipt({ hash: sent })
    const profile = await ask('debug_traceTransaction', sent, { tracer: 'profileTracer' })
    const inkOf = (list: readonly { readonly ink: number }[]) => list.reduce((sum, { ink }) => sum + ink, 0)
    expect(BigInt(profile.gasSpent) - BigInt(profile.refund)).toBe(gasUsed)
    expect(inkOf(profile.nodes)).toBe(Number(profile.gasSpent) * 10_000)
    expect(profile.contracts).toEqual([
      expect.objectContaining({
        addresses: [outer.toLowerCase(), inner.toLowerCase()],
        moduleHash: expect.any(String),
      }),
    ])
    const frames = profile.nodes.filter(({ kind }: { readonly kind: string }) => kind === 'frame')
    expect(frames.map(({ type, to }: { type: string; to: Hex }) => [type, to])).toEqual([
      ['CALL', outer.toLowerCase()],
      ['CALL', inner.toLowerCase()],
    ])
    const call = await ask('debug_traceCall', { to: outer, data: toHex(command.load(1n)) }, 'latest', {
      ...{ tracer: 'muxTracer', tracerConfig: { profileTracer: {}, wasmTracer: {} } },
    })
    expect(call.profileTracer.gasUsed).toBe(call.wasmTracer.gasUsed)
    const hosts = call.wasmTracer.steps.map(({ name }: { readonly name: string }) => name)
    expect(hosts).toContain('storage_load_bytes32')
  })

  it('refuses what this chain cannot show, and says what it can', async () => {
    await expect(ask('debug_traceTransaction', sent)).rejects.toThrow(/struct logger.*callTracer/)
    await expect(ask('debug_traceTransaction', sent, { tracer: 'none' })).rejects.toThrow(
      /no tracer "none".*callTracer/,
    )
    await expect(ask('debug_traceTransaction', sent, { tracer: 'a\u202eb' })).rejects.toThrow('"a\\u202eb"')
    await expect(ask('debug_traceTransaction', sent, { tracer: '{ step: function() {} }' })).rejects.toThrow(
      'JavaScript',
    )
    const unknown = toHex(word(1n))
    // Without a tracer, too: scripts ask so to see whether it is there.
    for (const options of [[{ tracer: 'callTracer' }], []]) {
      const refused = (method: string, at: string) => expect(ask(method, at, ...options)).rejects
      await refused('debug_traceTransaction', unknown).toMatchObject({ code: -32000, details: 'transaction not found' })
      await refused('debug_traceBlockByHash', unknown).toMatchObject({ code: -32000, details: /not found/ })
      await refused('debug_traceBlockByNumber', '0xffffff').toMatchObject({ code: -32000, details: /not found/ })
      await refused('debug_traceBlockByNumber', '0x0').toMatchObject({ code: -32000, details: /genesis/ })
    }
    await expect(ask('trace_replayTransaction', sent, ['vmTrace'])).rejects.toThrow('wasmTracer')
  })
})

describe('raw bytes', () => {
  it('hash to what the block says, and tries of them have its roots', async () => {
    const { blockNumber, blockHash } = await client().getTransactionReceipt({ hash: sent })
    const number = `0x${blockNumber.toString(16)}`
    expect(keccak256(await ask('debug_getRawHeader', number))).toBe(blockHash)
    expect(keccak256(await ask('debug_getRawTransaction', sent))).toBe(sent)
    const { transactionIndex } = await client().getTransactionReceipt({ hash: sent })
    const index = `0x${transactionIndex.toString(16)}`
    for (const [method, at] of [
      ['eth_getRawTransactionByBlockHashAndIndex', blockHash],
      ['eth_getRawTransactionByBlockNumberAndIndex', number],
    ] as const) {
      expect(keccak256(await ask(method, at, index))).toBe(sent)
      expect(await ask(method, at, '0xffff')).toBeNull()
    }
    expect(await ask('eth_getRawTransactionByBlockNumberAndIndex', '0xffffff', '0x0')).toBeNull()
    expect(await ask('eth_getRawTransactionByBlockHashAndIndex', toHex(word(1n)), '0x0')).toBeNull()
    expect(await ask('eth_getRawTransactionByBlockNumberAndIndex', 'pending', '0x0')).toBeNull()
    const block = await client().getBlock({ blockNumber })
    const receipts: Hex[] = await ask('debug_getRawReceipts', number)
    expect(toHex(orderedTrieRoot(receipts.map((receipt) => fromHex(receipt))))).toBe(block.receiptsRoot)
    expect((await ask('debug_getRawBlock', number)).includes((await ask('debug_getRawHeader', number)).slice(2))).toBe(
      true,
    )
    expect(await ask('debug_getRawHeader', toHex(word(1n)))).toBeNull()
  })
})

describe('what a block stands on', () => {
  it('is told as a witness, as slots in the middle of it, and as codes by their hashes', async () => {
    const { blockNumber, blockHash } = await client().getTransactionReceipt({ hash: sent })
    const number = `0x${blockNumber.toString(16)}`
    const witness = await ask('debug_executionWitness', number)
    expect(witness).toEqual(await ask('debug_executionWitness', blockHash))
    const parent = await client().getBlock({ blockNumber: blockNumber - 1n })
    expect(witness.headers.map((header: Hex) => keccak256(header))).toEqual([parent.hash])
    expect(witness.state.map((item: Hex) => keccak256(item))).toContain(parent.stateRoot)
    expect(witness.codes).toEqual([toHex(PUPPET_CODE)])
    expect(await ask('debug_codeByHash', keccak256(witness.codes[0]))).toBe(witness.codes[0])
    expect(await ask('debug_codeByHash', blockHash)).toBeNull()
    expect(await ask('debug_storageRangeAt', blockHash, 0, outer, '0x', 2)).toEqual({ storage: {}, nextKey: null })
    const slot = keccak256(toHex(word(1n)) as Hex)
    expect(await ask('debug_storageRangeAt', blockHash, 1, outer, slot.slice(0, 6), 2)).toEqual({
      ...{ storage: { [slot]: { key: null, value: toHex(word(5n)) } }, nextKey: null },
    })
    await expect(ask('debug_storageRangeAt', blockHash, 2, outer, '0x', 2)).rejects.toThrow(/index 2: block \d+ has 1/)
    await expect(ask('debug_storageRangeAt', blockHash, 1, outer, '0x', 5_000)).rejects.toThrow(/from 1 to 1024/)
  })
})

describe('traces of blocks and calls', () => {
  it('are those of the transactions in them', async () => {
    const { blockNumber, blockHash } = await client().getTransactionReceipt({ hash: sent })
    const number = `0x${blockNumber.toString(16)}`
    const options = { tracer: 'callTracer' }
    const result = await ask('debug_traceTransaction', sent, options)
    expect(await ask('debug_traceBlockByNumber', number, options)).toEqual([{ txHash: sent, result }])
    expect(await ask('debug_traceBlockByHash', blockHash, options)).toEqual([{ txHash: sent, result }])
    const flat = await ask('trace_transaction', sent)
    expect(await ask('trace_block', number)).toEqual(flat)
    expect(
      flat.map(({ traceAddress, error }: { traceAddress: number[]; error?: string }) => [traceAddress, error]),
    ).toEqual([
      [[], undefined],
      [[0], 'Reverted'],
    ])
    expect(await ask('trace_get', sent, ['0x0'])).toEqual(flat[1])
    expect(await ask('trace_filter', { fromBlock: '0x1', toBlock: 'latest', toAddress: [inner] })).toEqual([
      expect.objectContaining({ type: 'create' }),
      flat[1],
    ])
    expect(await ask('trace_transaction', toHex(word(1n)))).toBeNull()
  })

  it('of a call change nothing, and see overrides', async () => {
    const request = { from: account.address, to: outer, data: toHex(command.store(2n, 6n)) }
    const trace = await ask('debug_traceCall', request, 'latest', { tracer: 'callTracer' })
    expect(trace).toMatchObject({ type: 'CALL', to: outer.toLowerCase() })
    const replay = await ask('trace_call', request, ['trace', 'stateDiff'], 'latest')
    expect(replay.stateDiff[outer.toLowerCase()].storage).toEqual({
      [toHex(word(2n))]: { '*': { from: toHex(word(0n)), to: toHex(word(6n)) } },
    })
    expect(await client().getStorageAt({ address: outer, slot: toHex(word(2n)) as Hex })).toBe(toHex(word(0n)))
    const elsewhere = `0x${'77'.repeat(20)}`
    const overridden = await ask('debug_traceCall', { ...request, to: elsewhere }, 'latest', {
      tracer: 'stylusTracer',
      stateOverrides: { [elsewhere]: { code: toHex(PUPPET_CODE) } },
    })
    expect(overridden.length).toBeGreaterThan(3)
    const identity = `0x${'0'.repeat(39)}4`
    const stateOverrides = { [identity]: { movePrecompileToAddress: elsewhere } }
    const options = { tracer: 'callTracer', stateOverrides }
    expect(await ask('debug_traceCall', { to: elsewhere, data: '0x05' }, 'latest', options)).toMatchObject({
      output: '0x05',
    })
    const replayed = await ask('trace_replayTransaction', sent, ['trace', 'stateDiff'])
    expect(replayed.trace).toHaveLength(2)
    const { blockNumber } = await client().getTransactionReceipt({ hash: sent })
    const ofBlock = await ask('trace_replayBlockTransactions', `0x${blockNumber.toString(16)}`, ['trace', 'stateDiff'])
    expect(ofBlock).toEqual([{ ...replayed, transactionHash: sent }])
    expect(await ask('trace_replayTransaction', sent, ['trace'])).toMatchObject({ stateDiff: null, vmTrace: null })
  })

  it('shows why a call fails', async () => {
    const trace = await ask('debug_traceCall', { to: outer, data: toHex(command.trap()) }, 'latest', {
      tracer: 'callTracer',
    })
    expect(trace.error).toMatch(/^unreachable/)
    const spent = await ask('debug_traceCall', { to: outer, data: toHex(command.loop()), gas: '0x30d40' }, 'latest', {
      tracer: 'callTracer',
    })
    expect(spent).toMatchObject({ error: 'out of gas', gas: '0x30d40', gasUsed: '0x30d40' })
  })
})
