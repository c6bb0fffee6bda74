/**
 * Contracts that are broken or hostile: each gives a clear error or a failed receipt, the same on all nodes, and the
 * chain goes on.
 */

import { watToWasm } from '@touchstone/node/testing/modules'
import { bytesToHex, type Hex } from 'viem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contractWith, initCode, readExample } from './contracts.ts'
import { E2E_TIMEOUT_MS, expectSameChain, startTestNetwork, type TestNetwork } from './harness.ts'

const nodes = [1, 2, 3, 4]
const callGas = 2_000_000n
let network: TestNetwork

beforeAll(async () => {
  network = await startTestNetwork()
}, E2E_TIMEOUT_MS)
afterAll(() => network?.dispose())

/** Deploys with explicit gas, so that no estimate stops a bad one; returns the receipt as every node gives it. */
async function deployAnyway(data: Hex) {
  const hash = await network.wallet(1, 0).sendTransaction({ data, gas: 10_000_000n })
  const receipts = await Promise.all(nodes.map((node) => network.client(node).waitForTransactionReceipt({ hash })))
  for (const receipt of receipts) expect(receipt).toEqual(receipts[0])
  return receipts[0]!
}

async function callAnyway(to: Hex) {
  const hash = await network.wallet(2, 1).sendTransaction({ to, data: '0x', gas: callGas })
  const receipts = await Promise.all(nodes.map((node) => network.client(node).waitForTransactionReceipt({ hash })))
  for (const receipt of receipts) expect(receipt).toEqual(receipts[0])
  return receipts[0]!
}

const wholeToken = () => readExample('token', 'Token').bytecode

const refused: readonly { name: string; data: () => Hex; words: RegExp }[] = [
  {
    name: 'a module that uses floats',
    data: () => initCode(contractWith('(drop (f64.add (f64.const 1.5) (f64.const 2.5))) (i32.const 0)')),
    words: /float|f64/i,
  },
  {
    name: 'EVM bytecode',
    data: () => '0x6080604052348015600e575f80fd5b50603e80601a5f395ff3fe60806040525f80fd',
    words: /EVM bytecode\? This chain runs WebAssembly/,
  },
  {
    name: 'a truncated module',
    data: () => bytesToHex(watToWasm('(module (memory (export "memory") 1))').subarray(0, 20)),
    words: /end|truncated|length|bytes/i,
  },
  {
    name: 'truncated init code',
    data: () => wholeToken().slice(0, -400) as Hex,
    words: /length|bytes|brotli|compress|shorter/i,
  },
  {
    name: 'a module with an unknown import',
    data: () =>
      initCode(
        watToWasm(
          '(module (import "vm_hooks" "time_travel" (func)) (memory (export "memory") 1) (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))',
        ),
      ),
    words: /time_travel/,
  },
]

const failing: readonly { name: string; module: () => Uint8Array; words: RegExp }[] = [
  { name: 'an infinite loop', module: () => contractWith('(loop $l (br $l)) (i32.const 0)'), words: /gas/i },
  {
    name: 'endless recursion',
    module: () => contractWith('(call $f) (i32.const 0)', '(func $f (call $f))'),
    words: /stack/i,
  },
  { name: 'a trap', module: () => contractWith('unreachable'), words: /unreachable/i },
  {
    name: 'a division by zero',
    module: () => contractWith('(i32.div_u (local.get $len) (i32.const 0))'),
    words: /divi/i,
  },
  { name: 'a read outside memory', module: () => contractWith('(i32.load (i32.const -4))'), words: /memory/i },
  {
    name: 'a bad pointer handed to the host',
    module: () => contractWith('(call $write_result (i32.const -8) (i32.const 64)) (i32.const 0)'),
    words: /memory/i,
  },
]

describe('a creation is refused, and says why', () => {
  it.each(refused)(
    '$name',
    async ({ data, words }) => {
      await expect(
        network.client(3).estimateGas({ data: data(), account: network.ready.accounts[0]!.address as Hex }),
      ).rejects.toThrow(words)
      const receipt = await deployAnyway(data())
      expect(receipt.status).toBe('reverted')
      expect(await network.client(4).getCode({ address: receipt.contractAddress! })).toBeUndefined()
    },
    E2E_TIMEOUT_MS,
  )
})

describe('a call fails, and says why', () => {
  it.each(failing)(
    '$name',
    async ({ module, words }) => {
      const { status, contractAddress } = await deployAnyway(initCode(module()))
      expect(status).toBe('success')
      await expect(network.client(3).call({ to: contractAddress!, gas: callGas })).rejects.toThrow(words)
      const receipt = await callAnyway(contractAddress!)
      expect(receipt.status).toBe('reverted')
      // A trap burns all gas given to the frame.
      expect(receipt.gasUsed).toBe(callGas)
    },
    E2E_TIMEOUT_MS,
  )
})

describe('memory.grow', () => {
  it(
    'up to the limit gives -1 on all nodes, and the call goes on',
    async () => {
      // Grows one page at a time until refused, then returns the number of pages as its result.
      const module = contractWith(`
        (block $full (loop $more
          (br_if $full (i32.eq (memory.grow (i32.const 1)) (i32.const -1)))
          (br $more)))
        (i32.store (i32.const 0) (memory.size))
        (call $write_result (i32.const 0) (i32.const 4))
        (i32.const 0)`)
      const { status, contractAddress } = await deployAnyway(initCode(module))
      expect(status).toBe('success')
      const answers = await Promise.all(
        nodes.map((node) =>
          network
            .client(node)
            .call({ to: contractAddress!, gas: 29_000_000n })
            .then(
              ({ data }) => data,
              (error: Error) => error.message.split('\n')[0],
            ),
        ),
      )
      // 256 pages, little-endian, as the contract stored them.
      expect(answers).toEqual(nodes.map(() => '0x00010000'))
      const receipt = await callAnyway(contractAddress!)
      expect(receipt.gasUsed).toBeLessThanOrEqual(callGas)
    },
    E2E_TIMEOUT_MS,
  )
})

it(
  'and the chain goes on, the same everywhere',
  async () => {
    const height = await network.client(1).getBlockNumber({ cacheTime: 0 })
    expect(height).toBeGreaterThan(10n)
    await expectSameChain(network, height, nodes)
  },
  E2E_TIMEOUT_MS,
)
