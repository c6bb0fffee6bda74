/** Dev transactions on a chain: what they do, who may make them, and that every node and a replay get the same. */

import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { bigintToBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { EMPTY_CODE_HASH } from '../crypto/keccak.ts'
import { DEV_ADDRESS, devSlot } from '../execution/dev/devStorage.ts'
import { DROPPED_TOPIC, SNAPSHOT_TOPIC } from '../execution/dev/devTopics.ts'
import { type DevOperation, encodeOperations } from '../execution/dev/operations.ts'
import { MAX_DEV_MINED_BLOCKS, MAX_DEV_TIMESTAMP } from '../execution/limits.ts'
import { REGISTRY_ADDRESS } from '../execution/validatorRegistry/registryInterface.ts'
import { encodeBlockRecord, encodeEndRecord, encodeGenesisRecord, encodeHeader } from '../replay/exportFormat.ts'
import { replayExport } from '../replay/replay.ts'
import { Rerun } from '../rerun/rerun.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { sealBlock } from '../types/blockCodec.ts'
import type { Genesis } from '../types/genesis.ts'
import { genesisToJson, parseGenesis } from '../types/genesisCodec.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { decodeTransaction, recoverSender } from '../types/transactionCodec.ts'
import { openChain } from './chain.ts'
import { genesisCandidate } from './genesisBlock.ts'
import { encodeReceiptRecords } from './records.ts'
import { storageRangeAt } from './storageRange.ts'
import { controller, controllerKey, devGenesis, devTransaction, operate } from './testing/devFixtures.ts'
import {
  accounts,
  certificateOf,
  genesis,
  miner,
  request,
  sendersOf,
  stranger,
  transaction,
} from './testing/fixtures.ts'
import { traceBlockAt } from './traces.ts'
import { executionWitnessAt } from './witness.ts'

const contract = new Uint8Array(20).fill(0x55)
const word = (value: number | bigint) => bigintToBytes(BigInt(value), 32)
const open = (of: Genesis = devGenesis) => openChain({ store: createMemoryStore(), genesis: of, engine: 'reference' })
type Chain = Awaited<ReturnType<typeof open>>

/** Builds a block, has a second chain check it, and makes it final on both. */
async function append(chain: Chain, offered: readonly SenderTransaction[], others: readonly Chain[] = []) {
  const { block, rejected } = chain.build(request(chain.head, offered))
  const senders = sendersOf(block, offered)
  for (const other of others) {
    expect(other.validate(block, senders)).toEqual({ ok: true })
    await other.finalize(block, certificateOf(block), senders)
  }
  const event = await chain.finalize(block, certificateOf(block), senders)
  return { block, rejected, receipts: event!.receipts }
}

const stateOf = (chain: Chain) => chain.stateAt(chain.head.header)

/** One operation in a block of its own; the words of its failure, or null. */
async function operation(chain: Chain, one: DevOperation): Promise<string | null> {
  const { receipts } = await append(chain, [operate(one)])
  expect(receipts).toHaveLength(1)
  return receipts[0]!.failure?.message ?? null
}

describe('the genesis', () => {
  it('has dev mode in its hash and in its JSON, and without it is what it was', () => {
    const hash = (of: Genesis) => toHex(genesisCandidate(of).block.hash)
    expect(new Set([hash(genesis), hash(devGenesis), hash({ ...genesis, dev: { controller: stranger } })]).size).toBe(3)
    expect(parseGenesis(genesisToJson(devGenesis)).dev).toEqual({ controller })
    expect(hash(parseGenesis(genesisToJson(devGenesis)))).toBe(hash(devGenesis))
    expect(() => parseGenesis({ ...genesisToJson(genesis), dev: {} })).toThrow(
      /genesis.dev.controller: hex of 20 bytes/,
    )
    expect(() => parseGenesis({ ...genesisToJson(genesis), dev: true })).toThrow(/genesis.dev: an object/)
  })
})

describe('a dev transaction', () => {
  it('writes balance, nonce, code and storage, for nothing, on two chains alike', async () => {
    const [chain, other] = [await open(), await open()]
    const code = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
    const { receipts } = await append(
      chain,
      [
        operate(
          { kind: 'setBalance', address: contract, balance: 7n },
          { kind: 'setNonce', address: contract, nonce: 9n },
          { kind: 'setStorage', address: contract, slot: word(1), value: word(2) },
          { kind: 'setStorage', address: stranger, slot: word(3), value: word(4) },
        ),
        operate({ kind: 'setCode', address: contract, code }),
      ],
      [other],
    )
    const state = stateOf(chain)
    expect(state.account(contract)).toMatchObject({ balance: 7n, nonce: 9n, codeHash: EMPTY_CODE_HASH })
    expect(state.storage(contract, word(1))).toEqual(word(2))
    // It was no account before: its storage needs one.
    expect(state.nonce(stranger)).toBe(1n)
    expect(state.storage(stranger, word(3))).toEqual(word(4))
    expect(receipts[0]).toMatchObject({ effectiveGasPrice: 0n, sender: controller, receipt: { type: 0x7d, status: 1 } })
    // A module that exports no contract is none.
    expect(receipts[1]).toMatchObject({ receipt: { status: 0 } })
    expect(other.head).toEqual(chain.head)
  })

  it('sends from any account, one with code too, with its nonce and its value', async () => {
    const chain = await open()
    await append(chain, [operate({ kind: 'setBalance', address: contract, balance: 100n })])
    const { receipts } = await append(chain, [
      devTransaction({ from: contract, to: stranger, value: 60n }),
      devTransaction({ from: contract, to: stranger, value: 60n }),
    ])
    expect(receipts.map(({ sender, gasUsed, receipt }) => [sender, gasUsed, receipt.status])).toEqual([
      [contract, 21_000n, 1],
      [contract, 21_000n, 0],
    ])
    expect(receipts[1]!.failure?.message).toBe('insufficient funds for transfer: have 40, want 60')
    expect(stateOf(chain).account(contract)).toMatchObject({ nonce: 1n, balance: 40n })
    expect(stateOf(chain).balance(stranger)).toBe(60n)
  })

  it('fails where its account has the last nonce, and nothing of the machine is blamed', async () => {
    const faults: string[] = []
    const chain = await openChain({
      ...{ store: createMemoryStore(), genesis: devGenesis, engine: 'reference' },
      onFault: ({ error }) => faults.push(error),
    })
    await append(chain, [operate({ kind: 'setNonce', address: contract, nonce: 2n ** 64n - 2n })])
    const { receipts } = await append(chain, [
      devTransaction({ from: contract }),
      devTransaction({ from: contract }),
      devTransaction({ from: contract, to: null }),
    ])
    expect(receipts.map(({ receipt, failure }) => [receipt.status, failure?.message])).toEqual([
      [1, undefined],
      [0, `nonce has max value: tx nonce ${2n ** 64n - 1n}`],
      [0, `nonce has max value: tx nonce ${2n ** 64n - 1n}`],
    ])
    expect(faults).toEqual([])
    expect(stateOf(chain).nonce(contract)).toBe(2n ** 64n - 1n)
  })

  it('of an impersonated account is traced, witnessed and stepped over as it ran', async () => {
    const chain = await open()
    await append(chain, [operate({ kind: 'setBalance', address: contract, balance: 100n })])
    const offered = [
      devTransaction({ from: contract, to: stranger, value: 60n }),
      devTransaction({ from: contract, to: DEV_ADDRESS, data: encodeOperations([{ kind: 'addTime', seconds: 1n }]) }),
      transaction(0, 0),
    ]
    const { receipts } = await append(chain, offered)
    const { traces } = traceBlockAt(chain, 'latest', { hostCalls: false, state: true })
    expect(traces.map(({ root }) => [root.from, root.gasUsed])).toEqual(
      receipts.map(({ sender, gasUsed }) => [sender, gasUsed]),
    )
    expect(executionWitnessAt(chain, 'latest', 1_000_000).nodes.length).toBeGreaterThan(1)
    expect(storageRangeAt(chain, 'latest', 3, DEV_ADDRESS, new Uint8Array(32), 100).slots.length).toBeGreaterThan(2)
    const { header } = chain.head
    for (const [index, { sender }] of receipts.entries()) {
      const accounts = traces[index]!.state!.before.filter(({ exists }) => exists)
      const subject = { kind: 'transaction', transaction: { ...offered[index]!, sender } } as const
      const task = { chainId: devGenesis.chainId, schedule: devGenesis.schedule, block: header, accounts, subject }
      const again = new Rerun(task, { code() {}, step() {}, hostCall() {}, leave() {} }).run()
      expect([again.kind, again.gasUsed]).toEqual(['success', receipts[index]!.gasUsed])
    }
  })

  it.each([
    ['the key of an ordinary account', accounts[0]!.privateKey],
    ['a made-up key', new Uint8Array(32).fill(0x11)],
  ])('of %s makes a block invalid', async (_, key) => {
    const [chain, evil] = [await open(), await open({ ...devGenesis })]
    const forged = devTransaction(
      { to: DEV_ADDRESS, data: (operate({ kind: 'snapshot' }).transaction as { data: Uint8Array }).data },
      key,
    )
    expect(chain.build(request(chain.head, [forged]))).toMatchObject({
      block: { transactions: [] },
      rejected: [{ hash: forged.hash }],
    })
    // A proposer that does not check: the same block with the right transaction, taken for the controller's.
    const { block } = evil.build(request(evil.head, [{ ...forged, sender: controller }]))
    expect(block.transactions).toHaveLength(1)
    expect(chain.validate(block, [recoverSender(forged.transaction)])).toEqual({
      ok: false,
      reason:
        'transaction 0 cannot be included: a dev transaction is signed by the controller that the genesis names, and by nobody else',
    })
  })

  it('makes a block invalid on a chain without dev mode, whoever signed it', async () => {
    const chain = await open(genesis)
    const tx = operate({ kind: 'setBalance', address: stranger, balance: 1n })
    expect(chain.build(request(chain.head, [tx])).rejected[0]!.message).toMatch(/its genesis has no dev mode/)
  })

  it('is in one block only', async () => {
    const chain = await open()
    const tx = operate({ kind: 'setBalance', address: stranger, balance: 1n })
    await append(chain, [tx])
    const { block, rejected } = chain.build(request(chain.head, [tx]))
    expect(block.transactions).toEqual([])
    expect(rejected[0]!.message).toMatch(/in a block already/)
  })

  it('does all of its operations or none, and pays for what a block can hold', async () => {
    const chain = await open()
    const { receipts } = await append(chain, [
      operate(
        { kind: 'setBalance', address: stranger, balance: 1n },
        { kind: 'setNonce', address: REGISTRY_ADDRESS, nonce: 0n },
      ),
    ])
    expect(receipts[0]!.failure?.message).toMatch(/0x0+801 belongs to the chain/)
    expect(receipts[0]!.gasUsed).toBe(1_000_000n)
    expect(stateOf(chain).balance(stranger)).toBe(0n)
  })

  it.each<[string, DevOperation, RegExp]>([
    [
      'storage of the dev account',
      { kind: 'setStorage', address: DEV_ADDRESS, slot: word(0), value: word(1) },
      /belongs to the chain/,
    ],
    [
      'code of a precompile',
      { kind: 'setCode', address: bigintToBytes(1n, 20), code: new Uint8Array(0) },
      /is a precompile/,
    ],
    [
      'code of the EVM',
      { kind: 'setCode', address: contract, code: Uint8Array.of(0x60, 0x80) },
      /neither a WebAssembly module/,
    ],
    ['a nonce without an end', { kind: 'setNonce', address: contract, nonce: (1n << 64n) - 1n }, /EIP-2681/],
    ['no blocks', { kind: 'mine', blocks: 0n, seconds: 0n }, /1 to 1000/],
    ['many blocks', { kind: 'mine', blocks: MAX_DEV_MINED_BLOCKS + 1n, seconds: 0n }, /1 to 1000/],
    ['a time that has passed', { kind: 'nextTimestamp', timestamp: 1n, clock: 0n }, /that of the newest block/],
    ['a time without end', { kind: 'addTime', seconds: MAX_DEV_TIMESTAMP + 1n }, /at most/],
    ['a small block', { kind: 'gasLimit', gas: 1n }, /100000 to/],
    ['a snapshot that is not there', { kind: 'goBack', id: 3n }, /no snapshot 3/],
  ])('is refused %s', async (_, one, words) => {
    const chain = await open()
    expect(await operation(chain, one)).toMatch(words)
  })

  it('has one encoding, and damage of it is another transaction or an error', () => {
    const random = seededRandom(1)
    const { raw, transaction: tx } = devTransaction({ from: contract, value: 5n })
    expect(decodeTransaction(raw).transaction).toEqual(tx)
    for (let times = 0; times < 300; times++) {
      const damaged = raw.slice()
      damaged[random.below(raw.length)]! ^= 1 << random.below(8)
      try {
        expect(decodeTransaction(damaged).transaction).not.toEqual(tx)
      } catch (error) {
        expect((error as Error).name).toBe('CodecError')
      }
    }
  })
})

it('tells every pool by a log what to drop, and changes nothing', async () => {
  const chain = await open()
  const hash = word(77)
  const { receipts } = await append(chain, [operate({ kind: 'drop', hash })])
  expect(receipts[0]!.receipt.logs).toEqual([{ address: DEV_ADDRESS, topics: [DROPPED_TOPIC], data: hash }])
})

describe('time and blocks', () => {
  it('give the next block its time, and those after it the offset', async () => {
    const chain = await open()
    const start = chain.head.header.timestamp
    await operation(chain, { kind: 'nextTimestamp', timestamp: start + 500n, clock: start })
    // The proposer's clock says one second after the parent.
    expect((await append(chain, [])).block.header.timestamp).toBe(start + 500n)
    const { block } = chain.build({ ...request(chain.head, []), timestamp: start + 3n })
    expect(block.header.timestamp).toBe(start + 503n)
    await operation(chain, { kind: 'addTime', seconds: 1_000n })
    expect(chain.build({ ...request(chain.head, []), timestamp: start + 3n }).block.header.timestamp).toBe(
      start + 1_503n,
    )
    await operation(chain, { kind: 'timestampInterval', seconds: 12n })
    expect((await append(chain, [])).block.header.timestamp).toBe(chain.head.header.timestamp)
    const before = chain.head.header.timestamp
    expect((await append(chain, [])).block.header.timestamp).toBe(before + 12n)
  })

  it('are rules: who proposes another time, gas limit, fee or miner has proposed no block', async () => {
    const [chain, other] = [await open(), await open()]
    const start = chain.head.header.timestamp
    await append(
      chain,
      [
        operate(
          { kind: 'nextTimestamp', timestamp: start + 500n, clock: start },
          { kind: 'gasLimit', gas: 1_000_000n },
          { kind: 'nextBaseFee', fee: 0n },
          { kind: 'coinbase', address: contract },
        ),
      ],
      [other],
    )
    const { block } = chain.build(request(chain.head, []))
    expect(block.header).toMatchObject({
      timestamp: start + 500n,
      gasLimit: 1_000_000n,
      baseFeePerGas: 0n,
      miner: contract,
    })
    const fresh = await open()
    await append(fresh, [operate({ kind: 'automine', on: true })])
    const foreign = fresh.build({ ...request(fresh.head, []), miner }).block
    for (const [field, value] of Object.entries({
      timestamp: start + 1n,
      gasLimit: genesis.gasLimit,
      baseFeePerGas: 5n,
      miner,
    })) {
      const outcome = other.validate({ ...foreign, header: { ...block.header, [field]: value } }, [])
      expect(outcome).toMatchObject({
        ok: false,
        reason: expect.stringMatching(
          field === 'timestamp'
            ? /^timestamp/
            : field === 'miner'
              ? /^miner/
              : field === 'gasLimit'
                ? /^gas limit/
                : /^base fee/,
        ),
      })
    }
    // They hold for one block, or until they are changed.
    await append(chain, [])
    expect(chain.build(request(chain.head, [])).block.header).toMatchObject({ gasLimit: 1_000_000n, miner: contract })
    await operation(chain, { kind: 'gasLimit', gas: 0n })
    expect(chain.build(request(chain.head, [])).block.header.gasLimit).toBe(genesis.gasLimit)
  })

  it('count the blocks that are asked for', async () => {
    const chain = await open()
    await append(chain, [
      operate({ kind: 'mine', blocks: 2n, seconds: 0n }),
      operate({ kind: 'mine', blocks: 3n, seconds: 60n }),
    ])
    // Block 1 is the first of five.
    expect(stateOf(chain).storage(DEV_ADDRESS, devSlot('mineUntil'))).toEqual(word(5))
    const { timestamp } = chain.head.header
    for (let block = 2n; block <= 5n; block++)
      expect((await append(chain, [])).block.header.timestamp).toBe(timestamp + (block - 1n) * 60n)
    // Time goes on from there: the offset has become what the four intervals were.
    expect((await append(chain, [])).block.header.timestamp).toBe(timestamp + 481n)
  })
})

describe('snapshots', () => {
  it('are gone back to while block numbers go on, flat tables included, on two chains and in a replay', async () => {
    const [chain, other] = [await open(), await open()]
    const chains = [chain, other]
    const blocks: Awaited<ReturnType<typeof append>>[] = []
    const next = async (...offered: SenderTransaction[]) => {
      const one = await append(chain, offered, [other])
      blocks.push(one)
      return one
    }
    const set = operate({ kind: 'setStorage', address: contract, slot: word(1), value: word(1) })
    await next(set, transaction(0, 0))
    const before = stateOf(chain).account(accounts[0]!.address)
    const { receipts } = await next(operate({ kind: 'snapshot' }))
    expect(receipts[0]!.receipt.logs).toEqual([{ address: DEV_ADDRESS, topics: [SNAPSHOT_TOPIC], data: word(1) }])
    await next(
      operate(
        { kind: 'setStorage', address: contract, slot: word(1), value: word(2) },
        { kind: 'setStorage', address: contract, slot: word(2), value: word(2) },
        { kind: 'setStorage', address: miner, slot: word(2), value: word(2) },
        { kind: 'addTime', seconds: 100n },
      ),
      transaction(0, 1),
      transaction(1, 0),
    )
    // Not the first of its block, so it waits.
    const back = operate({ kind: 'goBack', id: 1n })
    const waits = chain.build(request(chain.head, [transaction(0, 2), back]))
    expect([waits.block.transactions.length, waits.rejected.length]).toEqual([1, 0])
    // Transactions after it in its block run on the old state: nonce 1 again.
    const { block } = await next(back, transaction(0, 1))
    expect([block.header.number, block.transactions.length]).toEqual([4n, 2])
    for (const one of chains) {
      for (const state of [stateOf(one), one.stateAt({ ...one.head.header })]) {
        expect(state.account(accounts[0]!.address)!.nonce).toBe(before!.nonce + 1n)
        expect(state.nonce(accounts[1]!.address)).toBe(0n)
        expect(state.storage(contract, word(1))).toEqual(word(1))
        expect(state.storage(contract, word(2))).toEqual(word(0))
        expect(state.storage(miner, word(2))).toEqual(word(0))
      }
      // The chain's identity stays: the clock, and the used transactions.
      expect(one.stateAt(one.head.header).storage(DEV_ADDRESS, devSlot('timeOffset'))).toEqual(word(100))
    }
    // A used transaction stays used: a validator who repeats a dev transaction has proposed no block.
    const evil = await open()
    const repeated = evil.build(request(evil.head, [set])).block
    expect(repeated.transactions).toHaveLength(1)
    const header = chain.build(request(chain.head, [])).block.header
    const again = sealBlock({ ...header, transactionsRoot: repeated.header.transactionsRoot }, repeated.transactions)
    expect(chain.validate(again, [controller])).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/in a block already/),
    })
    expect((await next(operate({ kind: 'goBack', id: 1n }))).receipts[0]!.failure?.message).toMatch(/no snapshot 1/)
    // The genesis is always there.
    await next(operate({ kind: 'goBack', id: 0n }))
    expect(stateOf(chain).nonce(accounts[0]!.address)).toBe(0n)
    expect(stateOf(chain).exists(contract)).toBe(false)

    const file = [
      encodeHeader(),
      encodeGenesisRecord(genesisToJson(devGenesis)),
      ...blocks.map(({ block: one, receipts: records }) =>
        encodeBlockRecord({
          number: one.header.number,
          block: one.raw,
          certificate: new Uint8Array(0),
          receipts: encodeReceiptRecords(records),
        }),
      ),
      encodeEndRecord({ blocks: BigInt(blocks.length), lastHash: chain.head.hash }),
    ]
    const report = await replayExport(file, { engine: 'mixed', certificates: false })
    expect(report).toMatchObject({ ok: true, blocks: 6n, stateRoot: toHex(chain.head.header.stateRoot) })
  })

  it('agree with the state that was there, whatever happened in between (seeded)', async () => {
    const random = seededRandom(7)
    const chain = await open()
    const places = Array.from({ length: 12 }, (_, index) => new Uint8Array(20).fill(0x20 + index))
    const change = (): DevOperation => {
      const address = random.pick(places)
      switch (random.below(3)) {
        case 0:
          return { kind: 'setBalance', address, balance: BigInt(random.below(2)) }
        case 1:
          return { kind: 'setNonce', address, nonce: BigInt(random.below(2)) }
        default:
          return { kind: 'setStorage', address, slot: word(random.below(4)), value: word(random.below(2)) }
      }
    }
    const changes = () => operate(...Array.from({ length: 1 + random.below(8) }, change))
    const seen = () => {
      const state = stateOf(chain)
      return places.map((address) => [
        state.account(address),
        ...[0, 1, 2, 3].map((slot) => toHex(state.storage(address, word(slot)))),
      ])
    }
    for (let round = 1n; round <= 25n; round++) {
      await append(chain, [changes()])
      const kept = seen()
      await append(chain, [operate({ kind: 'snapshot' })])
      for (let block = random.below(3); block >= 0; block--) await append(chain, [changes()])
      const { receipts } = await append(chain, [operate({ kind: 'goBack', id: round })])
      expect([receipts[0]!.failure, round]).toEqual([null, round])
      expect(seen()).toEqual(kept)
    }
  })

  it('keep the controller: nobody is made it by going back', async () => {
    const chain = await open()
    await operation(chain, { kind: 'goBack', id: 0n })
    expect(stateOf(chain).storage(DEV_ADDRESS, devSlot('controller')).slice(12)).toEqual(controller)
    expect(devTransaction({}, controllerKey).sender).toEqual(controller)
  })
})
