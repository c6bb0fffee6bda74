/**
 * `npm run hostile -- [--seconds 10] [--seed 1] [--only WORDS]`: every attack for so long: of peers against a node, then of
 * somebody with a key and money against a network. They have to go on finalising. Prints what each cost; ends with 1
 * when a block was not made, a bound not kept, a peer not dropped, or a node ended.
 * `npm run hostile -- --storm [--minutes 10] [--seed 1] [--only WORDS] [--by ACTORS] [--no-restarts]
 * [--json]`: all of them at once (storm/).
 * `npm run hostile -- --joins N`: so many peers that join a node and leave (leftovers/); prints what is left of them.
 * `npm run hostile -- --messages N`: the same of so many messages that three networks of one process hear of each other.
 */
import { readOptions } from '../../../scripts/options.ts'
import { installCrypto } from '../../src/runtime/installCrypto.ts'
import { FUNDED_ATTACKS } from './funded/fundedAttacks.ts'
import { startFundedNetwork } from './funded/fundedNetwork.ts'
import { runFundedAttack } from './funded/runFundedAttack.ts'
import { runJoinsCommand } from './leftovers/joinsCommand.ts'
import { runMessagesCommand } from './leftovers/messagesCommand.ts'
import { ACTORS, namesOf } from './storm/attacks.ts'
import { runStormCommand } from './storm/command.ts'
import { ATTACKS } from './support/attacks.ts'
import { faultsOf } from './support/bounds.ts'
import { runAttack } from './support/runAttack.ts'
import { startScene } from './support/scene.ts'

const { values } = readOptions(import.meta.url, {
  allowNegative: true,
  options: {
    seconds: { type: 'string' },
    seed: { type: 'string' },
    only: { type: 'string' },
    storm: { type: 'boolean' },
    minutes: { type: 'string' },
    by: { type: 'string' },
    restarts: { type: 'boolean' },
    json: { type: 'boolean' },
    joins: { type: 'string' },
    messages: { type: 'string' },
  },
})
const seconds = Number(values.seconds ?? 10)
const seed = Number(values.seed ?? 1)
const minutes = Number(values.minutes ?? 10)
const joins = values.joins === undefined ? null : Number(values.joins)
const messages = values.messages === undefined ? null : Number(values.messages)
const counts = [joins, messages].filter((count) => count !== null)
const only = values.only ?? ''
const actors = ACTORS.filter((actor) => values.by?.split(',').includes(actor) ?? true)
const attacking = actors.filter((actor) => namesOf(actor, only).length > 0)
const makesSense = seconds > 0 && Number.isSafeInteger(seed) && minutes > 0 && actors.length > 0
if (!makesSense || counts.length > 1 || !counts.every((count) => Number.isSafeInteger(count) && count > 0)) {
  process.stderr.write(
    'usage: npm run hostile -- [--seconds N] [--seed S, a whole number] [--only WORDS]\n' +
      `       npm run hostile -- --storm [--minutes N] [--seed S] [--only WORDS] [--by ${ACTORS.join(',')}] [--no-restarts] [--json]\n` +
      '       npm run hostile -- --joins N, or --messages N: a whole number above 0\n',
  )
  process.exit(2)
}

await installCrypto()
if (joins !== null) process.exit(await runJoinsCommand(joins))
if (messages !== null) process.exit(await runMessagesCommand(messages))
const chosen = <T extends { readonly name: string }>(attacks: readonly T[]): readonly T[] =>
  attacks.filter(({ name }) => name.includes(only))
const print = (cells: readonly string[], faults: readonly string[]) =>
  process.stdout.write(`${[...cells, ...faults.map((fault) => `  FAULT: ${fault}`)].join('')}\n`)
if (values.storm === true) {
  if (attacking.length === 0) {
    const names = actors.flatMap((actor) => namesOf(actor, '').map((name) => `  ${actor}: ${name}\n`))
    process.stderr.write(`--only: no attack of a storm has these words in its name. There are:\n${names.join('')}`)
    process.exit(2)
  }
  const options = { seed, milliseconds: 60_000 * minutes, actors: attacking, only, restarts: values.restarts ?? true }
  process.exit(await runStormCommand(options, values.json === true))
}
if (chosen([...ATTACKS, ...FUNDED_ATTACKS]).length === 0) {
  const names = [...ATTACKS, ...FUNDED_ATTACKS].map(({ name }) => `  ${name}\n`)
  process.stderr.write(`--only: no attack has these words in its name. There are:\n${names.join('')}`)
  process.exit(2)
}
const failedByPeers = await attackByPeers()
const failedByMoney = await attackByMoney()
process.exit(failedByPeers || failedByMoney ? 1 : 0)

async function attackByPeers(): Promise<boolean> {
  const attacks = chosen(ATTACKS)
  if (attacks.length === 0) return false
  const scene = await startScene()
  let failed = false
  try {
    print(['a peer                              s  blocks  RSS MiB  growth   CPU  sockets  peers  dropped'], [])
    for (const attack of attacks) {
      const report = await runAttack(scene, attack, seconds * 1_000, seed)
      const faults = faultsOf(attack, report)
      failed ||= faults.length > 0
      const cells = [
        report.name.padEnd(34),
        report.seconds.toFixed(0).padStart(3),
        String(report.blocks).padStart(7),
        mebibytes(report.rssBefore).padStart(8),
        mebibytes(report.rssGrowth).padStart(7),
        (report.cpu === null ? '-' : `${Math.round(100 * report.cpu)} %`).padStart(6),
        String(report.mostSockets ?? '-').padStart(8),
        String(report.mostPeers).padStart(6),
        `${report.dropped}/${report.attackers}`.padStart(8),
      ]
      print(cells, faults)
    }
  } finally {
    await scene.stop()
  }
  return failed
}

async function attackByMoney(): Promise<boolean> {
  const attacks = chosen(FUNDED_ATTACKS)
  if (attacks.length === 0) return false
  const network = await startFundedNetwork()
  let failed = false
  try {
    print(['a key and money                 turns  blocks  longest gap s  transfers  slowest s  growth MiB'], [])
    for (const attack of attacks) {
      const report = await runFundedAttack(network, attack, 1, seconds * 1_000)
      failed ||= report.faults.length > 0
      const cells = [
        report.name.padEnd(30),
        String(report.turns).padStart(7),
        String(report.blocks).padStart(8),
        (report.longestGap / 1_000).toFixed(1).padStart(15),
        String(report.transfers).padStart(11),
        (report.slowestTransfer / 1_000).toFixed(1).padStart(11),
        mebibytes(report.growth).padStart(12),
      ]
      print(cells, report.faults)
    }
  } finally {
    await network.stop()
  }
  return failed
}

function mebibytes(bytes: number | null): string {
  return bytes === null ? '-' : String(Math.round(bytes / 1024 / 1024))
}
