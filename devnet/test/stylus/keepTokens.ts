/** Writes contracts/foreign/erc20, the ERC-20s as they were built here, and the crates that they were built of. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '@touchstone/contracts'
import type { ForeignTokenRecord } from '../../../node/testing/foreignTokens.ts'
import { type Builds, builtModule, keepCrates } from './builds.ts'

const FOLDER = new URL('../../../contracts/foreign/erc20/', import.meta.url)

/** One of each SDK, of its newest release. */
const TOKENS: readonly Pick<ForeignTokenRecord, 'name' | 'source' | 'file'>[] = [
  { name: 'stylus-sdk 0.10', source: 'sdk-010/token', file: 'stylus-sdk.code' },
  { name: 'openzeppelin-stylus 0.3', source: 'openzeppelin/erc20', file: 'openzeppelin-stylus.code' },
]

export function keepTokens(builds: Builds): void {
  mkdirSync(FOLDER, { recursive: true })
  const run = (program: string, args: readonly string[], source: string) =>
    execFileSync(program, args, {
      ...{ cwd: join(builds.folder, source), encoding: 'utf8' },
      env: { ...process.env, ...builds.environment },
    })
  const records = TOKENS.map((token): ForeignTokenRecord => {
    const module = readFileSync(builtModule(builds, token.source))
    const code = codeOf(module)
    writeFileSync(new URL(token.file, FOLDER), code)
    return {
      ...token,
      rustc: run('rustc', ['--version'], token.source).trim(),
      moduleBytes: module.length,
      moduleSha256: sha256(module),
      codeSha256: sha256(code),
    }
  })
  writeFileSync(new URL('tokens.json', FOLDER), `${JSON.stringify(records, null, 2)}\n`)
  keepCrates(builds)
  console.log(`written: ${records.map(({ file }) => file).join(', ')}, tokens.json and crates.lock`)
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
