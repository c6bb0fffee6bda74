/** Accounts as the state trie holds them: RLP [nonce, balance, storageRoot, codeHash] (Yellow Paper 4.1). */
import { decodeWithin } from '../codec/codecError.ts'
import { decodeRlp, encodeRlp } from '../codec/rlp.ts'
import { fixedBytesField, integerField, integerItem, MAX_UINT64, MAX_UINT256, tupleField } from '../codec/rlpFields.ts'
import { EMPTY_CODE_HASH, keccak256 } from '../crypto/keccak.ts'
import type { Account } from './account.ts'

/** keccak256(rlp("")): the root of a trie without entries. */
export const EMPTY_TRIE_ROOT: Uint8Array = keccak256(Uint8Array.of(0x80))

/** The value of an absent account. */
export const EMPTY_ACCOUNT: Account = {
  nonce: 0n,
  balance: 0n,
  storageRoot: EMPTY_TRIE_ROOT,
  codeHash: EMPTY_CODE_HASH,
}

export function encodeAccount(account: Account): Uint8Array {
  return encodeRlp([integerItem(account.nonce), integerItem(account.balance), account.storageRoot, account.codeHash])
}

/** @throws CodecError. */
export function decodeAccount(raw: Uint8Array): Account {
  return decodeWithin('account', () => {
    const f = tupleField(decodeRlp(raw, { maxDepth: 1, maxItems: 5 }), 4, '')
    return {
      nonce: integerField(f[0], MAX_UINT64, 'nonce'),
      balance: integerField(f[1], MAX_UINT256, 'balance'),
      storageRoot: fixedBytesField(f[2], 32, 'storageRoot'),
      codeHash: fixedBytesField(f[3], 32, 'codeHash'),
    }
  })
}
