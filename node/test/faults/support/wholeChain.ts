/**
 * Whether a database holds a chain whole: every record of every block, the links between them, certificates, and the
 * head's state twice, as trie and as flat table, entry by entry.
 */
import { deepEqual } from 'node:assert/strict'
import type { Chain } from '../../../src/chain/chain.ts'
import { transactionByHash } from '../../../src/chain/queries.ts'
import { allNodes, keys } from '../../../src/chain/schema.ts'
import { equalBytes, keyOf } from '../../../src/codec/bytes.ts'
import { encodeRlp } from '../../../src/codec/rlp.ts'
import { createValidatorSet } from '../../../src/consensus/core/validatorSet.ts'
import { verifyCertificate } from '../../../src/consensus/proofs/certificate.ts'
import { EMPTY_CODE_HASH } from '../../../src/crypto/keccak.ts'
import { orderedTrieRoot } from '../../../src/trie/orderedTrie.ts'
import { storedNodesBelow } from '../../../src/trie/scan.ts'
import { Trie } from '../../../src/trie/trie.ts'
import { decodeAccount, EMPTY_TRIE_ROOT } from '../../../src/types/accountCodec.ts'
import { headerHash } from '../../../src/types/headerCodec.ts'
import { encodeReceipt } from '../../../src/types/receiptCodec.ts'

/** Blocks `from` to the head, and the head's state. @throws Error that says what is not as it should be. */
export async function expectWhole(chain: Chain, from = 0n): Promise<void> {
  for (let number = from; number <= chain.head.header.number; number++) checkCertificate(chain, number)
  await expectConnected(chain, from)
}

/** The same for chains whose certificates are made up. */
export async function expectConnected(chain: Chain, from = 0n): Promise<void> {
  for (let number = from; number <= chain.head.header.number; number++) checkBlock(chain, number)
  await checkState(chain)
}

function checkCertificate({ database, genesis, genesisHash }: Chain, number: bigint): void {
  if (number === 0n) return
  const certificate = database.certificate(number)
  check(certificate !== null, `block ${number} has no certificate`)
  const set = createValidatorSet(genesis.validators)
  const verified = verifyCertificate(certificate, set, { chainId: genesis.chainId, genesisHash })
  check(verified.ok, `the certificate of block ${number} does not verify`)
}

function checkBlock(chain: Chain, number: bigint): void {
  const { database } = chain
  const head = database.header(number)
  const block = database.block(number)
  check(head !== null && block !== null, `block ${number} lacks its header or contents`)
  check(equalBytes(head.hash, headerHash(head.header)), `the header of block ${number} does not have its hash`)
  check(equalBytes(block.hash, head.hash), `contents and header of block ${number} differ`)
  check(database.numberOf(head.hash) === number, `block ${number} is not found by its hash`)
  if (number === 0n) return
  const parent = database.header(number - 1n)
  check(parent !== null && equalBytes(parent.hash, head.header.parentHash), `block ${number} is not linked`)
  const certificate = database.certificate(number)
  check(certificate !== null && equalBytes(certificate.blockHash, head.hash), `block ${number} has no certificate`)
  const receipts = database.receipts(number)
  check(receipts.length === block.transactions.length, `block ${number} has ${receipts.length} receipts`)
  const root = orderedTrieRoot(receipts.map(({ receipt }) => encodeReceipt(receipt)))
  check(equalBytes(root, head.header.receiptsRoot), `the receipts of block ${number} have another root`)
  for (const [index, { hash, raw }] of block.transactions.entries()) {
    const found = transactionByHash(chain, hash)
    check(found !== null && found.blockNumber === number && found.index === index, `transaction ${keyOf(hash)}`)
    check(equalBytes(found.transaction.raw, raw), `transaction ${keyOf(hash)} is found with other bytes`)
  }
  if (number < chain.states.oldest) return
  check(trieHolds(chain, head.header.stateRoot), `the state root of block ${number} is missing`)
}

function trieHolds(chain: Chain, root: Uint8Array): boolean {
  return equalBytes(root, EMPTY_TRIE_ROOT) || chain.database.node(root) !== undefined
}

/** The states that are kept can be read in full, and once what may go is gone there is no node but theirs. */
export async function expectNodesOfKept(chain: Chain): Promise<void> {
  await chain.pruneStates()
  const { database } = chain
  const needed = new Set<string>()
  for (let number = chain.states.oldest; number <= chain.head.header.number; number++) {
    const { stateRoot } = database.header(number)!.header
    const roots = [...new Trie(database, stateRoot).entries()].map(([, rlp]) => decodeAccount(rlp).storageRoot)
    for (const root of [stateRoot, ...roots]) {
      for (const [hash] of storedNodesBelow(database, root)) needed.add(keyOf(keys.node(hash)))
    }
  }
  const there: string[] = []
  for await (const [key] of database.store.range(allNodes)) there.push(keyOf(key))
  deepEqual(there, [...needed].sort(), 'the nodes are not those of the states that are kept')
}

type Entries = [key: string, value: string][]

async function checkState(chain: Chain): Promise<void> {
  const { database, head } = chain
  const accounts: Entries = []
  const slots: Entries = []
  // Every node is loaded on the way: one that is missing throws.
  for (const [addressHash, rlp] of new Trie(database, head.header.stateRoot).entries()) {
    accounts.push([keyOf(addressHash), keyOf(rlp)])
    const account = decodeAccount(rlp)
    const hasCode = !equalBytes(account.codeHash, EMPTY_CODE_HASH)
    check(!hasCode || database.code(account.codeHash) !== undefined, `the code ${keyOf(account.codeHash)} is missing`)
    for (const [slotHash, value] of new Trie(database, account.storageRoot).entries()) {
      slots.push([`${keyOf(addressHash)}/${keyOf(slotHash)}`, keyOf(value)])
    }
  }
  const flat = await flatEntries(chain)
  deepEqual(flat.accounts, accounts.toSorted(), 'the flat accounts are not those of the trie')
  deepEqual(flat.slots, slots.toSorted(), 'the flat slots are not those of the trie')
}

/** The flat tables; their keys are hashed as the trie's are. The prefixes are those of chain/schema.ts. */
async function flatEntries(chain: Chain): Promise<{ readonly accounts: Entries; readonly slots: Entries }> {
  const table = (prefix: number) =>
    chain.database.store.range({ from: Uint8Array.of(prefix), to: Uint8Array.of(prefix + 1) })
  const accounts: Entries = []
  for await (const [key, rlp] of table(0x09)) accounts.push([keyOf(key.subarray(1)), keyOf(rlp)])
  const slots: Entries = []
  for await (const [key, value] of table(0x0a)) {
    slots.push([`${keyOf(key.subarray(1, 33))}/${keyOf(key.subarray(33))}`, keyOf(encodeRlp(value))])
  }
  return { accounts: accounts.toSorted(), slots: slots.toSorted() }
}

function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what)
}
