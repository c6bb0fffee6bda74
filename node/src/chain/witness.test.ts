/** A witness is enough: each block is executed again with nothing else, and comes to the roots of its header. */
import { beforeAll, describe, expect, test } from 'vitest'
import { keyOf } from '../codec/bytes.ts'
import { EMPTY_CODE_HASH, keccak256 } from '../crypto/keccak.ts'
import { createAddress } from '../execution/contractAddress.ts'
import { executeBlock } from '../execution/executeBlock.ts'
import { encodeInitCode } from '../execution/initCode.ts'
import { createProgramCache } from '../execution/programCache.ts'
import { command, PUPPET_CODE, word } from '../execution/testing/puppet.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { openState } from '../state/journaledState.ts'
import type { Block } from '../types/block.ts'
import { decodeHeader } from '../types/headerCodec.ts'
import { recoverSender } from '../types/transactionCodec.ts'
import { type Chain, openChain } from './chain.ts'
import { codeByHash } from './queries.ts'
import { storageRangeAt } from './storageRange.ts'
import { accounts, appendBlock, genesis, stranger, transaction } from './testing/fixtures.ts'
import { type ExecutionWitness, executionWitnessAt } from './witness.ts'

const puppet = createAddress(accounts[0]!.address, 0n)
const call = (nonce: number, data: Uint8Array) =>
  transaction(0, nonce, { to: puppet, value: 0n, data, gasLimit: 1_000_000n })
const MOST = 1_000_000
const FROM_START = new Uint8Array(32)

let chain: Chain
const blocks: Block[] = []

beforeAll(async () => {
  chain = await openChain({ store: createMemoryStore(), genesis, engine: 'reference' })
  const deployment = { to: null, value: 0n, data: encodeInitCode(PUPPET_CODE, null), gasLimit: 10_000_000n }
  blocks.push(await appendBlock(chain, [transaction(0, 0, deployment), transaction(1, 0)]))
  const stores = Array.from({ length: 12 }, (_, slot) => command.store(BigInt(slot), BigInt(slot + 1)))
  blocks.push(await appendBlock(chain, [call(1, command.sequence(...stores))]))
  // Deleting pulls up what stands beside it, so the witness has nodes that no read came to.
  const zeroes = [0n, 3n, 5n, 7n, 9n, 11n].map((slot) => command.store(slot, 0n))
  blocks.push(await appendBlock(chain, [call(2, command.sequence(...zeroes)), call(3, command.trap())]))
  blocks.push(await appendBlock(chain, [call(4, command.call('call', stranger, new Uint8Array(0)))]))
})

/** Throws where the witness lacks something. */
function executeWith({ parentHeader, nodes, codes }: ExecutionWitness, block: Block) {
  const byHash = (items: readonly Uint8Array[]) => new Map(items.map((item) => [keyOf(keccak256(item)), item]))
  const [allNodes, allCodes] = [byHash(nodes), byHash(codes)]
  const parent = decodeHeader(parentHeader)
  expect(keccak256(parentHeader)).toEqual(block.header.parentHash)
  const state = openState({
    root: parent.stateRoot,
    nodes: { node: (hash) => allNodes.get(keyOf(hash)) },
    codes: { code: (hash) => allCodes.get(keyOf(hash)) },
  })
  const transactions = block.transactions.map((envelope) => ({
    ...envelope,
    sender: recoverSender(envelope.transaction),
  }))
  const { chainId, schedule } = genesis
  const config = { chainId, schedule, engine: 'compiled' as const, programs: createProgramCache() }
  return executeBlock(state, block.header, transactions, config)
}

describe('a witness', () => {
  test.each([1, 2, 3, 4])('is enough to execute block %i again', (number) => {
    const { gasUsed, stateRoot, receiptsRoot, logsBloom } = blocks[number - 1]!.header
    const witness = executionWitnessAt(chain, { number: BigInt(number) }, MOST)
    expect(executeWith(witness, blocks[number - 1]!)).toMatchObject({ gasUsed, stateRoot, receiptsRoot, logsBloom })
  })

  test.each([2, 3])('of block %i has nothing that is not needed', (number) => {
    const witness = executionWitnessAt(chain, { number: BigInt(number) }, MOST)
    for (const kind of ['nodes', 'codes'] as const) {
      for (const missing of witness[kind]) {
        const less = { ...witness, [kind]: witness[kind].filter((item) => item !== missing) }
        expect(() => executeWith(less, blocks[number - 1]!)).toThrow(/is not in the store/)
      }
    }
  })

  test('is bounded, and there is none of block 0', () => {
    expect(() => executionWitnessAt(chain, { number: 2n }, 500)).toThrow(/the witness has more than 500 bytes/)
    expect(() => executionWitnessAt(chain, 'earliest', MOST)).toThrow(/executes nothing/)
  })
})

describe('slots in the middle of a block', () => {
  const rangeAt = (number: bigint, index: number, start: Uint8Array = FROM_START, limit = 100) =>
    storageRangeAt(chain, { number }, index, puppet, start, limit)
  const hashed = (slot: bigint) => keyOf(keccak256(word(slot)))

  test('are those before the transaction, in the order of their hashes, page by page', () => {
    expect(rangeAt(2n, 0)).toEqual({ slots: [], next: null })
    const all = rangeAt(2n, 1).slots
    const wanted = new Map(Array.from({ length: 12 }, (_, slot) => [hashed(BigInt(slot)), BigInt(slot + 1)]))
    expect(new Map(all.map(({ hashedKey, value }) => [keyOf(hashedKey), value]))).toEqual(wanted)
    expect(all.map(({ hashedKey }) => keyOf(hashedKey))).toEqual([...wanted.keys()].sort())
    const first = rangeAt(2n, 1, FROM_START, 5)
    expect([...first.slots, ...rangeAt(2n, 1, first.next!).slots]).toEqual(all)
    expect(rangeAt(3n, 0).slots).toEqual(all)
    expect(rangeAt(3n, 1).slots).toHaveLength(6)
  })

  test('of an account without any, or a transaction that is not there', () => {
    expect(storageRangeAt(chain, { number: 2n }, 1, stranger, FROM_START, 5)).toEqual({ slots: [], next: null })
    expect(() => rangeAt(2n, 2)).toThrow('transaction index 2: block 2 has 1')
    expect(() => rangeAt(0n, 0)).toThrow(/genesis/)
  })
})

test('a code is found by its hash, at whatever height it was stored', () => {
  expect(codeByHash(chain, keccak256(PUPPET_CODE))).toEqual(PUPPET_CODE)
  expect(codeByHash(chain, EMPTY_CODE_HASH)).toEqual(new Uint8Array(0))
  expect(codeByHash(chain, new Uint8Array(32))).toBeNull()
})
