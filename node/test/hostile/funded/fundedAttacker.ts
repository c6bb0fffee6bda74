/** An attacker with a key and money, who sends transactions and requests to one node as any user may. */
import { setTimeout as sleep } from 'node:timers/promises'
import { EMPTY_BYTES } from '../../../src/codec/bytes.ts'
import { fromHex, toHex } from '../../../src/codec/hex.ts'
import { signTransaction } from '../../../src/types/transactionCodec.ts'
import { rpc } from '../../process/nodeProcess.ts'

export interface Key {
  readonly privateKey: Uint8Array
  readonly address: Uint8Array
}

export interface Receipt {
  readonly status: string
  readonly blockNumber: string
  readonly contractAddress: string | null
  readonly gasUsed: string
}

export interface Sending {
  /** Null creates a contract. */
  readonly to: Uint8Array | null
  readonly data?: Uint8Array
  readonly value?: bigint
  readonly gas: bigint
}

/** How long a transaction may take to be in a block. Milliseconds. */
export const PATIENCE = 60_000
/** How often a receipt is looked for. Milliseconds. */
const POLL = 50
/** The base fee rises by an eighth a full block; this is enough for dozens of them. */
const FEE_FACTOR = 100n

export class FundedAttacker {
  readonly url: string
  readonly #key: Key
  readonly #chainId: bigint
  #nonce: bigint | null = null

  constructor(url: string, key: Key, chainId: bigint) {
    this.url = url
    this.#key = key
    this.#chainId = chainId
  }

  /** The hash, or null when the node refused. */
  async send(sending: Sending): Promise<string | null> {
    const raw = await this.#sign(sending)
    const hash = raw === null ? null : await this.#ask<string>('eth_sendRawTransaction', toHex(raw))
    if (hash === null || this.#nonce === null) this.#nonce = null
    else this.#nonce++
    return hash
  }

  /** Asks until it is there, whatever the node answers meanwhile. @throws Error after {@link PATIENCE}. */
  async receipt(hash: string): Promise<Receipt> {
    const end = performance.now() + PATIENCE
    while (performance.now() < end) {
      const receipt = await this.#ask<Receipt>('eth_getTransactionReceipt', hash)
      if (receipt !== null) return receipt
      await sleep(POLL)
    }
    throw new Error(`${hash} was not in a block after ${PATIENCE} ms`)
  }

  /** The address. @throws Error when the contract was not made. */
  async deploy(initCode: Uint8Array, gas: bigint): Promise<Uint8Array> {
    const hash = await this.send({ to: null, data: initCode, gas })
    if (hash === null) throw new Error('the node refused the deployment')
    const { status, contractAddress } = await this.receipt(hash)
    if (status !== '0x1' || contractAddress === null) throw new Error(`the deployment failed: ${hash}`)
    return fromHex(contractAddress)
  }

  /** Null when the node does not answer, or with an error: it is under attack. */
  async #ask<T>(method: string, ...params: readonly unknown[]): Promise<T | null> {
    try {
      return await rpc<T | null>(this.url, method, params)
    } catch {
      return null
    }
  }

  async #sign({ to, data = EMPTY_BYTES, value = 0n, gas }: Sending): Promise<Uint8Array | null> {
    const block = await this.#ask<{ baseFeePerGas: string }>('eth_getBlockByNumber', 'latest', false)
    if (block === null) return null
    const { baseFeePerGas } = block
    if (this.#nonce === null) {
      const count = await this.#ask<string>('eth_getTransactionCount', toHex(this.#key.address), 'pending')
      if (count === null) return null
      this.#nonce = BigInt(count)
    }
    const unsigned = {
      type: 2 as const,
      chainId: this.#chainId,
      nonce: this.#nonce,
      maxPriorityFeePerGas: 1_000_000_000n,
      maxFeePerGas: FEE_FACTOR * BigInt(baseFeePerGas) + 1_000_000_000n,
      gasLimit: gas,
      to,
      value,
      data,
      accessList: [],
    }
    return signTransaction(unsigned, this.#key.privateKey).raw
  }
}
