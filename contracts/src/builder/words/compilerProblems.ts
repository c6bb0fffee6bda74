/**
 * The compiler's findings in a contract, as its author is told them: in words, at places of the author's, each mistake
 * once.
 */

import type { AstNode } from '../compiler.ts'
import type { Problem } from '../problem.ts'
import { positionAt } from '../problem.ts'
import type { CompilerProblem, SourceFile } from '../sources.ts'
import { compilerWords, type WordSources } from './compilerWords.ts'
import { visitFile } from './tree.ts'

const FILE_NOT_FOUND = 6054
const NO_EXPORT = 2305
const NO_NAME = 2304
const NO_PROPERTY = 2339
const NO_RESULT = 2355
/** Of types and operators: what is said of an expression when a part of it has no known type. */
const OF_TYPES: ReadonlySet<number> = new Set([2322, 2349, 2365, 2367, 2469, 2554])
/** The type of a variable whose first value has none, said of its uses. */
const OF_UNKNOWN = /(?<! to type )'auto'/
/** Names that the build gives to what it adds. */
const GENERATED_NAME = /\b__\w+/

const GLUE_HINT =
  'this is in code that the build adds; node contracts/src/builder/cli.ts DIR --keep-glue writes it to build/glue'

/** @param contract the class that was compiled, for messages that have no place of the author's */
export function inWords(
  problems: readonly Problem[],
  sources: WordSources,
  contract: { readonly file: SourceFile; readonly start: number; readonly name: string },
): readonly Problem[] {
  const own = problems.filter((problem) => !isGlue(problem))
  // Code that the build added fails only because of the author's mistake beside it.
  if (own.length > 0) return withoutConsequences(own, sources.files).map((problem) => told(problem, sources))
  return problems.map(({ message, file, line, column }) => {
    const atClass = line === 1 && column === 1
    const place = atClass
      ? { file: contract.file.path, ...positionAt(contract.file.text, contract.start), length: contract.name.length }
      : { file, line, column }
    return { ...place, message, hint: GLUE_HINT }
  })
}

/** Without what would go by itself if the other mistakes were mended; never without all of them. */
function withoutConsequences(problems: readonly Problem[], files: readonly SourceFile[]): readonly Problem[] {
  const notExported = new Set(problems.flatMap((problem) => nameIn(problem, NO_EXPORT, /'([^']+)'\.$/)))
  // An expression with an unknown name or member has no type, and neither have expressions made of it.
  const untyped = new Set(problems.filter((problem) => has(problem, NO_NAME, NO_PROPERTY)).map(lineOf))
  const functions = files.flatMap(functionsOf)
  const told = new Set<string>()
  const first = (key: string): boolean => !told.has(key) && told.add(key).has(key)
  const kept = problems.filter((problem) => {
    const [name] = nameIn(problem, NO_NAME, /'([^']+)'\.$/)
    if (name !== undefined) {
      const around = functions.findLastIndex((place) => isWithin(problem, place))
      return !notExported.has(name) && first(`${problem.file} ${around} ${name}`)
    }
    if (untyped.has(lineOf(problem)) && has(problem, ...OF_TYPES)) return false
    if (isCompilers(problem) && OF_UNKNOWN.test(problem.compiler.text) && problems.some(isOfKnown)) return false
    if (has(problem, NO_RESULT) && functions.some((place) => isWrongWithin(place, problem, problems))) return false
    return first(`${lineOf(problem)}:${problem.column}`)
  })
  return kept.length > 0 ? kept : problems
}

/** A function of the author's, by lines. */
interface FunctionPlace {
  readonly file: string
  readonly first: number
  readonly last: number
  /** Of its return type, as a problem has it. */
  readonly returns: string
}

function functionsOf(file: SourceFile): readonly FunctionPlace[] {
  const found: FunctionPlace[] = []
  visitFile(file, (node) => {
    const { signature } = node as AstNode & { signature?: { readonly returnType: AstNode } }
    if (signature === undefined) return
    const [first, last] = [positionAt(file.text, node.range.start).line, positionAt(file.text, node.range.end).line]
    const { line, column } = positionAt(file.text, signature.returnType.range.start)
    found.push({ file: file.path, first, last, returns: `${line}:${column}` })
  })
  return found
}

function isWithin(problem: Problem, { file, first, last }: FunctionPlace): boolean {
  return problem.file === file && problem.line >= first && problem.line <= last
}

/** Whether the function that is said to return nothing has another mistake, such as in a return. */
function isWrongWithin(place: FunctionPlace, problem: Problem, problems: readonly Problem[]): boolean {
  if (place.file !== problem.file || place.returns !== `${problem.line}:${problem.column}`) return false
  return problems.some((other) => other !== problem && isWithin(other, place))
}

function isOfKnown(problem: Problem): boolean {
  return !isCompilers(problem) || !OF_UNKNOWN.test(problem.compiler.text)
}

function lineOf({ file, line }: Problem): string {
  return `${file}:${line}`
}

function has(problem: Problem, ...codes: readonly number[]): boolean {
  return isCompilers(problem) && codes.includes(problem.compiler.code)
}

function nameIn(problem: Problem, code: number, pattern: RegExp): readonly string[] {
  if (!isCompilers(problem) || problem.compiler.code !== code) return []
  return pattern.exec(problem.compiler.text)?.slice(1) ?? []
}

function isGlue(problem: Problem): boolean {
  if (!isCompilers(problem)) return false
  return problem.compiler.isGenerated || GENERATED_NAME.test(problem.compiler.text)
}

function told(problem: Problem, sources: WordSources): Problem {
  if (!isCompilers(problem)) return problem
  const { compiler, ...plain } = problem
  if (compiler.code === FILE_NOT_FOUND) return missingFile(plain, compiler.text, compiler.written)
  const file = sources.files.find(({ path }) => path === problem.file)
  if (file === undefined) return plain
  const words = compilerWords({ ...compiler, file }, sources)
  if (words === null) return plain
  // The compiler's own sentence keeps its number, by which it can be looked up.
  const message = words.message === compiler.text ? plain.message : words.message
  return { ...plain, message, ...(words.hint === undefined ? {} : { hint: words.hint }) }
}

function missingFile(problem: Problem, text: string, written: string): Problem {
  const path = /'(.+)'/.exec(text)?.[1] ?? ''
  const withEnding = /\.ts['"]$/.test(written)
  return {
    ...problem,
    message: `there is no file ${path.endsWith('.ts') ? path : `${path}.ts`}`,
    hint: withEnding ? "leave out .ts: import … from './name'" : 'the path counts from the file that imports',
  }
}

function isCompilers(problem: Problem): problem is CompilerProblem {
  return 'compiler' in problem
}
