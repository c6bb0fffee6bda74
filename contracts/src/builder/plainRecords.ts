/** Classes marked @struct, @returns, @event and @error whose constructors do nothing but fill in their members. */

import { fieldsOf, isConstructor } from './astNodes.ts'
import type { AstNode, MethodNode } from './compiler.ts'
import type { ProgramModel, StructModel } from './model.ts'

/** By the compiler's names: the file's path and the class's name. */
export function plainRecords({ records }: ProgramModel): ReadonlySet<string> {
  return new Set(records.filter(isPlain).map(({ file, name }) => `${file.path.replace(/\.ts$/, '')}/${name}`))
}

function isPlain({ node }: StructModel): boolean {
  const written = node.members.find((member) => 'signature' in member && isConstructor(member as MethodNode))
  const body = (written as MethodNode | undefined)?.body as (AstNode & { statements?: readonly AstNode[] }) | undefined
  return (body?.statements ?? []).length === 0 && fieldsOf(node).every(({ initializer }) => initializer === null)
}
