/**
 * Random blocks from a seed: one chain builds them, on LevelDB and opened anew now and then; another executes them from
 * their bytes. Checked after each: the same root, and flat tables that say of every account and slot what the trie says.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { afterAll, describe, expect, test } from 'vitest'
import { toHex } from '../codec/hex.ts'
import { createAddress } from '../execution/contractAddress.ts'
import { encodeInitCode } from '../execution/initCode.ts'
import { address, command, PUPPET_CODE, word } from '../execution/testing/puppet.ts'
import type { KeyValueStore } from '../runtime/keyValueStore.ts'
import { openLevelStore } from '../runtime/levelStore.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { padWord } from '../state/accountEntry.ts'
import { SecureTrie } from '../trie/secureTrie.ts'
import { Trie } from '../trie/trie.ts'
import { decodeAccount, encodeAccount } from '../types/accountCodec.ts'
import { decodeBlock } from '../types/blockCodec.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { type Chain, openChain } from './chain.ts'
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

const root = mkdtempSync(join(tmpdir(), 'touchstone-fuzz-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const BLOCKS = 12
const SLOTS = 6
const open = (store: KeyValueStore) => openChain({ store, genesis, engine: 'reference' })

/** One contract of each account, which block 1 creates, and an address where none is. */
const puppets = [...accounts.map(({ address: creator }) => createAddress(creator, 0n)), address(0x4000n)]
const deployment = { to: null, value: 0n, data: encodeInitCode(PUPPET_CODE, null), gasLimit: 5_000_000n }
const fresh = Array.from({ length: 5 }, (_, index) => address(0x5000n + BigInt(index)))

function randomTransaction(random: Random, from: number, nonce: number): SenderTransaction {
  const to = random.pick(puppets)
  const store = () => command.store(BigInt(random.below(SLOTS)), BigInt(random.below(3)))
  const call = (data: Uint8Array) => ({ to, value: BigInt(random.below(2)), data, gasLimit: 400_000n })
  switch (random.below(8)) {
    case 0:
      return transaction(from, nonce, deployment)
    case 1:
      return transaction(from, nonce, { to: random.pick(fresh), value: BigInt(random.below(2)) })
    case 2:
      return transaction(
        from,
        nonce,
        call(command.sequence(store(), store(), command.log([BigInt(random.below(4))], word(1n)))),
      )
    case 3:
      return transaction(from, nonce, call(command.sequence(store(), command.revert(word(2n)))))
    case 4:
      return transaction(from, nonce, call(command.sequence(store(), command.trap())))
    case 5:
      return transaction(from, nonce, call(command.call('call', random.pick(puppets), store())))
    // A gap in the nonces: left out.
    case 6:
      return transaction(from, nonce + random.below(2))
    default:
      return transaction(from, nonce, call(store()))
  }
}

function expectFlatIsTrie(chain: Chain): void {
  const { database, head } = chain
  const trie = new SecureTrie(new Trie(database, head.header.stateRoot))
  // It reads what the chain remembers of the tables, across blocks.
  const state = chain.stateAt(head.header)
  for (const who of [...accounts.map((account) => account.address), ...puppets, ...fresh, miner, stranger]) {
    const rlp = trie.get(who)
    expect(hexOf(database.flat.account(who))).toBe(hexOf(rlp))
    const account = state.account(who)
    expect(hexOf(account === null ? null : encodeAccount(account))).toBe(hexOf(rlp))
    const storage = rlp === null ? new SecureTrie() : new SecureTrie(new Trie(database, decodeAccount(rlp).storageRoot))
    for (let slot = 0n; slot < SLOTS; slot++) {
      const value = storage.get(word(slot))
      // Slots are below 128, so their RLP is the bytes themselves.
      expect(hexOf(database.flat.slot(who, word(slot)))).toBe(hexOf(value))
      expect(toHex(state.storage(who, word(slot)))).toBe(toHex(padWord(value ?? new Uint8Array(0))))
    }
  }
}

const hexOf = (bytes: Uint8Array | null | undefined) =>
  bytes === null || bytes === undefined ? 'absent' : toHex(bytes)

async function run(seed: number, directory: string): Promise<string[]> {
  const random = seededRandom(seed)
  const nonces = accounts.map(() => 0)
  let builder = await open(await openLevelStore(directory))
  const follower = await open(createMemoryStore())
  const roots: string[] = []
  for (let number = 1; number <= BLOCKS; number++) {
    const next = [...nonces]
    const offered =
      number === 1
        ? accounts.map((_, from) => transaction(from, 0, deployment))
        : Array.from({ length: random.below(10) }, () => {
            const from = random.below(accounts.length)
            return randomTransaction(random, from, next[from]!++)
          })
    const { block } = builder.build(request(builder.head, offered))
    const senders = sendersOf(block, offered)
    const received = decodeBlock(block.raw)
    expect(follower.validate(received, senders)).toEqual({ ok: true })
    await follower.finalize(received, certificateOf(received), senders)
    await builder.finalize(block, certificateOf(block), senders)
    expectFlatIsTrie(builder)
    for (const [from, account] of accounts.entries()) {
      nonces[from] = Number(builder.stateAt(builder.head.header).nonce(account.address))
    }
    roots.push(toHex(block.header.stateRoot))
    if (random.below(4) === 0) {
      await builder.close()
      builder = await open(await openLevelStore(directory))
    }
  }
  await builder.close()
  return roots
}

describe('random blocks', () => {
  test.each([1, 2])('from seed %d', async (seed) => {
    const roots = await run(seed, join(root, `${seed}`))
    expect(new Set(roots).size).toBeGreaterThan(BLOCKS / 2)
  })

  test('are the same when they are made again', async () => {
    const [first, again] = [await run(4, join(root, '4')), await run(4, join(root, '4 again'))]
    expect(again).toEqual(first)
  })
})
