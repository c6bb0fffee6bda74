/**
 * Chaos on real processes, as `devnet chaos` runs it: faults from a seed, then every block, receipt and balance of every
 * node. TOUCHSTONE_CHAOS_MINUTES says how long (default 1), TOUCHSTONE_CHAOS_SEED which faults.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runChaos } from '../../src/chaos/chaosRun.ts'

const minutes = Number(process.env['TOUCHSTONE_CHAOS_MINUTES'] ?? 1)
const seed = Number(process.env['TOUCHSTONE_CHAOS_SEED'] ?? 1)
/** Starting, healing and checking come on top, and twice that on a loaded machine. */
const timeoutMs = minutes * 60_000 + 300_000

it(
  `${minutes} minutes of chaos, seed ${seed}: nothing is lost and nothing forks`,
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'touchstone-chaos-'))
    const lines: string[] = []
    const progress = { note: (line: string) => void lines.push(line), detail: () => undefined }
    const report = await runChaos({ dataDir, minutes, seed, nodes: 4, engine: 'mixed' }, progress)
    const { audit } = report
    console.log(
      `chaos: ${JSON.stringify(report.faults)}, ${report.acknowledged} transactions acknowledged, ${audit.lost.length} lost, ` +
        `${audit.divergences.length} divergences, ${audit.height} blocks`,
    )
    expect(
      report.failures,
      `logs and chains are in ${dataDir}; again: npx devnet chaos --minutes ${minutes} --seed ${seed}\n${lines.join('\n')}`,
    ).toEqual([])
    expect(report.acknowledged).toBeGreaterThan(0)
    expect(audit.included).toBe(report.acknowledged)
    rmSync(dataDir, { recursive: true, force: true })
  },
  timeoutMs,
)
