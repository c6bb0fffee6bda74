/**
 * Load that lasts: token transfers from many senders against a network, evenly over the time, and what becomes of the
 * nodes meanwhile: `npm run bench:lasting -- [options]`.
 *
 *   --minutes N        how long (20)
 *   --transactions N   token transfers in all (100000)
 *   --senders N        who send them, each one when the one before was answered, to the nodes in turn (32)
 *   --nodes N          nodes (4)
 *   --engine NAME      their engines (mixed; or compiled, interpreter, reference)
 *   --json             the figures as JSON
 *
 * Prints a line every half a minute. Ends with 1 when a transfer is not in the state at the end, when nodes do not hold
 * the same chain, when the memory of a node grows by more than 2 MiB a minute after the first quarter of the time, or
 * when eth_blockNumber was refused, or took more than 20 ms for one in a hundred (on a machine that does nothing else).
 */
import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Table from 'cli-table3'
import { encodeFunctionData } from 'viem'
import { readOptions } from '../../../scripts/options.ts'
import { compareNodes, freePortRange } from '../../src/index.ts'
import type { ReadyNode } from '../../src/network/readyFile.ts'
import { type RpcClient, rpcClient } from '../rpc/jsonRpc.ts'
import type { LoadResult, LoadTask } from '../rpc/loadTask.ts'
import { answers, ask, percentile } from '../rpc/measure.ts'
import { builtToken, nodesOf, ownSubject, start } from '../rpc/subjects.ts'
import { prepare, TOKEN_ABI, type World } from '../rpc/world.ts'
import { slopeOf } from './trend.ts'
import { watch } from './watch.ts'

const LOAD = fileURLToPath(new URL('../rpc/load.ts', import.meta.url))
/** MiB a minute: histories and indexes in LevelDB's caches have a bound of their own, leaks have none. */
const MOST_GROWTH = 2
/** Milliseconds, 99th percentile. */
const MOST_FOR_A_LOOK = 20
/** Until V8's heaps and LevelDB's caches have the size that they keep: a part of the time. */
const WARM_UP = 0.25
const LOOK_INTERVAL_MS = 2_000
const LINE_INTERVAL_MS = 30_000
/** Between two of the questions whose time is measured. */
const QUESTION_PAUSE_MS = 100
/** For all nodes to have the last block. */
const SETTLE_MS = 30_000

const { values } = readOptions(import.meta.url, {
  options: {
    minutes: { type: 'string', default: '20' },
    transactions: { type: 'string', default: '100000' },
    senders: { type: 'string', default: '32' },
    nodes: { type: 'string', default: '4' },
    engine: { type: 'string', default: 'mixed' },
    json: { type: 'boolean', default: false },
  },
})
const say = (line: string) => process.stderr.write(`${line}\n`)
const duration = positive('minutes') * 60_000
const [transactions, senders, nodeCount] = [positive('transactions'), positive('senders'), positive('nodes')]

const subject = ownSubject(nodeCount, { engine: values.engine, token: builtToken() })
const port = await freePortRange('127.0.0.1', nodeCount)
const running = start(subject, port, import.meta.dirname)
const load = fork(LOAD, { stdio: 'inherit' })
try {
  process.exitCode = await run(load)
} finally {
  load.kill()
  await running.stop()
}

async function run(prober: ChildProcess): Promise<number> {
  const first = rpcClient(`http://127.0.0.1:${port}`)
  await answers(first)
  const nodes = await nodesOf(running)
  const clients = nodes.map(({ rpc }) => rpcClient(rpc))
  const world = await prepare(first, subject, senders)
  const tokensBefore = await balances(first, world)
  say(`${nodes.length} nodes (${nodes.map(({ engine }) => engine).join(', ')}), ${senders} senders`)

  const began = performance.now()
  const looks = watch(nodes, began, LOOK_INTERVAL_MS)
  const asking = askAllTheTime(prober, nodes[0]!, duration)
  const sent = { count: 0, slowest: 0 }
  const lines = setInterval(() => {
    const minutes = ((performance.now() - began) / 60_000).toFixed(1)
    const memory = looks.memory.map((samples) => samples.at(-1)?.value.toFixed(0) ?? '-').join(', ')
    say(`${minutes} min: ${sent.count} of ${transactions} answered; MiB ${memory}`)
  }, LINE_INTERVAL_MS)
  const failures = await sendAll(clients, world, sent, began)
  clearInterval(lines)
  const minutes = (performance.now() - began) / 60_000
  const { each: times, failures: unanswered } = await asking
  await looks.stop()

  const lost = await lostTransfers(first, world, tokensBefore)
  const agreement = await compareNodes(nodes)
  const growth = looks.memory.map((samples) => slopeOf(samples.filter(({ at }) => at >= minutes * WARM_UP)))
  const figures = {
    minutes,
    answered: sent.count,
    perSecond: sent.count / (minutes * 60),
    slowestSendMs: sent.slowest,
    longestStandMs: looks.longestStand(),
    blocks: Number(await first.call('eth_blockNumber', [])),
    refused: failures.length,
    lost,
    agree: agreement.agree,
    blockNumberP99Ms: times.length === 0 ? null : percentile(times, 99),
    growthMiBPerMinute: growth,
    memoryMiB: looks.memory.map((samples) => samples.at(-1)?.value ?? null),
  }
  for (const client of [first, ...clients]) client.close()
  if (values.json) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
  else show(figures)
  const faults = [
    ...failures.slice(0, 3).map((words) => `refused: ${words}`),
    ...(lost === 0 ? [] : [`${lost} transfers are not in the state`]),
    ...(agreement.agree ? [] : ['the nodes do not hold the same chain']),
    ...growth.flatMap((value, i) =>
      value === null || value <= MOST_GROWTH
        ? []
        : [`node ${i + 1} grows by ${value.toFixed(2)} MiB a minute; bound ${MOST_GROWTH}`],
    ),
    ...(unanswered.length === 0 && times.length > 0
      ? []
      : [`eth_blockNumber: ${unanswered.length} not answered, ${times.length} were: ${unanswered[0] ?? ''}`]),
    ...(figures.blockNumberP99Ms === null || figures.blockNumberP99Ms <= MOST_FOR_A_LOOK
      ? []
      : [`eth_blockNumber: ${figures.blockNumberP99Ms.toFixed(1)} ms for one in a hundred; bound ${MOST_FOR_A_LOOK}`]),
  ]
  if (growth.includes(null)) say('memory: this system does not say what a node has, so its growth is not judged')
  for (const fault of faults) say(`FAULT: ${fault}`)
  return faults.length === 0 ? 0 : 1
}

/** Each sender keeps to its share of the time, or falls behind it. @returns what nodes refused, in their words */
async function sendAll(
  clients: readonly RpcClient[],
  world: World,
  sent: { count: number; slowest: number },
  began: number,
): Promise<string[]> {
  const failures: string[] = []
  const interval = (duration / transactions) * senders
  await Promise.all(
    world.senders.map(async (_, sender) => {
      const own = Math.floor(transactions / senders) + (sender < transactions % senders ? 1 : 0)
      for (let i = 0; i < own; i++) {
        const due = began + (i + sender / senders) * interval
        if (due > performance.now()) await sleep(due - performance.now())
        const [raw] = await world.tokens(sender, 1)
        const from = performance.now()
        try {
          await clients[(sender + i) % clients.length]!.call('eth_sendRawTransaction', [raw])
          sent.count++
        } catch (error) {
          // Later nonces of this sender would wait for this one for ever.
          failures.push((error as Error).message)
          return
        }
        sent.slowest = Math.max(sent.slowest, performance.now() - from)
      }
    }),
  )
  return failures
}

/** Milliseconds that each question took, and what was not answered. In a process of its own: this one signs. */
async function askAllTheTime(prober: ChildProcess, node: ReadyNode, milliseconds: number): Promise<LoadResult> {
  // A little less than the time: an answer takes its part, too.
  const times = Math.floor((milliseconds * 0.9) / QUESTION_PAUSE_MS)
  const task: LoadTask = { kind: 'repeat', url: node.rpc, method: 'eth_blockNumber', params: [], times }
  return ask(prober, { ...task, pause: QUESTION_PAUSE_MS })
}

async function balances(client: RpcClient, { senders: all, token }: World): Promise<bigint[]> {
  return Promise.all(
    all.map(async ({ address }) => {
      const data = encodeFunctionData({ abi: TOKEN_ABI, functionName: 'balanceOf', args: [address] })
      return BigInt((await client.call('eth_call', [{ to: token, data }, 'latest'])) as string)
    }),
  )
}

/**
 * Transfers that the senders' nonces do not show, once nothing is left in the pool. Each sender gives the next one what it
 * got from the one before, so balances stay, and that is held against the state, too.
 */
async function lostTransfers(client: RpcClient, world: World, before: readonly bigint[]): Promise<number> {
  const nonces = async () => {
    const counts = await Promise.all(
      world.senders.map(({ address }) => client.call('eth_getTransactionCount', [address, 'latest'])),
    )
    return counts.reduce((sum: number, count) => sum + Number(count), 0)
  }
  const deadline = performance.now() + SETTLE_MS
  let counted = await nonces()
  while (counted < transactions && performance.now() < deadline) {
    await sleep(LOOK_INTERVAL_MS / 10)
    counted = await nonces()
  }
  const after = await balances(client, world)
  const sum = (values: readonly bigint[]) => values.reduce((left, right) => left + right, 0n)
  if (sum(after) !== sum(before)) say(`the senders have ${sum(after)} tokens together and had ${sum(before)}`)
  return transactions - counted + (sum(after) === sum(before) ? 0 : 1)
}

function show(figures: Record<string, unknown>): void {
  const table = new Table({ style: { head: [], border: [] } })
  const text = (value: unknown): string => {
    if (Array.isArray(value)) return value.map(text).join(', ')
    return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(2) : String(value)
  }
  for (const [key, value] of Object.entries(figures)) table.push([key, text(value)])
  console.log(table.toString())
}

function positive(option: 'minutes' | 'transactions' | 'senders' | 'nodes'): number {
  const number = Number(values[option])
  if (number > 0 && (option === 'minutes' || Number.isSafeInteger(number))) return number
  say(`error: --${option} ${values[option]}: a number above 0 is wanted, and a whole one but of minutes`)
  process.exit(2)
}
