import { describe, expect, test } from 'vitest'
import { keccak256 } from '../crypto/keccak.ts'
import { address, command, PUPPET_CODE, word } from '../execution/testing/puppet.ts'
import { createMemoryStore } from '../runtime/memoryStore.ts'
import type { GenesisAccount } from '../types/genesis.ts'
import { openChain } from './chain.ts'
import { genesisBatch } from './commit.ts'
import { ChainDatabase } from './database.ts'
import { genesisCandidate, uncheckedGenesis } from './genesisBlock.ts'
import { accountAt, callAt, storageAt } from './queries.ts'
import { SnapshotStore } from './snapshotStore.ts'
import { genesis } from './testing/fixtures.ts'

const contract = address(0xc0den)
const withAccount = (account: Omit<GenesisAccount, 'balance'>) => ({
  ...genesis,
  alloc: [...genesis.alloc, { balance: 0n, ...account }],
})

test('a contract of the genesis is an account as any, with its nonce and its storage, and can be called', async () => {
  const account = { address: contract, nonce: 1n, code: PUPPET_CODE, storage: [{ slot: word(7n), value: word(42n) }] }
  const chain = await openChain({ store: createMemoryStore(), genesis: withAccount(account), engine: 'compiled' })
  expect(accountAt(chain, contract, 'latest')).toMatchObject({ nonce: 1n, codeHash: keccak256(PUPPET_CODE) })
  expect(storageAt(chain, contract, word(7n), 'latest')).toEqual(word(42n))
  const called = callAt(chain, { from: address(1n), to: contract, data: command.load(7n), value: 0n }, 'latest', [])
  expect(called).toMatchObject({ kind: 'success', output: word(42n) })
  // It is in the genesis hash.
  expect(chain.genesisHash).not.toEqual(genesisCandidate(genesis).block.hash)
})

test('its code is checked before a chain begins, and not when one goes on: the hash commits to it', async () => {
  const invalid = withAccount({ address: contract, code: Uint8Array.of(0x60, 0x80) })
  const candidate = uncheckedGenesis(invalid)
  const empty = createMemoryStore()
  const options = { genesis: invalid, engine: 'compiled' } as const
  await expect(openChain({ ...options, store: empty })).rejects.toThrow(/\.code: .*neither a WebAssembly module/)
  expect(new ChainDatabase(empty).format()).toBeNull()
  expect(() => SnapshotStore.open(empty, invalid)).toThrow(/\.code: /)

  const begun = createMemoryStore()
  await begun.batch(await genesisBatch(begun, candidate, { counted: true, keptKeys: [] }), { sync: true })
  expect((await openChain({ ...options, store: begun })).genesisHash).toEqual(candidate.block.hash)
  expect(SnapshotStore.open(begun, invalid)).toBeNull()
  // Another genesis does not pass for it.
  const other = withAccount({ address: contract, code: PUPPET_CODE })
  await expect(openChain({ ...options, store: begun, genesis: other })).rejects.toThrow('The database holds the chain')
})

describe('refused is', () => {
  test.each([
    [
      'code of the EVM',
      Uint8Array.of(0x60, 0x80),
      /genesis\.alloc\["0x0+c0de"\]\.code: .*neither a WebAssembly module/,
    ],
    ['a module that is no contract', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), /\.code: .*user_entrypoint/],
  ])('%s', (_, code, message) => {
    expect(() => genesisCandidate(withAccount({ address: contract, code }))).toThrow(message)
  })

  test.each([1n, 9n, 0x801n, 0x802n])('all but a balance at the chain’s own address %i', (number) => {
    const account = { address: address(number), nonce: 1n }
    expect(() => genesisCandidate(withAccount(account))).toThrow(/it can have a balance only/)
    expect(() => genesisCandidate(withAccount({ address: address(number) }))).not.toThrow()
  })
})
