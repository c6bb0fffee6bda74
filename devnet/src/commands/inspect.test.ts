/** `devnet inspect` as it is typed: what it prints, its JSON, its exit codes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildContract } from '@touchstone/contracts'
import { watToWasm } from '@touchstone/node/testing/modules'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { runCli } from '../program.ts'

const token = fileURLToPath(new URL('../../../contracts/examples/token', import.meta.url))
const artifact = join(token, 'build/Token.json')
const folder = mkdtempSync(join(tmpdir(), 'touchstone-inspect-'))

beforeAll(async () => {
  await buildContract(token)
}, 180_000)
afterEach(() => void vi.restoreAllMocks())
afterAll(() => rmSync(folder, { recursive: true }))

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' }
  const collect = (to: 'out' | 'err') => (text: string | Uint8Array) => {
    written[to] += String(text)
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(collect('out'))
  vi.spyOn(process.stderr, 'write').mockImplementation(collect('err'))
  const code = await runCli(['inspect', ...args, '--color', 'never'])
  vi.restoreAllMocks()
  return { code, ...written }
}

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

function assemble(text: string): Uint8Array {
  return watToWasm(`(module ${text})`)
}

describe('devnet inspect', () => {
  it('shows a built contract', async () => {
    const { code, out, err } = await run(artifact)
    expect([code, err]).toEqual([0, ''])
    expect(out).toMatch(/^module +Token \(bytecode of /)
    expect(out).toMatch(/^verdict +the chain takes it$/m)
    expect(out).toMatch(/^deploying +[\d,]+ gas, and the work of its constructor$/m)
    expect(out).toMatch(/^calling +[\d,]+ gas before its first instruction: 21,000 for the transaction, /m)
    expect(out).not.toMatch(/^note /m)
    expect(out).toMatch(/^ +vm_hooks\.read_args +\(i32\)$/m)
    expect(out).toMatch(/^ +user_entrypoint +\(i32\) -> i32$/m)
    expect(out).toMatch(/^ +\d+ Token#transferFrom +\d+\.\d\d +\d+\.\d\d /m)
    expect(out).toMatch(/… \d+ more; --all shows them/)
    const all = await run(artifact, '--all')
    expect(all.out).not.toContain('--all shows them')
    expect(all.out.length).toBeGreaterThan(out.length)
  })

  it('gives the same document for the artifact and the module in it', async () => {
    const json = JSON.parse(readFileSync(artifact, 'utf8')) as { wasmSize: number; deployedBytecode: string }
    const { code, out } = await run(artifact, '--json')
    expect(code).toBe(0)
    const { file: _file, source, contractName, ...report } = JSON.parse(out)
    expect({ source, contractName }).toEqual({ source: 'bytecode', contractName: 'Token' })
    expect(report).toMatchObject({ accepted: true, byteLength: json.wasmSize, abi: { id: 'stylus' } })
    expect(report.code.used).toBe((json.deployedBytecode.length - 2) / 2)
    const plain = JSON.parse((await run(join(token, 'build/Token.wasm'), '--json')).out)
    // A module alone is stored without a constructor, by init code that differs in a byte.
    const { prices, ...rest } = report
    expect(plain).toMatchObject(rest)
    expect(Math.abs(plain.prices.deploying - prices.deploying)).toBeLessThan(20)
    expect(plain.prices.calling).toEqual(prices.calling)
  })

  it('judges what would be deployed, and says when its neighbour is something else', async () => {
    const built = JSON.parse(readFileSync(artifact, 'utf8')) as { bytecode: string; deployedBytecode: string }
    const cut = await run(file('cut.json', JSON.stringify({ ...built, bytecode: built.bytecode.slice(0, 400) })))
    expect(cut.code).toBe(1)
    expect(cut.err).toMatch(/"bytecode" of .*cut\.json: the init code announces \d+ bytes of code, but 156 follow/)
    // Brotli has no sum to check: a few bytes may be others and unpack all the same.
    const half = Math.floor(built.bytecode.length / 4) * 2
    const damaged = `${built.bytecode.slice(0, half)}${'00'.repeat((built.bytecode.length - half) / 2)}`
    const broken = await run(file('damaged.json', JSON.stringify({ ...built, bytecode: damaged })))
    expect([broken.code, broken.err]).toEqual([1, expect.stringContaining('cannot be unpacked')])
    const other = await run(file('other.json', JSON.stringify({ ...built, deployedBytecode: '0xeff00000' })))
    expect(other.code).toBe(0)
    expect(other.out).toMatch(/^note +"deployedBytecode" is not the code that "bytecode" puts on the chain/m)
    const { bytecode: _, ...without } = built
    const alone = await run(file('half.json', JSON.stringify(without)))
    expect(alone.out).toMatch(/^note +there is no "bytecode", so this artifact cannot be deployed/m)
    const foundry = { abi: [], bytecode: { object: built.bytecode, linkReferences: {} } }
    expect((await run(file('foundry.json', JSON.stringify(foundry)))).out).toMatch(/^verdict +the chain takes it$/m)
  })

  it('judges for Arbitrum, and fails where that would refuse', async () => {
    const counter = fileURLToPath(new URL('../../../contracts/foreign/counter.wasm', import.meta.url))
    const taken = await run(counter, '--for', 'arbitrum')
    expect([taken.code, taken.err]).toEqual([0, ''])
    expect(taken.out).toMatch(/^verdict +Arbitrum takes it$/m)
    expect(taken.out).toMatch(/^gas of a call before it runs, else +[\d,]+ +[\d,]+$/m)
    const tail = file(
      'tail.wasm',
      assemble(`(memory (export "memory") 1 1) (func $f (return_call $f))
      (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0))`),
    )
    const refused = await run(tail, '--for', 'arbitrum')
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('Arbitrum would refuse')])
    expect(refused.out).toMatch(/tail-call \(return_call\) +crates\/prover/)
    const json = JSON.parse((await run(tail, '--for', 'arbitrum', '--json')).out)
    expect(json).toMatchObject({ for: 'arbitrum', accepted: false, accounts: 1, refusals: [{}] })
    expect((await run(tail)).code).toBe(0)
    expect((await run(tail, '--for', 'arbitrum', '--rewritten')).code).toBe(2)
  })

  it('knows the modules of other systems by name', async () => {
    const wasmPack = assemble(`(import "wbg" "__wbindgen_throw" (func (param i32 i32))) (memory (export "memory") 17)
      (func (export "greet") (param i32 i32))`)
    const { code, out, err } = await run(file('wasmpack.wasm', wasmPack))
    expect(code).toBe(1)
    expect(err).toContain('made for browsers (wasm-bindgen, wasm-pack)')
    expect(out).toContain('made for browsers')
  })

  it('prices by the schedule asked for', async () => {
    const fuel = async (schedule: string): Promise<number> =>
      JSON.parse((await run(artifact, '--json', '--schedule', schedule)).out).functions[0].fuel
    expect(await fuel('stylus')).not.toBe(await fuel('touchstone/1'))
    expect(await run(artifact, '--schedule', 'free')).toMatchObject({
      code: 2,
      err: expect.stringContaining('touchstone/1, stylus'),
    })
  })

  it('shows a refused module whole, every place with --all, and fails', async () => {
    const path = file(
      'floats.wasm',
      assemble(`(import "vm_hooks" "no_hook" (func)) (memory (export "memory") 1)
        (func $price (result i32) (i32.trunc_f64_s (f64.mul (f64.const 2) (f64.const 1.5))))
        (func (export "user_entrypoint") (param i32) (result i32) (local i64) (i32.const 0))
        (func (export "evil\\1b[2J"))`),
    )
    const { code, out, err } = await run(path)
    expect(code).toBe(1)
    expect(err).toMatch(/^error: the chain would refuse .*f64\.const in function 1/)
    expect(out).toMatch(
      /0x[0-9a-f]+ +1 price +f64\.const +refused:float .*; 3 more in this function: f64\.const, f64\.mul/,
    )
    expect(out).toContain('which does not exist')
    expect(out).toMatch(/hint +refused:float: use integer/)
    expect(out).toMatch(/^features +float \(4\) refused$/m)
    expect(out).not.toContain('\u001b')
    const all = await run(path, '--all')
    expect(all.out.match(/ refused:float {2}/g)).toHaveLength(4)
    expect(all.out).toMatch(/1 price +f64\.mul /)
  })

  it('shows what is left of a truncated module', async () => {
    const whole = readFileSync(join(token, 'build/Token.wasm'))
    const { code, out, err } = await run(file('cut.wasm', whole.subarray(0, 2_000)))
    expect(code).toBe(1)
    expect(err).toContain('goes past the end')
    expect(out).toMatch(/malformed:unexpected-end +section 10 goes past the end of the module: \d+ of its \d+ bytes/)
    expect(out).toMatch(/vm_hooks\.read_args/)
  })

  it('refuses what is no module, and says what to name instead', async () => {
    const artifactOf = (bytecode: string): string => JSON.stringify({ contractName: 'C', abi: [], bytecode })
    const cases: readonly [path: string, message: RegExp][] = [
      [join(folder, 'absent.wasm'), /there is no file/],
      [folder, /is a folder\nhint: +name a file in it/],
      [file('text.wasm', '(module)'), /begins 28 6d 6f .*; a module begins 00 61 73 6d/],
      [file('empty.wasm', ''), /it is empty/],
      [file('version.wasm', Uint8Array.of(0, 0x61, 0x73, 0x6d, 9, 0, 0, 0)), /version .* at byte 4/],
      [file('broken.json', '{"bytecode":'), /it is not JSON/],
      [file('none.json', '{}'), /neither "bytecode" nor "deployedBytecode"/],
      [
        file('evm.json', artifactOf('0x6080604052')),
        /begins with 60 80 .*: EVM code, as solc, Hardhat and Foundry make it.*\nhint: +write the contract in/,
      ],
      [file('object.json', JSON.stringify({ bytecode: { object: '0x6080604052' } })), /EVM code/],
      [file('library.json', artifactOf(`0x60__$${'a'.repeat(34)}$__`)), /Solidity libraries: it is EVM code/],
      [file('packed.json', artifactOf('0xeff00000ffff')), /the data is contract code, not init code/],
    ]
    for (const [path, message] of cases) {
      const { code, out, err } = await run(path)
      expect([code, out], path).toEqual([1, ''])
      expect(err).toMatch(message)
      expect(err).toMatch(/^hint: {2}\S/m)
    }
  })
})
