/** Statements that are a text and nothing else: `'unchecked'` at the beginning of a block means something, others do not. */

import type { AstNode } from '../compiler.ts'
import { statementsIn, textStatement, UNCHECKED } from '../language/uncheckedCode.ts'
import type { SourceFile } from '../sources.ts'
import type { Tell } from './reporter.ts'
import { visitFile } from './tree.ts'

export function checkTexts(file: SourceFile, tell: Tell): void {
  const told = (node: AstNode, isFirst: boolean) => {
    const text = textStatement(node)
    if (text === null || (text === UNCHECKED && isFirst)) return
    const hint = `'${UNCHECKED}' as the first statement of a block or function lets its integers wrap`
    const message =
      text === UNCHECKED ? `'${UNCHECKED}' stands at the beginning of a block or function` : 'this text does nothing'
    tell(node.range, { message, hint })
  }
  const inBlocks = new Set<AstNode>()
  visitFile(file, (node) => {
    const statements = statementsIn(node) ?? []
    statements.forEach((statement, i) => {
      inBlocks.add(statement)
      told(statement, i === 0)
    })
    if (!inBlocks.has(node)) told(node, false)
  })
}
