/** `devnet chaos`: breaks a network of its own for a while, heals it, and says whether anything was lost. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shorten } from '../chaos/audit.ts'
import { type ChaosReport, runChaos } from '../chaos/chaosRun.ts'
import { MAX_SEED } from '../chaos/limits.ts'
import { interruptible, removedAtExit } from '../interruption.ts'
import type { NetworkEngine } from '../network/engines.ts'
import { CliError, InterruptedError } from '../output/errors.ts'
import { groupDigits } from '../output/groupDigits.ts'
import { outputClosed } from '../output/outputClosed.ts'
import { formatTable } from '../output/table.ts'
import type { Terminal } from '../output/terminal.ts'

export interface ChaosFlags {
  readonly minutes: number
  readonly seed: number | undefined
  readonly nodes: number
  readonly engine: NetworkEngine
  /** Keep the directory also when nothing failed. */
  readonly keep: boolean
}

/** @throws CliError when something was lost or forked, or the run did not come to its end. */
export async function chaosCommand(terminal: Terminal, flags: ChaosFlags): Promise<void> {
  const { minutes, nodes, engine } = flags
  const seed = flags.seed ?? Math.floor(Math.random() * MAX_SEED)
  const dataDir = mkdtempSync(join(tmpdir(), 'touchstone-chaos-'))
  const again = `npx devnet chaos --minutes ${minutes} --seed ${seed} --nodes ${nodes} --engine ${engine}`
  terminal.note(`${minutes} minutes of faults on ${nodes} nodes from seed ${seed}; the same faults again: ${again}`)
  // Removed however it ends; but a failure keeps it, to be looked into.
  const keep = flags.keep ? () => {} : removedAtExit(dataDir)
  // Its nodes end with it.
  void outputClosed.then(() => process.exit(1))
  const began = Date.now()
  const said = {
    doing: () => `breaking the network for ${seconds(Date.now() - began)}; nothing was checked`,
    hint: () => `the same faults again: ${again}${flags.keep ? `; logs and chains are in ${dataDir}` : ''}`,
  }
  const report = await interruptible(said, (interrupted) =>
    runChaos({ dataDir, minutes, seed, nodes, engine }, terminal, interrupted),
  ).catch((error: unknown) => {
    if (error instanceof InterruptedError) {
      if (!flags.keep) rmSync(dataDir, { recursive: true, force: true })
      throw error
    }
    keep()
    terminal.warn(`the run did not come to its end; logs and chains are in ${dataDir}; again: ${again}`)
    throw error
  })
  keep()
  const ok = report.failures.length === 0
  const kept = !ok || flags.keep
  if (terminal.json) terminal.printJson({ ok, dataDir: kept ? dataDir : null, again, ...report })
  else printReport(terminal, report)
  if (!kept) rmSync(dataDir, { recursive: true, force: true })
  else terminal.note(`logs and chains are kept in ${dataDir}`)
  if (ok) return
  throw new CliError(`chaos found ${report.failures.length} fault${report.failures.length === 1 ? '' : 's'}:`, {
    lines: shorten(report.failures),
    hint: `the same faults again: ${again}`,
  })
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}

function printReport(terminal: Terminal, report: ChaosReport): void {
  const { audit, faults } = report
  const count = (...kinds: string[]) => groupDigits(kinds.reduce((sum, kind) => sum + (faults[kind] ?? 0), 0))
  const rows: [string, string][] = [
    ['kills (kill -9)', count('kill')],
    ['clean stops', count('stop')],
    ['pauses', count('pause')],
    ['wipes', count('wipe')],
    ['partitions', count('partition')],
    ['link faults', count('shape')],
    ['nodes added', count('add')],
    ['blocks', groupDigits(audit.height)],
    ['transactions in blocks', groupDigits(audit.transactions)],
    ['transactions acknowledged', groupDigits(report.acknowledged)],
    ['  of these in the chain once', groupDigits(audit.included)],
    ['  lost', groupDigits(audit.lost.length)],
    ['  more than once', groupDigits(audit.duplicated.length)],
    ['divergences', groupDigits(audit.divergences.length)],
    ['proofs of double signing', groupDigits(audit.evidence)],
    ['longest wait for a block', `${report.longestWaitForBlock.toFixed(1)} s`],
    ['  with enough validators up', `${report.longestWaitWithQuorum.toFixed(1)} s`],
    ['all nodes complete after healing', `${report.healedAfter.toFixed(1)} s`],
  ]
  terminal.print('')
  terminal.printLines(formatTable(['chaos', `seed ${report.seed}`], rows))
  terminal.print('')
  if (report.failures.length === 0) {
    terminal.print(
      terminal.color.green('one chain on every node, everything acknowledged is in it once, and the balances add up'),
    )
  }
}
