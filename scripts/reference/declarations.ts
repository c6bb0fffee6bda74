/**
 * What source files declare, with the texts of their comments, read with TypeScript's own parser. Its programming interface
 * is called unstable; TypeScript is pinned, and only the pages of docs/reference/ and what editors show come of it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/sync'

export interface Declaration {
  readonly name: string
  /** As the author writes it, without decorators and body. */
  readonly signature: string
  /** The text of the comment; empty without one. */
  readonly doc: string
  /** Of a method: the operator that it stands for. */
  readonly operator: string | null
  readonly isStatic: boolean
  readonly isExported: boolean
  readonly members: readonly Declaration[]
  /** Where the comment begins (or the declaration, without one), and where the declaration does, in the file's text. */
  readonly start: number
  readonly declaredAt: number
}

/** A line `export ... from`: of these names, by their own ones, or of all. */
export interface Reexport {
  readonly from: string
  readonly names: readonly string[] | null
}

export interface DeclaredFile {
  readonly text: string
  readonly declarations: readonly Declaration[]
  readonly reexports: readonly Reexport[]
}

/** The fields of nodes that are read here: each kind has some of them. */
type Parsed = Node & {
  readonly name?: Node & { readonly text?: string }
  readonly members?: readonly Parsed[]
  readonly parameters?: readonly Parsed[]
  readonly modifiers?: readonly Parsed[]
  readonly body?: Parsed & { readonly statements?: readonly Parsed[] }
  readonly type?: Parsed
  readonly types?: readonly Parsed[]
  readonly initializer?: Node
  readonly jsDoc?: readonly Node[]
  readonly declarationList?: { readonly declarations: readonly Parsed[] }
  readonly exportClause?: { readonly elements?: readonly Parsed[] }
  readonly propertyName?: { readonly text: string }
  readonly moduleSpecifier?: { readonly text: string }
}

/**
 * Lends what reads files to the work: one program of TypeScript, which parses them all at once.
 * @param paths of the files, absolute
 */
export function withDeclarations<T>(
  paths: readonly string[],
  work: (declaredIn: (path: string) => DeclaredFile) => T,
): T {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-reference-'))
  const settings = join(folder, 'tsconfig.json')
  const compilerOptions = { noLib: true, noResolve: true, noEmit: true, types: [] }
  writeFileSync(settings, JSON.stringify({ compilerOptions, files: paths }))
  const api = new API({ cwd: folder })
  try {
    const [project] = api.updateSnapshot({ openProjects: [settings] }).getProjects()
    return work((path) => declaredIn(project!.program.getSourceFile(path)!))
  } finally {
    api.close()
    rmSync(folder, { recursive: true })
  }
}

function declaredIn(file: SourceFile): DeclaredFile {
  const statements = file.statements as unknown as readonly Parsed[]
  return {
    text: file.text,
    declarations: statements.flatMap((statement) => declared(statement, file.text)),
    reexports: statements
      .filter(({ kind, moduleSpecifier }) => kind === SyntaxKind.ExportDeclaration && moduleSpecifier !== undefined)
      .map(({ moduleSpecifier, exportClause }) => ({
        from: moduleSpecifier!.text,
        names: exportClause?.elements?.map(({ propertyName, name }) => propertyName?.text ?? name!.text!) ?? null,
      })),
  }
}

function declared(node: Parsed, text: string): readonly Declaration[] {
  const inList = node.declarationList?.declarations
  if (inList !== undefined) {
    return inList.map((each) => ({
      ...declaration(each, text),
      ...commentOf(node, text),
      ...typeOfConstant(each, text),
      isExported: has(node, SyntaxKind.ExportKeyword),
    }))
  }
  return node.name?.text === undefined ? [] : [declaration(node, text)]
}

/** A constant has the members of its type, and no value here. */
function typeOfConstant(node: Parsed, text: string): Pick<Declaration, 'signature'> {
  const type =
    node.type === undefined || node.type.kind === SyntaxKind.TypeLiteral ? '' : `: ${textOf(node.type, text)}`
  return { signature: `const ${node.name!.text}${type}` }
}

function declaration(node: Parsed, text: string): Declaration {
  const { name } = node
  const operator = /@operator(?:\.prefix)?\('([^']+)'\)/.exec(text.slice(node.getStart(), name?.getStart() ?? node.end))
  return {
    name: node.kind === SyntaxKind.Constructor ? 'constructor' : (name?.text ?? ''),
    signature: signatureOf(node, text),
    operator: operator?.[1] ?? null,
    isStatic: has(node, SyntaxKind.StaticKeyword),
    isExported: has(node, SyntaxKind.ExportKeyword),
    members: membersOf(node)
      .filter(isPublic)
      .flatMap((member) => memberDeclarations(member, text)),
    ...commentOf(node, text),
  }
}

/** Fields that a constructor's parameters declare are members too. */
function memberDeclarations(member: Parsed, text: string): readonly Declaration[] {
  if (member.kind !== SyntaxKind.Constructor) return declared(member, text)
  const fields = (member.parameters ?? []).filter((each) => each.modifiers !== undefined && isPublic(each))
  return [declaration(member, text), ...fields.map((field) => declaration(field, text))]
}

function membersOf({ members, type, types, body }: Parsed): readonly Parsed[] {
  if (members !== undefined) return members
  if (body?.statements !== undefined && body.kind === SyntaxKind.ModuleBlock) return body.statements
  return [...(type === undefined ? [] : [type]), ...(types ?? [])].flatMap(membersOf)
}

function has({ modifiers }: Parsed, keyword: SyntaxKind): boolean {
  return modifiers?.some(({ kind }) => kind === keyword) ?? false
}

function isPublic(node: Parsed): boolean {
  const { name, kind } = node
  if (has(node, SyntaxKind.PrivateKeyword)) return false
  return kind === SyntaxKind.Constructor || kind === SyntaxKind.VariableStatement || /^(?!__)\w/.test(name?.text ?? '')
}

function commentOf(node: Parsed, text: string): Pick<Declaration, 'doc' | 'start' | 'declaredAt'> {
  const comment = node.jsDoc?.at(-1)
  const declaredAt = node.getStart()
  if (comment === undefined) return { doc: '', start: declaredAt, declaredAt }
  const start = text.lastIndexOf('/**', comment.end)
  const lines = text.slice(start + '/**'.length, text.lastIndexOf('*/', comment.end)).split('\n')
  const doc = lines.map((line) => line.replace(/^\s*\* ?/, '').trimEnd()).join('\n')
  return { doc: doc.trim(), start, declaredAt }
}

/** Words that only the build reads, and what makes a declaration of a text. */
const MODIFIERS = /^(?:(?:export|declare|static|override|async|public|final|abstract(?= \w+\b(?!\s+class)))\s+)+/

function signatureOf(node: Parsed, text: string): string {
  const last = node.modifiers?.filter(({ kind }) => kind === SyntaxKind.Decorator).at(-1)
  const begin = last?.end ?? node.getStart()
  const heading = [SyntaxKind.ClassDeclaration, SyntaxKind.InterfaceDeclaration].includes(node.kind)
  const end = heading ? text.indexOf('{', begin) : (node.body?.getStart() ?? node.initializer?.getStart() ?? node.end)
  const whole = text
    .slice(begin, end)
    .replace(/\s*\/\*\*?[\s\S]*?\*\//g, '')
    .trim()
    .replace(/[;=]$/, '')
    .trim()
  const words = whole.replace(MODIFIERS, '').replace(/^abstract (?!class)/, '')
  // A getter reads as the field that it looks like.
  return /^get \w+\(\)/.test(words) ? words.replace(/^get (\w+)\(\)/, '$1') : words
}

function textOf(node: Node, text: string): string {
  return text.slice(node.getStart(), node.end)
}
