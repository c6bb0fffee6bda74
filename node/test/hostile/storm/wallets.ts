/** Honest traffic: wallets at each node that transfer all the time, one transfer after the other, and forget none. */
import { setTimeout as sleep } from 'node:timers/promises'
import { bigintToBytes } from '../../../src/codec/bytes.ts'
import { addressOfPrivateKey } from '../../../src/crypto/secp256k1.ts'
import type { Genesis } from '../../../src/types/genesis.ts'
import { rpc } from '../../process/nodeProcess.ts'
import { FundedAttacker, type Key } from '../funded/fundedAttacker.ts'
import { type FundedNetwork, fundedGenesis } from '../funded/fundedNetwork.ts'

/** Wallets, in turn of each node. */
const WALLETS = 8
const ETHER = 10n ** 18n
/** How often a receipt is looked for. Milliseconds. */
const POLL = 150
/** After a refusal. Milliseconds. */
const PAUSE = 300
/** From which on a transfer that is in no block is taken for lost, when it comes to the end. Milliseconds. */
export const LOST_AFTER = 120_000

const keys: readonly Key[] = Array.from({ length: WALLETS }, (_, index) => {
  const privateKey = new Uint8Array(32).fill(0xc0 + index)
  return { privateKey, address: addressOfPrivateKey(privateKey) }
})

/** With money for the wallets, none of which an attacker has the key of. */
export const stormGenesis: Genesis = {
  ...fundedGenesis,
  alloc: [...fundedGenesis.alloc, ...keys.map(({ address }) => ({ address, balance: 1_000_000n * ETHER }))],
}

export class Wallets {
  readonly #network: FundedNetwork
  /** Acknowledged and not yet in a block: when they were sent. */
  readonly #waiting = new Map<string, number>()
  #over = false
  readonly #done: Promise<unknown>
  acknowledged = 0
  mined = 0
  refused = 0
  /** Milliseconds from acknowledgement to receipt, at most; of those since it was last set to 0. */
  slowest = 0
  /** Hashes of what was never in a block. */
  readonly lost: string[] = []

  constructor(network: FundedNetwork) {
    this.#network = network
    this.#done = Promise.all(keys.map((key, index) => this.#spend(key, index)))
  }

  get waiting(): number {
    return this.#waiting.size
  }

  /** Since when somebody has waited for a block, of `performance.now()`; null when nobody does. */
  get waitingSince(): number | null {
    return this.#waiting.size === 0 ? null : Math.min(...this.#waiting.values())
  }

  /** Waits for what was acknowledged. */
  async stop(): Promise<void> {
    this.#over = true
    await this.#done
  }

  async #spend(key: Key, index: number): Promise<void> {
    const { nodes } = this.#network
    const wallet = new FundedAttacker(nodes[index % nodes.length]!.url, key, fundedGenesis.chainId)
    const to = bigintToBytes(BigInt(100_000 + index), 20)
    while (!this.#over) {
      const hash = await wallet.send({ to, value: 1n, gas: 21_000n })
      if (hash === null) {
        this.refused++
        await sleep(PAUSE)
        continue
      }
      this.acknowledged++
      const began = performance.now()
      this.#waiting.set(hash, began)
      if (await this.#isMined(hash, index)) this.mined++
      else this.lost.push(hash)
      this.#waiting.delete(hash)
      this.slowest = Math.max(this.slowest, performance.now() - began)
    }
  }

  /** Asks each node in turn: the wallet's own may be down, or under attack. */
  async #isMined(hash: string, index: number): Promise<boolean> {
    const { nodes } = this.#network
    const end = performance.now() + LOST_AFTER
    for (let turn = index; performance.now() < end; turn++) {
      await sleep(POLL)
      const url = nodes[turn % nodes.length]!.url
      const receipt = await rpc<object | null>(url, 'eth_getTransactionReceipt', [hash]).catch(() => null)
      if (receipt !== null) return true
    }
    return false
  }
}
