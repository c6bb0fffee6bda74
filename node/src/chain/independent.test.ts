/** Other libraries check our blocks: @ethereumjs recomputes every hash and root, and checks every proof, from the bytes. */
import { createBlockFromRLP } from '@ethereumjs/block'
import { Common, Hardfork, Mainnet } from '@ethereumjs/common'
import { createMPT, verifyMerkleProof } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { type Account, createAccount } from '@ethereumjs/util'
import { keccak256 as ethersKeccak, getBytes, getCreateAddress } from 'ethers'
import { beforeAll, expect, test } from 'vitest'
import { toHex } from '../codec/hex.ts'
import { createAddress } from '../execution/contractAddress.ts'
import { encodeInitCode } from '../execution/initCode.ts'
import { ARB_WASM_CACHE_ADDRESS } from '../execution/native/arbitrum/addresses.ts'
import { command, PUPPET_CODE, word } from '../execution/testing/puppet.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import type { Log } from '../types/log.ts'
import { type Chain, openChain } from './chain.ts'
import { blockAt, headAt, proofAt, receiptsAt } from './queries.ts'
import { accounts, appendBlock, GWEI, genesis, miner, signed, stranger, transaction } from './testing/fixtures.ts'

const common = new Common({ chain: { ...Mainnet, chainId: Number(genesis.chainId) }, hardfork: Hardfork.London })
const deployer = accounts[0]!.address
const puppet = createAddress(deployer, 0n)
// The last says which codes are warm.
const everybody = [...accounts.map(({ address }) => address), miner, stranger, puppet, ARB_WASM_CACHE_ADDRESS]
const hash = (bytes: Uint8Array) => getBytes(ethersKeccak(bytes))

let chain: Chain

beforeAll(async () => {
  chain = await openChain({ store: createMemoryStore(), genesis, engine: 'reference' })
  const call = (nonce: number, data: Uint8Array) =>
    transaction(0, nonce, { to: puppet, value: 0n, data, gasLimit: 1_000_000n })
  const plain = {
    nonce: 1n,
    gasLimit: 60_000n,
    to: stranger,
    value: 5n,
    data: Uint8Array.of(0, 1),
    gasPrice: 3n * GWEI,
  }
  const accessList = [{ address: puppet, storageKeys: [word(1n), word(2n)] }]
  await appendBlock(chain, [
    transaction(0, 0, { to: null, value: 0n, data: encodeInitCode(PUPPET_CODE, null), gasLimit: 10_000_000n }),
    transaction(1, 0),
  ])
  await appendBlock(chain, [
    call(
      1,
      command.sequence(
        command.store(1n, 42n),
        command.store(300n, 1n << 255n),
        command.log([5n, 6n], Uint8Array.of(1)),
      ),
    ),
    signed(1, { type: 0, chainId: genesis.chainId, ...plain }),
    signed(2, { type: 1, chainId: genesis.chainId, accessList, ...plain, nonce: 0n }),
    call(2, command.revert(new Uint8Array(0))),
  ])
  // More than 128 transactions: the keys of the ordered tries get longer.
  await appendBlock(
    chain,
    Array.from({ length: 130 }, (_, nonce) => transaction(3, nonce)),
  )
  await appendBlock(chain, [call(3, command.store(1n, 0n))])
})

const numbers = [0n, 1n, 2n, 3n, 4n]

test.each(numbers)('block %d: hash, transaction hashes, senders, transactions root, base fee', async (number) => {
  const { block } = blockAt(chain, { number })!
  const theirs = createBlockFromRLP(block.raw, { common, skipConsensusFormatValidation: true })
  expect(toHex(theirs.hash())).toBe(toHex(block.hash))
  expect(theirs.transactions.map((tx) => toHex(tx.hash()))).toEqual(block.transactions.map((tx) => toHex(tx.hash)))
  expect(await theirs.transactionsTrieIsValid()).toBe(true)
  const senders = receiptsAt(chain, { number })!.receipts.map(({ sender }) => toHex(sender))
  expect(theirs.transactions.map((tx) => tx.getSenderAddress().toString())).toEqual(senders)
  expect(theirs.transactions.every((tx) => tx.isValid())).toBe(true)
  const next = headAt(chain, { number: number + 1n })
  // The genesis names the base fee of block 1.
  if (number > 0n && next !== null) expect(theirs.header.calcNextBaseFee()).toBe(next.header.baseFeePerGas)
})

test.each(numbers)('block %d: receipts root and logs bloom', async (number) => {
  const { header, receipts } = receiptsAt(chain, { number })!
  const trie = await createMPT()
  const all: Log[] = []
  for (const [index, { receipt }] of receipts.entries()) {
    const { type, status, cumulativeGasUsed, logs } = receipt
    all.push(...logs)
    const fields = logs.map(({ address, topics, data }) => [address, [...topics], data])
    const list = RLP.encode([status, cumulativeGasUsed, bloomOf(logs), fields])
    await trie.put(RLP.encode(index), type === 0 ? list : Uint8Array.of(type, ...list))
  }
  expect(toHex(trie.root())).toBe(toHex(header.receiptsRoot))
  expect(toHex(bloomOf(all))).toBe(toHex(header.logsBloom))
})

test.each(numbers)('block %d: the state root is that of the accounts and slots', async (number) => {
  const { header } = headAt(chain, { number })!
  // Of the contract 1 and 300; of the line of warm codes its ends, its one place, and the code that stands there.
  const slots = [word(0n), word(1n), word(300n), hash(PUPPET_CODE)]
  const state = await createMPT({ useKeyHashing: true })
  for (const address of everybody) {
    const { account, storageProof } = proofAt(chain, address, slots, { number })
    if (account.nonce === 0n && account.balance === 0n) continue
    const storage = await createMPT({ useKeyHashing: true })
    for (const { key, value } of storageProof) if (value > 0n) await storage.put(key, RLP.encode(value))
    expect(toHex(storage.root())).toBe(toHex(account.storageRoot))
    await state.put(address, theirAccount(account).serialize())
  }
  expect(toHex(state.root())).toBe(toHex(header.stateRoot))
})

test.each(numbers)('block %d: proofs of accounts and slots', async (number) => {
  const { header } = headAt(chain, { number })!
  for (const address of [...everybody, word(9n).slice(12)]) {
    const { account, accountProof, storageProof } = proofAt(chain, address, [word(1n), word(2n), word(300n)], {
      number,
    })
    const proven = await verifyMerkleProof(address, [...accountProof], { useKeyHashing: true, root: header.stateRoot })
    const absent = account.nonce === 0n && account.balance === 0n
    expect(proven === null ? null : toHex(proven)).toBe(absent ? null : toHex(theirAccount(account).serialize()))
    if (absent || storageProof.every(({ proof }) => proof.length === 0)) continue
    for (const { key, value, proof } of storageProof) {
      const slot = await verifyMerkleProof(key, [...proof], { useKeyHashing: true, root: account.storageRoot })
      expect(slot === null ? null : toHex(slot)).toBe(value === 0n ? null : toHex(RLP.encode(value)))
    }
  }
})

test('a contract lies where CREATE puts it, with the hash of its code', () => {
  const { account } = proofAt(chain, puppet, [], 'latest')
  expect(toHex(account.codeHash)).toBe(ethersKeccak(PUPPET_CODE))
  expect(getCreateAddress({ from: toHex(deployer), nonce: 0 }).toLowerCase()).toBe(toHex(puppet))
})

function theirAccount({ nonce, balance, storageRoot, codeHash }: ReturnType<typeof proofAt>['account']): Account {
  return createAccount({ nonce, balance, storageRoot, codeHash })
}

/** Yellow Paper 4.3.1, written down a second time. */
function bloomOf(logs: readonly Log[]): Uint8Array {
  let bits = 0n
  for (const bytes of logs.flatMap(({ address, topics }) => [address, ...topics])) {
    const digest = hash(bytes)
    for (const i of [0, 2, 4]) bits |= 1n << BigInt(((digest[i]! << 8) | digest[i + 1]!) % 2048)
  }
  return getBytes(`0x${bits.toString(16).padStart(512, '0')}`)
}
