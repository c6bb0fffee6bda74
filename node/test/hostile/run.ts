/**
 * `npm run hostile -- [--seconds 10] [--seed 1] [--only WORDS]`: every attack for so long, against a node that has to go
 * on finalising. Prints what each cost; ends with 1 when a block was not made, a bound not kept or a peer not dropped.
 */
import { parseArgs } from 'node:util'
import { installCrypto } from '../../src/runtime/installCrypto.ts'
import { ATTACKS } from './support/attacks.ts'
import { faultsOf } from './support/bounds.ts'
import { runAttack } from './support/runAttack.ts'
import { startScene } from './support/scene.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
})
const seconds = Number(values.seconds ?? 10)
const seed = Number(values.seed ?? 1)
if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write('usage: npm run hostile -- [--seconds N] [--seed S, a whole number] [--only WORDS]\n')
  process.exit(2)
}

await installCrypto()
const scene = await startScene()
let failed = false
try {
  process.stdout.write(
    'attack                              s  blocks  RSS MiB  growth   CPU  sockets  peers  dropped\n',
  )
  for (const attack of ATTACKS.filter(({ name }) => name.includes(values.only ?? ''))) {
    const report = await runAttack(scene, attack, seconds * 1_000, seed)
    const faults = faultsOf(attack, report)
    failed ||= faults.length > 0
    process.stdout.write(
      `${[
        report.name.padEnd(34),
        report.seconds.toFixed(0).padStart(3),
        String(report.blocks).padStart(7),
        mebibytes(report.rssBefore).padStart(8),
        mebibytes(report.rssGrowth).padStart(7),
        (report.cpu === null ? '-' : `${Math.round(100 * report.cpu)} %`).padStart(6),
        String(report.mostSockets ?? '-').padStart(8),
        String(report.mostPeers).padStart(6),
        `${report.dropped}/${report.attackers}`.padStart(8),
        ...faults.map((fault) => ` FAULT: ${fault}`),
      ].join('')}\n`,
    )
  }
} finally {
  await scene.stop()
}
process.exit(failed ? 1 : 0)

function mebibytes(bytes: number | null): string {
  return bytes === null ? '-' : String(Math.round(bytes / 1024 / 1024))
}
