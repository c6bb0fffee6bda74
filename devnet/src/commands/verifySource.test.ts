/** `devnet verify-source` on the chain of a node in this process. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import { initCodeOf } from '@touchstone/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type InProcessRpc, startInProcessRpc } from '../testing/inProcessRpc.ts'
import { type Ran, runInProcess } from '../testing/runInProcess.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-verify-'))
const project = join(folder, 'project')
const SOURCE = `import { Address, U256 } from '@touchstone/contracts/as'
import { step } from './step'
@contract
export class Box {
  @view value: U256
  owner: Address
  constructor(value: U256, owner: Address) { this.value = value; this.owner = owner }
  @external bump(): void {
    this.value += U256.from(step)
  }
}
@contract
export class Other {
  @view one(): u64 { return 1 }
}
`

/** A bound on hanging only. */
const HANGS_AFTER_MS = 240_000

let rpc: InProcessRpc
const run = (...args: string[]): Promise<Ran> =>
  runInProcess(...args, '--rpc', rpc.url, '--data', folder, '--color', 'never')

async function json(...args: string[]) {
  const { code, out, err } = await run(...args, '--json')
  if (code !== 0) throw new Error(`${args.join(' ')}: ${err}`)
  return JSON.parse(out)
}

const write = (path: string, text: string) => writeFileSync(join(project, 'assembly', path), text)

beforeAll(async () => {
  mkdirSync(join(project, 'assembly'), { recursive: true })
  write('index.ts', SOURCE)
  write('step.ts', 'export const step: u64 = 2\n')
  rpc = await startInProcessRpc()
  const built = await runInProcess('build', project, '--quiet')
  if (built.code !== 0) throw new Error(built.err)
  await json('deploy', join(project, 'build/Box.json'), '41', '@1')
}, HANGS_AFTER_MS)
afterAll(async () => {
  await rpc.close()
  rmSync(folder, { recursive: true })
})

describe('devnet verify-source', () => {
  it('finds the contract among those of the folder, and tells how it was created', async () => {
    const { code, out } = await run('verify-source', 'Box', project)
    expect(code).toBe(0)
    expect(out).toMatch(/^Box 0x\w{40} is Box of /)
    expect(out).toMatch(/code +[\d,]+ bytes, the same: 0x[0-9a-f]{64}$/m)
    expect(out).toMatch(/source +assembly\/step\.ts 0x[0-9a-f]{64}$/m)
    expect(out).toMatch(/created +in block 1 by @0 0x\w{40}, 0x[0-9a-f]{64}$/m)
    expect(out).toMatch(/constructor +\(value: 41, owner: @1 0x\w{40}\)$/m)
    const artifact = JSON.parse(readFileSync(join(project, 'build/Box.json'), 'utf8'))
    expect(await json('verify-source', 'Box', project)).toMatchObject({
      ...{ contract: 'Box', samePacking: true, moduleBytes: artifact.wasmSize, compiler: artifact.compiler },
      sources: artifact.sources,
      created: { blockNumber: '1' },
      constructor: { ran: true, args: { value: '41' } },
    })
  })

  it('believes nothing that lies in build/, and says where sources part from the chain', async () => {
    const forged = join(folder, 'forged')
    cpSync(project, forged, { recursive: true })
    writeFileSync(join(forged, 'assembly/step.ts'), 'export const step: u64 = 300\n')
    const { code, out, err } = await run('verify-source', 'Box', forged)
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('was not built from')
    expect(err).toMatch(/the nearest there is Box \(built here with assemblyscript/)
    expect(err).toMatch(/sections that differ: code/)
    const line = SOURCE.split('\n').findIndex((text) => text.includes('U256.from(step)')) + 1
    expect(err).toMatch(
      new RegExp(
        `\\w+: \\d+ bytes from the source, \\d+ on the chain; they part near assembly/index\\.ts:${line}$`,
        'm',
      ),
    )
    const other = JSON.parse((await run('verify-source', 'Box', project, '--contract', 'Other', '--json')).out)
    expect(other.error).toMatchObject({ kind: 'failed', details: { contract: 'Other', onlyNames: false } })
  })

  it('takes the same module packed otherwise for the same, and one constructed by nobody for that', async () => {
    const wasm = readFileSync(join(project, 'build/Box.wasm'))
    const { deployedBytecode } = JSON.parse(readFileSync(join(project, 'build/Box.json'), 'utf8'))
    expect(brotliDecompressSync(Buffer.from(deployedBytecode.slice(10), 'hex')).equals(wasm)).toBe(true)
    const packed = brotliCompressSync(wasm, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })
    const code = Uint8Array.from([0xef, 0xf0, 0, 0, ...packed])
    const bytecode = `0x${Buffer.from(initCodeOf(code, 'store')).toString('hex')}`
    const file = join(folder, 'Packed.json')
    writeFileSync(file, JSON.stringify({ contractName: 'Packed', abi: [], bytecode }))
    await json('deploy', file)
    const { out } = await run('verify-source', 'Packed', project)
    expect(out).toContain('the same module, packed by another Brotli than here')
    expect(out).toContain('did not run when the contract was created')
    expect((await run('verify-source', 'Packed', join(project, 'build/Box.wasm'))).code).toBe(0)
  })

  it('refuses what it cannot compare', async () => {
    const refusal = async (...args: string[]) => {
      const { code, err } = await run('verify-source', ...args)
      return [code, err]
    }
    expect(await refusal('Box', project, '--contract', 'Bx')).toEqual([2, expect.stringContaining('it has Box, Other')])
    const file = join(project, 'build/Box.wasm')
    expect(await refusal('Box', file, '--contract', 'Other')).toEqual([2, expect.stringContaining('is for a folder')])
    expect(await refusal('@1', project)).toEqual([1, expect.stringContaining('there is no contract at')])
    expect(await refusal('Box', folder)).toEqual([1, expect.stringContaining('has no assembly/index.ts')])
    const verified = await runInProcess('verify', `0x${'11'.repeat(20)}`)
    expect([verified.code, verified.err]).toEqual([2, expect.stringContaining('devnet verify-source 0x1111')])
  })
})
