/**
 * How agreement grows with the validators, all on this machine: `npm run bench:validators -- [options]`.
 *
 *   --sizes A,B,C      how many validators, one network after the other (4,7,10,20)
 *   --one-by-one N     transfers that are sent one at a time, each when the one before is in a block (50)
 *   --burst N          token transfers that are then sent (800)
 *   --senders N        who send them, each one when the one before was answered (8)
 *   --engine NAME      engine of the nodes (compiled; or mixed, interpreter, reference)
 *   --json             the figures as JSON
 *
 * Prints, of each size and load, blocks and transfers a second, and of a height: the messages that a node heard and the
 * signatures it verified, the bytes that all nodes sent, and processor time. Ends with 1 when a transfer is refused or
 * lost, or nodes do not hold the same chain.
 */
import { fork } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import Table from 'cli-table3'
import { readOptions } from '../../../scripts/options.ts'
import { compareNodes, freePortRange } from '../../src/index.ts'
import type { ReadyNode } from '../../src/network/readyFile.ts'
import { rpcClient } from '../rpc/jsonRpc.ts'
import type { LoadTask } from '../rpc/loadTask.ts'
import { answers, ask, percentile } from '../rpc/measure.ts'
import { builtToken, nodesOf, ownSubject, start } from '../rpc/subjects.ts'
import { prepare } from '../rpc/world.ts'
import { sumsOf } from './counters.ts'

const LOAD = fileURLToPath(new URL('../rpc/load.ts', import.meta.url))
/** For the last block to be everywhere, and longer than nodes give the same metrics again (METRICS_LIFETIME). */
const SETTLE_MS = 1_500

/** Metrics whose growth is told: their names, with the labels that count. */
const COUNTERS = {
  commits: ['touchstone_consensus_commits_total'],
  rounds: ['touchstone_consensus_rounds_total'],
  verified: ['touchstone_consensus_signatures_verified_total'],
  messages: ['touchstone_network_messages_total', 'topic="consensus"'],
  sent: ['touchstone_network_bytes_total', 'direction="sent"'],
  processor: ['process_cpu_seconds_total'],
} as const

const { values } = readOptions(import.meta.url, {
  options: {
    sizes: { type: 'string', default: '4,7,10,20' },
    'one-by-one': { type: 'string', default: '50' },
    burst: { type: 'string', default: '800' },
    senders: { type: 'string', default: '8' },
    engine: { type: 'string', default: 'compiled' },
    json: { type: 'boolean', default: false },
  },
})
const say = (line: string) => process.stderr.write(`${line}\n`)
const sizes = values.sizes.split(',').map((text) => count('sizes', text))
const [oneByOne, burst] = [count('one-by-one', values['one-by-one']), count('burst', values.burst)]
const senders = count('senders', values.senders)

interface Row {
  readonly validators: number
  readonly load: 'one by one' | 'burst'
  readonly blocks: number
  readonly blocksPerSecond: number
  readonly transfersPerSecond: number
  /** Milliseconds, median; of a burst: until the node took it. */
  readonly answerMs: number
  /** New messages of consensus that a node heard, on average, a height. */
  readonly messagesHeard: number
  /** By all nodes together, before encryption, a height. */
  readonly kilobytesSent: number
  /** By a node, a height. */
  readonly signaturesVerified: number
  /** Of a node, a height. */
  readonly processorMs: number
  /** Rounds beyond the first of their height, of all nodes. */
  readonly furtherRounds: number
}

const rows: Row[] = []
for (const size of sizes) {
  say(`${size} validators`)
  rows.push(...(await measure(size)))
}
if (values.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
else show()

async function measure(size: number): Promise<Row[]> {
  const subject = ownSubject(size, { engine: values.engine, token: builtToken() })
  const port = await freePortRange('127.0.0.1', 2 * size)
  const metrics = ['--metrics-port', `${port + size}`]
  const running = start(subject, port, import.meta.dirname, metrics)
  const load = fork(LOAD, { stdio: 'inherit' })
  const url = `http://127.0.0.1:${port}`
  const client = rpcClient(url)
  try {
    await answers(client)
    const nodes = await nodesOf(running)
    const world = await prepare(client, subject, senders)
    const found: Row[] = []
    const run = async (name: Row['load'], transfers: number, task: LoadTask) => {
      await sleep(SETTLE_MS)
      const before = await countersOf(nodes)
      const { milliseconds, each, failures } = await ask(load, task)
      if (failures.length > 0) throw new Error(`${size} validators, ${name}: ${failures.join('; ')}`)
      await sleep(SETTLE_MS)
      const after = await countersOf(nodes)
      const grown = (counter: keyof typeof COUNTERS) => after[counter] - before[counter]
      const blocks = grown('commits') / size
      found.push({
        validators: size,
        load: name,
        blocks,
        blocksPerSecond: (blocks * 1_000) / milliseconds,
        transfersPerSecond: (transfers * 1_000) / milliseconds,
        answerMs: percentile(each, 50),
        messagesHeard: grown('messages') / size / blocks,
        kilobytesSent: grown('sent') / 1_000 / blocks,
        signaturesVerified: grown('verified') / size / blocks,
        processorMs: (grown('processor') * 1_000) / size / blocks,
        furtherRounds: grown('rounds') - grown('commits'),
      })
    }
    await run('one by one', oneByOne, { kind: 'receipts', url, transactions: await world.transfers(oneByOne) })
    const queues = await Promise.all(world.senders.map((_, i) => world.tokens(i, Math.ceil(burst / senders))))
    await run('burst', Math.ceil(burst / senders) * senders, { kind: 'burst', url, queues })
    const agreement = await compareNodes(nodes)
    if (!agreement.agree) throw new Error(`${size} validators do not hold the same chain`)
    return found
  } finally {
    client.close()
    load.kill()
    await running.stop()
  }
}

/** Of all nodes together. */
async function countersOf(nodes: readonly ReadyNode[]): Promise<Record<keyof typeof COUNTERS, number>> {
  const texts = await Promise.all(
    nodes.map(async ({ index, metrics }) => {
      if (metrics === null) throw new Error(`node ${index} keeps no metrics`)
      return (await fetch(metrics)).text()
    }),
  )
  return sumsOf(texts, COUNTERS)
}

function show(): void {
  const head = ['validators', 'load', 'blocks/s', 'transfers/s', 'answer ms', 'messages', 'kB sent', 'signatures']
  const table = new Table({
    head: [...head, 'processor ms', 'further rounds'],
    style: { head: [], border: [] },
    colAligns: ['right', 'left', ...Array.from({ length: 8 }, () => 'right' as const)],
  })
  for (const row of rows) {
    table.push([
      row.validators,
      row.load,
      row.blocksPerSecond.toFixed(1),
      row.transfersPerSecond.toFixed(0),
      row.answerMs.toFixed(1),
      row.messagesHeard.toFixed(1),
      row.kilobytesSent.toFixed(1),
      row.signaturesVerified.toFixed(1),
      row.processorMs.toFixed(1),
      row.furtherRounds,
    ])
  }
  console.log(table.toString())
  console.log('messages, signatures and processor time: of a node, a height; kB sent: of all nodes, a height')
}

function count(option: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number > 0) return number
  say(`error: --${option} ${text}: whole numbers above 0 are wanted`)
  process.exit(2)
}
