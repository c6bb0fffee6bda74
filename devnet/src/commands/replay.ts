/**
 * `devnet replay FILE`: executes an exported chain again from its genesis and compares everything. Needs no network and no
 * native package. The work is done in a thread with a stack of known size, as on a node.
 */
import { Worker } from 'node:worker_threads'
import { explanationLines } from '@touchstone/node/divergence'
import type { ReplayEngine, ReplayReport } from '@touchstone/node/replay'
import { interruptible } from '../interruption.ts'
import { CliError } from '../output/errors.ts'
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import type { CommandContext } from './context.ts'
import type { ReplayMessage, ReplayTask } from './replayWorker.ts'

/** That of the execution worker: see node/src/chain/worker/client.ts. */
const STACK_MB = 512
const PROGRESS_MS = 2_000

export interface ReplayCommandOptions {
  readonly engine: ReplayEngine
  readonly certificates: boolean
}

export async function replayCommand(
  { terminal }: Pick<CommandContext, 'terminal'>,
  file: string,
  { engine, certificates }: ReplayCommandOptions,
): Promise<void> {
  const started = Date.now()
  let shown = started
  let replayed = 0n
  const doing = () => `replaying ${file}: ${groupDigits(replayed)} blocks or more were equal`
  const report = await interruptible({ doing }, (interrupted) =>
    replayInThread({ file, engine, certificates }, interrupted, (blocks, transactions) => {
      replayed = blocks
      if (Date.now() - shown < PROGRESS_MS) return
      shown = Date.now()
      terminal.note(`${groupDigits(blocks)} blocks, ${groupDigits(transactions)} transactions`)
    }),
  )
  const seconds = (Date.now() - started) / 1000
  if (terminal.json) terminal.printJson({ file, engine, certificates, seconds, ...report })
  if (!report.ok) throw differenceError(report)
  if (terminal.json) return
  const { blocks, transactions, gasUsed, stateRoot, digest } = report
  const rows: readonly (readonly [string, string])[] = [
    ['blocks', groupDigits(blocks)],
    ['transactions', groupDigits(transactions)],
    ['gas', groupDigits(gasUsed)],
    ['state root', stateRoot],
    ['digest', digest],
  ]
  for (const [name, value] of rows) terminal.print(`${name.padEnd(14)}${value}`)
  const compared = `headers, receipts, logs, gas and roots${certificates ? ', and certificates' : ''}`
  terminal.print(terminal.color.green(`everything is equal (${compared}; ${engine}, ${seconds.toFixed(1)} s)`))
}

function differenceError({ difference, explanation }: Extract<ReplayReport, { ok: false }>): CliError {
  const { block, transaction, field, expected, got, engine } = difference
  const where = transaction === null ? '' : `, transaction ${transaction.index} (${transaction.hash})`
  return new CliError(`block ${block}${where}: ${field} differs${engine === null ? '' : ` on the ${engine} engine`}`, {
    lines: [
      `expected  ${printable(expected, 600)}`,
      `got       ${printable(got, 600)}`,
      ...(explanation === null ? [] : explanationLines(explanation)).map((line) => printable(line, 600)),
    ],
  })
}

function replayInThread(
  task: ReplayTask,
  interrupted: AbortSignal,
  onProgress: (blocks: bigint, transactions: number) => void,
): Promise<ReplayReport> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./replayWorker.ts', import.meta.url), {
      workerData: task,
      resourceLimits: { stackSizeMb: STACK_MB },
    })
    interrupted.addEventListener('abort', () => void worker.terminate(), { once: true })
    worker.on('message', (message: ReplayMessage) => {
      if (message.kind === 'progress') return onProgress(message.blocks, message.transactions)
      if (message.kind === 'report') resolve(message.report)
      else reject(new CliError(message.message, message.hint === null ? {} : { hint: message.hint }))
    })
    worker.on('error', reject)
    worker.on('exit', (code) => reject(new Error(`the replay ended with exit code ${code} and without a result`)))
  })
}
