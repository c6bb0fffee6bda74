/**
 * Validates constant expressions (core specification, 3.3.10, with the extended-const proposal): constants,
 * `ref.null`, `ref.func`, imported immutable globals, and add, sub, mul of integers.
 */

import { type InstructionList, WORDS } from '../binary/module.ts'
import { INSTRUCTIONS, OP } from '../binary/opcodes.ts'
import type { ValueType } from '../binary/types.ts'
import type { ModulePosition } from '../validationError.ts'
import { checkFunctionIndex, globalAt, invalid, type ModuleContext } from './moduleContext.ts'

const {
  'global.get': GLOBAL_GET,
  'i32.const': I32_CONST,
  'f64.const': F64_CONST,
  'i32.add': I32_ADD,
  'i32.sub': I32_SUB,
  'i32.mul': I32_MUL,
  'i64.add': I64_ADD,
  'i64.sub': I64_SUB,
  'i64.mul': I64_MUL,
  'ref.null': REF_NULL,
  'ref.func': REF_FUNC,
} = OP

/** i32 and i64 add, sub, mul. */
const ARITHMETIC: ReadonlySet<number> = new Set([I32_ADD, I32_SUB, I32_MUL, I64_ADD, I64_SUB, I64_MUL])

export function validateConstant(context: ModuleContext, { words, count }: InstructionList, expected: ValueType): void {
  const stack: ValueType[] = []
  // The last instruction is the closing `end`.
  for (let i = 0; i < count - 1; i++) {
    const { op, name, signature } = INSTRUCTIONS[words[i * WORDS]!]!
    const position: ModulePosition = { functionIndex: null, offset: words[i * WORDS + 1]!, instruction: name }
    const a = words[i * WORDS + 2]! >>> 0
    if (op === GLOBAL_GET) stack.push(constantGlobal(context, a, position))
    else if (op === REF_FUNC) {
      checkFunctionIndex(context.module, a, position)
      context.declared[a] = 1
      context.addressTaken[a] = 1
      stack.push('funcref')
    } else if ((op >= I32_CONST && op <= F64_CONST) || op === REF_NULL) stack.push(signature!.results[0]!)
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
