/**
 * Pages and comments point at nothing that is missing: links, anchors, files named in a page or in a comment, npm
 * scripts. The contents of docs/rationale.md are its pages' headings (`npx vitest run devnet/test/documents.test.ts -u`
 * writes them). figures.test.ts compares the numbers.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CodecError } from '../../node/src/codec/codecError.ts'
import { encodeRlp } from '../../node/src/codec/rlp.ts'
import { integerItem } from '../../node/src/codec/rlpFields.ts'
import { decodeConsensusMessage, decodeProof } from '../../node/src/consensus/wire/messages.ts'
import { arbitrumContracts } from '../../node/src/execution/native/arbitrum/arbitrumContracts.ts'
import { hookNames } from '../../vm/src/host/vmHooks/hooks.ts'
import {
  anchorOf,
  anchorsOf,
  commentsOf,
  files,
  inFolder,
  isThere,
  LONGEST_LINE,
  namedIn,
  pages,
  root,
  sources,
  textOf,
} from './documents/repository.ts'

const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }

/** Names with a path's form that are no files of this repository, and what they are. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'src/compiler.ts': 'AssemblyScript',
  'src/program.ts': 'AssemblyScript',
  'error.ts': 'AssemblyScript',
  'std/assembly/util/error.ts': 'AssemblyScript',
  'rt/stub': 'AssemblyScript',
  'src/stylus/StylusDeployer.sol': 'nitro-contracts',
  'arbos/programs/': 'nitro',
  'deps/leveldb/doc/log_format.md': 'classic-level',
  'deps/leveldb/doc/table_format.md': 'classic-level',
  'design/mvp/Binary.md': 'the component model',
  'control.json': 'written by a running network',
  'running.json': 'written by a running network',
  'deployments.json': 'written by devnet deploy',
  'divergence.json': 'written by a node that diverged',
  'devnet.config.json': 'written by the user',
  'coverage/lcov.info': 'written by devnet coverage',
  '.devnet/genesis.json': 'written by a running network',
  'genesis.json': 'written by the operator of a node',
  'mine.json': 'written by the operator of a node',
  'mine/chain': 'written by a running node',
  'mine/signer': 'written by a running node',
  'counter/assembly/index.ts': 'written by the reader of contracts/README.md',
  'counter/build/Counter.json': 'written by the reader of contracts/README.md',
  'assembly/tsconfig.json': 'written by devnet init',
  'src/lib.rs': 'written by devnet init',
  'src/panics.rs': 'written by devnet init',
  'test/gas.txt': 'written by the reader of docs/guide/',
  'test/TipJar.test.ts': 'written by the reader of docs/guide/',
  'test/TipJar.invariants.test.ts': 'written by the reader of docs/guide/',
  'lib/some-package/assembly/index.ts': "the compiler's path of a file of a package",
  'before.json': 'written by the reader of docs/guide/',
  'wrong.mjs': 'written by the reader of docs/guide/',
  'node_modules/.cache/touchstone-hardware': 'written by npm run test:hardware',
  'text/plain': 'a media type',
  'application/json': 'a media type',
  'application/x-www-form-urlencoded': 'a media type',
  'touchstone/1': 'a schedule',
  'touchstone/consensus/': 'the first sign bytes',
}
/** `devnet init` and a build make some, packages are installed, and words in capitals (`x` too) stand for any name. */
const MADE_OR_INSTALLED =
  /(^|\/)(build|dist)(\/|$)|^(my-token|counter-c|mistake|breaks|shares|percent|node_modules)\/|^Token\.json$|^@|(^|\/)(CONFIG|METHOD|NAME|ROOM|SPACE|x)\b/

const read = [
  ...pages.map((page) => [page, textOf(page)] as const),
  ...sources.map((source) => [source, commentsOf(textOf(source))] as const),
]

describe('files that are named', () => {
  it('exist, in pages and in comments', () => {
    const missing = read.flatMap(([path, text]) =>
      namedIn(text)
        .filter((name) => !MADE_OR_INSTALLED.test(name) && ELSEWHERE[name] === undefined && !isThere(name))
        .map((name) => `${path}: ${name}`),
    )
    expect(missing).toEqual([])
  })

  it('are named somewhere if they are excused', () => {
    const named = new Set(read.flatMap(([, text]) => namedIn(text)))
    expect(Object.keys(ELSEWHERE).filter((name) => !named.has(name))).toEqual([])
  })

  it('are none that a reader cannot have', () => {
    const pattern = /\bdesign: /
    expect(read.filter(([, text]) => pattern.test(text)).map(([path]) => path)).toEqual([])
  })
})

describe.each(pages)('%s', (page) => {
  const text = textOf(page)
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!).filter((l) => !/^[a-z]+:/.test(l))

  it('links to files and headings that exist', () => {
    const broken = links.filter((link) => {
      const [target, anchor] = link.split('#') as [string, string | undefined]
      const path = target === '' ? page : inFolder(page, target)
      if (!existsSync(join(root, path))) return !MADE_OR_INSTALLED.test(path)
      return anchor !== undefined && !anchorsOf(textOf(path)).has(anchor)
    })
    expect(broken).toEqual([])
  })

  it('names npm scripts that exist', () => {
    const named = [...text.matchAll(/`npm run ([\w:]+)/g)].map(([, name]) => name!)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })

  it(`has no line of prose over ${LONGEST_LINE} columns`, () => {
    const prose = text.replace(/^```[\s\S]*?^```/gm, '').split('\n')
    const long = prose.filter((line) => line.length > LONGEST_LINE && !/^ {4}|^\||^`[^`]*`\.?$|^- \[.*\)$/.test(line))
    expect(long).toEqual([])
  })
})

describe('docs/rationale.md', () => {
  it('lists every page and question of docs/rationale/ (-u writes the list)', async () => {
    const written = textOf('docs/rationale.md').split(/^(?=## )/m)
    const sections = new Map(written.slice(1).map((section) => [/\(([\w/]+\.md)\)/.exec(section)![1]!, section]))
    const rooms = files.filter((path) => path.startsWith('docs/rationale/')).map((path) => path.slice('docs/'.length))
    expect([...sections.keys()].sort()).toEqual(rooms)
    const listed = [...sections].map(([path, section]) => {
      const headings = [...textOf(`docs/${path}`).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading!)
      const [title, , about] = section.split('\n')
      return [title, '', about, '', ...headings.map((h) => `- [${h}](${path}#${anchorOf(h)})`), ''].join('\n')
    })
    await expect([written[0], listed.join('\n')].join('')).toMatchFileSnapshot(join(root, 'docs/rationale.md'))
  })
})

describe('CONTRIBUTING.md', () => {
  it('names every npm script', () => {
    const page = textOf('CONTRIBUTING.md')
    const isNamed = (name: string) => new RegExp(`(npm run |npm |\`)${name}(?![\\w:])`).test(page)
    expect(Object.keys(scripts).filter((name) => !isNamed(name))).toEqual([])
  })
})

describe('docs/protocol/README.md', () => {
  it('leads to every page beside it', () => {
    const text = textOf('docs/protocol/README.md')
    const beside = pages.filter((page) => page.startsWith('docs/protocol/') && !page.endsWith('/README.md'))
    expect(beside.filter((page) => !text.includes(`](${page.slice('docs/protocol/'.length)})`))).toEqual([])
  })
})

describe('docs/protocol/vm_hooks.md', () => {
  it('has a row for every host function', () => {
    const page = textOf('docs/protocol/vm_hooks.md')
    expect(hookNames('vm_hooks').filter((name) => !page.includes(`\`${name}(`))).toEqual([])
  })
})

describe('docs/protocol/consensus.md', () => {
  it('has the format of every message', () => {
    const formats = [...textOf('docs/protocol/consensus.md').matchAll(/`\[(\d+), [a-z[]/g)].map(([, kind]) =>
      Number(kind),
    )
    // A message of no known kind is refused for that, before its length is looked at.
    const refusalOf = (decode: (raw: Uint8Array) => unknown, kind: number) => {
      try {
        return decode(encodeRlp([integerItem(kind)]))
      } catch (error) {
        if (error instanceof CodecError) return error.code
        throw error
      }
    }
    const isKnown = (kind: number) =>
      [decodeConsensusMessage, decodeProof].some((decode) => refusalOf(decode, kind) !== 'out-of-range')
    const kinds = Array.from({ length: 64 }, (_, kind) => kind).filter(isKnown)
    expect(kinds.length).toBeGreaterThan(3)
    expect(formats.sort((a, b) => a - b)).toEqual(kinds)
  })
})

describe('docs/protocol/arbitrum.md', () => {
  it('names every native contract and each of its functions', () => {
    const page = textOf('docs/protocol/arbitrum.md')
    const functions = arbitrumContracts.flatMap(({ contract: { name, signatures = [] } }) => [
      name,
      ...signatures.map((signature) => signature.split('(')[0]!),
    ])
    expect(functions.length).toBeGreaterThan(50)
    expect(functions.filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([])
  })
})

/** Tools of others have a `--help` of their own; `npm start` gives devnet's, and `npm run build` the compiler's. */
const withOwnHelp = ['start', 'lint', 'format', 'types', 'build']

describe('npm scripts', () => {
  const own = Object.entries(scripts).filter(([name]) => !withOwnHelp.includes(name))
  const sourceOf = (command: string) => textOf(command.split(' ').at(-1)!)

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
