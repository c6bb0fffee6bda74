/**
 * Statements that are a text and nothing else: `'unchecked'` at the beginning of a block means something, others do not.
 * And names that would take the meaning from `unchecked(...)`, or lose theirs to it.
 */

import type { AstNode, IdentifierNode } from '../compiler.ts'
import { statementsIn, textStatement, UNCHECKED } from '../language/uncheckedCode.ts'
import type { SourceFile } from '../sources.ts'
import type { Tell } from './reporter.ts'
import { DECLARING, visitFile } from './tree.ts'

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
    const { name } = node as AstNode & { name?: IdentifierNode }
    if (DECLARING.has(node.kind) && name?.text === UNCHECKED) {
      tell(name.range, { message: `${UNCHECKED}(...) lets integers wrap, and is nothing else: choose another name` })
    }
    const statements = statementsIn(node) ?? []
    statements.forEach((statement, i) => {
      inBlocks.add(statement)
      told(statement, i === 0)
    })
    if (!inBlocks.has(node)) told(node, false)
  })
}
