/**
 * Validates constant expressions (core specification, 3.3.10, with the extended-const proposal): constants,
 * `ref.null`, `ref.func`, imported immutable globals, and add, sub, mul of integers.
 */

import { type InstructionList, WORDS } from '../binary/module.ts'
import { INSTRUCTIONS } from '../binary/opcodes.ts'
import type { ValueType } from '../binary/types.ts'
import type { ModulePosition } from '../validationError.ts'
import { checkFunctionIndex, globalAt, invalid, type ModuleContext } from './moduleContext.ts'

/** i32 and i64 add, sub, mul. */
const ARITHMETIC: ReadonlySet<number> = new Set([0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e])

export function validateConstant(context: ModuleContext, { words, count }: InstructionList, expected: ValueType): void {
  const stack: ValueType[] = []
  // The last instruction is the closing `end`.
  for (let i = 0; i < count - 1; i++) {
    const { op, name, signature } = INSTRUCTIONS[words[i * WORDS]!]!
    const position: ModulePosition = { functionIndex: null, offset: words[i * WORDS + 1]!, instruction: name }
    const a = words[i * WORDS + 2]! >>> 0
    if (op === 0x23) stack.push(constantGlobal(context, a, position))
    else if (op === 0xd2) {
      checkFunctionIndex(context.module, a, position)
      context.declared[a] = 1
      context.addressTaken[a] = 1
      stack.push('funcref')
    } else if ((op >= 0x41 && op <= 0x44) || op === 0xd0) stack.push(signature!.results[0]!)
    else if (ARITHMETIC.has(op)) {
      const type = signature!.results[0]!
      if (stack.pop() !== type || stack.pop() !== type) mismatch(`${name} needs two operands of type ${type}`, position)
      stack.push(type)
    } else {
      const hint =
        'allowed are constants, ref.null, ref.func, imported immutable globals, and add, sub, mul of integers'
      invalid('invalid:constant-expression', `${name} in a constant expression`, position, hint)
    }
  }
  const position = { functionIndex: null, offset: words[(count - 1) * WORDS + 1]!, instruction: null }
  if (stack.length !== 1 || stack[0] !== expected) {
    mismatch(`a constant expression gives [${stack.join(' ')}], expected is [${expected}]`, position)
  }
}

function constantGlobal({ module }: ModuleContext, index: number, position: ModulePosition): ValueType {
  const { type, mutable } = globalAt(module, index, position)
  if (index >= module.importedGlobals) {
    const hint = 'constant expressions may read imported globals only'
    invalid('invalid:unknown-global', `global ${index} is not imported`, position, hint)
  }
  if (mutable) {
    const hint = 'constant expressions may read immutable globals only'
    invalid('invalid:constant-expression', `global ${index} is mutable`, position, hint)
  }
  return type
}

function mismatch(problem: string, position: ModulePosition): never {
  return invalid('invalid:type-mismatch', problem, position)
}
