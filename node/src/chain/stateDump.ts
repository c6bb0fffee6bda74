/**
 * The whole state of a block by addresses and slots, for a chain in dev mode: its nodes keep what was hashed to the keys
 * of the tries (schema.ts), which other chains do not.
 */
import { bytesToBigint, EMPTY_BYTES } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { decodeRlp } from '../codec/rlp.ts'
import { bytesField } from '../codec/rlpFields.ts'
import { EMPTY_CODE_HASH } from '../crypto/keccak.ts'
import { KEPT_ACCOUNTS } from '../execution/dev/applyOperations.ts'
import { entriesBelow } from '../trie/scan.ts'
import { decodeAccount } from '../types/accountCodec.ts'
import { type BlockReference, ChainError, type DumpedAccount, type StateDump } from './chainService.ts'
import { damaged } from './databaseError.ts'
import { type CallView, existingHeadAt } from './queries.ts'

/** Characters of JSON that an account or a slot takes at most, besides its code. */
export const ACCOUNT_CHARACTERS = 256
export const SLOT_CHARACTERS = 144

/**
 * @param most characters that the JSON of it may have: null when it would have more, and no more than that is looked at.
 * @throws ChainError `unknown-block`, `history-unavailable`; the latter too where this node has the hash of an address
 * or a slot and not what was hashed, as it began with a snapshot or under an earlier version.
 */
export function stateDumpAt(view: CallView, at: BlockReference, most: number): StateDump | null {
  const { header } = existingHeadAt(view, at)
  const { database } = view
  const accounts: DumpedAccount[] = []
  let left = most
  for (const [addressHash, rlp] of entriesBelow(database, header.stateRoot, 32)) {
    const address = preimageOf(view, addressHash, 'address')
    if (KEPT_ACCOUNTS.some((kept) => toHex(kept) === toHex(address))) continue
    const { nonce, balance, codeHash, storageRoot } = decodeAccount(rlp)
    const code = toHex(codeHash) === toHex(EMPTY_CODE_HASH) ? EMPTY_BYTES : database.code(codeHash)
    if (code === undefined) throw damaged(`the code of ${toHex(address)} is missing`)
    left -= ACCOUNT_CHARACTERS + 2 * code.length
    const storage: (readonly [Uint8Array, bigint])[] = []
    if (left >= 0) {
      for (const [slotHash, value] of entriesBelow(database, storageRoot, 32)) {
        left -= SLOT_CHARACTERS
        if (left < 0) break
        storage.push([preimageOf(view, slotHash, 'slot'), bytesToBigint(bytesField(decodeRlp(value), 'slot'))])
      }
    }
    if (left < 0) return null
    accounts.push({ address, nonce, balance, code, storage })
  }
  return { number: header.number, accounts }
}

function preimageOf({ database }: CallView, hash: Uint8Array, what: string): Uint8Array {
  const preimage = database.preimage(hash)
  if (preimage !== null) return preimage
  throw new ChainError(
    'history-unavailable',
    `this node does not know the ${what} whose hash is ${toHex(hash)}: it began with a snapshot, or under an earlier version; ask another node`,
  )
}
