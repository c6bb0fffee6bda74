/** The faults that JSON-RPC shows: evidence by height, and a node whose consensus has stopped. */
import { afterEach, expect, it } from 'vitest'
import { toHex } from '../../src/codec/hex.ts'
import { readSettings } from '../../src/execution/dev/devStorage.ts'
import type { EvidenceView, RpcBackend } from '../../src/rpc/backend.ts'
import type { RpcLimits } from '../../src/rpc/limits.ts'
import { type RpcServer, startRpcServer } from '../../src/rpc/server/server.ts'
import type { Certificate } from '../../src/types/certificate.ts'
import { createFakeNode } from './fakeNode.ts'

let server: RpcServer

afterEach(() => server.close())

async function serve(more: Partial<RpcBackend>, limits: Partial<RpcLimits> = {}) {
  const node = createFakeNode()
  server = await startRpcServer({ backend: { ...node.backend, ...more }, port: 0, limits })
  const call = async (method: string, ...params: unknown[]) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`http://127.0.0.1:${server.port}`, { method: 'POST', headers, body })
    return (await response.json()) as { result?: unknown; error?: { code: number; message: string } }
  }
  return { node, call }
}

const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill)

const against = (height: bigint, validator: number): EvidenceView => ({
  kind: 'conflicting-prevotes',
  validator,
  publicKey: bytes(32, validator),
  address: bytes(20, validator),
  height,
  round: 3,
  seenAt: height + 1n,
  messages: [
    { blockHash: bytes(32, 1), validRound: null, signBytes: bytes(104, 2), signature: bytes(64, 3) },
    { blockHash: null, validRound: null, signBytes: bytes(104, 4), signature: bytes(64, 5) },
  ],
  raw: bytes(9, 9),
})

it('touchstone_evidence gives what there is by height, and the range and number asked for', async () => {
  const { call } = await serve({ evidence: () => [against(9n, 2), against(4n, 1), against(5n, 2)] })
  const heights = async (...params: unknown[]) =>
    ((await call('touchstone_evidence', ...params)).result as { height: string }[]).map(({ height }) => height)
  expect(await heights()).toEqual(['0x4', '0x5', '0x9'])
  expect(await heights({ fromHeight: '0x5' })).toEqual(['0x5', '0x9'])
  expect(await heights({ fromHeight: '0x5', toHeight: '0x5' })).toEqual(['0x5'])
  expect(await heights({ limit: 2 })).toEqual(['0x4', '0x5'])
  const { result } = await call('touchstone_evidence', { limit: 1 })
  expect(result).toEqual([
    {
      kind: 'conflicting-prevotes',
      validator: { index: 1, publicKey: toHex(bytes(32, 1)), address: toHex(bytes(20, 1)) },
      height: '0x4',
      round: 3,
      seenAt: '0x5',
      messages: [
        { blockHash: toHex(bytes(32, 1)), signBytes: toHex(bytes(104, 2)), signature: toHex(bytes(64, 3)) },
        { blockHash: null, signBytes: toHex(bytes(104, 4)), signature: toHex(bytes(64, 5)) },
      ],
      raw: toHex(bytes(9, 9)),
    },
  ])
  expect((await call('touchstone_evidence', { fromHeight: '0x5', toHeight: '0x4' })).error?.code).toBe(-32602)
  expect((await call('touchstone_evidence', { limit: -1 })).error?.code).toBe(-32602)
})

const unset = readSettings({ storage: () => new Uint8Array(32) })

it.each([
  [bytes(32, 8), null, 0],
  [null, { ...unset, timeOffset: -5n }, -5],
  [null, { ...unset, timeOffset: -5n, timestampInterval: 7n }, null],
])('touchstone_status tells the key it signs with, and how far controls put time ahead: %#', async (...given) => {
  const [validatorKey, settings, timeAhead] = given
  const { call } = await serve({ validatorKey, devSettings: () => settings })
  const key = validatorKey === null ? null : toHex(validatorKey)
  expect((await call('touchstone_status')).result).toMatchObject({ validatorKey: key, timeAhead })
})

it('touchstone_status counts it for each validator', async () => {
  const { call } = await serve({ evidence: () => [against(9n, 2), against(4n, 1), against(5n, 2)] })
  const { result } = await call('touchstone_status')
  expect(result).toMatchObject({
    halted: null,
    evidence: [
      { validator: 2, publicKey: toHex(bytes(32, 2)), count: 2 },
      { validator: 1, publicKey: toHex(bytes(32, 1)), count: 1 },
    ],
  })
})

it('after a fork both certificates are shown, reads go on, and transactions are refused', async () => {
  const certificate: Certificate = { chainId: 1n, height: 7n, round: 0, blockHash: bytes(32, 1), signatures: [] }
  const certificates = [certificate, { ...certificate, blockHash: bytes(32, 2) }] as const
  const consensus = createFakeNode().backend.consensus()
  const { node, call } = await serve({
    consensus: () => ({ ...consensus, step: 'halted', halted: { kind: 'fork', certificates } }),
  })
  const { result } = (await call('touchstone_status')) as { result: { step: string; halted: unknown } }
  expect(result.step).toBe('halted')
  expect(result.halted).toMatchObject({
    reason: 'fork',
    certificates: [{ blockHash: toHex(bytes(32, 1)) }, { height: '0x7', blockHash: toHex(bytes(32, 2)) }],
  })
  expect((await call('eth_blockNumber')).error).toBeUndefined()
  const raw = toHex(node.transaction(0n).raw)
  for (const method of ['eth_sendRawTransaction', 'eth_sendRawTransactionSync']) {
    expect((await call(method, raw)).error).toMatchObject({ code: -32000, message: expect.stringContaining('fork') })
  }
})

it('touchstone_status shows what was set aside, and its sender is told why', async () => {
  const reason = 'RangeError: Maximum call stack size exceeded'
  const setAside = [{ key: 'ab'.repeat(32), block: 7n, strikes: 2, reason }]
  const refusal = `this node has set the transaction aside until its operator releases it: ${reason}`
  const { node, call } = await serve({ executionFaults: () => ({ count: 3, setAside }) })
  expect((await call('touchstone_status')).result).toMatchObject({
    executionFaults: 3,
    setAside: [{ hash: `0x${'ab'.repeat(32)}`, block: '0x7', strikes: 2, reason }],
  })
  const refusing = await serve({
    txpool: {
      ...node.backend.txpool,
      add: async () => ({ ok: false, code: 'set-aside', message: refusal, standing: 'known' }),
    },
  })
  const raw = toHex(node.transaction(0n).raw)
  expect((await refusing.call('eth_sendRawTransaction', raw)).error).toEqual({ code: -32000, message: refusal })
})

it('no send is answered with its hash before the pool has kept it', async () => {
  const refusal = 'txpool cannot keep the transaction: writing to the disk failed'
  const node = createFakeNode()
  const asked: string[] = []
  const txpool = {
    ...node.backend.txpool,
    // It waits for an earlier one, so that no block is waited for.
    pendingNonce: () => undefined,
    keep: async (hash: Uint8Array) => {
      asked.push(toHex(hash))
      return { ok: false, code: 'pool-full', message: refusal, standing: 'unfit' } as const
    },
  }
  const { call } = await serve({ txpool }, { sendHold: 60_000 })
  const { raw, hash } = node.transaction(0n)
  expect((await call('eth_sendRawTransaction', toHex(raw))).error).toMatchObject({ message: refusal })
  expect(asked).toEqual([toHex(hash)])
})
