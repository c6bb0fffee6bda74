/**
 * Instantiation (core specification, 4.5.4): links imports, takes or makes a machine, copies segments, runs the start
 * function.
 */
import { type ElementSegment, type InstructionList, type Module, WORDS } from '../../binary/module.ts'
import { OP } from '../../binary/opcodes.ts'
import {
  type FunctionReference,
  HostExit,
  type ImportValue,
  type InstantiateOptions,
  InstantiationTrap,
} from '../engine.ts'
import { type LinkedNewMemory, link } from '../linking.ts'
import { type Trap, WasmTrap } from '../trap.ts'
import { InterpreterInstance } from './instance.ts'
import { type Imported, LoadedModule } from './loadedModule.ts'
import type { InterpreterProgram } from './program.ts'
import {
  HostFunctionReference,
  type InterpreterFunction,
  InterpreterGlobal,
  InterpreterMemory,
  InterpreterTable,
  isInterpreterFunction,
} from './store.ts'

const {
  'global.get': GLOBAL_GET,
  'i32.const': I32_CONST,
  'i64.const': I64_CONST,
  'f32.const': F32_CONST,
  'f64.const': F64_CONST,
  'ref.null': REF_NULL,
  'ref.func': REF_FUNC,
  'i32.add': I32_ADD,
  'i32.sub': I32_SUB,
  'i32.mul': I32_MUL,
  'i64.add': I64_ADD,
  'i64.sub': I64_SUB,
  'i64.mul': I64_MUL,
} = OP

type OwnExtern = InterpreterFunction | InterpreterTable | InterpreterMemory | InterpreterGlobal

const ENGINE = {
  isOwn: (value: ImportValue): value is OwnExtern =>
    isInterpreterFunction(value) ||
    value instanceof InterpreterTable ||
    value instanceof InterpreterMemory ||
    value instanceof InterpreterGlobal,
  hostFunction: (value: ConstructorParameters<typeof HostFunctionReference>[0]) => new HostFunctionReference(value),
}

/** @throws LinkError, InstantiationTrap, HostExit. */
export function instantiate(
  program: InterpreterProgram,
  { imports = {}, fuel = 0n }: InstantiateOptions,
): InterpreterInstance {
  const { decoded: module } = program
  const linked = link(ENGINE, module, imports, program.limits.memoryPages) as (OwnExtern | LinkedNewMemory)[]
  const functions = linked.filter(isInterpreterFunction)
  const imported: Imported = {
    tables: linked.filter((value) => value instanceof InterpreterTable),
    globals: linked.filter((value) => value instanceof InterpreterGlobal),
    memory: linked.find((value) => value instanceof InterpreterMemory || value.kind === 'new-memory') ?? null,
  }
  let loaded = program.takeIdle()
  let instance: InterpreterInstance
  try {
    if (loaded?.suits(imported)) {
      loaded.reset()
      instance = new InterpreterInstance(loaded, functions, fuel)
    } else {
      loaded = new LoadedModule(program, imported)
      instance = new InterpreterInstance(loaded, functions, fuel)
      for (const [i, table] of loaded.tables.entries()) table.attach(loaded, loaded.lowered.tables[i]!)
      initialiseGlobals(instance, imported.globals)
      if (program.poolable) loaded.rememberGlobals()
      copyElements(instance, module)
    }
    copyData(instance, module)
  } catch (error) {
    if (error instanceof WasmTrap) throw failed(instance!, error.toTrap())
    throw error
  }
  if (module.start === null) return instance
  const outcome = instance.run(module.start.functionIndex, [])
  if (outcome.kind === 'trap') throw failed(instance, outcome.trap)
  if (outcome.kind === 'exit') throw new HostExit(outcome.status)
  return instance
}

function failed(instance: InterpreterInstance, trap: Trap): InstantiationTrap {
  instance.fuel = 0
  return new InstantiationTrap(trap)
}

function initialiseGlobals(instance: InterpreterInstance, imported: readonly InterpreterGlobal[]): void {
  const { globals } = instance.loaded
  const { importedGlobals, globals: defined } = instance.program.decoded
  for (const [i, from] of imported.entries()) {
    const copy = globals[i]!
    if (copy === from) continue
    if (copy.type === 'funcref') copy.reference = from.reference
    else copy.bits = from.bits
  }
  for (const [i, { init }] of defined.entries()) {
    const global = globals[importedGlobals + i]!
    const { bits, reference } = evaluate(instance, init)
    if (global.type === 'funcref') global.reference = reference
    else global.bits = bits
  }
}

function copyElements(instance: InterpreterInstance, module: Module): void {
  // Others are used up here, and not kept: an instance that waits for its next use is counted without them.
  instance.elements = module.elements.map((segment) =>
    segment.mode.kind === 'passive' ? referencesOf(instance, segment) : [],
  )
  for (const [i, segment] of module.elements.entries()) {
    const { mode } = segment
    if (mode.kind === 'passive') continue
    if (mode.kind === 'active') {
      const table = instance.loaded.tables[mode.index]!
      const references = referencesOf(instance, segment)
      const start = unsigned(evaluate(instance, mode.start))
      if (start + references.length > table.length) throw new WasmTrap('out-of-bounds-table')
      for (const [k, reference] of references.entries()) table.set(start + k, reference)
    }
    instance.droppedElements[i] = 1
  }
}

function referencesOf(
  instance: InterpreterInstance,
  { functions, expressions }: ElementSegment,
): (FunctionReference | null)[] {
  if (functions !== null) return functions.map((index) => instance.functionAt(index))
  return expressions!.map((expression) => evaluate(instance, expression).reference)
}

function copyData(instance: InterpreterInstance, module: Module): void {
  const { memory, machine } = instance.loaded
  for (const [i, { mode, bytes }] of module.data.entries()) {
    if (mode.kind !== 'active') continue
    const start = unsigned(evaluate(instance, mode.start))
    if (start + bytes.length > memory!.size) throw new WasmTrap('out-of-bounds-memory')
    machine.bytes.set(bytes, memory!.start + start)
    instance.droppedData[i] = 1
  }
}

interface ConstantValue {
  readonly bits: bigint
  readonly reference: FunctionReference | null
}

function unsigned({ bits }: ConstantValue): number {
  return Number(BigInt.asUintN(32, bits))
}

/** Evaluates a valid constant expression. Of 32-bit numbers the upper half means nothing. */
function evaluate(instance: InterpreterInstance, { words, count }: InstructionList): ConstantValue {
  const stack: bigint[] = []
  let reference: FunctionReference | null = null
  for (let i = 0; i < count - 1; i++) {
    const op = words[i * WORDS]!
    const a = words[i * WORDS + 2]!
    const b = words[i * WORDS + 3]!
    switch (op) {
      case GLOBAL_GET: {
        const global = instance.loaded.globals[a]!
        stack.push(global.bits)
        if (global.type === 'funcref') reference = global.reference
        break
      }
      case I32_CONST:
      case I64_CONST:
      case F32_CONST: // its bits
      case F64_CONST: // its bits
        stack.push((BigInt(b) << 32n) | BigInt(a >>> 0))
        break
      case REF_NULL:
        stack.push(0n)
        break
      case REF_FUNC:
        reference = instance.functionAt(a)
        stack.push(0n)
        break
      default: {
        const [right, left] = [stack.pop()!, stack.pop()!]
        stack.push(BigInt.asIntN(64, arithmetic(op, left, right)))
      }
    }
  }
  return { bits: stack[0]!, reference }
}

function arithmetic(op: number, left: bigint, right: bigint): bigint {
  switch (op) {
    case I32_ADD:
    case I64_ADD:
      return left + right
    case I32_SUB:
    case I64_SUB:
      return left - right
    case I32_MUL:
    case I64_MUL:
      return left * right
    default:
      throw new Error(`op 0x${op.toString(16)} in a constant expression`)
  }
}
