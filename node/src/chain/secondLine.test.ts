/**
 * A failure of the machine inside execution is never a result: the block is executed again on the reference engine, and what
 * cannot be executed at all is left out, voted against, or, with a certificate, stops the node by its name.
 */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { toHex } from '../codec/hex.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { createAddress } from '../execution/contractAddress.ts'
import { encodeInitCode } from '../execution/initCode.ts'
import { command, PUPPET_CODE, PUPPET_MODULE, word } from '../execution/testing/puppet.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { StoreError } from '../runtime/storeError.ts'
import type { Block } from '../types/block.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { type Chain, type ChainOptions, openChain } from './chain.ts'
import type { ExecutionFault, FaultConsequence } from './executionFault.ts'
import { MAX_LEFT_OUT } from './limits.ts'
import { callAt } from './queries.ts'
import { type FailingPrograms, failingPrograms } from './testing/failingPrograms.ts'
import { accounts, appendBlock, certificateOf, genesis, request, sendersOf, transaction } from './testing/fixtures.ts'

const outer = createAddress(accounts[0]!.address, 0n)
const inner = createAddress(accounts[0]!.address, 1n)
const deploy = (nonce: number, code: Uint8Array, constructorArguments: Uint8Array | null = null) =>
  transaction(0, nonce, {
    to: null,
    value: 0n,
    data: encodeInitCode(code, constructorArguments),
    gasLimit: 12_000_000n,
  })
const call = (from: number, nonce: number, to: Uint8Array, data: Uint8Array) =>
  transaction(from, nonce, { to, value: 0n, data, gasLimit: 2_000_000n })
/** The code is another, and so its hash: the module as it is. */
const innerHash = keccak256(PUPPET_MODULE)
const outerHash = keccak256(PUPPET_CODE)

interface Scene {
  readonly chain: Chain
  readonly programs: FailingPrograms
  readonly faults: { readonly fault: ExecutionFault; readonly consequence: FaultConsequence }[]
}

/** Block 1 deploys both contracts. */
async function scene(more: Partial<ChainOptions> = {}): Promise<Scene> {
  const programs = failingPrograms()
  const faults: Scene['faults'] = []
  const onFault = (fault: ExecutionFault, consequence: FaultConsequence) => void faults.push({ fault, consequence })
  const chain = await openChain({ store: createMemoryStore(), genesis, engine: 'compiled', programs, onFault, ...more })
  await appendBlock(chain, [deploy(0, PUPPET_CODE), deploy(1, PUPPET_MODULE)])
  return { chain, programs, faults }
}

/** Innocent, the one that fails in the nested call, innocent. */
const nested = command.sequence(command.store(1n, 1n), command.call('call', inner, command.store(2n, 2n)))
const culprit = call(2, 0, outer, nested)
const offered = [call(1, 0, outer, command.store(5n, 6n)), culprit, call(3, 0, outer, command.load(5n))]
const senders = offered.map(({ sender }) => sender)

async function healthyBlock(transactions: readonly SenderTransaction[] = offered): Promise<Block> {
  const { chain, faults } = await scene()
  const { block } = chain.build(request(chain.head, transactions))
  expect(faults).toEqual([])
  return block
}

const overflow = () => new RangeError('Maximum call stack size exceeded')
const FAILURES: readonly [string, () => unknown][] = [
  ['a native stack that is used up', overflow],
  ['memory that is not given', () => new RangeError('Array buffer allocation failed')],
  ['a module that the machine refuses', () => new (compileError())('WebAssembly.Module(): out of memory')],
  ['an error of no class of ours', () => new Error('internal assertion')],
  ['something that is no error', () => 'thrown text'],
]
function compileError(): new (message: string) => Error {
  return (globalThis as unknown as { WebAssembly: { CompileError: new (message: string) => Error } }).WebAssembly
    .CompileError
}

afterEach(() => vi.restoreAllMocks())

describe.each(FAILURES)('%s', (_, failure) => {
  test('while building: the block is that of a healthy node, and who failed is told', async () => {
    const expected = await healthyBlock()
    const { chain, programs, faults } = await scene()
    programs.fail(innerHash, ['compiled'], failure)
    const { block, rejected } = chain.build(request(chain.head, offered))
    expect(toHex(block.hash)).toBe(toHex(expected.hash))
    expect(rejected).toEqual([])
    expect(faults).toMatchObject([
      { fault: { block: 2n, transaction: { hash: culprit.hash, index: 1 } }, consequence: 'executed-again' },
    ])
  })

  test('while validating and while finalising: the block is valid, and its receipts are those of a healthy node', async () => {
    const healthy = await scene()
    const { block } = healthy.chain.build(request(healthy.chain.head, offered))
    const event = await healthy.chain.finalize(block, certificateOf(block), senders)

    const validating = await scene()
    validating.programs.fail(innerHash, ['compiled'], failure)
    expect(validating.chain.validate(block, senders)).toEqual({ ok: true })
    expect(validating.programs.failures).toEqual({ compiled: 1, interpreter: 0, reference: 0 })

    const finalising = await scene()
    finalising.programs.fail(innerHash, ['compiled'], failure)
    expect(await finalising.chain.finalize(block, certificateOf(block), senders)).toEqual(event)
    expect(finalising.chain.head.hash).toEqual(block.hash)
    expect(finalising.faults).toHaveLength(1)
  })

  test('on both engines: left out when building, voted against when validating, and with a certificate it stops the node', async () => {
    const { chain, programs, faults } = await scene()
    const block = await healthyBlock()
    programs.fail(innerHash, ['compiled', 'reference'], failure)
    const built = chain.build(request(chain.head, offered))
    expect(built.block.transactions.map(({ hash }) => hash)).toEqual([offered[0]!.hash, offered[2]!.hash])
    expect(built.rejected).toEqual([])

    const hash = toHex(culprit.hash)
    const voted = chain.validate(block, senders)
    expect(voted).toMatchObject({ ok: false, reason: expect.stringContaining(`transaction 1 (${hash}) of block 2`) })
    await expect(chain.finalize(block, certificateOf(block), senders)).rejects.toThrow(
      new RegExp(`certified block cannot be executed here: transaction 1 \\(${hash}\\) of block 2: .*Give the machine`),
    )
    expect(chain.head.header.number).toBe(1n)
    expect(faults.map(({ consequence }) => consequence)).toEqual(['left-out', 'voted-against', 'stops'])
    expect(faults[0]!.fault).toMatchObject({ engine: 'reference', before: { engine: 'compiled' } })

    // Nothing is left behind: the same node executes the same block once the machine can.
    programs.heal()
    await chain.finalize(block, certificateOf(block), senders)
    expect(chain.head.hash).toEqual(block.hash)
  })
})

describe('where it may happen', () => {
  test('in a constructor, called from outside and from a contract', async () => {
    const argument = word(9n)
    const create = command.create(encodeInitCode(PUPPET_MODULE, argument))
    const transactions = [deploy(2, PUPPET_MODULE, argument), call(2, 0, outer, create)]
    const expected = await healthyBlock(transactions)
    const { chain, programs, faults } = await scene()
    programs.fail(innerHash, ['compiled'], overflow)
    expect(toHex(chain.build(request(chain.head, transactions)).block.hash)).toBe(toHex(expected.hash))
    expect(faults).toHaveLength(1)
    expect(faults[0]!.fault.transaction?.index).toBe(0)
  })

  test("in the machine's compiler, which refuses what the validator accepted: no receipt says so", async () => {
    const { WebAssembly } = globalThis as unknown as { WebAssembly: Record<'Module' | 'Instance', new () => object> }
    const expected = await healthyBlock()
    for (const what of ['Module', 'Instance'] as const) {
      const { chain, faults } = await scene()
      // Another chain on the same store: nothing is compiled yet.
      const fresh = await openChain({
        store: chain.database.store,
        genesis,
        engine: 'compiled',
        onFault: (fault, consequence) => faults.push({ fault, consequence }),
      })
      class Refusing {
        constructor() {
          throw new RangeError(`WebAssembly.${what}(): Out of memory`)
        }
      }
      const spy = vi.spyOn(WebAssembly, what).mockImplementation(Refusing as never)
      expect(toHex(fresh.build(request(fresh.head, offered)).block.hash)).toBe(toHex(expected.hash))
      expect(spy).toHaveBeenCalled()
      expect(faults).toMatchObject([{ fault: { error: `RangeError: WebAssembly.${what}(): Out of memory` } }])
      vi.restoreAllMocks()
    }
  })

  test('on a node whose first engine is the reference: it is tried twice', async () => {
    const { chain, programs } = await scene({ engine: 'reference' })
    let times = 0
    programs.fail(innerHash, ['reference'], () => {
      times += 1
      programs.heal()
      return overflow()
    })
    expect(chain.build(request(chain.head, offered)).block.transactions).toHaveLength(3)
    expect(times).toBe(1)
  })

  test('again in the next round: another block with the same transaction begins with the engine that managed', async () => {
    const { chain, programs, faults } = await scene()
    programs.fail(innerHash, ['compiled'], overflow)
    const first = chain.build(request(chain.head, offered)).block
    const second = chain.build({ ...request(chain.head, offered), miner: new Uint8Array(20).fill(0xdd) }).block
    expect(second.hash).not.toEqual(first.hash)
    expect(second.transactions).toHaveLength(3)
    expect(programs.failures).toEqual({ compiled: 1, interpreter: 0, reference: 0 })
    expect(faults).toHaveLength(1)
    // If it does not manage any more, the other has its turn.
    programs.heal()
    programs.fail(innerHash, ['reference'], overflow)
    expect(
      toHex(
        chain.build({ ...request(chain.head, offered), miner: new Uint8Array(20).fill(0xcc) }).block.header
          .receiptsRoot,
      ),
    ).toBe(toHex(first.header.receiptsRoot))
    expect(programs.failures).toEqual({ compiled: 1, interpreter: 0, reference: 1 })
  })

  test('outside every transaction: an empty block is built, as anyone could be to blame', async () => {
    const { chain, faults } = await scene()
    const stateAt = chain.stateAt.bind(chain)
    vi.spyOn(chain, 'stateAt').mockImplementation((header) => {
      const state = stateAt(header)
      const root = state.root.bind(state)
      state.root = () => {
        if (state.nonce(accounts[1]!.address) > 0n) throw overflow()
        return root()
      }
      return state
    })
    const { block, rejected } = chain.build(request(chain.head, offered))
    expect(block.transactions).toEqual([])
    expect(rejected).toEqual([])
    expect(faults).toMatchObject([{ fault: { transaction: null }, consequence: 'left-out' }])
  })

  test('in an eth_call: it is the error of that call, and the next block is not touched by it', async () => {
    const { chain, programs } = await scene()
    const expected = await healthyBlock()
    programs.fail(innerHash, ['compiled', 'reference'], overflow)
    const message = { from: accounts[1]!.address, to: outer, data: nested }
    expect(() => callAt(chain, message, 'latest', [])).toThrow('Maximum call stack size exceeded')
    programs.heal()
    expect(toHex(chain.build(request(chain.head, offered)).block.hash)).toBe(toHex(expected.hash))
  })
})

describe('bounds', () => {
  test('so many transactions fail that the block is built without any', async () => {
    const { chain, programs, faults } = await scene()
    programs.fail(outerHash, ['compiled', 'reference'], overflow)
    const three = [1, 2, 3].map((from) => call(from, 0, outer, command.load(1n)))
    const some = chain.build(request(chain.head, [...three, transaction(0, 2)])).block
    expect(some.transactions).toHaveLength(1)
    expect(faults).toHaveLength(3)
    faults.length = 0
    const more = Array.from({ length: MAX_LEFT_OUT }, (_, index) => {
      const data = command.store(1n, BigInt(index))
      return call(1, 0, outer, data)
    })
    const none = chain.build(request(chain.head, [...more, ...three, transaction(0, 2)])).block
    expect(none.transactions).toEqual([])
    expect(faults).toHaveLength(MAX_LEFT_OUT + 1)
  })

  test('a disk that fails is no fault of a transaction: it stops the node as ever', async () => {
    const { chain, programs, faults } = await scene()
    programs.fail(innerHash, ['compiled'], () => new StoreError('io', 'Reading the database failed.'))
    expect(() => chain.build(request(chain.head, offered))).toThrow('Reading the database failed.')
    expect(faults).toEqual([])
  })
})

describe('what the node died of', () => {
  const hex = toHex(culprit.hash).slice(2)
  const withoutRepetitions = (list: readonly string[]) => list.filter((entry, at) => entry !== list[at - 1])

  test('each transaction is marked while it runs, and nothing when nothing does', async () => {
    const marks: string[] = []
    const mark = {
      begin: (hash: Uint8Array, block: bigint) => void marks.push(`${toHex(hash).slice(0, 10)} in ${block}`),
      end: () => void marks.push('end'),
    }
    const { chain, programs } = await scene({ mark })
    marks.length = 0
    const begun = offered.map(({ hash }) => `${toHex(hash).slice(0, 10)} in 2`)
    chain.build(request(chain.head, offered))
    expect(withoutRepetitions(marks)).toEqual([...begun, 'end'])
    marks.length = 0
    programs.fail(innerHash, ['compiled'], overflow)
    chain.build(request(chain.head, [...offered].reverse().slice(1)))
    expect(withoutRepetitions(marks)).toEqual([begun[1], 'end', begun[1], begun[0], 'end'])
  })

  test('once is nothing; twice, and its blocks are executed on the reference engine alone, and it is not proposed', async () => {
    const block = await healthyBlock()
    for (const [strikes, compiled] of [
      [1, 1],
      [2, 0],
    ] as const) {
      const { chain, programs } = await scene({ strikes: new Map([[hex, strikes]]) })
      programs.fail(innerHash, ['compiled'], overflow)
      expect(chain.validate(block, senders)).toEqual({ ok: true })
      expect(programs.failures).toEqual({ compiled, interpreter: 0, reference: 0 })
      const proposed = chain.build(request(chain.head, offered)).block.transactions
      expect(proposed).toHaveLength(strikes === 1 ? 3 : 2)
    }
  })

  test('three times, and it is not executed any more: not proposed, voted against, and a certificate stops the node', async () => {
    const block = await healthyBlock()
    const { chain, faults } = await scene({ strikes: new Map([[hex, 3]]) })
    const built = chain.build(request(chain.head, offered)).block
    expect(built.transactions.map(({ hash }) => hash)).toEqual([offered[0]!.hash, offered[2]!.hash])
    expect(chain.validate(block, sendersOf(block, offered))).toMatchObject({ ok: false })
    await expect(chain.finalize(block, certificateOf(block), senders)).rejects.toThrow('the node ended 3 times')
    expect(faults.map(({ consequence }) => consequence)).toEqual(['voted-against', 'stops'])
  })
})
