/** Waits until a transaction is in a block, which is final at once, and says what it waits for when that takes long. */
import { setTimeout as wait } from 'node:timers/promises'
import { formatTransactionReceipt, type Hex, type RpcTransactionReceipt, type TransactionReceipt } from 'viem'
import type { CommandContext } from '../commands/context.ts'
import { unlessInterrupted } from '../interruption.ts'
import { standingsOf } from '../network/agreement.ts'
import type { Connection } from '../network/connection.ts'
import { ask, RpcRefusal } from '../network/nodeRpc.ts'
import { readRunning } from '../network/readyFile.ts'
import { StandstillWatch } from '../network/standstill.ts'
import { CliError } from '../output/errors.ts'
import { LOOK_AGAIN_MS, LOOK_TIMEOUT_MS, QUIET_MS, SAY_AGAIN_MS, STANDSTILL_LOOK_MS } from './limits.ts'

export interface Awaited {
  readonly hash: Hex
  readonly from: Hex
  readonly nonce: number
}

/**
 * Null when there is no receipt after so many seconds, or the command was told to end.
 * @throws CliError when another transaction was put into a block in its place, so that it never will be.
 */
export async function waitForReceipt(
  context: CommandContext,
  connection: Connection,
  awaited: Awaited,
  seconds: number,
  signal: AbortSignal,
): Promise<TransactionReceipt | null> {
  const began = performance.now()
  const reasons = new Reasons(context, connection, awaited)
  while (!signal.aborted) {
    const receipt = await lookForReceipt(connection, awaited.hash, signal)
    if (receipt !== null) return receipt
    const milliseconds = performance.now() - began
    if (milliseconds >= seconds * 1000) return null
    await reasons.look(milliseconds, signal)
    await wait(LOOK_AGAIN_MS, undefined, { signal }).catch(() => {})
  }
  return null
}

/**
 * Null when there is none, and when the node does not answer: it may be paused for a while. @throws CliError when it
 * refuses.
 */
async function lookForReceipt({ url }: Connection, hash: Hex, signal: AbortSignal): Promise<TransactionReceipt | null> {
  const found = await answer<RpcTransactionReceipt | null>(url, 'eth_getTransactionReceipt', [hash], signal)
  return found === undefined || found === null ? null : formatTransactionReceipt(found)
}

/** Undefined when no answer came, or the command was told to end. @throws CliError when the node refuses. */
async function answer<T>(
  rpc: string,
  method: string,
  params: readonly unknown[],
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return (await unlessInterrupted(signal, ask({ index: 0, rpc }, method, params, LOOK_TIMEOUT_MS))) as T
  } catch (error) {
    if (error instanceof RpcRefusal) throw new CliError(`the node answered ${method} with: ${error.message}`)
    return undefined
  }
}

/** Looks at the network while nothing comes, and says why as far as it can be seen. */
class Reasons {
  readonly #context: CommandContext
  readonly #connection: Connection
  readonly #awaited: Awaited
  readonly #watch = new StandstillWatch()
  #lookedAt = 0
  #saidAt = 0
  #said = ''

  constructor(context: CommandContext, connection: Connection, awaited: Awaited) {
    this.#context = context
    this.#connection = connection
    this.#awaited = awaited
  }

  async look(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (milliseconds - this.#lookedAt < STANDSTILL_LOOK_MS) return
    this.#lookedAt = milliseconds
    const standstill = await this.#standstill()
    const why = standstill ?? (milliseconds < QUIET_MS ? null : await this.#waiting(signal))
    if (why === null || signal.aborted) return
    if (why === this.#said && milliseconds - this.#saidAt < SAY_AGAIN_MS) return
    this.#said = why
    this.#saidAt = milliseconds
    this.#context.terminal.note(`waiting for ${Math.round(milliseconds / 1000)} s: ${why}`)
  }

  /** Of a network that runs here all nodes can be asked. */
  async #standstill(): Promise<string | null> {
    // Read anew each time: nodes are paused and partitions made while somebody waits.
    const running = readRunning(this.#connection.paths)
    if (running === null || !running.nodes.some(({ rpc }) => rpc === this.#connection.url)) return null
    const standings = await standingsOf(running.nodes, running.partition)
    const found = this.#watch.look(running.nodes, standings, performance.now(), running.partition)
    return found === null ? null : `the chain stands at height ${found.height}. ${found.reasons.join('; ')}`
  }

  /** Null when there is nothing to say. @throws CliError when the transaction can be in no block any more. */
  async #waiting(signal: AbortSignal): Promise<string | null> {
    const { url } = this.#connection
    const { hash, from, nonce } = this.#awaited
    const count = await answer<Hex>(url, 'eth_getTransactionCount', [from, 'latest'], signal)
    if (count === undefined) return `the node at ${url} does not answer`
    const next = Number(count)
    if (next > nonce) {
      // It may have come between the two questions.
      const found = await answer<unknown>(url, 'eth_getTransactionReceipt', [hash], signal)
      if (found !== null) return null
      throw new CliError(`another transaction of ${from} with nonce ${nonce} is in a block, so ${hash} never will be`, {
        hint: 'nothing of it happened; send it again if it is still wanted',
      })
    }
    if (next < nonce) return `its nonce is ${nonce}, and those of ${from} from ${next} on have to come first`
    const known = await answer<unknown>(url, 'eth_getTransactionByHash', [hash], signal)
    if (known === null) return 'the node does not have it any more: it has dropped it, or was begun afresh'
    return 'it is in the node’s pool, and no block has it yet'
  }
}
