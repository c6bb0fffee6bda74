/** `npm run faults:kill -- [--times 200] [--seed 1]`: the kill loop at length, with a line for every 20 kills. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOptions } from '../../../../scripts/options.ts'
import { encodeInitCode } from '../../../src/execution/initCode.ts'
import { PUPPET_CODE } from '../../../src/execution/testing/puppet.ts'
import { installCrypto } from '../../../src/runtime/installCrypto.ts'
import { runKills } from './killLoop.ts'

const { values } = readOptions(import.meta.url, { options: { times: { type: 'string' }, seed: { type: 'string' } } })
const times = Number(values.times ?? 200)
const seed = Number(values.seed ?? 1)
if (!Number.isSafeInteger(times) || times < 1 || !Number.isSafeInteger(seed)) {
  process.stderr.write('usage: npm run faults:kill -- [--times N, at least 1] [--seed S, a whole number]\n')
  process.exit(2)
}

await installCrypto()
const directory = mkdtempSync(join(tmpdir(), 'touchstone-kills-'))
const began = performance.now()
try {
  const report = await runKills({
    directory,
    initCode: encodeInitCode(PUPPET_CODE, null),
    times,
    seed,
    onKill({ kills, height }) {
      if (kills % 20 === 0) process.stdout.write(`${kills} kills, height ${height}\n`)
    },
  })
  process.stdout.write(
    `${report.kills} kills, 0 losses, 0 torn blocks, 0 double signs; ${report.height} blocks, ` +
      `${report.signed} messages signed; ${report.blockMissing} kills left these without their block, ` +
      `${report.signatureMissing} the block without them, ` +
      `${report.unannounced} came between commit and its announcement; ${Math.round((performance.now() - began) / 1000)} s\n`,
  )
  rmSync(directory, { recursive: true, force: true })
} catch (error) {
  process.stderr.write(`${(error as Error).message}\nThe directory is kept: ${directory}\n`)
  process.exit(1)
}
