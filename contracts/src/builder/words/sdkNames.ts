/** The names an author can import from the SDK, and the line that does. */

import type { AstNode, IdentifierNode, SourceRange } from '../compiler.ts'
import { parser } from '../compiler.ts'
import { PARTS, SDK_IMPORT, type SourceFile } from '../sources.ts'
import type { Tell } from './reporter.ts'
import type { Use } from './tree.ts'

const { NodeKind } = parser

/** Characters of an import line that a hint has room for. */
const LONGEST_LINE = 100

interface ImportNode extends AstNode {
  readonly declarations: readonly { readonly name: IdentifierNode; readonly foreignName: IdentifierNode }[] | null
  readonly path: AstNode & { readonly value: string }
}

/** Every name that the SDK's index exports. */
export function sdkNames(sdk: ReadonlyMap<string, string>): ReadonlySet<string> {
  const index = sdk.get('index') ?? ''
  const names = new Set<string>(Array.from({ length: 31 }, (_, i) => `Bytes${i + 1}`))
  for (const [, list] of index.matchAll(/export \{([^}]*)\} from/g)) {
    for (const name of (list as string).split(',')) names.add(name.trim().replace(/^.* as /, ''))
  }
  for (const [, path] of index.matchAll(/export \* from '\.\/([^']+)'/g)) {
    const module = sdk.get(path as string) ?? ''
    const exported = /^export (?:abstract )?(?:class|function|const|let|namespace|enum|type) (\w+)/gm
    for (const [, name] of module.matchAll(exported)) names.add(name as string)
  }
  return names
}

/** Imports from where a contract can import nothing. */
export function checkImports(
  file: SourceFile,
  sdk: ReadonlyMap<string, string>,
  packages: ReadonlySet<string>,
  tell: Tell,
): void {
  const parts = [...sdk.keys()].filter((path) => path.startsWith(PARTS)).map((path) => path.slice(PARTS.length))
  for (const { path } of importsOf(file)) {
    const { value } = path
    if (value.startsWith('.') || value === SDK_IMPORT) continue
    const part = value.startsWith(`${SDK_IMPORT}/${PARTS}`) ? value.slice(SDK_IMPORT.length + 1 + PARTS.length) : null
    if (part !== null) {
      if (!parts.includes(part))
        tell(path.range, { message: `there is no part '${part}'`, hint: `there are ${listed(parts)}` })
    } else if (/^@touchstone\b/.test(value)) {
      tell(path.range, { message: `'${value}' is not there`, hint: `contracts import from '${SDK_IMPORT}'` })
    } else if (![`~lib/${value}.ts`, `~lib/${value}/index.ts`].some((each) => packages.has(each))) {
      tell(path.range, {
        message: `no package has '${value}' for contracts: there is neither ${value}.ts nor ${value}/index.ts in node_modules`,
        hint: `a contract imports its own files ('./name'), '${SDK_IMPORT}', and AssemblyScript of packages ('some-package/assembly')`,
      })
    }
  }
}

/** Names of the SDK that a file uses and does not import: one problem, at the first, with the line to write. */
export function checkSdkImports(
  file: SourceFile,
  uses: readonly Use[],
  declared: ReadonlySet<string>,
  sdk: ReadonlySet<string>,
  tell: Tell,
): void {
  const missing = new Map<string, SourceRange>()
  for (const { name, node } of uses) {
    if (sdk.has(name) && !declared.has(name) && !missing.has(name)) missing.set(name, node.range)
  }
  const [first] = missing.values()
  if (first === undefined) return
  const names = [...missing.keys()]
  tell(first, {
    message: `${listed(names)} ${names.length === 1 ? 'is' : 'are'} not imported`,
    hint: importHint(file, names),
  })
}

/** The line that imports what the file imports already and `names` besides. */
export function importHint(file: SourceFile, names: readonly string[]): string {
  const present = importsOf(file)
    .filter(({ path }) => path.value === SDK_IMPORT)
    .flatMap(({ declarations }) => declarations ?? [])
    .map(({ name, foreignName }) =>
      name.text === foreignName.text ? name.text : `${foreignName.text} as ${name.text}`,
    )
  const all = [...new Set([...present, ...names])].sort(byLetters)
  const line = `import { ${all.join(', ')} } from '${SDK_IMPORT}'`
  return line.length <= LONGEST_LINE ? `write: ${line}` : `add ${listed(names)} to the import from '${SDK_IMPORT}'`
}

export function importsOf(file: SourceFile): readonly ImportNode[] {
  return file.statements.filter((statement) => statement.kind === NodeKind['Import']) as ImportNode[]
}

export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function byLetters(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()]
  return x < y ? -1 : x > y ? 1 : a < b ? -1 : 1
}
