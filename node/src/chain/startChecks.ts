/**
 * The checks when a database is opened: that it holds this chain in this layout, and that its newest blocks are
 * whole. LevelDB finds damage in the records it reads; this finds records that are not there.
 */
import { equalBytes } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { EMPTY_TRIE_ROOT } from '../types/accountCodec.ts'
import { headerHash } from '../types/headerCodec.ts'
import type { Head } from './chainService.ts'
import type { ChainDatabase } from './database.ts'
import { DatabaseError, damaged } from './databaseError.ts'
import { BLOCKS_CHECKED_AT_START } from './limits.ts'
import { OLDEST_SCHEMA_VERSION, SCHEMA_VERSION } from './schema.ts'

/** False for an empty database. @throws DatabaseError `other-version`, `other-genesis`, `unfinished-snapshot`. */
export function holdsWholeChain(database: ChainDatabase, genesisHash: Uint8Array): boolean {
  if (!holdsChain(database, genesisHash)) return false
  if (!database.isUnfinishedSnapshot()) return true
  throw new DatabaseError(
    'unfinished-snapshot',
    'A snapshot was being fetched into the database and is not complete. Start with `"sync": "snapshot"` to go on with it, or move the data directory away to fetch every block instead.',
  )
}

/** As {@link holdsWholeChain}, for who goes on with a snapshot. */
export function holdsChain(database: ChainDatabase, genesisHash: Uint8Array): boolean {
  const format = database.format()
  if (format === null) {
    if (database.head() !== null) throw damaged('it has blocks, but no record of their format')
    return false
  }
  if (format.version < OLDEST_SCHEMA_VERSION || format.version > SCHEMA_VERSION) {
    throw new DatabaseError(
      'other-version',
      `The database has layout version ${format.version}, this program reads and writes versions ${OLDEST_SCHEMA_VERSION} to ${SCHEMA_VERSION}. Run the program that made it, or start in another directory.`,
    )
  }
  if (!equalBytes(format.genesisHash, genesisHash)) {
    throw new DatabaseError(
      'other-genesis',
      `The database holds the chain with genesis ${toHex(format.genesisHash)}, the genesis given is ${toHex(genesisHash)}. Give the genesis it was made with, or start in another directory.`,
    )
  }
  return true
}

/** The newest final block. @throws DatabaseError `damaged`. */
export function checkedHead(database: ChainDatabase): Head {
  const record = database.head()
  if (record === null) throw damaged('the record of the newest block is missing')
  const head = database.header(record.number)
  if (head === null) throw damaged(`the header of the newest block, ${record.number}, is missing`)
  if (!equalBytes(head.hash, record.hash)) {
    throw damaged(`the newest block should be ${toHex(record.hash)}, block ${record.number} is ${toHex(head.hash)}`)
  }
  const flatRoot = database.flatRoot()
  if (flatRoot === null || !equalBytes(flatRoot, head.header.stateRoot)) {
    const found = flatRoot === null ? 'is missing' : `is at root ${toHex(flatRoot)}`
    throw damaged(`the flat state ${found}, block ${record.number} has root ${toHex(head.header.stateRoot)}`)
  }
  checkBlock(database, head, 0n)
  checkAncestors(database, head)
  return head
}

function checkAncestors(database: ChainDatabase, head: Head): void {
  const deepest = head.header.number > BLOCKS_CHECKED_AT_START ? head.header.number - BLOCKS_CHECKED_AT_START : 0n
  const base = database.base()
  const oldestState = database.states()?.oldest ?? 0n
  const lowest = deepest > base ? deepest : base
  let child = head
  while (child.header.number > lowest) {
    const number = child.header.number - 1n
    const parent = database.header(number)
    if (parent === null) throw damaged(`block ${number} is missing`)
    if (!equalBytes(child.header.parentHash, parent.hash)) {
      throw damaged(`block ${number + 1n} does not follow block ${number}: its parent is another block`)
    }
    checkBlock(database, parent, oldestState)
    child = parent
  }
}

/** `oldestState`: height of the oldest state that is here. */
function checkBlock(database: ChainDatabase, { header, hash }: Head, oldestState: bigint): void {
  const { number, stateRoot } = header
  if (!equalBytes(headerHash(header), hash)) throw damaged(`the header of block ${number} does not have its hash`)
  if (database.rawBlock(number) === null) throw damaged(`the contents of block ${number} are missing`)
  if (number > 0n && database.rawCertificate(number) === null) throw damaged(`block ${number} has no certificate`)
  if (number < oldestState) return
  if (!equalBytes(stateRoot, EMPTY_TRIE_ROOT) && database.node(stateRoot) === undefined) {
    throw damaged(`the state root ${toHex(stateRoot)} of block ${number} is missing`)
  }
}
