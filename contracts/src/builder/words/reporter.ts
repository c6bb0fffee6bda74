/** Notes problems of one file by what they are about. */

import type { SourceRange } from '../compiler.ts'
import { type Problem, positionAt } from '../problem.ts'
import type { SourceFile } from '../sources.ts'

/** The words about a part of the source: a sentence, and what to write instead. */
export interface Words {
  readonly message: string
  readonly hint?: string
}

export type Tell = (at: SourceRange, words: Words) => void

export function problemAt(file: Pick<SourceFile, 'path' | 'text'>, at: SourceRange, words: Words): Problem {
  return { file: file.path, ...positionAt(file.text, at.start), length: Math.max(1, at.end - at.start), ...words }
}
