/**
 * A copy of the node to break: sources, tests and test kit in a temporary directory, packages linked. The tree itself is
 * never touched.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import process from 'node:process'
import { applyMutant, type Mutant } from './mutant.ts'

/** Below node/, all that may kill a mutant. The files of one source come first, alone: they start fast, and mostly do. */
export const TEST_FILES: readonly string[] = [
  'src/consensus/core/tendermint.lines.test.ts',
  'src/consensus/core/voteSet.test.ts',
  'src/consensus/core/validatorSet.test.ts',
  'src/consensus/core/proposer.test.ts',
  'src/consensus/proofs/certificate.test.ts',
  'src/consensus/wire/messages.test.ts',
  'src/consensus/signing/signer.test.ts',
  'src/consensus/signing/forgottenHeight.test.ts',
  'src/consensus/heights/voting.test.ts',
  'src/consensus/gossip/gossip.test.ts',
  'src/consensus/proposals/assembly.test.ts',
  'src/consensus/proofs/evidence.test.ts',
  'src/consensus/faults.test.ts',
  'test/sim/engine.test.ts',
  'test/sim/ownKey.test.ts',
  'test/sim/passedOn.test.ts',
  'test/sim/restart.test.ts',
  'test/sim/scenarios.test.ts',
  'test/sim/signed.test.ts',
]

/** All that the tests import, but for packages. */
export const COPIED = ['node/src', 'node/test', 'node/testing', 'node/package.json', 'package.json'] as const

const DIRECTED: Readonly<Record<string, string>> = {
  'admission/admission.ts': 'test/sim/passedOn.test.ts',
  'intake/peerFaults.ts': 'test/sim/passedOn.test.ts',
  'proposals/assemblies.ts': 'src/consensus/proposals/assembly.test.ts',
  'proposals/assembly.ts': 'src/consensus/proposals/assembly.test.ts',
  'proposals/blockForm.ts': 'src/consensus/proposals/assembly.test.ts',
  'wire/contents.ts': 'src/consensus/wire/messages.test.ts',
  'proposals/partRequests.ts': 'src/consensus/proposals/assembly.test.ts',
  'proposals/proposedBlocks.ts': 'src/consensus/proposals/assembly.test.ts',
  'core/tendermint.ts': 'src/consensus/core/tendermint.lines.test.ts',
  'core/futureRounds.ts': 'src/consensus/core/tendermint.lines.test.ts',
  'core/roundLog.ts': 'src/consensus/core/tendermint.lines.test.ts',
  'core/voteSet.ts': 'src/consensus/core/voteSet.test.ts',
  'core/validatorSet.ts': 'src/consensus/core/validatorSet.test.ts',
  'core/proposer.ts': 'src/consensus/core/proposer.test.ts',
  'proofs/certificate.ts': 'src/consensus/proofs/certificate.test.ts',
  'proofs/evidence.ts': 'src/consensus/proofs/evidence.test.ts',
  'proofs/evidenceWatch.ts': 'src/consensus/faults.test.ts',
  'proofs/faultRecord.ts': 'src/consensus/proofs/evidence.test.ts',
  'signing/signBytes.ts': 'src/consensus/wire/messages.test.ts',
  'signing/signer.ts': 'src/consensus/signing/signer.test.ts',
  'heights/voting.ts': 'src/consensus/heights/voting.test.ts',
  'heights/abstention.ts': 'test/sim/restart.test.ts',
  'heights/heightRun.ts': 'test/sim/restart.test.ts',
  'heights/heights.ts': 'test/sim/restart.test.ts',
  'heights/ownKeyWatch.ts': 'test/sim/ownKey.test.ts',
  'heights/repetition.ts': 'test/sim/engine.test.ts',
  'heights/startTime.ts': 'test/sim/restart.test.ts',
  'heights/statements.ts': 'test/sim/engine.test.ts',
  'heights/stepTimers.ts': 'test/sim/restart.test.ts',
  'intake/announcement.ts': 'test/sim/passedOn.test.ts',
  'intake/certifiedBlock.ts': 'src/consensus/faults.test.ts',
  'intake/verdicts.ts': 'test/sim/passedOn.test.ts',
  'intake/votes.ts': 'test/sim/engine.test.ts',
  'engine.ts': 'test/sim/restart.test.ts',
  'halting.ts': 'src/consensus/faults.test.ts',
}

/** Milliseconds for a run that takes two or three seconds when nothing loops: long, as a busy machine must not kill. */
const TIME_LIMIT = 120_000

const CONFIG = `export default {
  test: { include: ['node/**/*.test.ts'], exclude: ['**/node_modules/**'], pool: 'threads', fileParallelism: false, testTimeout: 10_000 },
}
`

export type TestRun =
  | { readonly kind: 'passed' }
  /** The first that failed, and how many did. */
  | { readonly kind: 'failed'; readonly file: string; readonly test: string; readonly count: number }
  | { readonly kind: 'endless' }
  /** Ended badly without a failed test: says nothing about the tests. */
  | { readonly kind: 'broken'; readonly output: string }

interface Report {
  readonly testResults: readonly {
    readonly name: string
    /** Why a file has no results, if it has none. */
    readonly message: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

export class Workspace {
  readonly #root: string
  readonly #directory = mkdtempSync(join(tmpdir(), 'touchstone-mutants-'))

  /** `root` is the repository's. */
  constructor(root: string) {
    this.#root = root
    const skipped = `${sep}node_modules`
    for (const folder of COPIED) {
      const filter = (path: string) => !relative(root, path).includes(skipped)
      cpSync(join(root, folder), join(this.#directory, folder), { recursive: true, filter })
    }
    symlinkSync(join(root, 'node_modules'), join(this.#directory, 'node_modules'), 'junction')
    writeFileSync(join(this.#directory, 'vitest.config.ts'), CONFIG)
  }

  /** Runs the tests on the program with the mutant in it, or as it is. */
  async test(mutant: Mutant | null): Promise<TestRun> {
    if (mutant === null) return this.#run(TEST_FILES)
    const path = join(this.#directory, 'node/src/consensus', mutant.file)
    const source = readFileSync(path, 'utf8')
    writeFileSync(path, applyMutant(source, mutant))
    try {
      const directed = DIRECTED[mutant.file]
      const run = directed === undefined ? null : await this.#run([directed])
      if (run !== null && run.kind !== 'passed') return run
      return await this.#run(TEST_FILES.filter((file) => file !== directed))
    } finally {
      writeFileSync(path, source)
    }
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true })
  }

  #run(tests: readonly string[]): Promise<TestRun> {
    const report = join(this.#directory, 'report.json')
    rmSync(report, { force: true })
    const files = tests.map((file) => join('node', file))
    const vitest = join(this.#root, 'node_modules/vitest/vitest.mjs')
    const args = ['--max-old-space-size=1024', vitest, 'run', ...files, '--reporter=json', `--outputFile=${report}`]
    const options = { cwd: this.#directory, timeout: TIME_LIMIT, killSignal: 'SIGKILL', maxBuffer: 1 << 26 } as const
    return new Promise((resolve) => {
      execFile(process.execPath, args, options, (error, stdout, stderr) => {
        if (error === null) resolve({ kind: 'passed' })
        else if (error.killed === true) resolve({ kind: 'endless' })
        else resolve(failureOf(readReport(report)) ?? { kind: 'broken', output: `${stdout}\n${stderr}` })
      })
    })
  }
}

function readReport(path: string): Report | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch {
    return null
  }
}

function failureOf(report: Report | null): TestRun | null {
  if (report === null) return null
  const failed = TEST_FILES.flatMap((file) => {
    const result = report.testResults.find(({ name }) => name.split(sep).join('/').endsWith(file))
    const tests = result?.assertionResults.filter(({ status }) => status === 'failed') ?? []
    return tests.map(({ fullName }) => ({ file, test: fullName }))
  })
  const [first] = failed
  if (first !== undefined) return { kind: 'failed', ...first, count: failed.length }
  const messages = report.testResults.map(({ message }) => message).filter((message) => message !== '')
  return messages.length === 0 ? null : { kind: 'broken', output: messages.join('\n') }
}
