/** The files of a new project around its contract and test: what npm, the compiler of TypeScript and an editor want. */
import { readdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { isReservedName, type Language, type Template, type TemplateSource } from '@touchstone/contracts/templates'
import { usageError } from '../output/errors.ts'

/** The tools that a project is tested and checked with, as this repository has it. */
export const TOOLS = {
  ...{ '@types/node': '26.6.6', 'fast-check': '4.11.0', typescript: '7.0.2', viem: '2.57.20', vitest: '5.1.1' },
} as const

/** As npm takes them for packages that are not in a scope, and shorter. */
const NAME = /^[a-z][a-z0-9._-]{0,63}$/
const PACKAGES = ['contracts', 'devnet', 'node', 'vm'] as const

export interface Project {
  readonly directory: string
  readonly name: string
  readonly template: Template
  readonly language: Language
  readonly source: TemplateSource
  /** Of each package, what package.json asks npm for. */
  readonly packages: Readonly<Record<string, string>>
}

/** Why a folder of this name is no name of a project; null when it is one. */
export function projectNameProblem(name: string): string | null {
  if (NAME.test(name)) return null
  return `the name of a project begins with a small letter and has small letters, digits, dots, dashes and underscores (at most 64): ${JSON.stringify(name)} does not`
}

/** The name with capitals for the words in it: `my-vault` is MyVault. */
export function className(name: string): string {
  return name
    .split(/[._-]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')
}

/** Why the contract of the template, if it gets the name of the project, cannot have it; null when it can. */
export function contractNameProblem(name: string, template: Template): string | null {
  const contract = className(name)
  if (template !== 'empty' || !isReservedName(contract)) return null
  return `the contract would be named ${contract}, which is a type of the language or the SDK`
}

/** From the registry, in the version that is running. */
export function publishedPackages(version: string): Readonly<Record<string, string>> {
  return { '@touchstone/contracts': version, '@touchstone/devnet': version }
}

/** From the tarballs that `npm run build:packages` made. @throws CliError when one is not there */
export function packedPackages(folder: string, version: string, directory: string): Readonly<Record<string, string>> {
  const files = new Set(readdirSync(folder))
  return Object.fromEntries(
    PACKAGES.map((name) => {
      const file = `touchstone-${name}-${version}.tgz`
      if (!files.has(file)) {
        throw usageError(
          `${folder} has no ${file}`,
          '`npm run build:packages` in the repository makes dist/ with all four',
        )
      }
      const path = relative(resolve(directory), resolve(folder, file)).replaceAll('\\', '/')
      return [`@touchstone/${name}`, `file:${path}`]
    }),
  )
}

/** Texts by path. */
export function projectFiles(project: Project): Readonly<Record<string, string>> {
  const isScript = project.language === 'assemblyscript'
  return {
    ...templateFiles(project),
    'package.json': json(manifest(project)),
    'tsconfig.json': json(testSettings(isScript)),
    '.gitignore': ['node_modules/', 'build/', '.devnet/', ...(project.language === 'rust' ? ['target/'] : []), ''].join(
      '\n',
    ),
    '.vscode/settings.json': json({ 'js/ts.tsdk.path': 'node_modules/typescript/lib' }),
    '.vscode/tasks.json': json(buildTask(isScript)),
    ...(isScript
      ? { 'assembly/tsconfig.json': json({ extends: '@touchstone/contracts/editor.json', include: ['.'] }) }
      : {}),
    'README.md': readme(project),
  }
}

function templateFiles({ name, template, source }: Project): Readonly<Record<string, string>> {
  if (template !== 'empty') return source.files
  const renamed = (text: string) => text.replaceAll('Empty', className(name))
  return Object.fromEntries(Object.entries(source.files).map(([path, text]) => [renamed(path), renamed(text)]))
}

/** Arguments of deploy and dev, for what README and scripts deploy. */
function deployWords({ template, source }: Project): { readonly artifact: string; readonly dev: readonly string[] } {
  const several = template === 'exchange'
  return {
    artifact: several ? 'build/Token.json' : '.',
    dev: ['.', ...source.constructorWords, ...(several ? ['--contract', 'Token'] : [])],
  }
}

function manifest(project: Project): object {
  const { name, language, packages } = project
  const build = language === 'assemblyscript' ? 'devnet build .' : 'node build.mjs'
  return {
    name,
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: {
      build,
      test: `${build} && vitest run`,
      types: language === 'assemblyscript' ? `${build} && tsc -p assembly && tsc` : 'tsc',
      start: 'devnet up',
      dev: `devnet dev ${shellWords(...deployWords(project).dev)}`,
    },
    devDependencies: Object.fromEntries(Object.entries({ ...packages, ...TOOLS }).sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

function testSettings(isScript: boolean): object {
  return {
    compilerOptions: {
      target: 'ES2024',
      lib: ['ES2024'],
      module: 'NodeNext',
      types: ['node'],
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      noUncheckedIndexedAccess: true,
    },
    include: isScript ? ['test', 'build'] : ['test'],
  }
}

/** So that an editor shows what the build finds at its lines. */
function buildTask(isScript: boolean): object {
  const matcher = {
    owner: 'touchstone',
    fileLocation: ['autoDetect', '$' + '{workspaceFolder}'],
    pattern: { regexp: '^(.+?):(\\d+):(\\d+): (error): (.*)$', file: 1, line: 2, column: 3, severity: 4, message: 5 },
  }
  return {
    version: '2.0.0',
    tasks: [
      {
        label: 'build',
        ...{ type: 'npm', script: 'build', group: { kind: 'build', isDefault: true } },
        problemMatcher: isScript ? [matcher] : ['$gcc'],
      },
    ],
  }
}

/** Words that a shell would split are quoted. */
export function shellWords(...words: readonly string[]): string {
  return words.map((word) => (/^[\w@.:/-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')
}

/** In the order in which contracts/templates/rust/toolchain.mjs looks. */
const RUST_RECIPES = `The build takes the first of these that is there:

- Rust from https://rustup.rs and \`rustup target add wasm32-unknown-unknown\`;
- Rust with the sources of its standard library, which are then compiled too: on Debian
  \`apt install cargo-web rustc-web rust-web-src lld\`, else \`rustup component add rust-src\`.

`

function readme(project: Project): string {
  const { name, template, language, source } = project
  const { contract, constructorWords, sendWords, callWords } = source
  const called = template === 'empty' ? className(name) : contract
  const { artifact } = deployWords(project)
  const deployed =
    language === 'assemblyscript' ? [artifact, ...constructorWords] : ['build/counter.wasm', '--abi', 'ICounter.sol']
  const compilers = { assemblyscript: '', c: '', rust: RUST_RECIPES }[language]
  const sources = { assemblyscript: 'assembly/index.ts', c: 'counter.c', rust: 'src/lib.rs' }[language]
  return `# ${name}

A contract for Touchstone, in \`${sources}\`.

\`\`\`sh
npm install
npm run build   # compiles the contract to build/
npm test        # builds, then runs test/ on a chain in the test's own process (Node 22.12 or newer)
npm run types   # checks tests${language === 'assemblyscript' ? ' and contract' : ''} with tsc, as an editor does
npm run dev     # builds, deploys to a network and tests again at each change
\`\`\`

${compilers}A network of four nodes runs with \`npm start\`. Beside it:

\`\`\`sh
${[
  ...(template === 'exchange' ? ['npx devnet build .'] : []),
  `npx devnet deploy ${shellWords(...deployed)}`,
  ...(sendWords === null ? [] : [`npx devnet send ${shellWords(called, ...sendWords)}`]),
  `npx devnet call ${shellWords(called, ...callWords)}`,
].join('\n')}
\`\`\`

\`npx devnet --help\` lists what else there is.
`
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** Paths of a project in the order in which they are shown. */
export function pathsOf(directory: string, files: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(files)
    .sort()
    .map((path) => join(directory, path))
}
