/** The pages of docs/reference/ from the comments of what authors import. */
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Declaration, type DeclaredFile, withDeclarations } from './declarations.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const COLUMNS = 120
/** Folders in which a name that is looked for may be declared. */
const ROOMS = ['contracts/as', 'contracts/src', 'contracts/testing', 'devnet/src', 'vm/src']
/** Sources of packages by the names that they are imported by. */
const PACKAGES: Readonly<Record<string, string>> = { '@touchstone/vm': 'vm/src/index.ts' }
const LANGUAGE = 'contracts/as/index.ts'
const DECORATORS = 'contracts/as/editor/language.d.ts'
const EDITOR = ['contracts/as/editor/index.d.ts', DECORATORS]
const MATCHERS = 'contracts/testing/matchers.ts'
const PARTS = 'contracts/as/parts'

interface Entry {
  readonly declaration: Declaration
  /** Of the file, for a class that has no comment of its own. */
  readonly file: DeclaredFile
}

interface Page {
  readonly name: string
  readonly title: string
  readonly about: string
  readonly entries: readonly Entry[]
}

/** Texts by their names in docs/reference/. */
export function referencePages(): ReadonlyMap<string, string> {
  return withDeclarations(ROOMS.flatMap(sourcesBelow), (declaredIn) => pagesOf(new Sources(declaredIn)))
}

/** The declarations that editors read, by their paths, each with the words that the SDK's sources have for it. */
export function editorDeclarations(): ReadonlyMap<string, string> {
  return withDeclarations(sourcesBelow('contracts/as'), (declaredIn) => {
    const sources = new Sources(declaredIn)
    const docs = new Map<string, string>()
    const tell = (name: string, doc: string) => {
      const words = doc.replace(/\s*^@example\n[\s\S]*/m, '').trim()
      if (words !== '' && !docs.has(name)) docs.set(name, words)
    }
    for (const { declaration, file } of sources.exported(LANGUAGE)) {
      const { name, doc, signature, members } = declaration
      tell(name, doc === '' && signature.includes('class ') ? headOf(file) : doc)
      for (const member of members) tell(`${name}.${member.name}`, member.doc)
    }
    const numbers = new Map([...docs].map(([name, doc]) => [name.replace(/^[UI]256\./, 'Number.'), doc]))
    const fixed = new Map([...docs].map(([name, doc]) => [name.replace(/^Bytes32\./, 'FixedBytes.'), doc]))
    const known = new Map([...fixed, ...numbers, ...docs])
    return new Map(EDITOR.map((path) => [path, withDocs(declaredIn(join(root, path)), known)]))
  })
}

/** The same file, in which what the SDK has words for has these and no others. */
function withDocs({ text, declarations }: DeclaredFile, docs: ReadonlyMap<string, string>): string {
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = []
  const edit = (name: string, declaration: Declaration) => {
    const doc = docs.get(name)
    if (doc === undefined) return
    const { start, declaredAt } = declaration
    const indent = /[ ]*$/.exec(text.slice(0, start))![0]
    edits.push({ start, end: declaredAt, text: comment(doc, indent) })
  }
  const seen = new Set<string>()
  for (const declaration of declarations) {
    const { name } = declaration
    // A type and its constant are one class to the author; what is said of it stands at the first.
    if (!seen.has(name)) edit(name, declaration)
    seen.add(name)
    for (const member of declaration.members)
      edit(`${name.replace(/^FixedBytesOf$/, 'FixedBytes')}.${member.name}`, member)
  }
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((written, { start, end, text: words }) => written.slice(0, start) + words + written.slice(end), text)
}

function comment(doc: string, indent: string): string {
  const lines = doc.split('\n')
  if (lines.length === 1) return `/** ${lines[0]} */\n${indent}`
  return ['/**', ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */\n${indent}`].join('\n')
}

function sourcesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => join(root, folder, path))
}

function pagesOf(sources: Sources): ReadonlyMap<string, string> {
  const pages: readonly Page[] = [
    {
      name: 'language.md',
      title: 'The language of contracts',
      about:
        "What a contract imports from `@touchstone/contracts/as`. What takes or gives an address in the module's memory (`usize`) is for the SDK itself and is left out.",
      entries: sources.exported(LANGUAGE).filter(({ declaration }) => !isOfMemory(declaration)),
    },
    {
      name: 'decorators.md',
      title: 'Decorators of contracts',
      about: 'They need no import.',
      entries: sources.all(DECORATORS).filter(({ declaration }) => declaration.signature.startsWith('function')),
    },
    {
      name: 'parts.md',
      title: 'Parts to inherit from',
      about:
        'Contracts of `@touchstone/contracts/as/parts/NAME`, such as `@touchstone/contracts/as/parts/erc20Permit`, with what is called from outside and what a contract that extends them calls or overrides.',
      entries: sources.parts(),
    },
    {
      name: 'testing.md',
      title: 'The testing kit',
      about:
        "What a test imports from `@touchstone/contracts/testing`; what `import '@touchstone/contracts/testing/matchers'` adds to `expect` of vitest; and, from `arbitraryOf` on, what it imports from `@touchstone/contracts/testing/properties`, which wants fast-check.",
      entries: [
        ...sources.exported('contracts/testing/index.ts'),
        ...sources.all(MATCHERS).filter(({ declaration }) => declaration.name === 'ContractMatchers'),
        ...sources.exported('contracts/testing/properties.ts'),
      ],
    },
    {
      name: 'building.md',
      title: 'Building from a program',
      about: 'What a program imports from `@touchstone/contracts`.',
      entries: sources.exported('contracts/src/index.ts'),
    },
    {
      name: 'devnet.md',
      title: 'Networks from a program',
      about: 'What a program imports from `@touchstone/devnet`.',
      entries: sources.exported('devnet/src/index.ts'),
    },
  ]
  return new Map([['README.md', contents(pages)], ...pages.map((page) => [page.name, pageText(page)] as const)])
}

/** What files declare and export, by their paths from the root. */
class Sources {
  readonly #declaredIn: (path: string) => DeclaredFile

  constructor(declaredIn: (path: string) => DeclaredFile) {
    this.#declaredIn = declaredIn
  }

  all(path: string): readonly Entry[] {
    const file = this.#declaredIn(join(root, path))
    return file.declarations.map((declaration) => ({ declaration, file }))
  }

  /** What a file exports, in its order, through any number of others. */
  exported(path: string): readonly Entry[] {
    const own = this.all(path).filter(({ declaration }) => declaration.isExported)
    const others = this.#declaredIn(join(root, path)).reexports.flatMap(({ from, names }) => {
      const target = targetOf(path, from)
      if (target === null) return []
      const found = this.exported(target)
      return names?.flatMap((name) => found.filter(({ declaration }) => declaration.name === name)) ?? found
    })
    return [...own, ...others]
  }

  parts(): readonly Entry[] {
    return readdirSync(join(root, PARTS))
      .sort()
      .flatMap((name) => this.exported(`${PARTS}/${name}`))
  }
}

/** Null for a module that the build makes. */
function targetOf(path: string, from: string): string | null {
  if (from === './fixedBytes' || from === './fixedLengths') return null
  if (!from.startsWith('.')) return PACKAGES[from] ?? null
  const target = join(dirname(path), from).replaceAll('\\', '/')
  return target.endsWith('.ts') ? target : `${target}.ts`
}

function isOfMemory({ signature }: Declaration): boolean {
  return /\busize\b/.test(signature)
}

function contents(pages: readonly Page[]): string {
  const lists = pages.map(({ name, title, about, entries }) => {
    const names = [...new Set(entries.map(({ declaration }) => declaration.name))]
    const links = names.map((each) => `[\`${each}\`](${name}#${each.toLowerCase()})`)
    return `## [${title}](${name})\n\n${wrapped(about)}\n\n${wrapped(`${links.join(', ')}.`)}\n`
  })
  const about =
    'Made of the comments in the sources (`npx vitest run devnet/test/reference.test.ts -u` makes it again), which editors show too.'
  return [`# Reference\n\n${wrapped(about)}\n`, ...lists].join('\n')
}

function pageText({ title, about, entries }: Page): string {
  return [`# ${title}\n\n${wrapped(about)}\n`, ...entries.map(section)].join('\n')
}

function section({ declaration, file }: Entry): string {
  const { name, signature } = declaration
  const doc = declaration.doc === '' && signature.includes('class ') ? headOf(file) : declaration.doc
  const members = declaration.members.filter((member) => isShown(member) && !isOfMemory(member))
  const list = members.map((member) => memberText(name, member))
  const parts = [`## ${name}`, `\`\`\`ts\n${signature}\n\`\`\``, docText(doc), list.join('\n')]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** A constructor without a word, or which another function stands for, is for the class itself. */
function isShown({ name, doc, signature }: Declaration): boolean {
  if (name === 'constructor' && (doc === '' || doc.startsWith('Use {@link'))) return false
  return !/^readonly (?:lo|hi)\d/.test(signature)
}

/** What a file says at its head. */
function headOf({ text }: DeclaredFile): string {
  const head = /^\/\*\*([\s\S]*?)\*\//.exec(text)?.[1] ?? ''
  return head
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
    .join('\n')
    .trim()
}

function memberText(owner: string, { signature, doc, operator, isStatic }: Declaration): string {
  const shown = signature
    .replace(/\s+/g, ' ')
    .replace(/\( /g, '(')
    .replace(/,? \)/g, ')')
    .replace(/<(?:const )?(\w+) extends [^<>]*>/, '<$1>')
  const called = isStatic ? `${owner}.${shown}` : shown
  const sign = operator === null ? '' : `, written \`${operator}\``
  const [first, ...rest] = docParts(doc)
  const words = wrapped(`- \`${called}\`${sign}${first === undefined ? '' : `: ${first}`}`, '  ')
  return [words, ...rest.map((part) => (part.startsWith('```') ? indented(part) : indented(wrapped(part))))].join(
    '\n\n',
  )
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}

function docText(doc: string): string {
  return docParts(doc)
    .map((part) => (part.startsWith('```') ? part : wrapped(part)))
    .join('\n\n')
}

/** Paragraphs, lists of one item each, and fenced texts. */
function docParts(doc: string): readonly string[] {
  const said = doc
    .replace(/\{@link ([^}]+)\}/g, '`$1`')
    .replace(/^@example\n/gm, '\n')
    .replace(/(?:^|\s)@throws (\w+)/gm, '\n\nThrows `$1`')
    .replace(/^@param (\w+)/gm, '\n`$1`:')
    .replace(/^@returns /gm, '\nGives ')
  return said
    .split(/(^```[\s\S]*?^```$)/m)
    .flatMap((part) => (part.startsWith('```') ? [part] : part.split(/\n{2,}/)))
    .map((part) => (part.startsWith('```') ? part : part.trim().replace(/\s*\n\s*/g, ' ')))
    .filter((part) => part !== '')
}

/** Breaks lines at spaces outside of code. */
function wrapped(text: string, indent = ''): string {
  const words = text.match(/(?:^- )?(?:\[?`[^`]*`|[^\s`])+/g) ?? []
  const lines: string[] = []
  for (const word of words) {
    const line = lines.at(-1)
    if (line !== undefined && line.length + 1 + word.length <= COLUMNS) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(lines.length === 0 ? word : indent + word)
  }
  return lines.join('\n')
}
