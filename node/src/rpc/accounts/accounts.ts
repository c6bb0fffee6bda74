/**
 * The accounts a node signs for: a devnet's own, whose keys it was started with. Signers are asked for by address, so
 * that an account without a key can stand beside them.
 */
import { keyOf } from '../../codec/bytes.ts'
import { addressOfPrivateKey, type Secp256k1Signature, signHash } from '../../crypto/secp256k1.ts'
import { signTransaction, type UnsignedTransaction } from '../../types/transactionCodec.ts'

export interface Account {
  /** 20 bytes. */
  readonly address: Uint8Array
  /** The bytes that go to the pool. */
  signTransaction(unsigned: UnsignedTransaction): Uint8Array
  /** Null for an account without a key: it can send, and sign nothing. */
  readonly signHash: ((hash: Uint8Array) => Secp256k1Signature) | null
}

export interface Accounts {
  /** 20 bytes each, in the order in which they are shown. */
  addresses(): readonly Uint8Array[]
  /** Null when this node does not sign for it. */
  find(address: Uint8Array): Account | null
  /** Runs the task when those before it of the same account are done: two sends at a time would get one nonce. */
  inTurn<T>(address: Uint8Array, task: () => Promise<T>): Promise<T>
}

/** Accounts of these private keys, 32 bytes each. */
export class KeyAccounts implements Accounts {
  readonly #accounts: ReadonlyMap<string, Account>
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(privateKeys: readonly Uint8Array[]) {
    this.#accounts = new Map(
      privateKeys.map((key) => {
        const account = accountOf(key)
        return [keyOf(account.address), account]
      }),
    )
  }

  addresses(): readonly Uint8Array[] {
    return Array.from(this.#accounts.values(), ({ address }) => address)
  }

  find(address: Uint8Array): Account | null {
    return this.#accounts.get(keyOf(address)) ?? null
  }

  /** Those that wait are requests being answered, which `maxInFlight` bounds. */
  inTurn<T>(address: Uint8Array, task: () => Promise<T>): Promise<T> {
    const key = keyOf(address)
    const result = (this.#turns.get(key) ?? Promise.resolve()).then(task)
    const settled = result.then(
      () => {},
      () => {},
    )
    this.#turns.set(key, settled)
    void settled.then(() => {
      if (this.#turns.get(key) === settled) this.#turns.delete(key)
    })
    return result
  }
}

function accountOf(privateKey: Uint8Array): Account {
  return {
    address: addressOfPrivateKey(privateKey),
    signTransaction: (unsigned) => signTransaction(unsigned, privateKey).raw,
    signHash: (hash) => signHash(hash, privateKey),
  }
}
