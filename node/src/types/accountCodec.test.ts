import { Account as TheirAccount } from '@ethereumjs/util'
import { seededRandom } from '@touchstone/vm/testing/random'
import { expect, test } from 'vitest'
import { toHex } from '../codec/hex.ts'
import { CodecError, encodeRlp } from '../codec/rlp.ts'
import { decodeAccount, EMPTY_TRIE_ROOT, encodeAccount } from './accountCodec.ts'

test('accounts are encoded as @ethereumjs/util does', () => {
  expect(toHex(EMPTY_TRIE_ROOT)).toBe('0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421')
  for (let seed = 0; seed < 50; seed++) {
    const random = seededRandom(seed)
    const account = {
      nonce: random.bigint(64),
      balance: random.bigint(256),
      storageRoot: random.bytes(32),
      codeHash: random.bytes(32),
    }
    const theirs = new TheirAccount(account.nonce, account.balance, account.storageRoot, account.codeHash)
    expect(toHex(encodeAccount(account)), `seed ${seed}`).toBe(toHex(theirs.serialize()))
    expect(decodeAccount(encodeAccount(account))).toEqual(account)
  }
})

test('damaged accounts are CodecErrors', () => {
  for (const bad of [new Uint8Array(0), encodeRlp([]), encodeRlp([new Uint8Array(0)]), encodeRlp(new Uint8Array(4))]) {
    expect(() => decodeAccount(bad)).toThrow(CodecError)
  }
})
