/**
 * Traffic under faults: many accounts, each sending one transaction after the other to a random node, until a node
 * acknowledges it, that is, answers with its hash. The same signed bytes go to the next node when one does not answer, so
 * what became of an unanswered request does not matter. An acknowledged transaction must be in the chain once, in the end.
 */
import { type Random, seededRandom } from '@touchstone/node/testing/random'
import { type Abi, encodeFunctionData, type Hex, keccak256, parseGwei } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { DevAccount } from '../network/accounts.ts'
import { ask, RpcRefusal, type RpcTarget } from '../network/nodeRpc.ts'

export interface Acknowledged {
  readonly hash: Hex
  readonly raw: Hex
  readonly from: Hex
  readonly nonce: number
  /** Node that acknowledged it. */
  readonly node: number
}

export interface TokenContract {
  readonly address: Hex
  readonly abi: Abi
}

export interface TrafficOptions {
  readonly seed: number
  readonly chainId: number
  readonly accounts: readonly DevAccount[]
  readonly tokens: readonly TokenContract[]
  /** Nodes that may be asked now. */
  readonly targets: () => readonly RpcTarget[]
  /** True once the transaction was seen in a block. */
  readonly isIncluded: (hash: Hex) => boolean
}

export interface Traffic {
  readonly acknowledged: readonly Acknowledged[]
  /** Sent, and found in the chain by its nonce, without a node ever having acknowledged it. */
  readonly unacknowledged: number
  /** Addresses that may hold ether or tokens now. */
  readonly holders: ReadonlySet<Hex>
  /** An answer that no node may give: another hash. */
  readonly faults: readonly string[]
  /** No new transactions; resolves when each account's last one is acknowledged. */
  finish(): Promise<void>
}

/** Transactions of one account that wait for a block: below the pool's bound, and enough to leave gaps behind. */
const MAX_WAITING = 8
const SEND_TIMEOUT_MS = 3_000
const pauseMs = [250, 1_200] as const
const retryMs = [50, 400] as const
const maxFeePerGas = parseGwei('1000')
/** A token that Rust's compiler made takes most of it where its code is not warm. */
export const TOKEN_CALL_GAS = 1_000_000n
const TRANSFER_GAS = 21_000n

export function startTraffic(options: TrafficOptions): Traffic {
  const acknowledged: Acknowledged[] = []
  const faults: string[] = []
  const holders = new Set<Hex>(options.accounts.map(({ address }) => address))
  let running = true
  let unacknowledged = 0

  const senders = options.accounts.map(async (account, position) => {
    const random = seededRandom(`chaos ${options.seed} account ${position}`)
    const waiting: Hex[] = []
    for (let nonce = 0; running; nonce++) {
      const raw = await sign(account, nonce, random)
      const hash = keccak256(raw)
      const node = await sendUntilAcknowledged(raw, hash, random)
      if (node === null) unacknowledged++
      else acknowledged.push({ hash, raw, from: account.address, nonce, node })
      waiting.push(hash)
      do {
        await pause(random.between(...pauseMs))
        waiting.splice(0, waiting.length, ...waiting.filter((one) => !options.isIncluded(one)))
      } while (running && waiting.length >= MAX_WAITING)
    }
  })
  return {
    acknowledged,
    get unacknowledged() {
      return unacknowledged
    },
    holders,
    faults,
    async finish() {
      running = false
      await Promise.all(senders)
    },
  }

  async function sign(account: DevAccount, nonce: number, random: Random): Promise<Hex> {
    const { address, abi } = random.pick(options.tokens)
    const other = random.pick(options.accounts).address
    const call = (functionName: string, args: readonly unknown[]) => ({
      to: address,
      data: encodeFunctionData({ abi, functionName, args }),
      gas: TOKEN_CALL_GAS,
      value: 0n,
    })
    const kind = random.fraction()
    const fresh = keccak256(new TextEncoder().encode(`${account.address} ${nonce}`)).slice(0, 42) as Hex
    const to = random.chance(0.2) ? fresh : other
    const what =
      kind < 0.5
        ? { to, value: BigInt(random.between(0, 1_000_000)), gas: TRANSFER_GAS }
        : kind < 0.8
          ? call('transfer', [to, BigInt(random.between(0, 1_000))])
          : kind < 0.9
            ? call('approve', [other, BigInt(nonce)])
            : // More than there is: in the chain, paid for, and undone.
              call('transfer', [other, 2n ** 200n])
    holders.add(to)
    return privateKeyToAccount(account.privateKey).signTransaction({
      ...what,
      type: 'eip1559',
      chainId: options.chainId,
      nonce,
      maxFeePerGas,
      maxPriorityFeePerGas: BigInt(random.between(0, 2_000_000_000)),
    })
  }

  /** The node that acknowledged it; null when the chain has it though none did. */
  async function sendUntilAcknowledged(raw: Hex, hash: Hex, random: Random): Promise<number | null> {
    for (;;) {
      const targets = options.targets()
      if (targets.length > 0) {
        const target = random.pick(targets)
        try {
          const answer = await ask(target, 'eth_sendRawTransaction', [raw], SEND_TIMEOUT_MS)
          if (answer === hash) return target.index
          faults.push(`node ${target.index} answered ${String(answer)} to ${hash}`)
        } catch (error) {
          if (error instanceof RpcRefusal) {
            // It is in that node's pool, from this or an earlier request: as good as its hash.
            if (error.message.startsWith('already known')) return target.index
            if (error.message.startsWith('nonce too low')) return null
          }
        }
      }
      await pause(random.between(...retryMs))
    }
  }
}

/** As that of chaosRun.ts. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds).unref())
}
