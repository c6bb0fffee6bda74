/**
 * The AssemblyScript compiler (npm assemblyscript), seen through the few things the build uses of it.
 *
 * Its own type declarations put `i32`, `load` and hundreds of other names into TypeScript's global scope, for every file
 * of a program that imports them. So it is imported by a name TypeScript does not follow, and typed here.
 */

/** A stretch of source text. */
export interface SourceRange {
  readonly start: number
  readonly end: number
}

export interface AstNode {
  readonly kind: number
  readonly range: SourceRange
}

export interface IdentifierNode extends AstNode {
  readonly text: string
}

export interface DecoratorNode extends AstNode {
  readonly name: IdentifierNode
  readonly args: readonly AstNode[] | null
}

/** A name with what stands after its dots: `A`, `n.A`. */
export interface TypeNameNode extends AstNode {
  readonly identifier: IdentifierNode
  readonly next: TypeNameNode | null
}

export interface TypeNode extends AstNode {
  readonly isNullable: boolean
  /** Of a named type; a function type has none. */
  readonly name?: TypeNameNode
  readonly typeArguments?: readonly TypeNode[] | null
}

export interface ParameterNode extends AstNode {
  /** 0 plain, 1 optional (`n?: u8`), 2 rest (`...n: u8[]`). */
  readonly parameterKind: number
  readonly name: IdentifierNode
  readonly type: TypeNode
  readonly initializer: AstNode | null
  readonly implicitFieldDeclaration?: FieldNode | null
}

export interface FieldNode extends AstNode {
  readonly name: IdentifierNode
  readonly flags: number
  readonly decorators: readonly DecoratorNode[] | null
  readonly type: TypeNode | null
  readonly initializer: AstNode | null
  readonly parameterIndex: number
}

export interface MethodNode extends AstNode {
  readonly name: IdentifierNode
  readonly flags: number
  readonly decorators: readonly DecoratorNode[] | null
  readonly typeParameters: readonly AstNode[] | null
  readonly signature: { readonly parameters: readonly ParameterNode[]; readonly returnType: TypeNode }
  readonly body: AstNode | null
}

export interface ClassNode extends AstNode {
  readonly name: IdentifierNode
  readonly flags: number
  readonly decorators: readonly DecoratorNode[] | null
  readonly typeParameters: readonly AstNode[] | null
  readonly extendsType: TypeNode | null
  readonly implementsTypes: readonly TypeNode[] | null
  readonly members: readonly (FieldNode | MethodNode)[]
}

/** Anything that gives a name a meaning. */
export interface DeclarationNode extends AstNode {
  readonly name: IdentifierNode
}

export interface AliasNode extends DeclarationNode {
  readonly typeParameters: readonly AstNode[] | null
  readonly type: TypeNode
}

export interface NamespaceNode extends DeclarationNode {
  readonly members: readonly AstNode[]
}

export interface VariableNode extends AstNode {
  readonly declarations: readonly DeclarationNode[]
}

export interface ImportNode extends AstNode {
  /** Null for `import * as n`. */
  readonly declarations: readonly (DeclarationNode & { readonly foreignName: IdentifierNode })[] | null
  readonly namespaceName: IdentifierNode | null
  /** Without extension; `~lib/...` outside the author's files. */
  readonly internalPath: string
}

export interface ExportNode extends AstNode {
  /** Null for `export *`. */
  readonly members: readonly { readonly localName: IdentifierNode; readonly exportedName: IdentifierNode }[] | null
  readonly internalPath: string | null
}

export interface ThrowNode extends AstNode {
  readonly value: AstNode
}

export interface TernaryNode extends AstNode {
  readonly condition: AstNode
  readonly ifThen: AstNode
  readonly ifElse: AstNode
}

/** `new E(...)`. */
export interface NewNode extends AstNode {
  readonly typeName: TypeNameNode
}

export interface CallNode extends AstNode {
  readonly expression: AstNode
  readonly typeArguments: readonly TypeNode[] | null
  readonly args: readonly AstNode[]
}

export interface CompilerDiagnostic {
  readonly code: number
  /** 0 pedantic, 1 info, 2 warning, 3 error. */
  readonly category: number
  readonly message: string
  readonly range: (SourceRange & { readonly source: { readonly normalizedPath: string } }) | null
}

interface AscProgram {
  readonly sources: readonly {
    readonly normalizedPath: string
    readonly text: string
    readonly statements: readonly AstNode[]
  }[]
  readonly diagnostics: readonly CompilerDiagnostic[]
}

interface AscParser {
  newOptions(): unknown
  newProgram(options: unknown): AscProgram
  parse(program: AscProgram, text: string | null, path: string, isEntry: boolean): void
  nextFile(program: AscProgram): string | null
  /** The file that imports a file, which was not parsed yet. */
  getDependee(program: AscProgram, path: string): string | null
  readonly NodeKind: Readonly<Record<string, number>>
  readonly CommonFlags: Readonly<Record<string, number>>
}

/** The module binaryen holds after compilation, before optimisation. */
export interface BinaryenModule {
  getExport(name: string): number
  removeExport(name: string): void
  removeFunction(name: string): void
  addFunction(name: string, params: number, results: number, vars: number[], body: number): number
  addGlobal(name: string, type: number, isMutable: boolean, initializer: number): number
  call(name: string, operands: number[], type: number): number
  readonly i32: { const(value: number): number }
  nop(): number
  /** The module in WebAssembly's text format. */
  emitText(): string
  /** The module, and its source map when a name for it is given. */
  emitBinary(mapName: string): { readonly binary: Uint8Array; readonly sourceMap: string | null }
}

/** The options of binaryen that hold for all of a process: each build leaves them as they were for the next. */
export interface Binaryen {
  setOptimizeLevel(level: number): void
  setShrinkLevel(level: number): void
  setDebugInfo(on: boolean): void
}

interface Transform {
  afterInitialize?(program: unknown): void
  afterCompile?(module: BinaryenModule): void
}

interface AscOptions {
  stdout: { write(text: string): void }
  stderr: { write(text: string): void }
  readFile(name: string, baseDir: string): string | null
  writeFile(name: string, contents: Uint8Array | string): void
  listFiles(): string[]
  reportDiagnostic(diagnostic: CompilerDiagnostic): void
  /** Of a class it makes one, with its own fields: `binaryen` among them. */
  transforms: (Transform | (new () => Transform))[]
}

interface AscCli {
  readonly version: string
  /** The standard library's sources by path; the build puts its own allocator in the place of `rt/stub`. */
  readonly libraryFiles: Record<string, string>
  main(arguments_: string[], options: AscOptions): Promise<{ error: Error | null }>
}

const parserModule: string = 'assemblyscript'
const cliModule: string = 'assemblyscript/asc'

export const parser: AscParser = await import(parserModule)
export const asc: AscCli = await import(cliModule)

/** Binaryen's number for "no type". */
export const BINARYEN_NONE = 0
