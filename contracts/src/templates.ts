/** The beginnings of new projects: contracts with their tests, by template and language, as texts by path. */
import { readFileSync } from 'node:fs'

export { isReservedName } from './builder/knownTypes.ts'

export const templates = ['counter', 'token', 'nft', 'auction', 'exchange', 'empty'] as const
export type Template = (typeof templates)[number]

export const languages = ['assemblyscript', 'c', 'rust'] as const
export type Language = (typeof languages)[number]

export interface TemplateSource {
  /** The contract that `deploy` is shown with, and arguments for its constructor. */
  readonly contract: string
  readonly constructorWords: readonly string[]
  /** A function that sends, and one that reads, with arguments, as words of the command. */
  readonly sendWords: readonly string[] | null
  readonly callWords: readonly string[]
  /** Texts by their path in the project. */
  readonly files: Readonly<Record<string, string>>
}

interface Plan extends Omit<TemplateSource, 'files'> {
  /** Paths in this package, by those in the project. */
  readonly from: Readonly<Record<string, string>>
}

const TOKEN_WORDS = ['My Token', 'MINE', '1000ether']
const inAssemblyScript: Readonly<Record<Template, Plan>> = {
  counter: {
    ...{ contract: 'Counter', constructorWords: ['5'], sendWords: ['add', '3'], callWords: ['total'] },
    from: own('counter', 'Counter'),
  },
  token: {
    ...{ contract: 'Token', constructorWords: TOKEN_WORDS },
    ...{ sendWords: ['transfer', '@1', '25ether'], callWords: ['balanceOf', '@1'] },
    from: {
      'assembly/index.ts': 'examples/token/assembly/index.ts',
      'test/Token.test.ts': 'templates/token/test/Token.test.ts',
    },
  },
  nft: {
    ...{ contract: 'Collection', constructorWords: ['Stones', 'STN', 'https://stones.example/'] },
    ...{ sendWords: ['mint', '@1'], callWords: ['ownerOf', '1'] },
    from: own('nft', 'Collection'),
  },
  auction: {
    ...{ contract: 'Auction', constructorWords: ['3600'] },
    ...{ sendWords: ['bid', '--value', '1ether'], callWords: ['highestBid'] },
    from: own('auction', 'Auction'),
  },
  exchange: {
    ...{ contract: 'Token', constructorWords: TOKEN_WORDS },
    ...{ sendWords: ['transfer', '@1', '25ether'], callWords: ['balanceOf', '@1'] },
    from: {
      'assembly/index.ts': 'templates/exchange/assembly/index.ts',
      'assembly/Exchange.ts': 'examples/exchange/assembly/index.ts',
      'assembly/IERC20.ts': 'examples/exchange/assembly/IERC20.ts',
      'assembly/Token.ts': 'examples/token/assembly/index.ts',
      'test/Exchange.test.ts': 'templates/exchange/test/Exchange.test.ts',
    },
  },
  empty: {
    ...{ contract: 'Empty', constructorWords: [], sendWords: null, callWords: ['owner'] },
    from: own('empty', 'Empty'),
  },
}

const COUNTER_WORDS = {
  contract: 'counter',
  constructorWords: [],
  sendWords: ['setNumber', '41'],
  callWords: ['number'],
}
const foreign: Readonly<Record<Exclude<Language, 'assemblyscript'>, Plan>> = {
  c: {
    ...COUNTER_WORDS,
    from: {
      'counter.c': 'foreign/counter.c',
      'vm_hooks.h': 'foreign/vm_hooks.h',
      'ICounter.sol': 'templates/c/ICounter.sol',
      'build.mjs': 'templates/c/build.mjs',
      'strip.mjs': 'templates/strip.mjs',
      'test/counter.test.ts': 'templates/c/test/counter.test.ts',
    },
  },
  rust: {
    ...COUNTER_WORDS,
    from: {
      'Cargo.toml': 'templates/rust/Cargo.toml',
      'src/lib.rs': 'foreign/counter.rs',
      'src/panics.rs': 'foreign/panics.rs',
      'ICounter.sol': 'foreign/ICounter.sol',
      'build.mjs': 'templates/rust/build.mjs',
      'toolchain.mjs': 'templates/rust/toolchain.mjs',
      'strip.mjs': 'templates/strip.mjs',
      'test/counter.test.ts': 'templates/rust/test/counter.test.ts',
    },
  },
}

/** Templates of a language. */
export function templatesOf(language: Language): readonly Template[] {
  return language === 'assemblyscript' ? templates : ['counter']
}

/** @param template one of {@link templatesOf} the language */
export function templateSource(template: Template, language: Language): TemplateSource {
  const { from, ...plan } = language === 'assemblyscript' ? inAssemblyScript[template] : foreign[language]
  const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
  return { ...plan, files: Object.fromEntries(Object.entries(from).map(([path, source]) => [path, read(source)])) }
}

/** A folder of templates/ with one contract. */
function own(folder: string, contract: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ['assembly/index.ts', `test/${contract}.test.ts`].map((path) => [path, `templates/${folder}/${path}`]),
  )
}
