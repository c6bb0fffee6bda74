/** With a fault put into one engine, it is found: the transaction, the slot, the host call, the instruction. */

import { afterEach, expect, it, vi } from 'vitest'
import { OF_OPCODE } from '../../../vm/src/engine/interpreter/opcodes.ts'
import { packCode, watToWasm } from '../../testing/modules.ts'
import { type Chain, openChain } from '../chain/chain.ts'
import type { Diverged } from '../chain/diverged.ts'
import { certificateOf, genesis, request, sendersOf, transaction } from '../chain/testing/fixtures.ts'
import { concatBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import type { EngineName } from '../execution/executionConfig.ts'
import { encodeInitCode } from '../execution/initCode.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { explain, type Unexplained } from './explain.ts'
import { findingLines } from './words.ts'

/**
 * The fault that a test puts into the reference engine: called after each i64 operation of two operands, as the
 * interpreter calls it.
 */
const fault = vi.hoisted(() => ({
  afterBinary64: null as ((op: number, low: Int32Array, high: Int32Array, x: number) => void) | null,
}))
vi.mock('../../../vm/src/engine/reference/int64.ts', async (original) => {
  const real = await original<typeof import('../../../vm/src/engine/reference/int64.ts')>()
  return {
    ...real,
    binary64(op: number, low: Int32Array, high: Int32Array, x: number) {
      real.binary64(op, low, high, x)
      fault.afterBinary64?.(op, low, high, x)
    },
  }
})
afterEach(() => {
  fault.afterBinary64 = null
})

/** Multiplies the two i64 of its input and stores the product in slot 0; reverts when it is odd. */
const CODE = packCode(
  watToWasm(`(module
    (import "vm_hooks" "read_args" (func $read_args (param i32)))
    (import "vm_hooks" "storage_cache_bytes32" (func $cache (param i32 i32)))
    (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
    (memory (export "memory") 1)
    (func $product (param i32) (result i64)
      (i64.mul (i64.load (local.get 0)) (i64.load (i32.add (local.get 0) (i32.const 8)))))
    (func (export "user_entrypoint") (param $n i32) (result i32)
      (call $read_args (i32.const 128))
      (i64.store (i32.const 56) (call $product (i32.const 128)))
      (call $cache (i32.const 0) (i32.const 32))
      (call $flush (i32.const 0))
      (i32.and (i32.load8_u (i32.const 56)) (i32.const 1))))`),
)
const MULTIPLY = 0x7e
const input = (a: bigint, b: bigint) => {
  const bytes = new DataView(new ArrayBuffer(16))
  bytes.setBigUint64(0, a, true)
  bytes.setBigUint64(8, b, true)
  return new Uint8Array(bytes.buffer)
}

/** A block with four transactions, built by the compiled engine, on a chain that has the contract; and its parent. */
async function scene() {
  const diverged: Diverged[] = []
  const open = (engine: EngineName) =>
    openChain({ store: createMemoryStore(), genesis, engine, onDivergence: (one) => diverged.push(one) })
  const [compiled, reference] = [await open('compiled'), await open('reference')]
  const deploy = transaction(0, 0, { to: null, value: 0n, gasLimit: 1_000_000n, data: encodeInitCode(CODE, null) })
  const first = compiled.build(request(compiled.head, [deploy])).block
  for (const chain of [compiled, reference])
    await chain.finalize(first, certificateOf(first), sendersOf(first, [deploy]))
  const contract = compiled.database.receipts(1n)[0]!.contractAddress!
  const call = (from: number, nonce: number, data: Uint8Array) =>
    transaction(from, nonce, { to: contract, value: 0n, gasLimit: 200_000n, data })
  const transactions = [
    transaction(1, 0),
    call(0, 1, input(3n, 4n)),
    call(0, 2, input(305_397_760n, 78_187_493_530n)),
    transaction(2, 0),
  ]
  const { block } = compiled.build(request(compiled.head, transactions))
  expect(block.transactions.length).toBe(4)
  const senders = sendersOf(block, transactions)
  return { compiled, reference, diverged, block, senders, contract: toHex(contract), transactions }
}

const parentOf = (chain: Chain): Unexplained['parent'] => ({
  root: chain.head.header.stateRoot,
  nodes: chain.database,
  codes: chain.database,
})

const brokenCarry: NonNullable<typeof fault.afterBinary64> = (op, _low, high, x) => {
  // As a wrong carry does: only for some operands.
  if (op === MULTIPLY && high[x + 1] !== 0) high[x] = (high[x]! + 1) | 0
}

it('a wrong carry is found at its instruction, in its transaction, with the slot that it spoils', async () => {
  const { compiled, block, senders, contract } = await scene()
  fault.afterBinary64 = brokenCarry
  const { finding, trouble } = explain({
    ...{ block, senders, parent: parentOf(compiled) },
    ...{ chainId: genesis.chainId, schedule: genesis.schedule, engine: 'compiled' },
  })
  expect(trouble).toBeNull()
  const product = (305_397_760n * 78_187_493_530n) & (2n ** 64n - 1n)
  const wrong = BigInt.asUintN(64, product + (1n << 32n))
  expect(finding).toMatchObject({
    engines: ['compiled', 'reference'],
    right: 'compiled',
    agree: false,
    transaction: { index: 2, hash: toHex(block.transactions[2]!.hash), to: contract },
    receipt: [],
    moreState: 0,
    hostCall: { contract, place: null },
    instruction: {
      contract,
      place: { functionIndex: 3, functionName: 'product', instruction: 'i64.mul' },
      compiled: expect.stringContaining(`gives ${BigInt.asIntN(64, product)}, fuel left`),
      reference: expect.stringContaining(`gives ${BigInt.asIntN(64, wrong)}, fuel left`),
    },
    remarks: [],
  })
  const stored = (value: bigint) => {
    const little = new DataView(new ArrayBuffer(8))
    little.setBigUint64(0, value, true)
    return toHex(concatBytes(new Uint8Array(24), new Uint8Array(little.buffer)))
  }
  expect(finding!.state).toEqual([
    {
      ...{ account: contract, field: 'slot', slot: `0x${'00'.repeat(32)}` },
      ...{ before: stored(12n), compiled: stored(product), reference: stored(wrong) },
    },
  ])
  expect(finding!.hostCall!.compiled).toBe(`storage_cache_bytes32 reads 32 bytes at 32: ${stored(product)}`)
  expect(finding!.hostCall!.reference).toBe(`storage_cache_bytes32 reads 32 bytes at 32: ${stored(wrong)}`)
  expect(finding!.instruction!.before.map((line) => / gives (\S+),/.exec(line)?.[1]).slice(-2)).toEqual([
    '136',
    '78187493530',
  ])
  const lines = findingLines(finding!).join('\n')
  expect(lines).toContain(`the engines part in transaction 2 (${finding!.transaction!.hash}) to ${contract}`)
  expect(lines).toContain('first instruction that differs: i64.mul, in function 3 "product" at byte 0x')
})

it('a receipt that differs is named field by field, with what follows in the state', async () => {
  const { compiled, block, senders, contract } = await scene()
  fault.afterBinary64 = (op, low, _high, x) => {
    if (op === MULTIPLY) low[x] = low[x]! | 1
  }
  const { finding } = explain({
    ...{ block, senders, parent: parentOf(compiled) },
    ...{ chainId: genesis.chainId, schedule: genesis.schedule, engine: 'compiled' },
  })
  expect(finding).toMatchObject({ right: 'compiled', agree: false, transaction: { index: 1 } })
  expect(finding!.receipt).toContainEqual({ field: 'status', compiled: '1', reference: '0' })
  expect(finding!.receipt).toContainEqual({ field: 'revert data', compiled: 'none', reference: '0x' })
  expect(finding!.state.map(({ account, field }) => ({ account, field }))).toContainEqual({
    account: contract,
    field: 'slot',
  })
  expect(finding!.instruction).toMatchObject({ place: { instruction: 'i64.mul' } })
})

it.each([
  ['interpreter', ['interpreter', 'reference'], 'reference'],
  ['compiled', ['compiled', 'interpreter'], 'compiled'],
  ['reference', ['reference', 'interpreter'], 'reference'],
] as const)(
  'a fault of the interpreter alone is found from a node of the %s engine',
  async (engine, engines, right) => {
    const { compiled, block, senders } = await scene()
    const multiply = OF_OPCODE[MULTIPLY]!
    OF_OPCODE[MULTIPLY] = OF_OPCODE[MULTIPLY - 2]! // i64.add
    try {
      const { finding } = explain({
        ...{ block, senders, parent: parentOf(compiled), engine },
        ...{ chainId: genesis.chainId, schedule: genesis.schedule },
      })
      expect(finding).toMatchObject({ engines, right, agree: false, transaction: { index: 1 } })
      expect(finding!.instruction).toMatchObject({
        place: { functionName: 'product', instruction: 'i64.mul' },
        [right]: expect.stringContaining('gives 12, fuel left'),
        interpreter: expect.stringContaining('gives 7, fuel left'),
      })
      const lines = findingLines(finding!)
      expect(lines).toContain(`the ${right} engine agrees with the header, the interpreter engine does not`)
      expect(lines.filter((line) => line.startsWith('  interpreter '))).toHaveLength(2)
    } finally {
      OF_OPCODE[MULTIPLY] = multiply
    }
  },
)

it('what this machine cannot do is trouble, and no finding', async () => {
  const { compiled, block, senders } = await scene()
  fault.afterBinary64 = () => {
    throw new RangeError('the host has no memory left')
  }
  const unexplained = {
    block,
    senders,
    parent: parentOf(compiled),
    chainId: genesis.chainId,
    schedule: genesis.schedule,
    engine: 'compiled' as const,
  }
  expect(explain(unexplained)).toEqual({ finding: null, trouble: 'RangeError: the host has no memory left' })
})

it('engines that agree are not said to part: with the header, and against it', async () => {
  const { compiled, block, senders } = await scene()
  const unexplained = {
    senders,
    parent: parentOf(compiled),
    chainId: genesis.chainId,
    schedule: genesis.schedule,
    engine: 'reference' as const,
  }
  expect(explain({ ...unexplained, block }).finding).toMatchObject({ agree: true, right: 'both', transaction: null })
  const other = { ...block, header: { ...block.header, stateRoot: new Uint8Array(32) } }
  const { finding } = explain({ ...unexplained, block: other })
  expect(finding).toMatchObject({ agree: true, right: 'neither' })
  expect(findingLines(finding!)[0]).toContain('other software made the block, or a faulty machine')
})

it('a chain tells of each block that comes out otherwise, proposed or certified', async () => {
  const { compiled, reference, diverged, block, senders } = await scene()
  fault.afterBinary64 = brokenCarry
  expect(reference.validate(block, senders)).toEqual({
    ok: false,
    reason: expect.stringMatching(/^state root: header 0x/),
  })
  expect(reference.validate(block, senders).ok).toBe(false)
  expect(diverged.map(({ kind }) => kind)).toEqual(['proposal', 'proposal'])
  await expect(reference.finalize(block, certificateOf(block), senders)).rejects.toThrow(
    'has a certificate but is invalid here',
  )
  await compiled.finalize(block, certificateOf(block), senders)
  expect(diverged.slice(2)).toEqual([
    {
      ...{ kind: 'certified', block, senders, engine: 'reference' },
      parentRoot: reference.head.header.stateRoot,
      reason: expect.stringMatching(/^state root: header 0x[0-9a-f]{64}, ours 0x[0-9a-f]{64}$/),
      unequal: [expect.objectContaining({ field: 'state root', expected: toHex(block.header.stateRoot) })],
    },
  ])
})
