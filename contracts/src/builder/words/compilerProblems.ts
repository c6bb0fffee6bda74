/** What the compiler found in a contract, as its author is told it: in words, at places of the author's, each mistake once. */

import type { Problem } from '../problem.ts'
import { positionAt } from '../problem.ts'
import type { CompilerProblem, SourceFile } from '../sources.ts'
import { compilerWords, type WordSources } from './compilerWords.ts'

const FILE_NOT_FOUND = 6054
const NO_EXPORT = 2305
const NO_NAME = 2304
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
  // What the build added fails only because of the author's mistake beside it.
  if (own.length > 0) return withoutConsequences(own).map((problem) => told(problem, sources))
  return problems.map(({ message, file, line, column }) => {
    const atClass = line === 1 && column === 1
    const place = atClass
      ? { file: contract.file.path, ...positionAt(contract.file.text, contract.start), length: contract.name.length }
      : { file, line, column }
    return { ...place, message, hint: GLUE_HINT }
  })
}

/** A name that its file does not get is missing wherever it is used. */
function withoutConsequences(problems: readonly Problem[]): readonly Problem[] {
  const missing = new Set(problems.flatMap((problem) => nameIn(problem, NO_EXPORT, /'([^']+)'\.$/)))
  return problems.filter((problem) => !nameIn(problem, NO_NAME, /'([^']+)'\.$/).some((name) => missing.has(name)))
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
