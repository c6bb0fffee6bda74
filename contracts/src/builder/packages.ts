/**
 * Libraries from npm packages as sources of a contract. They are AssemblyScript as it is: the build reads them, and neither
 * rewrites them nor checks their integers.
 */

import type { ValidationError } from '@touchstone/vm'
import { SourceMap } from '../sourceMap.ts'
import type { AstNode } from './compiler.ts'
import { asc } from './compiler.ts'
import { BuildError, type Problem, positionAt } from './problem.ts'

const LIBRARY = '~lib/'
const SDK = '~lib/@touchstone/contracts/as'
/** Of one contract; a library has tens of files. */
const MAX_PACKAGE_FILES = 1_000
/** A name that the compiler asks for, in every folder in which a package may be. */
const ASKED = /(?:^|[\\/])node_modules[\\/]((?:(?![\\/]node_modules[\\/]).)+)$/
/** The contract language is for the author's own files and the SDK's parts, which the build rewrites. */
const MARKS = ['contract', 'contractInterface', 'error', 'event', 'returns', 'struct']

export interface PackageSource {
  readonly path: string
  readonly text: string
  readonly statements: readonly AstNode[]
}

/** Whether a path, as the compiler has it, is in a package: neither in AssemblyScript's library nor in the SDK. */
export function isInPackage(path: string): boolean {
  if (!path.startsWith(LIBRARY) || path === SDK || path.startsWith(`${SDK}/`)) return false
  const name = path.slice(LIBRARY.length).replace(/\.ts$/, '')
  return ![name, `${name}/index`].some((file) => Object.hasOwn(asc.libraryFiles, file))
}

/** The file that an import from a package names; null when there is none, which the compiler tells at the import. */
export function importedFile(
  path: string,
  read: (path: string) => string | null,
): Pick<PackageSource, 'path' | 'text'> | null {
  for (const file of [`${path}.ts`, `${path}/index.ts`]) {
    const text = read(file)
    if (text !== null) return { path: file, text }
  }
  return null
}

/** The text of a package's file by the name under which the compiler asks for it, or by its path. */
export function packageText(name: string, packages: readonly PackageSource[]): string | null {
  const rest = ASKED.exec(name)?.[1]?.replaceAll('\\', '/')
  const path = rest === undefined ? name : LIBRARY + rest
  return packages.find((source) => source.path === path)?.text ?? null
}

/** @throws BuildError for what a package may not have or do. */
export function checkPackages(packages: readonly PackageSource[]): void {
  const first = packages[MAX_PACKAGE_FILES]
  if (first !== undefined) {
    const message = `a contract imports at most ${MAX_PACKAGE_FILES} files of packages, and this is one more`
    throw new BuildError([{ file: first.path, line: 1, column: 1, message }])
  }
  const problems = packages.flatMap(({ path, text, statements }) =>
    statements.flatMap((node) => {
      const { decorators } = node as AstNode & {
        readonly decorators?: readonly { readonly name: { readonly text: string }; readonly range: AstNode['range'] }[]
      }
      const mark = (decorators ?? []).find(({ name }) => MARKS.includes(name.text))
      if (mark === undefined) return []
      const message = `a class of a package cannot be marked @${mark.name.text}: packages are plain AssemblyScript`
      const hint = 'write the class in a file of the contract'
      return [{ file: path, ...positionAt(text, mark.range.start), message, hint }]
    }),
  )
  if (problems.length > 0) throw new BuildError(problems)
}

/** @throws BuildError when a package imports what lies beside it. */
export function checkImport(path: string, from: string | null): void {
  if (from === null || !isInPackage(from) || path.startsWith(LIBRARY)) return
  const message = `${from.slice(LIBRARY.length)} imports ${path}, which lies outside of its package`
  throw new BuildError([{ file: `${from}.ts`, line: 1, column: 1, message }])
}

/**
 * The chain's refusal of a module at its line in a package; null where that is no code of a package.
 * @param sourceMap of the module, as the compiler wrote it
 */
export function packageRefusal(
  error: ValidationError,
  contract: string,
  sourceMap: string,
  packages: readonly PackageSource[],
): Problem | null {
  if (error.offset === null || packages.length === 0) return null
  const place = new SourceMap(sourceMap).at(error.offset)
  if (place === null || !packages.some(({ path }) => path === place.file)) return null
  const message = `the chain would refuse ${contract}, which uses this: ${error.problem}`
  const hint =
    error.code === 'refused:float' ? 'of a package a contract can use what computes with integers' : error.hint
  return { file: place.file, line: place.line, column: 1, message, hint }
}
