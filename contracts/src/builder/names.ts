/**
 * The meaning of names in an author's files, found as AssemblyScript finds them: in the namespace and the file where they
 * are written, through imports, renamed ones too, and re-exports. Only then is a name one of the SDK or the language.
 */

import type {
  AliasNode,
  AstNode,
  ClassNode,
  DeclarationNode,
  ExportNode,
  ImportNode,
  NamespaceNode,
  TypeNameNode,
  VariableNode,
} from './compiler.ts'
import { parser } from './compiler.ts'
import { isInPackage } from './packages.ts'
import { isPart, SDK_IMPORT, type SourceFile } from './sources.ts'

const { NodeKind, CommonFlags } = parser

/** A file, or a namespace in one: where names are declared. */
export interface Scope {
  readonly file: SourceFile
  /** The scope around it; null for a file. */
  readonly parent: Scope | null
  readonly declarations: ReadonlyMap<string, DeclarationNode>
  readonly namespaces: ReadonlyMap<string, Scope>
  readonly imports: ReadonlyMap<string, Source>
  readonly exports: ReadonlyMap<string, Source>
  /** Files of which everything is exported again. */
  readonly stars: readonly string[]
}

/** Where an imported or exported name comes from: `path` is null for the scope itself, `name` for everything there. */
interface Source {
  readonly path: string | null
  readonly name: string | null
}

export type Meaning =
  /** A name of the SDK or the language, as they call it, whatever the author calls it. */
  | { readonly kind: 'known'; readonly name: string }
  | { readonly kind: 'alias'; readonly node: AliasNode; readonly scope: Scope }
  | { readonly kind: 'class'; readonly node: ClassNode }
  /** Declared by the author, and neither: an enum, an interface, a function, a variable. */
  | { readonly kind: 'other' }

const SDK = 'sdk'
const SDK_PATH = `~lib/${SDK_IMPORT}`

type Room = Scope | typeof SDK

export class Names {
  readonly #files = new Map<string, Scope>()

  constructor(files: readonly SourceFile[]) {
    for (const file of files) this.#files.set(file.path, scopeOf(file, file.statements, null))
  }

  scope(file: SourceFile): Scope {
    const scope = this.#files.get(file.path)
    if (scope === undefined) throw new Error(`${file.path} is not a file of the program`)
    return scope
  }

  /** The meaning of a name, `A` or `n.A`, where it is written. */
  meaning(scope: Scope, name: TypeNameNode): Meaning {
    let { next } = name
    const first = name.identifier.text
    if (next === null) return this.#find(scope, first, new Set()) ?? { kind: 'known', name: first }
    let room = this.#findRoom(scope, first, new Set())
    for (; room !== null && next.next !== null; next = next.next) {
      room = room === SDK ? null : this.#exportedRoom(room, next.identifier.text, new Set())
    }
    const last = next.identifier.text
    if (room === null) return { kind: 'other' }
    return this.#exported(room, last, new Set()) ?? { kind: 'other' }
  }

  /** Whether a name declared in this scope, import or not, is the SDK's own of that name. */
  isOfSdk(scope: Scope, name: string): boolean {
    const meaning = this.#own(scope, name, new Set())
    return meaning?.kind === 'known' && meaning.name === name
  }

  #find(scope: Scope, name: string, seen: Set<string>): Meaning | null {
    for (let s: Scope | null = scope; s !== null; s = s.parent) {
      const meaning = this.#own(s, name, seen)
      if (meaning !== null) return meaning
    }
    return null
  }

  #findRoom(scope: Scope, name: string, seen: Set<string>): Room | null {
    for (let s: Scope | null = scope; s !== null; s = s.parent) {
      const room = this.#ownRoom(s, name, seen)
      if (room !== null) return room
    }
    return null
  }

  #own(scope: Scope, name: string, seen: Set<string>): Meaning | null {
    const declared = scope.declarations.get(name)
    if (declared !== undefined) return meaningOf(declared, scope)
    const source = scope.imports.get(name)
    if (source !== undefined) {
      const room = source.path === null ? scope : this.#room(source.path)
      if (source.name === null || (source.path !== null && isInPackage(source.path))) return { kind: 'other' }
      // Of a file that is not there the compiler tells; its names are taken for what they say.
      if (room === null) return { kind: 'known', name: source.name }
      return this.#exported(room, source.name, seen)
    }
    return this.#starred(scope, name, seen)
  }

  #ownRoom(scope: Scope, name: string, seen: Set<string>): Room | null {
    const namespace = scope.namespaces.get(name)
    if (namespace !== undefined) return namespace
    const source = scope.imports.get(name)
    if (source === undefined || source.path === null) return null
    const room = this.#room(source.path)
    if (source.name === null || room === null || room === SDK) return room
    return this.#exportedRoom(room, source.name, seen)
  }

  /** The export of a scope by its name. `seen` ends circles of re-exports. */
  #exported(room: Room, name: string, seen: Set<string>): Meaning | null {
    if (room === SDK) return { kind: 'known', name }
    const step = `${room.file.path} ${name}`
    if (seen.has(step)) return null
    seen.add(step)
    const source = room.exports.get(name)
    if (source === undefined) return this.#own(room, name, seen)
    const from = source.path === null ? room : this.#room(source.path)
    if (source.name === null || from === null) return { kind: 'other' }
    return from === room ? this.#find(room, source.name, seen) : this.#exported(from, source.name, seen)
  }

  #exportedRoom(room: Scope, name: string, seen: Set<string>): Room | null {
    const step = `${room.file.path} ${name}`
    if (seen.has(step)) return null
    seen.add(step)
    const source = room.exports.get(name)
    if (source === undefined) {
      const own = this.#ownRoom(room, name, seen)
      if (own !== null) return own
      for (const path of room.stars) {
        const star = this.#room(path)
        const found = star === null || star === SDK ? null : this.#exportedRoom(star, name, seen)
        if (found !== null) return found
      }
      return null
    }
    const from = source.path === null ? room : this.#room(source.path)
    if (source.name === null || from === null) return from
    if (from === SDK) return null
    return from === room ? this.#findRoom(room, source.name, seen) : this.#exportedRoom(from, source.name, seen)
  }

  #starred(scope: Scope, name: string, seen: Set<string>): Meaning | null {
    for (const path of scope.stars) {
      const room = this.#room(path)
      // The SDK's declaration of that name is found last, when no file of the author's has one.
      if (room === null || room === SDK) continue
      const meaning = this.#exported(room, name, seen)
      if (meaning !== null) return meaning
    }
    return null
  }

  #room(path: string): Room | null {
    if (path === SDK_PATH || (path.startsWith(`${SDK_PATH}/`) && !isPart(path))) return SDK
    return this.#files.get(`${path}.ts`) ?? this.#files.get(`${path}/index.ts`) ?? null
  }
}

/** Statements of a scope and of the namespaces in it, with the scope each is in. */
export function* statementsOf(scope: Scope, statements: readonly AstNode[]): Generator<readonly [Scope, AstNode]> {
  for (const statement of statements) {
    yield [scope, statement]
    if (statement.kind !== NodeKind['NamespaceDeclaration']) continue
    const namespace = statement as NamespaceNode
    const inner = scope.namespaces.get(namespace.name.text)
    if (inner !== undefined) yield* statementsOf(inner, namespace.members)
  }
}

/** Names a statement declares in its scope, with the node of each: declarations, variables, imports. */
export function declaredBy(statement: AstNode): readonly DeclarationNode[] {
  if (statement.kind === NodeKind['Variable']) return (statement as VariableNode).declarations
  if (statement.kind === NodeKind['ExportDefault']) {
    return [(statement as AstNode & { declaration: DeclarationNode }).declaration]
  }
  if (statement.kind === NodeKind['Import']) {
    const { declarations, namespaceName } = statement as ImportNode
    const whole =
      namespaceName === null ? [] : [{ kind: statement.kind, range: namespaceName.range, name: namespaceName }]
    return [...(declarations ?? []), ...whole]
  }
  return DECLARATIONS.includes(statement.kind) ? [statement as DeclarationNode] : []
}

const DECLARATIONS: readonly (number | undefined)[] = [
  NodeKind['ClassDeclaration'],
  NodeKind['InterfaceDeclaration'],
  NodeKind['EnumDeclaration'],
  NodeKind['TypeDeclaration'],
  NodeKind['NamespaceDeclaration'],
  NodeKind['FunctionDeclaration'],
]

function scopeOf(file: SourceFile, statements: readonly AstNode[], parent: Scope | null): Scope {
  const declarations = new Map<string, DeclarationNode>()
  const namespaces = new Map<string, Scope>()
  const imports = new Map<string, Source>()
  const exports = new Map<string, Source>()
  const stars: string[] = []
  const scope: Scope = { file, parent, declarations, namespaces, imports, exports, stars }
  for (const statement of statements) {
    if (statement.kind === NodeKind['Import']) {
      const { declarations: names, namespaceName, internalPath: path } = statement as ImportNode
      for (const { name, foreignName } of names ?? []) imports.set(name.text, { path, name: foreignName.text })
      if (namespaceName !== null) imports.set(namespaceName.text, { path, name: null })
    } else if (statement.kind === NodeKind['Export']) {
      const { members, internalPath } = statement as ExportNode
      const path = internalPath?.replace(/\.ts$/, '').replace(/\/$/, '/index') ?? null
      for (const { localName, exportedName } of members ?? []) {
        exports.set(exportedName.text, { path, name: localName.text })
      }
      if (members === null && path !== null) stars.push(path)
    } else {
      for (const declaration of declaredBy(statement)) {
        const name = declaration.name.text
        if (declaration.kind === NodeKind['NamespaceDeclaration']) {
          namespaces.set(name, scopeOf(file, (declaration as NamespaceNode).members, scope))
        }
        // A namespace may share its name with a type; as a type the other one is meant.
        if (!declarations.has(name) || isType(declaration)) declarations.set(name, declaration)
        if (statement.kind === NodeKind['ExportDefault']) exports.set('default', { path: null, name })
      }
    }
  }
  return scope
}

function isType({ kind }: AstNode): boolean {
  return kind === NodeKind['ClassDeclaration'] || kind === NodeKind['TypeDeclaration']
}

function meaningOf(declared: DeclarationNode, scope: Scope): Meaning {
  if (declared.kind === NodeKind['ClassDeclaration']) return { kind: 'class', node: declared as ClassNode }
  if (declared.kind === NodeKind['TypeDeclaration'] && (declared as AliasNode).typeParameters === null) {
    return { kind: 'alias', node: declared as AliasNode, scope }
  }
  return { kind: 'other' }
}

/** Whether a declaration is exported where it stands. */
export function isExported(node: { readonly flags: number }): boolean {
  return (node.flags & (CommonFlags['Export'] as number)) !== 0
}
