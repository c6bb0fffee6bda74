/**
 * Every template as `devnet init` writes it: its own tests pass, and neither its contract nor its tests are red in an
 * editor.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { buildContract } from '@touchstone/contracts'
import { templates } from '@touchstone/contracts/templates'
import { afterAll, describe, expect, it } from 'vitest'
import { TOOLS } from '../src/contracts/newProject.ts'
import { readLines } from '../src/profile/sourceLines.ts'
import { runInProcess } from '../src/testing/runInProcess.ts'
import { LanguageServer } from './support/languageServer.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'touchstone-templates-'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function init(name: string, ...options: readonly string[]): Promise<string> {
  const ran = await runInProcess('init', join(folder, name), ...options)
  if (ran.code !== 0) throw new Error(ran.err)
  return join(folder, name)
}

/** Its tests become tests of this file. */
const runTests = (directory: string, file: string) => import(pathToFileURL(join(directory, 'test', file)).href)

for (const template of templates) {
  describe(`template ${template}`, async () => {
    const project = await init(`my-${template}`, '--template', template)
    await buildContract(project)
    const tested = {
      counter: 'Counter',
      token: 'Token',
      nft: 'Collection',
      auction: 'Auction',
      exchange: 'Exchange',
      empty: 'MyEmpty',
    }
    await runTests(project, `${tested[template]}.test.ts`)
  })
}

for (const [language, module] of [
  ['c', 'counter-c.wasm'],
  ['rust', 'counter.wasm'],
] as const) {
  describe(`template counter in ${language}`, async () => {
    const project = await init(`my-${language}`, '--language', language)
    mkdirSync(join(project, 'build'))
    copyFileSync(join(root, 'contracts/foreign', module), join(project, 'build/counter.wasm'))
    await runTests(project, 'counter.test.ts')
  })
}

describe('the build of', () => {
  const build = (name: string, environment: Readonly<Record<string, string>>) =>
    spawnSync(process.execPath, ['build.mjs'], {
      cwd: join(folder, name),
      env: { ...process.env, ...environment },
      encoding: 'utf8',
    })
  const finds = (command: string, ...args: readonly string[]) => {
    const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' })
    return status === 0 ? stdout.trim() : null
  }

  it('C and Rust say what is missing', () => {
    const c = build('my-c', { CLANG: 'no-such-clang' })
    expect([c.status, c.stderr]).toEqual([
      1,
      expect.stringMatching(/no-such-clang does not run here[\s\S]*install clang/),
    ])
    const rust = build('my-rust', { CARGO: 'no-such-cargo', RUSTC: 'no-such-rustc' })
    expect([rust.status, rust.stderr]).toEqual([1, expect.stringContaining('https://rustup.rs')])
  })

  it.skipIf(finds('clang', '--print-targets')?.includes('wasm32') !== true || finds('wasm-ld', '--version') === null)(
    'C makes a module where clang and wasm-ld are',
    () => {
      expect(build('my-c', {}).status).toBe(0)
      const lines = readLines(join(folder, 'my-c/build/counter.wasm'))
      if (typeof lines === 'string') throw new Error(lines)
      expect(lines.sources).toContain('counter.c')
      expect(lines.textOf('counter.c')).toContain('user_entrypoint')
    },
  )

  const libraries = finds('rustc', '--print', 'target-libdir', '--target', 'wasm32-unknown-unknown')
  it.skipIf(libraries === null || !existsSync(libraries))('Rust makes a module where the target is installed', () => {
    expect(build('my-rust', {}).status).toBe(0)
    const lines = readLines(join(folder, 'my-rust/build/counter.wasm'))
    if (typeof lines === 'string') throw new Error(lines)
    expect(lines.sources).toContain('src/lib.rs')
    expect(lines.textOf('src/lib.rs')).toContain('fn ')
  })
})

describe('an editor', () => {
  const tsc = (...args: readonly string[]) =>
    spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args], {
      cwd: folder,
      encoding: 'utf8',
    }).stdout
  /** Of a project, for all of them at once. */
  const settings = (from: string, include: readonly string[]) => {
    const text = JSON.parse(readFileSync(join(folder, from), 'utf8'))
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...text, include }))
    return tsc('-p', '.')
  }

  /** A contract on each part of the SDK, as TypeScript reads them. */
  const onParts = readdirSync(join(root, 'contracts/as/parts')).flatMap((file) => {
    const classes = readFileSync(join(root, 'contracts/as/parts', file), 'utf8').matchAll(
      /^export abstract class (\w+)/gm,
    )
    return [...classes].flatMap(([, name]) => [
      `import { ${name} } from '@touchstone/contracts/as/parts/${file.slice(0, -'.ts'.length)}'`,
      `@contract export class My${name} extends ${name} {}`,
    ])
  })
  const joined = `import { Bases, construct } from '@touchstone/contracts/as'
    @contract export class Joined extends Bases<ERC20Permit, Ownable, ERC20Pausable> {
      constructor() { super(); construct<ERC20Permit>('J', 'J'); construct<Ownable>(msg.sender) }
      @external pause(): void { this.onlyOwner(); this._pause() }
      protected _update(from: Address, to: Address, value: U256): void { super._update(from, to, value) }
    }
    import { Address, msg, U256 } from '@touchstone/contracts/as'`

  it('finds nothing red in contracts, and what is wrong', () => {
    mkdirSync(join(folder, 'parts/assembly'), { recursive: true })
    writeFileSync(join(folder, 'parts/assembly/index.ts'), [...onParts, joined].join('\n'))
    expect(onParts.length).toBeGreaterThan(16)
    expect(settings('my-counter/assembly/tsconfig.json', ['*/assembly'])).toBe('')
    const wrong = join(folder, 'wrong/assembly')
    mkdirSync(wrong, { recursive: true })
    const text = readFileSync(join(folder, 'my-counter/assembly/index.ts'), 'utf8')
    writeFileSync(
      join(wrong, 'index.ts'),
      text
        .replace('TooMuch(n, this.limit)', 'TooMuch(n)')
        .replace('this.total = start', 'this.totl = msg.sender.isZeroo'),
    )
    expect(settings('my-counter/assembly/tsconfig.json', ['wrong']).match(/TS\d+/g)).toEqual([
      'TS2551',
      'TS2551',
      'TS2554',
    ])
  })

  it('finds nothing red in tests', () => {
    expect(settings('my-counter/tsconfig.json', ['*/test', '*/build'])).toBe('')
  })

  it('asks the language server: nothing is red, what is wrong is at its place, and names say what they are', async () => {
    const path = join(folder, 'my-auction/assembly/index.ts')
    const test = join(folder, 'my-auction/test/Auction.test.ts')
    const text = readFileSync(path, 'utf8')
    const server = await LanguageServer.start(join(folder, 'my-auction'))
    try {
      server.open(path, text)
      server.open(test, readFileSync(test, 'utf8'))
      expect([await server.diagnostics(path), await server.diagnostics(test)]).toEqual([[], []])

      expect(await server.hover(path, text, 'sendValue(msg')).toContain("reverts with the receiver's reason")
      expect(await server.hover(path, text, 'U256) {}')).toContain("Solidity's `uint256`")
      expect(await server.hover(path, text, 'timestamp')).toContain('Seconds since 1970.')
      expect(await server.hover(path, text, 'payable')).toContain('Takes ether.')
      expect(await server.hover(path, text, 'isZero')).toContain('0x0000000000000000000000000000000000000000')

      server.change(path, text.replace('this.seller = msg.sender', 'this.seler = msg.sender'), 2)
      const line = text.split('\n').findIndex((each) => each.includes('this.seller = msg.sender'))
      expect(await server.diagnostics(path)).toMatchObject([
        { range: { start: { line, character: 9 } }, message: expect.stringContaining("Did you mean 'seller'?") },
      ])
    } finally {
      server.close()
    }
  })

  it("shows the build's mistakes at their lines, by the task of the project", async () => {
    const tasks = JSON.parse(readFileSync(join(folder, 'my-counter/.vscode/tasks.json'), 'utf8'))
    const { pattern } = tasks.tasks[0].problemMatcher[0]
    const text = readFileSync(join(folder, 'my-counter/assembly/index.ts'), 'utf8')
    mkdirSync(join(folder, 'mistaken/assembly'), { recursive: true })
    writeFileSync(join(folder, 'mistaken/assembly/index.ts'), text.replace('this.total += n', 'this.total += 1'))
    const { code, err } = await runInProcess('build', join(folder, 'mistaken'), '--color', 'never')
    expect(code).toBe(1)
    const found = err.split('\n').flatMap((line) => new RegExp(pattern.regexp).exec(line) ?? [])
    const line = text.split('\n').findIndex((each) => each.includes('this.total += n')) + 1
    expect(found[pattern.file]).toMatch(/mistaken\/assembly\/index\.ts$/)
    expect([found[pattern.line], found[pattern.column], found[pattern.severity]]).toEqual([String(line), '19', 'error'])
    expect(found[pattern.message]).toContain("Type 'i32' is not assignable to type 'U256'.")
  })
})

it('declares for editors all that the SDK exports', () => {
  const sdk = (path: string) => readFileSync(join(root, 'contracts/as', path), 'utf8')
  const names = new Set(Array.from({ length: 31 }, (_, i) => `Bytes${i + 1}`))
  const exported = /^export (?:abstract )?(?:declare )?(?:class|function|const|namespace|type) (\w+)/gm
  for (const [, list] of sdk('index.ts').matchAll(/^export \{([^}]*)\} from/gm)) {
    for (const name of list!.split(',')) names.add(name.trim())
  }
  for (const [, name] of sdk('abi/abi.ts').matchAll(exported)) names.add(name!)
  const declared = new Set([...sdk('editor/index.d.ts').matchAll(exported)].map(([, name]) => name!))
  expect([...names].filter((name) => !declared.has(name))).toEqual([])
})

it('takes the tools that this repository is tested with', () => {
  const versions = ['package.json', 'devnet/package.json'].map((path) =>
    JSON.parse(readFileSync(join(root, path), 'utf8')),
  )
  const [own, devnet] = versions
  expect(TOOLS).toEqual({
    ...Object.fromEntries(
      ['@types/node', 'fast-check', 'typescript', 'vitest'].map((name) => [name, own.devDependencies[name]]),
    ),
    viem: devnet.dependencies.viem,
  })
})

it('is told by its own README with commands that there are', () => {
  const help = execFileSync(process.execPath, [join(root, 'devnet/src/cli.ts'), '--help'], { encoding: 'utf8' })
  const text = templates.map((template) => readFileSync(join(folder, `my-${template}/README.md`), 'utf8')).join('\n')
  for (const [, command] of text.matchAll(/npx devnet (\w+)/g)) expect(help).toContain(`\n  ${command} `)
})
