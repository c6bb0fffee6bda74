/**
 * Random blocks of a chain in dev mode, from a seed: accounts that lose all they have and come back, states that are gone
 * back to, on a node that lets old states go, has commits made ready, and is opened anew now and then; another node that
 * keeps all follows by the blocks' bytes. Checked after each: the same root, flat tables and what is remembered of them that
 * say what the trie says, and every node of each state that the chain can go back to.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { afterAll, expect, test } from 'vitest'
import { keyOf } from '../codec/bytes.ts'
import { createAddress } from '../execution/contractAddress.ts'
import { keptRoots } from '../execution/dev/devStorage.ts'
import type { DevOperation } from '../execution/dev/operations.ts'
import { encodeInitCode } from '../execution/initCode.ts'
import { ARB_WASM_CACHE_ADDRESS } from '../execution/native/arbitrum/addresses.ts'
import { address, command, PUPPET_CODE, word } from '../execution/testing/puppet.ts'
import type { KeyValueStore } from '../runtime/keyValueStore.ts'
import { openLevelStore } from '../runtime/levelStore.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import { stripZeros } from '../state/accountEntry.ts'
import { type JournaledState, openState } from '../state/journaledState.ts'
import { placesOf } from '../state/places.ts'
import type { FlatReader } from '../state/stateStore.ts'
import { encodeAccount } from '../types/accountCodec.ts'
import { decodeBlock } from '../types/blockCodec.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { type Chain, openChain } from './chain.ts'
import { devGenesis, operate } from './testing/devFixtures.ts'
import { accounts, certificateOf, request, sendersOf, transaction } from './testing/fixtures.ts'

const root = mkdtempSync(join(tmpdir(), 'touchstone-dev-fuzz-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const BLOCKS = 25
const SLOTS = 6
const open = (store: KeyValueStore, keepStates: number | null) =>
  openChain({ store, genesis: devGenesis, engine: 'reference', keepStates })

const puppets = accounts.map(({ address: creator }) => createAddress(creator, 0n))
const deployment = { to: null, value: 0n, data: encodeInitCode(PUPPET_CODE, null), gasLimit: 5_000_000n }
/** The last has the line of warm codes, which the chain writes to, and which operations may write to or take away. */
const touched = [...puppets, address(0x5000n), address(0x5001n), ARB_WASM_CACHE_ADDRESS]

function randomOperation(random: Random): DevOperation {
  const who = random.pick(touched)
  const few = BigInt(random.below(2))
  const slot = word(BigInt(random.below(SLOTS)))
  switch (random.below(6)) {
    case 0:
      return { kind: 'setBalance', address: who, balance: few }
    case 1:
    case 2:
      return { kind: 'setNonce', address: who, nonce: few }
    case 3:
      return { kind: 'setCode', address: who, code: random.pick([PUPPET_CODE, new Uint8Array(0)]) }
    default:
      return { kind: 'setStorage', address: who, slot, value: word(BigInt(random.below(3))) }
  }
}

/** The account is empty afterwards, and loses its storage (EIP-161), unless something is given to it again. */
function emptied(random: Random): SenderTransaction {
  const who = random.pick(touched)
  return operate(
    { kind: 'setBalance', address: who, balance: 0n },
    { kind: 'setNonce', address: who, nonce: 0n },
    { kind: 'setCode', address: who, code: new Uint8Array(0) },
    ...Array.from({ length: random.below(3) }, () => randomOperation(random)),
  )
}

function randomTransaction(random: Random, from: number, nonce: number): SenderTransaction {
  const store = command.store(BigInt(random.below(SLOTS)), BigInt(random.below(3)))
  const call = (data: Uint8Array) => ({ to: random.pick(puppets), value: 0n, data, gasLimit: 600_000n })
  switch (random.below(5)) {
    case 0:
      return transaction(from, nonce, deployment)
    case 1:
      return transaction(from, nonce, { to: random.pick(touched), value: BigInt(random.below(2)), gasLimit: 300_000n })
    case 2:
      return transaction(from, nonce, call(command.sequence(store, command.revert(word(2n)))))
    default:
      return transaction(from, nonce, call(store))
  }
}

/** What the next block is offered. Going back takes nonces back, so nothing of users comes after it. */
function offeredTo(chain: Chain, random: Random, snapshots: number): SenderTransaction[] {
  const state = chain.stateAt(chain.head.header)
  const nonces = accounts.map((account) => Number(state.nonce(account.address)))
  const kind = random.below(8)
  if (kind === 0) return [operate({ kind: 'goBack', id: BigInt(random.below(snapshots + 1)) }), emptied(random)]
  const offered = kind === 1 ? [operate({ kind: 'snapshot' })] : []
  for (let left = random.below(4); left > 0; left--) {
    const from = random.below(accounts.length)
    offered.push(randomTransaction(random, from, nonces[from]!++))
    if (random.below(3) === 0) offered.push(operate(randomOperation(random), randomOperation(random)))
    if (random.below(4) === 0) offered.push(emptied(random))
  }
  return offered
}

const WHO = [...accounts.map((account) => account.address), ...touched]
const KEYS = Array.from({ length: SLOTS }, (_, slot) => word(BigInt(slot)))

function expectAllAlike(chain: Chain, where: string): void {
  const { database, head } = chain
  const { flat } = database
  const shown = (account: (who: Uint8Array) => Uint8Array | undefined, slot: FlatReader['slot']) =>
    WHO.map((who) =>
      [account(who) ?? [], ...KEYS.map((key) => slot(who, key) ?? [])].map((bytes) => keyOf(Uint8Array.from(bytes))),
    )
  const ofState = (state: JournaledState) =>
    shown(
      (who) => {
        const account = state.account(who)
        return account === null ? undefined : encodeAccount(account)
      },
      (who, key) => stripZeros(state.storage(who, key)),
    )
  const tries = openState({ root: head.header.stateRoot, nodes: database, codes: database })
  const expected = ofState(tries)
  expect(shown(flat.account, flat.slot), where).toEqual(expected)
  // It reads what the chain remembers of the tables, across blocks.
  expect(ofState(chain.stateAt(head.header)), where).toEqual(expected)
  for (const kept of [head.header.stateRoot, ...keptRoots(tries)]) {
    expect([...placesOf(database, kept)].length, where).toBeGreaterThan(0)
  }
}

test.each([1, 2])('a chain in dev mode, from seed %d', async (seed) => {
  const random = seededRandom(seed)
  const directory = join(root, `${seed}`)
  let builder = await open(await openLevelStore(directory), 2)
  const follower = await open(createMemoryStore(), null)
  let snapshots = 0
  for (let number = 1; number <= BLOCKS; number++) {
    const where = `seed ${seed}, block ${number}`
    const offered = offeredTo(builder, random, snapshots)
    const { block } = builder.build(request(builder.head, offered))
    if (random.below(2) === 0) await builder.prepareCommit()
    const senders = sendersOf(block, offered)
    const received = decodeBlock(block.raw)
    expect(follower.validate(received, senders), where).toEqual({ ok: true })
    await follower.finalize(received, certificateOf(received), senders)
    await builder.finalize(block, certificateOf(block), senders)
    if (random.below(2) === 0) await builder.pruneStates()
    expectAllAlike(builder, where)
    snapshots = Math.max(snapshots, keptRoots(builder.stateAt(builder.head.header)).length - 1)
    if (random.below(5) > 0) continue
    await builder.close()
    builder = await open(await openLevelStore(directory), 2)
    expectAllAlike(builder, `${where}, opened again`)
  }
  expect(snapshots).toBeGreaterThan(0)
  await builder.close()
  await follower.close()
})
