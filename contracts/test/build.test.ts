/** The build tool from outside: messages at the author's lines, the shape of modules, the same bytes everywhere. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { compileContract } from '@touchstone/vm'
import { afterAll, describe, expect, it } from 'vitest'
import { type Artifact, BuildError, buildContract, SourceError } from '../src/index.ts'
import { BUILD_TIMEOUT, buildExample } from './fixtures.ts'
import { TestChain } from './testChain.ts'

const directories: string[] = []
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

function contractDirectory(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), 'touchstone-build-'))
  directories.push(directory)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  return directory
}

/** The build's words about a source, one line per problem. */
async function problemsOf(...lines: readonly string[]): Promise<readonly string[]> {
  const imports =
    "import { Address, Bytes16, Indexed, Mapping, StorageArray, U256, emit } from '@touchstone/contracts/as'"
  try {
    await buildContract(contractDirectory({ 'assembly/index.ts': [imports, ...lines].join('\n') }))
  } catch (error) {
    if (error instanceof BuildError) return error.message.split('\n')
    throw error
  }
  return []
}

const SMALL = `import { U256 } from '@touchstone/contracts/as'
import { two } from './two'
@contract
export class Small {
  @view count: U256
  @external add(n: u64): void { this.count = this.count + U256.from(n * two) }
}
`

describe('messages', () => {
  it('name file, line and column of syntax errors', async () => {
    expect(await problemsOf('@contract', 'export class A {', '  @view f(: u8 { return 1 }', '}')).toEqual([
      expect.stringMatching(/^assembly\/index\.ts:4:10: /),
    ])
  })

  it(
    'name file, line and column of type errors, in code that was rewritten too',
    async () => {
      const problems = await problemsOf(
        '@error class Odd { value: U256 }',
        '@contract',
        'export class A {',
        '  @view total: U256',
        '  @external set(n: U256): void {',
        '    this.missing = n',
        "    const text: string = this.total; throw new Odd('one')",
        '  }',
        '}',
      )
      expect(problems).toEqual([
        "assembly/index.ts:7:10: Property 'missing' does not exist on type 'A'. (AS2339)",
        "assembly/index.ts:8:26: Type 'U256' is not assignable to type 'String'. (AS2322)",
        "assembly/index.ts:8:52: Type 'String' is not assignable to type 'U256'. (AS2322)",
      ])
    },
    BUILD_TIMEOUT,
  )

  it('say what cannot be in an interface, in storage, or in an event', async () => {
    const allowed =
      'allowed: bool, u8 to u64, i8 to i64, U256, I256, Address, Bytes1 to Bytes32, Bytes, string, T[], FixedArray<T, N>, and classes marked @struct'
    const problems = await problemsOf(
      '@struct class Loop { inner: Loop[] }',
      '@event class E { list: Indexed<u8[]> }',
      '@contract',
      'export class A {',
      '  list: u8[]',
      '  perList: Mapping<u8[], bool>',
      '  @view f(a: f64, m: Mapping<u8, u8>): usize { return 0 }',
      '  @view @payable g(): void {}',
      '  @transient text: string',
      '}',
      '@contract class Hidden { a: u8 }',
    )
    expect([...problems].sort()).toEqual(
      [
        'assembly/index.ts:2:29: Loop contains itself',
        'assembly/index.ts:3:24: arrays and structs cannot be Indexed here; index their hash as a Bytes32',
        'assembly/index.ts:6:9: T[] lives in memory; in storage use StorageArray<T>',
        'assembly/index.ts:7:12: the key of a mapping is a value type, string or Bytes',
        'assembly/index.ts:8:14: f64 is a floating-point type, and contracts have none',
        `assembly/index.ts:8:22: storage cannot leave the contract; ${allowed}`,
        `assembly/index.ts:8:40: type 'usize' has no Solidity counterpart; ${allowed}`,
        'assembly/index.ts:9:18: a function is one of @view or @payable, not both',
        'assembly/index.ts:10:20: a @transient field has a value type (bool, integer, Address, BytesN)',
        "assembly/index.ts:12:17: write 'export class Hidden': the build imports the contract",
      ].sort(),
    )
  })

  it('say which type may have been meant by a name that is none', async () => {
    const problems = await problemsOf(
      "import { Adress } from '@touchstone/contracts/as'",
      '@contract',
      'export class Typos {',
      '  @view held: Mappng<Address, U256>',
      '  @external f(a: Adress, b: U265, c: Quux): void {}',
      '}',
    )
    expect(problems).toEqual([
      "assembly/index.ts:5:15: there is no type 'Mappng'; did you mean Mapping?",
      "assembly/index.ts:6:18: there is no type 'Adress'; did you mean Address?",
      "assembly/index.ts:6:29: there is no type 'U265'; did you mean U256?",
      expect.stringMatching(/^assembly\/index\.ts:6:38: type 'Quux' has no Solidity counterpart; allowed: /),
    ])
  })

  it('name the member that keeps a struct out of storage, however deep it is', async () => {
    const problems = await problemsOf(
      '@struct class Order { amount: U256; tags: string[] }',
      '@struct class Batch { first: Order }',
      '@contract',
      'export class A {',
      '  orders: StorageArray<Order>',
      '  batches: Mapping<u8, Batch>',
      '  batch: Batch',
      '}',
    )
    const words = 'Order.tags is a T[], which lives in memory; in storage use StorageArray<T>'
    expect(problems).toEqual([1, 2, 3].map(() => expect.stringContaining(words)))
  })

  it(
    'tell of what the chain would refuse',
    async () => {
      const problems = await problemsOf(
        '@contract',
        'export class A {',
        // The parameter hides from the check of the source what the type is.
        '  @pure half(f64: u64): u64 { return <u64>(<f64>f64 / 2) }',
        '}',
      )
      expect(problems).toHaveLength(1)
      expect(problems[0]).toMatch(/^assembly\/index\.ts:4:9: the chain would refuse A: .*floating point/)
    },
    BUILD_TIMEOUT,
  )

  it('tell of slips that would compile', async () => {
    const methods = '@external, @view, @pure, @payable, @reentrant, @receive, @fallback, @named'
    const problems = await problemsOf(
      '@contract',
      'export class Base { owner: Address }',
      '@contract',
      'export class A extends Base {',
      '  owner: Address',
      '  @external count: U256',
      '  constructor(public limit: U256) { super() }',
      '  @extrenal f(): void {}',
      '  @external stylus_constructor(): void {}',
      // Two names with one selector, 0x42966c68.
      '  @external collate_propagate_storage(a: Bytes16): void {}',
      '  @external burn(a: U256): void {}',
      '}',
      '@contarct export class B {}',
      '@event class E { @indexed a: Address }',
    )
    expect([...problems].sort()).toEqual(
      [
        'assembly/index.ts:10:13: the constructor and stylus_constructor are both stylus_constructor() to callers; functions of one name differ in parameters',
        'assembly/index.ts:12:13: burn(uint256) and collate_propagate_storage(bytes16) have one selector; rename one of them',
        'assembly/index.ts:6:3: owner is a field of Base already',
        'assembly/index.ts:7:3: @external means nothing on a field of a @contract; there are @view, @transient, @immutable',
        'assembly/index.ts:8:22: declare storage as a field of the class and set it in the constructor',
        `assembly/index.ts:9:3: @extrenal means nothing on a method of a @contract; there are ${methods}`,
        'assembly/index.ts:15:18: @indexed means nothing on a field of a @event; there are none',
        'assembly/index.ts:14:1: @contarct means nothing on a class; there are @contract, @contractInterface, @struct, @event, @error, @returns',
      ].sort(),
    )
  })

  it('tell when there is nothing to build', async () => {
    expect(await problemsOf('export class A {}')).toEqual(['assembly/index.ts:1:1: no class is marked @contract'])
  })

  it('tell what is wrong with the folder', async () => {
    const empty = contractDirectory({})
    const small = contractDirectory({ 'assembly/index.ts': SMALL, 'assembly/two.ts': 'export const two: u64 = 2\n' })
    const broken = contractDirectory({ 'assembly/index.ts/x': '' })
    const binary = contractDirectory({ 'assembly/index.ts': '' })
    writeFileSync(join(binary, 'assembly/index.ts'), Uint8Array.of(0xff, 0xfe))
    const cases: readonly (readonly [string, string, string | null])[] = [
      [join(empty, 'none'), `there is no folder ${empty}/none`, 'name the folder with assembly/index.ts'],
      [empty, `${empty} has no assembly/index.ts`, `write the contract in ${empty}/assembly/index.ts`],
      [join(small, 'assembly'), `${small}/assembly has no assembly/index.ts`, `name the folder above: ${small}`],
      [join(small, 'assembly/index.ts'), 'is not a folder', `name the folder with assembly/index.ts: ${small}`],
      [broken, 'index.ts is a folder', null],
      [binary, 'it is not text in UTF-8', null],
    ]
    for (const [directory, message, hint] of cases) {
      const error = await buildContract(directory).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(SourceError)
      expect((error as SourceError).message).toContain(message)
      expect((error as SourceError).hint ?? '').toContain(hint ?? '')
    }
  })

  it('tell of code nested too deeply for the compiler, as of any other mistake', async () => {
    const depth = 20_000
    const problems = await problemsOf(
      '@contract',
      'export class A {',
      `  @view f(n: u64): u64 { return ${'('.repeat(depth)}n${')'.repeat(depth)} }`,
      '}',
    )
    expect(problems).toEqual([expect.stringMatching(/^assembly\/index\.ts:\d+:\d+: .*nested too deeply/)])
  })
})

it(
  "the README's contract builds and does what the README says",
  async () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const source = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
    const [artifact] = await buildContract(contractDirectory({ 'assembly/index.ts': source }))
    const counter = new TestChain().deploy(artifact as Artifact, [5n])
    counter.send('add', [3n])
    expect(counter.send('total')).toBe(8n)
    expect(() => counter.send('add', [101n])).toThrow('TooMuch(101, 100)')
  },
  BUILD_TIMEOUT,
)

describe('builds', () => {
  it(
    'give the same bytes in every directory, and others only when a source changes',
    async () => {
      const files = { 'assembly/index.ts': SMALL, 'assembly/two.ts': 'export const two: u64 = 2\n' }
      const directory = contractDirectory(files)
      const path = join(directory, 'build/Small.wasm')
      const [first] = await buildContract(directory)
      const made = statSync(path).mtimeMs
      const other = contractDirectory(files)
      const [elsewhere] = await buildContract(other, { keepGlue: true })
      expect(elsewhere).toEqual(first)
      for (const name of ['Small.json', 'Small.ts', 'Small.wasm', 'Small.wasm.map']) {
        expect(readFileSync(join(other, 'build', name)).equals(readFileSync(join(directory, 'build', name)))).toBe(true)
      }
      expect(JSON.parse(readFileSync(join(directory, 'build/Small.json'), 'utf8'))).toEqual(first)
      const small = new TestChain().deploy(first as Artifact)
      small.send('add', [21n])
      expect(small.send('count')).toBe(42n)

      expect(await buildContract(directory)).toEqual([first])
      expect(statSync(path).mtimeMs).toBe(made)
      writeFileSync(join(directory, 'assembly/two.ts'), 'export const two: u64 = 3\n')
      const [changed] = await buildContract(directory)
      expect(changed?.bytecode).not.toBe(first?.bytecode)
    },
    BUILD_TIMEOUT,
  )

  it(
    'make modules that Stylus takes: known imports, an entry point, a memory, no start section',
    async () => {
      const artifact = await buildExample('exchange')
      const path = new URL(`../examples/exchange/build/${artifact.contractName}.wasm`, import.meta.url)
      const { module } = compileContract(readFileSync(path)).program
      expect(new Set(module.imports.map((item) => item.module))).toEqual(new Set(['vm_hooks']))
      expect(module.imports.map((item) => item.name)).toContain('pay_for_memory_grow')
      expect(module.exports.map((item) => item.name).sort()).toEqual(['memory', 'user_entrypoint'])
      expect(module.hasStart).toBe(false)
      expect(module.customSections.map((section) => section.name)).toEqual(['name'])
    },
    BUILD_TIMEOUT,
  )
})
