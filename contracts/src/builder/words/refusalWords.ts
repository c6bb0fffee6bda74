/** The chain's refusals of a module that the build itself made, in words for the author of its source. */

import { type AbiError, ValidationError } from '@touchstone/vm'
import { SourceMap } from '../../sourceMap.ts'
import type { ClassNode, SourceRange } from '../compiler.ts'
import { parser } from '../compiler.ts'
import type { ContractModel } from '../model.ts'
import { type Problem, positionAt } from '../problem.ts'
import type { SourceFile } from '../sources.ts'
import { problemAt } from './reporter.ts'

const { NodeKind } = parser

const FLOAT_HINT =
  'something it uses computes with floating point, or its types were inferred so: write U256, I256 or u8 to u64 for every number'
/** A function of a class by the name it has in the module: `Token#transfer`, `Token#__call_transfer`. */
const METHOD = /^(\w+)#(?:__(?:call|initialize|construct)_|get:|set:)?(\w+)$/

/** At the method it is about, when the author wrote that or it became part of another function; else at the contract. */
export function refusalWords(
  error: ValidationError | AbiError,
  contract: ContractModel,
  files: readonly SourceFile[],
  sourceMap: string,
): Problem {
  const { file, node, name } = contract
  const what = `the chain would refuse ${name}`
  if (!(error instanceof ValidationError))
    return problemAt(file, node.name.range, { message: `${what}: ${error.message}` })
  const place = methodNamed(error.functionName, files) ??
    methodAt(error.offset, sourceMap, files) ?? { file, range: node.name.range }
  const isFloat = error.code === 'refused:float'
  const within = error.functionName === null ? '' : `, in ${error.functionName}`
  const hint = isFloat ? FLOAT_HINT : error.code.startsWith('limit:') ? error.hint : undefined
  return problemAt(place.file, place.range, {
    message: `${what}: ${error.problem}${within}`,
    ...(hint === undefined ? {} : { hint }),
  })
}

function methodNamed(functionName: string | null, files: readonly SourceFile[]) {
  const match = METHOD.exec(functionName ?? '')
  if (match === null) return null
  for (const file of files) {
    for (const statement of file.statements) {
      const node = statement as ClassNode
      if (node.kind !== NodeKind['ClassDeclaration'] || node.name.text !== match[1]) continue
      const member = node.members.find(({ name }) => name?.text === match[2])
      return member === undefined ? null : { file, range: member.name.range }
    }
  }
  return null
}

/** The method that has the line from which an instruction comes. */
function methodAt(offset: number | null, sourceMap: string, files: readonly SourceFile[]) {
  const place = offset === null ? null : new SourceMap(sourceMap).at(offset)
  const file = files.find(({ path }) => path === place?.file)
  if (place === null || file === undefined) return null
  for (const statement of file.statements) {
    const node = statement as ClassNode
    if (node.kind !== NodeKind['ClassDeclaration']) continue
    const lines = ({ range }: { range: SourceRange }) =>
      positionAt(file.text, range.start).line <= place.line && place.line <= positionAt(file.text, range.end).line
    const member = node.members.find((one) => one.kind === NodeKind['MethodDeclaration'] && lines(one))
    if (member !== undefined) return { file, range: member.name.range }
  }
  return null
}
