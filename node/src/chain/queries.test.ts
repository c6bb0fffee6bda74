import { beforeAll, describe, expect, test } from 'vitest'
import { packCode, watToWasm } from '../../testing/modules.ts'
import { bytesToBigint, concatBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { EMPTY_CODE_HASH, keccak256 } from '../crypto/keccak.ts'
import { nextBaseFee } from '../execution/baseFee.ts'
import type { StateOverride } from '../execution/call.ts'
import { createAddress } from '../execution/contractAddress.ts'
import { encodeInitCode } from '../execution/initCode.ts'
import { ARB_WASM_CACHE_ADDRESS } from '../execution/native/arbitrum/addresses.ts'
import { command, PUPPET_CODE, word } from '../execution/testing/puppet.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { verifyProof } from '../trie/proof.ts'
import { encodeAccount } from '../types/accountCodec.ts'
import type { Block } from '../types/block.ts'
import { decodeBlock } from '../types/blockCodec.ts'
import { decodeCertificate } from '../types/certificateCodec.ts'
import { type Chain, openChain } from './chain.ts'
import type { BlockOverrides, CallReference, LogFilter } from './chainService.ts'
import { MAX_KEPT_REVERT_DATA } from './limits.ts'
import { searchedRange, searchSome } from './logSearch.ts'
import {
  accountAt,
  accountsAt,
  blockAt,
  blockOfTransaction,
  callAt,
  codeAt,
  estimateGasAt,
  headAt,
  logStep,
  logs,
  proofAt,
  rawBlocks,
  receiptsAt,
  storageAt,
  transactionByHash,
} from './queries.ts'
import { accounts, appendBlock, certificateOf, ETHER, genesis, stranger, transaction } from './testing/fixtures.ts'

const deployer = accounts[0]!.address
const puppet = createAddress(deployer, 0n)
const call = (nonce: number, data: Uint8Array, gasLimit = 1_000_000n) =>
  transaction(0, nonce, { to: puppet, value: 0n, data, gasLimit })
const at = (number: number) => ({ number: BigInt(number) })

let chain: Chain
const blocks: Block[] = []

// 1 deploys, 2 stores 42 and logs, 3 logs twice and fails twice, 4 zeroes the slot.
beforeAll(async () => {
  chain = await openChain({ store: createMemoryStore(), genesis, engine: 'reference' })
  blocks.push(blockAt(chain, 'earliest')!.block)
  const deployment = { to: null, value: 0n, data: encodeInitCode(PUPPET_CODE, null), gasLimit: 10_000_000n }
  blocks.push(await appendBlock(chain, [transaction(0, 0, deployment)]))
  const storeAndLog = command.sequence(command.store(7n, 42n), command.log([1n, 2n], Uint8Array.of(0xaa)))
  blocks.push(await appendBlock(chain, [transaction(1, 0), call(1, storeAndLog)]))
  const twice = command.sequence(command.log([1n, 3n], Uint8Array.of(0xbb)), command.log([], Uint8Array.of(0xcc)))
  const revert = command.revert(new Uint8Array(20_000).fill(1))
  blocks.push(await appendBlock(chain, [transaction(1, 1), call(2, twice), call(3, revert), call(4, command.trap())]))
  blocks.push(await appendBlock(chain, [call(5, command.store(7n, 0n))]))
})

describe('blocks', () => {
  test('by number, by hash, by name', () => {
    const third = blocks[3]!
    expect(blockAt(chain, at(3))).toEqual({ block: decodeBlock(third.raw), certificate: certificateOf(third) })
    expect(blockAt(chain, { hash: third.hash })?.block.hash).toEqual(third.hash)
    expect(blockAt(chain, 'latest')?.block.hash).toEqual(blocks[4]!.hash)
    expect(blockAt(chain, 'earliest')).toMatchObject({ block: { hash: chain.genesisHash }, certificate: null })
  })

  test('null for what is not there, whatever the reference', () => {
    for (const reference of [
      at(5),
      at(-1),
      { number: 2n ** 70n },
      { hash: keccak256(word(1n)) },
      { hash: new Uint8Array(3) },
    ]) {
      expect(blockAt(chain, reference)).toBeNull()
      expect(receiptsAt(chain, reference)).toBeNull()
      expect(() => accountAt(chain, stranger, reference)).toThrow(expect.objectContaining({ code: 'unknown-block' }))
    }
  })

  test('raw, for other nodes: from a number on, bounded by count and by bytes, at least one, never block 0', () => {
    const all = rawBlocks(chain, 0n, 100, 1_000_000)
    expect(all.map(({ block }) => toHex(decodeBlock(block).hash))).toEqual(
      blocks.slice(1).map(({ hash }) => toHex(hash)),
    )
    expect(decodeCertificate(all[2]!.certificate)).toEqual(certificateOf(blocks[3]!))
    expect(rawBlocks(chain, 2n, 2, 1_000_000).length).toBe(2)
    expect(rawBlocks(chain, 1n, 100, 1).length).toBe(1)
    const two = blocks[3]!.raw.length + all[2]!.certificate.length + blocks[2]!.raw.length + all[1]!.certificate.length
    expect(rawBlocks(chain, 2n, 100, two).length).toBe(2)
    expect(rawBlocks(chain, 2n, 100, two - 1).length).toBe(1)
    expect(rawBlocks(chain, 9n, 100, 1_000_000)).toEqual([])
  })
})

describe('transactions and receipts', () => {
  test('every transaction is found by its hash, with its sender and place', () => {
    for (const block of blocks) {
      for (const [index, { hash, raw }] of block.transactions.entries()) {
        const found = transactionByHash(chain, hash)!
        expect(found.transaction.raw).toEqual(raw)
        expect(found).toMatchObject({ blockHash: block.hash, blockNumber: block.header.number, index })
        expect(found.transaction.sender).toEqual(
          index === 0 && block.transactions.length > 1 ? accounts[1]!.address : deployer,
        )
        expect(found.baseFeePerGas).toBe(block.header.baseFeePerGas)
        expect(blockOfTransaction(chain, hash)).toBe(block.header.number)
        // Its bytes are its own: sending it does not send the block.
        expect(found.transaction.raw.buffer.byteLength).toBe(raw.length)
      }
    }
    expect(transactionByHash(chain, word(1n))).toBeNull()
    expect(transactionByHash(chain, Uint8Array.of(1))).toBeNull()
    expect([word(1n), Uint8Array.of(1)].map((hash) => blockOfTransaction(chain, hash))).toEqual([null, null])
  })

  test('receipts tell what happened, with revert data up to its bound', () => {
    const { receipts, hash } = receiptsAt(chain, at(3))!
    expect(hash).toEqual(blocks[3]!.hash)
    expect(receipts.map(({ receipt }) => receipt.status)).toEqual([1, 1, 0, 0])
    expect(receipts[1]!.receipt.logs.length).toBe(2)
    expect(receipts[2]!.failure?.revertData?.length).toBe(MAX_KEPT_REVERT_DATA)
    expect(receipts[3]!.failure).toMatchObject({ message: expect.stringContaining('unreachable'), revertData: null })
    expect(receiptsAt(chain, at(1))!.receipts[0]!.contractAddress).toEqual(puppet)
    expect(receiptsAt(chain, 'earliest')!.receipts).toEqual([])
  })
})

describe('state of any block', () => {
  test('accounts, code and storage are as they were after the block', () => {
    expect(accountAt(chain, stranger, 'earliest')).toBeNull()
    expect(accountAt(chain, stranger, at(2))?.balance).toBe(1n)
    expect(accountAt(chain, stranger, 'latest')?.balance).toBe(2n)
    expect(accountsAt(chain, [stranger, deployer], 'earliest')).toEqual([null, accountAt(chain, deployer, 'earliest')])
    expect(accountsAt(chain, [], 'latest')).toEqual([])
    expect(accountAt(chain, deployer, at(0))).toMatchObject({
      nonce: 0n,
      balance: 100n * ETHER,
      codeHash: EMPTY_CODE_HASH,
    })
    expect(codeAt(chain, puppet, at(0))).toEqual(new Uint8Array(0))
    expect(codeAt(chain, puppet, at(1))).toEqual(PUPPET_CODE)
    const history = [1, 2, 3, 4].map((number) => storageAt(chain, puppet, word(7n), at(number)))
    expect(history).toEqual([word(0n), word(42n), word(42n), word(0n)])
  })

  test('calls and estimates run on it and change nothing', () => {
    const load = { from: deployer, to: puppet, data: command.load(7n) }
    const outputs = [2, 4].map((number) => callAt(chain, load, at(number), []))
    expect(outputs).toMatchObject([{ output: word(42n) }, { output: word(0n) }])
    const store = { from: deployer, to: puppet, data: command.store(9n, 1n) }
    const estimate = estimateGasAt(chain, store, 'latest', [])
    expect(estimate.kind).toBe('success')
    const gas = estimate.kind === 'success' ? estimate.gas : 0n
    // An estimate counts on no code that is warm by the state; the contract was created, so it is.
    const nothingWarm = [{ address: ARB_WASM_CACHE_ADDRESS, state: [] }]
    const ends = (given: bigint, overrides: readonly StateOverride[]) =>
      callAt(chain, { ...store, gas: given }, 'latest', overrides).kind
    expect([gas, gas - 1n].map((given) => ends(given, nothingWarm))).toEqual(['success', 'failure'])
    expect(ends(gas - 1n, [])).toBe('success')
    // Nor does a call on one that is warm by its own word.
    const saysWarm = (address: Uint8Array) => [
      { address, state: [], stateDiff: [[keccak256(PUPPET_CODE), word(1n)] as const] },
    ]
    expect([gas, gas - 1n].map((given) => ends(given, saysWarm(ARB_WASM_CACHE_ADDRESS)))).toEqual([
      'success',
      'failure',
    ])
    expect(ends(gas - 1n, saysWarm(stranger))).toBe('success')
    const overridden = [{ address: puppet, stateDiff: [[word(7n), word(5n)] as const] }]
    expect(callAt(chain, load, 'latest', overridden)).toMatchObject({ output: word(5n) })
    expect(storageAt(chain, puppet, word(9n), 'latest')).toEqual(word(0n))
    expect(chain.stateAt(chain.head.header).root()).toEqual(chain.head.header.stateRoot)
  })

  test('calls and estimates see their own block, the next one, or what they are told', () => {
    const clock = watToWasm(`(module
      (import "vm_hooks" "block_timestamp" (func $time (result i64)))
      (import "vm_hooks" "block_number" (func $number (result i64)))
      (import "vm_hooks" "block_gas_limit" (func $limit (result i64)))
      (import "vm_hooks" "block_basefee" (func $fee (param i32)))
      (import "vm_hooks" "block_coinbase" (func $coinbase (param i32)))
      (import "vm_hooks" "write_result" (func $answer (param i32 i32)))
      (memory (export "memory") 1)
      (func (export "user_entrypoint") (param i32) (result i32)
        (i64.store (i32.const 0) (call $time)) (i64.store (i32.const 8) (call $number)) (i64.store (i32.const 16) (call $limit))
        (call $fee (i32.const 24)) (call $coinbase (i32.const 56)) (call $answer (i32.const 0) (i32.const 76))
        ;; A time lock: open from 3 000 000 000 on.
        (i64.lt_u (call $time) (i64.const 3000000000))))`)
    const code = [{ address: stranger, code: packCode(clock) }]
    const see = (where: CallReference, block: BlockOverrides = {}) => {
      const outcome = callAt(chain, { to: stranger }, where, code, block)
      const output = outcome.kind === 'failure' ? new Uint8Array(76) : outcome.output
      const view = new DataView(output.buffer, output.byteOffset)
      const [timestamp, number, gasLimit] = [0, 8, 16].map((offset) => view.getBigUint64(offset, true))
      const [baseFee, coinbase] = [bytesToBigint(output.slice(24, 56)), output.slice(56)]
      return { kind: outcome.kind, timestamp, number, gasLimit, baseFee, coinbase }
    }
    for (const block of [blocks[2]!, blocks[4]!]) {
      const { timestamp, number, gasLimit, baseFeePerGas: baseFee, miner: coinbase } = block.header
      expect(see({ hash: block.hash })).toEqual({ kind: 'revert', timestamp, number, gasLimit, baseFee, coinbase })
    }
    const { header } = blocks[4]!
    expect(see('latest')).toEqual(see(at(4)))
    const next = { gasLimit: header.gasLimit, number: 5n, baseFee: nextBaseFee(header), coinbase: header.miner }
    expect(next.baseFee).not.toBe(header.baseFeePerGas)
    expect(see({ next: 2_999_999_999n })).toEqual({ kind: 'revert', timestamp: 2_999_999_999n, ...next })
    expect(see({ next: 3_000_000_000n })).toEqual({ kind: 'success', timestamp: 3_000_000_000n, ...next })
    expect(see({ next: 5n })).toEqual({ kind: 'revert', timestamp: header.timestamp, ...next })
    const told = { number: 99n, timestamp: 4_000_000_000n, gasLimit: 50_000n, baseFee: 3n, coinbase: deployer }
    expect(see('latest', told)).toEqual({ kind: 'success', ...told })
    expect(see({ next: 5n }, { timestamp: 7n })).toEqual({ kind: 'revert', ...next, timestamp: 7n })
    // As transactions: an estimate in the next block opens what one in the newest does not.
    const wallet = { from: deployer, to: stranger, maxFeePerGas: next.baseFee }
    expect(estimateGasAt(chain, wallet, { next: 3_000_000_000n }, code).kind).toBe('success')
    expect(estimateGasAt(chain, { to: stranger }, 'latest', code).kind).toBe('revert')
    expect(() => estimateGasAt(chain, { ...wallet, maxFeePerGas: next.baseFee - 1n }, { next: 5n }, code)).toThrow(
      `max fee per gas less than block base fee: maxFeePerGas: ${next.baseFee - 1n}, baseFee: ${next.baseFee}`,
    )
    expect(estimateGasAt(chain, { to: stranger }, 'latest', code, { timestamp: 3_000_000_000n }).kind).toBe('success')
  })

  test('calls of block 1 to come see the fee that the genesis names', async () => {
    const fresh = await openChain({ store: createMemoryStore(), genesis, engine: 'reference' })
    const tooLow = { from: deployer, to: stranger, maxFeePerGas: genesis.baseFeePerGas - 1n }
    expect(() => callAt(fresh, tooLow, { next: 0n }, [])).toThrow(`baseFee: ${genesis.baseFeePerGas}`)
  })

  test('proofs hold under the block’s state root, for what is there and for what is not', () => {
    for (const number of [1, 2, 4]) {
      const { stateRoot } = headAt(chain, at(number))!.header
      const proof = proofAt(chain, puppet, [word(7n), word(8n)], at(number))
      expect(verifyProof(stateRoot, keccak256(puppet), proof.accountProof)).toEqual({
        valid: true,
        value: encodeAccount(proof.account),
      })
      expect(proof.storageProof.map(({ value }) => value)).toEqual([number === 2 ? 42n : 0n, 0n])
      for (const { key, value, proof: nodes } of proof.storageProof) {
        const expected = value === 0n ? null : Uint8Array.of(Number(value))
        expect(verifyProof(proof.account.storageRoot, keccak256(key), nodes)).toEqual({ valid: true, value: expected })
      }
    }
    const absent = proofAt(chain, word(1n).slice(12), [word(1n)], 'latest')
    expect(absent.account).toMatchObject({ nonce: 0n, balance: 0n, codeHash: EMPTY_CODE_HASH })
    expect(verifyProof(chain.head.header.stateRoot, keccak256(absent.address), absent.accountProof)).toEqual({
      valid: true,
      value: null,
    })
    expect(absent.storageProof).toEqual([{ key: word(1n), value: 0n, proof: [] }])
  })

  test('a proof of too many slots is refused', () => {
    const many = Array.from({ length: 1_025 }, (_, index) => word(BigInt(index)))
    expect(() => proofAt(chain, puppet, many, 'latest')).toThrow(expect.objectContaining({ code: 'too-many-keys' }))
  })
})

describe('logs', () => {
  const any: LogFilter = { fromBlock: 0n, toBlock: 100n, addresses: [], topics: [], limit: 100, maxBytes: 1_000 }
  const dataOf = (filter: Partial<LogFilter>) => logs(chain, { ...any, ...filter }).map(({ log }) => toHex(log.data))

  test('come in the order of the chain with their places', () => {
    const found = logs(chain, any)
    expect(
      found.map(({ blockNumber, transactionIndex, logIndex }) => [blockNumber, transactionIndex, logIndex]),
    ).toEqual([
      [2n, 1, 0],
      [3n, 1, 0],
      [3n, 1, 1],
    ])
    expect(found[1]).toMatchObject({
      blockHash: blocks[3]!.hash,
      transactionHash: blocks[3]!.transactions[1]!.hash,
      log: { address: puppet, topics: [word(1n), word(3n)], data: Uint8Array.of(0xbb) },
    })
  })

  test('are chosen by range, address and topics', () => {
    expect(dataOf({ fromBlock: 3n })).toEqual(['0xbb', '0xcc'])
    expect(dataOf({ toBlock: 2n })).toEqual(['0xaa'])
    expect(dataOf({ fromBlock: 4n, toBlock: 2n })).toEqual([])
    expect(dataOf({ fromBlock: -5n })).toEqual(['0xaa', '0xbb', '0xcc'])
    expect(dataOf({ addresses: [stranger] })).toEqual([])
    expect(dataOf({ addresses: [stranger, puppet] })).toEqual(['0xaa', '0xbb', '0xcc'])
    expect(dataOf({ topics: [[word(1n)]] })).toEqual(['0xaa', '0xbb'])
    expect(dataOf({ topics: [null, [word(3n)]] })).toEqual(['0xbb'])
    expect(dataOf({ topics: [null, [word(2n), word(3n)]] })).toEqual(['0xaa', '0xbb'])
    expect(dataOf({ topics: [null, null] })).toEqual(['0xaa', '0xbb'])
    expect(dataOf({ topics: [[word(2n)]] })).toEqual([])
    expect(dataOf({ topics: [null, null, null] })).toEqual([])
    expect(dataOf({ topics: [[]] })).toEqual([])
  })

  test('are looked through so many at a time, each block to its end', () => {
    const some = (filter: Partial<LogFilter>, most: number) =>
      searchSome(chain.database, { ...any, ...filter }, chain.head.header.number, most)
    const whole = logs(chain, any)
    expect(logStep(chain, any)).toEqual({ logs: whole, next: null })
    const found: unknown[] = []
    const from: bigint[] = []
    for (let next: bigint | null = 0n; next !== null; ) {
      from.push(next)
      const step = some({ fromBlock: next }, 1)
      found.push(...step.logs)
      next = step.next
    }
    expect(found).toEqual(whole)
    expect(from.length).toBeGreaterThan(2)
    // What does not match counts, as it was looked at: block 3 has the word as another topic.
    expect(some({ topics: [[word(3n)]] }, 1).next).toBe(4n)
  })

  test('are bounded in number and range', () => {
    expect(logs(chain, { ...any, limit: 3 }).length).toBe(3)
    expect(() => logs(chain, { ...any, limit: 2 })).toThrow(expect.objectContaining({ code: 'too-many-logs' }))
    expect(logs(chain, { ...any, maxBytes: 3 }).length).toBe(3)
    expect(() => logs(chain, { ...any, maxBytes: 2 })).toThrow(expect.objectContaining({ code: 'answer-too-large' }))
    // The range is cut at the newest block, so an open end costs nothing.
    expect(logs(chain, { ...any, toBlock: 2n ** 64n }).length).toBe(3)
    const wide = { ...any, toBlock: 2n ** 64n }
    expect(() => searchedRange(wide, 100_000n)).toThrow(expect.objectContaining({ code: 'range-too-wide' }))
    expect(searchedRange(wide, 99_999n)).toEqual({ from: 0n, to: 99_999n })
  })

  test('carry nothing of their block along', () => {
    const [first] = logs(chain, any)
    expect(first!.log.data.buffer.byteLength).toBe(1)
    expect(first!.transactionHash.buffer.byteLength).toBe(32)
    expect(concatBytes(...first!.log.topics)).toEqual(concatBytes(word(1n), word(2n)))
  })
})
