/** The promises of the process that was killed, over all its lives, and whether it kept it. */
import type { Chain } from '../../../src/chain/chain.ts'
import { transactionByHash } from '../../../src/chain/queries.ts'
import { keyOf } from '../../../src/codec/bytes.ts'
import { fromHex } from '../../../src/codec/hex.ts'
import { decodeConsensusMessage } from '../../../src/consensus/wire/messages.ts'
import type { KeyValueStore } from '../../../src/runtime/keyValueStore.ts'

export class Promises {
  #height = 0n
  readonly #finals = new Map<bigint, string>()
  readonly #accepted = new Set<string>()
  /** By height, round and step: what was signed. */
  readonly #signed = new Map<string, string>()

  get height(): bigint {
    return this.#height
  }

  get accepted(): number {
    return this.#accepted.size
  }

  get signed(): number {
    return this.#signed.size
  }

  final(number: bigint, hash: Uint8Array): void {
    this.#note(this.#finals, number, keyOf(hash), `block ${number} was final, and is now another one`)
    if (number > this.#height) this.#height = number
  }

  acceptedTransaction(hash: Uint8Array): void {
    this.#accepted.add(keyOf(hash))
  }

  /** @throws Error when it contradicts what was signed before: a double sign. */
  sent(raw: Uint8Array): void {
    const message = decodeConsensusMessage(raw)
    if (message.kind === 'proposal') {
      const value = `${keyOf(message.blockHash)} ${message.validRound} ${keyOf(message.signature)}`
      this.#sign(`proposal ${message.height}/${message.round}`, value)
      return
    }
    for (const { type, round, blockHash, signature } of message.votes) {
      const value = `${blockHash === null ? 'nil' : keyOf(blockHash)} ${keyOf(signature)}`
      this.#sign(`${type} ${message.height}/${round}`, value)
    }
  }

  /** @throws Error that names what was lost. */
  check(chain: Chain, pool: KeyValueStore): void {
    const { number } = chain.head.header
    if (number < this.#height) throw new Error(`block ${this.#height} was final, the head is ${number}`)
    for (const [height, hash] of this.#finals) {
      const found = chain.database.header(height)
      if (found === null || keyOf(found.hash) !== hash) throw new Error(`block ${height} was final, and is gone`)
    }
    for (const key of this.#accepted) {
      const hash = fromHex(`0x${key}`)
      if (transactionByHash(chain, hash) !== null) this.#accepted.delete(key)
      else if (pool.get(hash) === undefined) throw new Error(`transaction ${key} was accepted, and is lost`)
    }
  }

  #sign(at: string, value: string): void {
    this.#note(this.#signed, at, value, `two different messages were signed: ${at}`)
  }

  #note<K>(map: Map<K, string>, key: K, value: string, fault: string): void {
    const known = map.get(key)
    if (known !== undefined && known !== value) throw new Error(`${fault}: ${known}, ${value}`)
    map.set(key, value)
  }
}
