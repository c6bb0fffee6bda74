/** Instantiation (core specification, 4.5.4): links imports, allocates, copies active segments, runs the start function. */

import { type InstructionList, type Module, WORDS } from '../../binary/module.ts'
import { OP } from '../../binary/opcodes.ts'
import { type FunctionType, functionTypeText, sameFunctionType } from '../../binary/types.ts'
import {
  type FunctionReference,
  HostExit,
  type ImportValue,
  type InstantiateOptions,
  InstantiationTrap,
  LinkError,
} from '../engine.ts'
import { type Trap, WasmTrap } from '../trap.ts'
import { ReferenceInstance } from './instance.ts'
import { binary64 } from './int64.ts'
import type { ReferenceProgram } from './program.ts'
import {
  HostFunctionReference,
  isReferenceFunction,
  type ReferenceFunction,
  ReferenceGlobal,
  ReferenceMemory,
  ReferenceTable,
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
  'i64.add': I64_ADD,
} = OP

/** @throws LinkError, InstantiationTrap, HostExit. */
export function instantiate(
  program: ReferenceProgram,
  { imports = {}, fuel = 0n, recorder, stepper }: InstantiateOptions,
): ReferenceInstance {
  const { decoded: module, limits } = program
  const functions: ReferenceFunction[] = []
  const tables: ReferenceTable[] = []
  const globals: ReferenceGlobal[] = []
  let memory: ReferenceMemory | null = null
  for (const { module: importModule, name, description } of module.imports) {
    const value = Object.hasOwn(imports, importModule) ? own(imports[importModule]!, name) : undefined
    if (value === undefined) throw new LinkError('missing-import', importModule, name, 'the host does not offer it')
    const wrong = (expected: string): never => {
      throw new LinkError(
        'wrong-import-type',
        importModule,
        name,
        `expected is ${expected}, offered is ${words(value)}`,
      )
    }
    switch (description.kind) {
      case 'function': {
        const type = module.types[description.typeIndex]!
        functions.push(functionImport(value, type) ?? wrong(`a function ${functionTypeText(type)}`))
        break
      }
      case 'table': {
        const { min, max } = description.table
        if (!(value instanceof ReferenceTable) || !within(value.elements.length, value.declaredMax, min, max)) {
          return wrong(`a table of ${min} to ${max ?? 'any number of'} elements`)
        }
        tables.push(value)
        break
      }
      case 'memory': {
        const { min, max } = description.memory
        memory = memoryImport(value, limits.memoryPages)
        if (memory === null || !within(memory.pages, memory.declaredMax, min, max)) {
          return wrong(`a memory of ${min} to ${max ?? 'any number of'} pages`)
        }
        break
      }
      case 'global': {
        const { type, mutable } = description.global
        if (!(value instanceof ReferenceGlobal) || value.type !== type || value.mutable !== mutable) {
          return wrong(`a ${mutable ? 'mutable' : 'constant'} global of type ${type}`)
        }
        globals.push(value)
      }
    }
  }
  for (const { min, max } of module.tables.slice(module.importedTables)) {
    tables.push(new ReferenceTable(min, max, limits.tableElements))
  }
  const ownMemory = module.memories[module.importedMemories]
  if (ownMemory !== undefined) memory = new ReferenceMemory(ownMemory.min, ownMemory.max, limits.memoryPages)
  for (const { type, mutable } of module.globalTypes.slice(module.importedGlobals)) {
    globals.push(new ReferenceGlobal(type, mutable))
  }
  const instance = new ReferenceInstance(program, { functions, tables, globals, memory }, fuel, recorder, stepper)
  stepper?.begin(instance)
  initialise(instance)
  return instance
}

function own(offered: Readonly<Record<string, ImportValue>>, name: string): ImportValue | undefined {
  return Object.hasOwn(offered, name) ? offered[name] : undefined
}

function functionImport(value: ImportValue, type: FunctionType): ReferenceFunction | null {
  if (isReferenceFunction(value)) return sameFunctionType(value.type, type) ? value : null
  if (!('call' in value) || !sameFunctionType(value.type, type)) return null
  return new HostFunctionReference(value.type, value.call)
}

function memoryImport(value: ImportValue, limit: number): ReferenceMemory | null {
  if (value instanceof ReferenceMemory) return value
  if (!('newMemory' in value) || value.newMemory.min > limit) return null
  return new ReferenceMemory(value.newMemory.min, value.newMemory.max, limit)
}

/** Import matching of limits (core specification, 4.5.1). */
function within(size: number, declaredMax: number | null, min: number, max: number | null): boolean {
  return size >= min && (max === null || (declaredMax !== null && declaredMax <= max))
}

function words(value: ImportValue): string {
  if (value instanceof ReferenceTable)
    return `a table of ${value.elements.length} to ${value.declaredMax ?? 'any number of'} elements`
  if (value instanceof ReferenceMemory)
    return `a memory of ${value.pages} to ${value.declaredMax ?? 'any number of'} pages`
  if (value instanceof ReferenceGlobal)
    return `a ${value.mutable ? 'mutable' : 'constant'} global of type ${value.type}`
  if ('call' in value || isReferenceFunction(value)) return `a function ${functionTypeText(value.type)}`
  return 'newMemory' in value ? 'a new memory' : 'something of another engine'
}

function initialise(instance: ReferenceInstance): void {
  const { decoded: module } = instance.program
  for (const [i, { init }] of module.globals.entries()) {
    const global = instance.globals[module.importedGlobals + i]!
    const { low, high, reference } = evaluate(instance, init)
    global.low = low
    global.high = high
    global.reference = reference
  }
  instance.elements = module.elements.map(({ functions, expressions }) =>
    functions !== null
      ? functions.map((index) => instance.functionAt(index))
      : expressions!.map((expression) => evaluate(instance, expression).reference),
  )
  try {
    copyElements(instance, module)
    copyData(instance, module)
  } catch (error) {
    if (error instanceof WasmTrap) throw failed(instance, error.toTrap())
    throw error
  }
  if (module.start === null) return
  const outcome = instance.run(module.start.functionIndex, [])
  if (outcome.kind === 'trap') throw failed(instance, outcome.trap)
  if (outcome.kind === 'exit') throw new HostExit(outcome.status)
}

function failed(instance: ReferenceInstance, trap: Trap): InstantiationTrap {
  instance.fuel = 0
  return new InstantiationTrap(trap)
}

function copyElements(instance: ReferenceInstance, module: Module): void {
  for (const [i, { mode }] of module.elements.entries()) {
    if (mode.kind === 'passive') continue
    if (mode.kind === 'active') {
      const { elements } = instance.tables[mode.index]!
      const segment = instance.elements[i]!
      const start = evaluate(instance, mode.start).low >>> 0
      if (start + segment.length > elements.length) throw new WasmTrap('out-of-bounds-table')
      for (const [k, reference] of segment.entries()) elements[start + k] = reference
    }
    instance.droppedElements[i] = 1
  }
}

function copyData(instance: ReferenceInstance, module: Module): void {
  for (const [i, { mode, bytes }] of module.data.entries()) {
    if (mode.kind !== 'active') continue
    const memory = instance.linearMemory!
    const start = evaluate(instance, mode.start).low >>> 0
    if (start + bytes.length > memory.size) throw new WasmTrap('out-of-bounds-memory')
    memory.bytes.set(bytes, start)
    instance.droppedData[i] = 1
  }
}

interface ConstantValue {
  readonly low: number
  readonly high: number
  readonly reference: FunctionReference | null
}

/** Evaluates a valid constant expression. */
function evaluate(instance: ReferenceInstance, { words, count }: InstructionList): ConstantValue {
  const low = new Int32Array(count)
  const high = new Int32Array(count)
  let reference: FunctionReference | null = null
  let sp = 0
  for (let i = 0; i < count - 1; i++) {
    const op = words[i * WORDS]!
    const a = words[i * WORDS + 2]!
    const b = words[i * WORDS + 3]!
    switch (op) {
      case GLOBAL_GET: {
        const global = instance.globals[a]!
        low[sp] = global.low
        high[sp++] = global.high
        reference = global.reference
        break
      }
      case I32_CONST:
      case I64_CONST:
      case F32_CONST: // its bits
      case F64_CONST: // its bits
        low[sp] = a
        high[sp++] = b
        break
      case REF_NULL:
        sp++
        break
      case REF_FUNC:
        reference = instance.functionAt(a)
        sp++
        break
      default:
        // i32.add, sub, mul are the lower halves of i64.add, sub, mul, which follow each other likewise.
        sp--
        binary64(op < I64_ADD ? op + I64_ADD - I32_ADD : op, low, high, sp - 1)
    }
  }
  return { low: low[0]!, high: high[0]!, reference }
}
