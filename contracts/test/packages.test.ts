/** Libraries from npm packages in contracts: found, compiled as they are, part of what the build says it was made of. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { type Artifact, buildContract, changedSources, compileFolder } from '../src/index.ts'
import { createTestChain } from '../testing/index.ts'
import { problems } from './sources.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-packages-'))
afterAll(() => rmSync(folder, { recursive: true }))

const MIXING = `
  import { twice } from './twice'
  /** Wraps, as AssemblyScript does. */
  export function mix(seed: u32): u32 { return twice(seed) * 2654435761 }
  export class Pair { constructor(public left: u32, public right: u32) {} sum(): u32 { return this.left + this.right } }
  export function half(x: u32): u32 { return <u32>(<f64>x * 0.5) }
  export { shares } from '@scope/shares'`
const FILES: Readonly<Record<string, string>> = {
  'node_modules/mixing/assembly/index.ts': MIXING,
  'node_modules/mixing/assembly/twice.ts': 'export function twice(x: u32): u32 { return x + x }',
  'node_modules/@scope/shares/index.ts': `
    import { Bytes4, FixedArray, U256, u256 } from '@touchstone/contracts/as'
    export function shares(amount: U256, percent: u64): U256 {
      // Types that the contract does not name.
      const parts: FixedArray<U256, 2> = [u256(percent), u256(<u64>Bytes4.zero.length * 25)]
      return amount.mulDiv(parts[0], parts[1])
    }`,
  'apps/one/assembly/index.ts': `
    import { U256 } from '@touchstone/contracts/as'
    import { mix, Pair, shares } from 'mixing/assembly'
    @contract export class One {
      @pure mixed(seed: u32): u32 { return mix(seed) }
      @pure share(amount: U256, percent: u64): U256 { return shares(amount, percent) }
      @pure sum(a: u32, b: u32): u32 { return new Pair(a, b).sum() }
    }`,
}
function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

const one = join(folder, 'apps/one')
const at = (path: string) => `~lib/${path}`

it('are found above the contract, run as AssemblyScript, and are among its sources', async () => {
  write(FILES)
  const [artifact] = await buildContract(one)
  const paths = ['@scope/shares/index.ts', 'mixing/assembly/index.ts', 'mixing/assembly/twice.ts'].map(at)
  expect(Object.keys(artifact!.sources).sort()).toEqual(['assembly/index.ts', ...paths])
  expect(changedSources(artifact!, one)).toEqual([])
  // Anywhere else, and anew, they give the same bytes.
  const [again] = await compileFolder(one)
  expect(again!.artifact).toEqual(artifact)

  const chain = await createTestChain()
  const contract = await chain.deploy(artifact as Artifact)
  const { mixed, share, sum } = contract.read as unknown as Record<string, (args: unknown[]) => Promise<unknown>>
  expect(await mixed!([3_000_000_000])).toBe(Number(((6_000_000_000n & 0xffffffffn) * 2654435761n) & 0xffffffffn))
  expect(await share!([200n, 15n])).toBe(30n)
  expect(await sum!([0xffffffff, 2])).toBe(1)
  await chain.close()
})

it('are built again when one of their files has changed, which the artifact shows', async () => {
  write({ ...FILES, 'node_modules/mixing/assembly/twice.ts': 'export function twice(x: u32): u32 { return x * 3 }' })
  const stale = (await import(join(one, 'build/One.json'), { with: { type: 'json' } })).default as Artifact
  expect(changedSources(stale, one)).toEqual([at('mixing/assembly/twice.ts')])
  const reasons: string[] = []
  const [artifact] = await buildContract(one, { onCompile: (reason) => reasons.push(reason) })
  expect(reasons).toEqual(['source'])
  expect(artifact!.bytecode).not.toBe(stale.bytecode)
})

it('are the nearest ones, and never lead out of their folder', async () => {
  write({
    ...FILES,
    'apps/two/assembly/index.ts':
      "import { n } from 'near'; @contract export class Two { @pure n(): u32 { return n() } }",
    'apps/two/node_modules/near/index.ts': "export { n } from './inner'",
    'node_modules/near/index.ts': 'export function n(): string { return "farther" }',
    'secret.ts': 'export function n(): u32 { return 7 }',
  })
  const two = join(folder, 'apps/two')
  const inner = join(two, 'node_modules/near/inner.ts')
  symlinkSync(join(folder, 'secret.ts'), inner)
  await expect(compileFolder(two)).rejects.toThrow('near/inner.ts lies outside of its package')
  rmSync(inner)
  write({
    'apps/two/node_modules/near/inner.ts': "export { n } from 'near/../../secret'",
    'apps/two/secret.ts': 'export function n(): u32 { return 7 }',
  })
  await expect(compileFolder(two)).rejects.toThrow("File '~lib/../secret.ts' not found")
  write({ 'apps/two/node_modules/near/inner.ts': 'export function n(): u32 { return 8 }' })
  expect(Object.keys((await compileFolder(two))[0]!.artifact.sources)).toEqual([
    'assembly/index.ts',
    ...['near/index.ts', 'near/inner.ts'].map(at),
  ])
  // A package of a workspace is a link as a whole.
  rmSync(join(two, 'node_modules/near'), { recursive: true })
  symlinkSync(join(folder, 'node_modules/near'), join(two, 'node_modules/near'), 'junction')
  await expect(compileFolder(two)).rejects.toThrow("Type 'String' is not assignable to type 'u32'.")
})

const contract = (body: string, imports: string) =>
  `import { ${imports} } from 'lib/assembly'; @contract export class C { @pure f(x: u32): u32 { ${body} } }`
const REFUSED: readonly (readonly [what: string, library: string, use: string, words: readonly string[]])[] = [
  [
    'floats',
    'export function half(x: u32): u32 {\n  return <u32>(<f64>x * 0.5)\n}',
    'return half(x)',
    [
      expect.stringMatching(
        /^~lib\/lib\/assembly\/index.ts:2: the chain would refuse C, which uses this: .* floating point/,
      ) as unknown as string,
    ],
  ],
  [
    'marks',
    '\n@event class E {}\nexport function half(x: u32): u32 { return x }',
    'return half(x)',
    ['~lib/lib/assembly/index.ts:2: a class of a package cannot be marked @event: packages are plain AssemblyScript'],
  ],
  [
    'what is beside it',
    "export { half } from '../../../secret'",
    'return half(x)',
    ['~lib/lib/assembly/index.ts:1: lib/assembly/index imports secret, which lies outside of its package'],
  ],
  [
    'mistakes',
    'export function half(x: u32): u32 {\n  return y\n}',
    'return half(x)',
    ["~lib/lib/assembly/index.ts:2: Cannot find name 'y'. (AS2304)"],
  ],
  [
    'syntax',
    'export function half(x: u32): u32 {\n  return (\n}',
    'return half(x)',
    [expect.stringMatching(/^~lib\/lib\/assembly\/index.ts:3: /) as unknown as string],
  ],
]
it.each(REFUSED)('are refused with their place for %s', async (_what, library, use, words) => {
  const files = { 'index.ts': contract(use, 'half'), '~lib/lib/assembly/index.ts': library, 'secret.ts': library }
  expect(await problems(files)).toEqual(words)
})

it('are told as missing at the import', async () => {
  expect(await problems(contract('return half(x)', 'half'))).toEqual([expect.stringContaining('lib/assembly')])
})
