/** The documents do not point at what is not there: files of this repository that they name, and npm scripts. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const documents = [
  'README.md',
  'contracts/README.md',
  ...['docs', 'docs/protocol'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
]
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

describe.each(documents)('%s', (document) => {
  const text = readFileSync(join(root, document), 'utf8')

  it('links to files that exist', () => {
    const links = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target]) => target!)
    const files = links.filter((target) => !/^[a-z]+:/.test(target))
    const missing = files.filter((target) => !existsSync(join(root, dirname(document), target)))
    expect(missing).toEqual([])
  })

  it('names sources and tests that exist', () => {
    const named = [...text.matchAll(/`((?:vm|node|contracts|devnet|scripts)\/[\w./-]+)`/g)].map(([, path]) => path!)
    // What a build makes is not there before it.
    const missing = named.filter((path) => !path.includes('/build') && !existsSync(join(root, path)))
    expect(missing).toEqual([])
  })

  it('names npm scripts that exist', () => {
    const named = [...text.matchAll(/`npm run ([\w:]+)/g)].map(([, name]) => name!)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })
})

/** Tools of others have a `--help` of their own; `npm start` gives devnet's, and `npm run build` the compiler's. */
const withOwnHelp = ['start', 'lint', 'format', 'types', 'build']

describe('npm scripts', () => {
  const own = Object.entries(scripts).filter(([name]) => !withOwnHelp.includes(name))
  const sourceOf = (command: string) => readFileSync(join(root, command.split(' ').at(-1)!), 'utf8')

  it.each(own)('%s prints its usage for --help', (name, command) => {
    const source = sourceOf(command)
    if (name === 'test') return expect(source).toContain("word === '--help'")
    expect(source).toMatch(/^ *(const .* = )?(readOptions|helpIfAsked)\(import\.meta\.url/m)
    expect(source).toMatch(/^\/\*\*[\s\S]*npm run [\s\S]*?\*\//)
  })

  it('is the comment at their head, and what is unknown ends with 2', () => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(root, 'node/test/precompiles/run.ts'), ...args], { encoding: 'utf8' })
    const help = run('--help')
    expect([help.status, help.stderr]).toEqual([0, ''])
    expect(help.stdout).toMatch(/^`npm run fuzz:precompiles -- .*\n(.+\n)*$/)
    const wrong = run('--frobnicate')
    expect([wrong.status, wrong.stdout]).toEqual([2, ''])
    expect(wrong.stderr).toBe(`error: Unknown option '--frobnicate'\n\n${help.stdout}`)
  })
})
