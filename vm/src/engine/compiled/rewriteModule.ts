/**
 * Rewrites a validated module so that the host's WebAssembly charges fuel and bounds the stack as the definition says
 * (docs/protocol/metering.md).
 *
 * The new module imports what the old one did, under the names "i" and the import's number, and three mutable
 * globals: fuel left and stack bytes left of what runs now, and why it trapped. Original functions keep their indices;
 * after them come what stands for imported functions in tables, and one function per export, and for the start section,
 * that moves the counters between the globals and the parameters. Where tables may be shared with other instances,
 * every function that may be in one has a stand-in, which counts calls from one instance to another in two further
 * imported globals. Exports are `f`, `t`, `g` or `m` with the index in the original index space, `r` with the index of
 * each function whose reference may be seen outside, {@link LAST_ELEMENT}, {@link RESET_GLOBALS} and {@link IDENTITY}.
 * There is no start section: the engine calls it.
 */

import { writeSection } from '../../binary/encode.ts'
import { encodeExpression } from '../../binary/encodeCode.ts'
import { EMPTY_BLOCK_CODE } from '../../binary/formatCodes.ts'
import {
  type ElementSegment,
  type Export,
  functionTypeOf,
  type GlobalType,
  type Import,
  type InstructionList,
  type Module,
  WORDS,
} from '../../binary/module.ts'
import { OP } from '../../binary/opcodes.ts'
import type { FunctionType, ValueType } from '../../binary/types.ts'
import { LINKED_CALL_DEPTH, type Limits } from '../../limits.ts'
import { callGraph } from '../../metering/callGraph.ts'
import { growthImportOf } from '../../metering/charges.ts'
import { type Reach, reach } from '../../metering/reach.ts'
import type { Schedule } from '../../metering/schedule.ts'
import { type StackRule, stackRule } from '../../metering/stackHeight.ts'
import type { ValidatedModule } from '../../validate/validateModule.ts'
import { CodeWriter, FUEL_CHECK, STACK_CHECK, TRANSLATED } from './codeWriter.ts'
import { type PlacementWatcher, Plan } from './plan.ts'
import { BodyRewriter } from './rewriteBody.ts'
import type { CounterGlobals, RewrittenBody } from './rewriteContext.ts'
import { eraseFloat, Signatures } from './signatures.ts'
import { TableContents } from './tableContents.ts'

const {
  if: IF,
  end: END,
  call: CALL,
  return_call: RETURN_CALL,
  'global.get': GLOBAL_GET,
  'global.set': GLOBAL_SET,
  'i32.const': I32_CONST,
  'i64.const': I64_CONST,
  'f32.const': F32_CONST,
  'f64.const': F64_CONST,
  'i32.eq': I32_EQ,
  'i32.lt_s': I32_LT_S,
  'i32.ge_s': I32_GE_S,
  'i32.add': I32_ADD,
  'i32.sub': I32_SUB,
  'i64.sub': I64_SUB,
  'ref.func': REF_FUNC,
} = OP

export const IMPORT_MODULE = 'i'
/** Export of the global that holds the index of the last call through a table. */
export const LAST_ELEMENT = 'last'
/** Export of the global that holds the number of the instance. */
export const IDENTITY = 'id'
/** Export of the function that makes the module's globals as they were after instantiation; absent where none can change. */
export const RESET_GLOBALS = 'reset'

const SECTIONS_BEFORE_CODE: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 9, 12]

export interface RewrittenModule {
  readonly bytes: Uint8Array
  /** Of functions and blocks. */
  readonly types: readonly FunctionType[]
  /** References to functions may be seen outside: each one in a table is exported. */
  readonly open: boolean
  readonly tables: TableContents
  /** Functions defined in the new module, in order; their parts of `origins` count. */
  readonly bodies: readonly RewrittenBody[]
  /** Where code comes from, see codeWriter.ts; places count as `codeFrom` of the bodies does. */
  readonly origins: Int32Array
  /** Offset in `bytes` of the code of each of them. */
  readonly codeStarts: Int32Array
  /** For functions past the original ones: the original function entered by it, or -1. */
  readonly entered: readonly number[]
}

/** Used again for every module; one is rewritten at a time. */
const bodyWriter = new CodeWriter()
const moduleWriter = new CodeWriter()
const sectionWriter = new CodeWriter()

/** `watcher` sees how each function is charged, for people who want to know (inspect/inspectRewritten.ts). */
export function rewriteModule(
  validated: ValidatedModule,
  schedule: Schedule,
  limits: Limits,
  watcher: PlacementWatcher | null = null,
): RewrittenModule {
  return new ModuleRewriter(validated, schedule, limits).run(watcher)
}

class ModuleRewriter {
  private readonly validated: ValidatedModule
  private readonly module: Module
  private readonly limits: Limits
  private readonly reach: Reach
  private readonly stack: StackRule
  private readonly tables: TableContents
  private readonly signatures: Signatures
  private readonly globals: CounterGlobals
  private readonly plan: Plan
  private readonly rewriter: BodyRewriter
  /** Of the function begun and not yet added. */
  private begun = { localsFrom: 0, codeFrom: 0, originsFrom: 0 }
  /** Of functions past the original ones. */
  private readonly addedTypes: number[] = []
  private readonly addedBodies: RewrittenBody[] = []
  private readonly entered: number[] = []
  private readonly standIns = new Map<number, number>()
  private readonly elementExpressions = new Map<InstructionList, InstructionList>()

  constructor(validated: ValidatedModule, schedule: Schedule, limits: Limits) {
    const { module, addressTaken } = validated
    this.validated = validated
    this.module = module
    this.limits = limits
    const growthImport = growthImportOf(module, schedule)
    const graph = callGraph(module, validated.functions, growthImport)
    this.reach = reach(validated, graph)
    this.stack = stackRule(validated, graph)
    this.tables = new TableContents(validated, this.reach.open)
    this.signatures = new Signatures(module.types)
    const shift = this.reach.open ? 5 : 3
    this.globals = {
      fuel: module.importedGlobals,
      stack: module.importedGlobals + 1,
      reason: module.importedGlobals + 2,
      inside: module.importedGlobals + 3,
      crossings: module.importedGlobals + 4,
      lastElement: module.globalTypes.length + shift,
      identity: module.globalTypes.length + shift + 1,
      shift,
    }
    this.plan = new Plan({ validated, schedule, limits, graph, reach: this.reach, stack: this.stack, growthImport })
    const { carriesFuel, carriesStack, ownStack } = this.plan
    bodyWriter.restart(this.globals.reason)
    sectionWriter.restart(this.globals.reason)
    for (let i = 0; i < (this.reach.open ? addressTaken.length : module.importedFunctions); i++) {
      if (addressTaken[i] === 1) this.standIns.set(i, module.functionTypes.length + this.standIns.size)
    }
    const context = {
      module,
      schedule,
      signatures: this.signatures,
      globals: this.globals,
      addressTaken,
      carriesFuel,
      carriesStack,
      counted: this.stack.counted,
      small: this.stack.small,
      ownStack,
      tables: this.tables,
      standIns: this.standIns,
      growthImport,
      memoryCap: module.importedMemories > 0 ? null : memoryCap(module, limits),
      tableCaps: module.tables.map(({ max }, i) => (i < module.importedTables ? null : tableCap(max, limits))),
    }
    this.rewriter = new BodyRewriter(context, bodyWriter)
  }

  run(watcher: PlacementWatcher | null): RewrittenModule {
    const { module } = this
    const { rewriter } = this
    const rewritten = this.plan.rewrite(rewriter, watcher)
    for (const index of this.standIns.keys()) {
      if (index < module.importedFunctions) this.addImportInTable(index)
      else this.addOwnInTable(index)
    }
    const exports = this.exports()
    const bodies = [...rewritten, ...this.addedBodies]
    const outer = this.outerModule(exports, [...rewriter.referred])
    const writer = moduleWriter
    writer.restart(this.globals.reason)
    writer.raw(module.bytes.subarray(0, 8))
    for (const id of SECTIONS_BEFORE_CODE) writeOuterSection(writer, outer, id)
    const codeStarts = writeCode(writer, rewriter.writer, bodies)
    writeOuterSection(writer, outer, 11)
    const origins = rewriter.writer.origins.slice(0, rewriter.writer.originsLength)
    return {
      bytes: writer.finish(),
      types: this.signatures.types,
      open: this.reach.open,
      tables: this.tables,
      bodies,
      origins,
      codeStarts,
      entered: this.entered,
    }
  }

  /** Starts a function without locals but the given ones; {@link add} ends it. */
  private begin(locals: readonly ValueType[]): CodeWriter {
    const { writer } = this.rewriter
    const localsFrom = writer.length
    writer.locals(locals, [])
    this.begun = { localsFrom, codeFrom: writer.length, originsFrom: writer.originsLength }
    return writer
  }

  private add(typeIndex: number, entered: number): number {
    const { writer } = this.rewriter
    writer.byte(END)
    this.addedTypes.push(typeIndex)
    this.entered.push(entered)
    const { localsFrom, codeFrom, originsFrom } = this.begun
    this.addedBodies.push({
      localsFrom,
      localsTo: codeFrom,
      codeFrom,
      codeTo: writer.length,
      originsFrom,
      originsTo: writer.originsLength,
    })
    return this.module.functionTypes.length + this.addedTypes.length - 1
  }

  /** The stand-in for an imported function in tables, which takes the counters as parameters. */
  private addImportInTable(index: number): void {
    const { signatures, globals, module } = this
    const typeIndex = module.functionTypes[index]!
    const { length } = functionTypeOf(module, index).params
    const writer = this.begin([])
    // The imported function sees the counter: it must not be negative.
    writer.origin(FUEL_CHECK, 0)
    writer.localGet(length)
    writer.trapIfNegative()
    writer.localGet(length)
    writer.withIndex(GLOBAL_SET, globals.fuel)
    writer.localGet(length + 1)
    writer.withIndex(GLOBAL_SET, globals.stack)
    for (let i = 0; i < length; i++) writer.localGet(i)
    writer.origin(TRANSLATED, 0)
    writer.withIndex(CALL, index)
    writer.withIndex(GLOBAL_GET, globals.fuel)
    this.add(signatures.inTable(typeIndex), -1)
  }

  /** The stand-in for a function of this module in tables that other instances may call through. */
  private addOwnInTable(index: number): void {
    const { signatures, globals, module } = this
    const typeIndex = module.functionTypes[index]!
    const { params } = signatures.types[signatures.inTable(typeIndex)]!
    const writer = this.begin(['i32'])
    const caller = params.length
    const offset = module.bodies[index - module.importedFunctions]!.code.words[1]!
    const pushParams = (): void => params.forEach((_, i) => void writer.localGet(i))
    const count = (add: number): void => {
      writer.withIndex(GLOBAL_GET, globals.crossings)
      writer.i32Const(add)
      writer.byte(I32_ADD)
      writer.withIndex(GLOBAL_SET, globals.crossings)
    }
    writer.withIndex(GLOBAL_GET, globals.inside)
    writer.localTee(caller)
    writer.withIndex(GLOBAL_GET, globals.identity)
    writer.byte(I32_EQ)
    writer.withIndex(IF, EMPTY_BLOCK_CODE)
    pushParams()
    writer.withIndex(RETURN_CALL, index)
    writer.byte(END)
    writer.origin(STACK_CHECK, offset)
    writer.withIndex(GLOBAL_GET, globals.crossings)
    writer.i32Const(LINKED_CALL_DEPTH)
    writer.byte(I32_GE_S)
    writer.trapIf(STACK_CHECK)
    count(1)
    writer.withIndex(GLOBAL_GET, globals.identity)
    writer.withIndex(GLOBAL_SET, globals.inside)
    pushParams()
    writer.origin(TRANSLATED, offset)
    writer.withIndex(CALL, index)
    count(-1)
    writer.localGet(caller)
    writer.withIndex(GLOBAL_SET, globals.inside)
    this.add(signatures.inTable(typeIndex), -1)
  }

  /** Enters function `index` from the host, or from another instance. */
  private addEntry(index: number): number {
    const { module, globals, signatures, plan, stack, validated } = this
    const typeIndex = module.functionTypes[index]!
    const { length } = functionTypeOf(module, index).params
    const writer = this.begin([])
    const f = index - module.importedFunctions
    if (f < 0) {
      for (let i = 0; i < length; i++) writer.localGet(i)
      writer.withIndex(CALL, index)
      return this.add(typeIndex, index)
    }
    const offset = module.bodies[f]!.code.words[1]!
    writer.origin(STACK_CHECK, offset)
    writer.withIndex(GLOBAL_GET, globals.stack)
    writer.i32Const(plan.stackCharge[f]!)
    writer.byte(I32_LT_S)
    writer.trapIf(STACK_CHECK)
    writer.origin(FUEL_CHECK, offset)
    writer.withIndex(GLOBAL_GET, globals.fuel)
    writer.i64Const(plan.paidByCaller[f]!)
    writer.byte(I64_SUB)
    writer.withIndex(GLOBAL_SET, globals.fuel)
    writer.withIndex(GLOBAL_GET, globals.fuel)
    writer.trapIfNegative()
    for (let i = 0; i < length; i++) writer.localGet(i)
    if (plan.carriesFuel[f] === 1) writer.withIndex(GLOBAL_GET, globals.fuel)
    if (plan.carriesStack[f] === 1) {
      writer.withIndex(GLOBAL_GET, globals.stack)
      if (stack.counted[f] === 0) {
        writer.i32Const(plan.stackCharge[f]!)
        writer.byte(I32_SUB)
      }
    }
    if (validated.addressTaken[index] === 1) writer.zeros(signatures.markers(typeIndex))
    writer.origin(TRANSLATED, offset)
    writer.withIndex(CALL, index)
    if (plan.carriesFuel[f] === 1) writer.withIndex(GLOBAL_SET, globals.fuel)
    return this.add(typeIndex, index)
  }

  private exports(): Export[] {
    const { module, globals, validated } = this
    const exports: Export[] = []
    const add = (name: string, kind: Export['kind'], index: number): void => {
      exports.push({ name, kind, index, offset: 0 })
    }
    const entries = new Set(module.exports.filter(({ kind }) => kind === 'function').map(({ index }) => index))
    if (module.start !== null) entries.add(module.start.functionIndex)
    for (const index of entries) add(`f${index}`, 'function', this.addEntry(index))
    if (module.memories.length > 0) add('m0', 'memory', 0)
    for (const i of module.tables.keys()) add(`t${i}`, 'table', i)
    // Each is an object of the host's in every instance, so only those that are asked for.
    const exported = new Set(module.exports.filter(({ kind }) => kind === 'global').map(({ index }) => index))
    for (const i of exported) add(`g${i}`, 'global', i < module.importedGlobals ? i : i + globals.shift)
    if (module.globalTypes.some(({ mutable }, i) => mutable && i >= module.importedGlobals)) {
      add(RESET_GLOBALS, 'function', this.addReset())
    }
    if (this.reach.open) {
      for (let i = 0; i < validated.addressTaken.length; i++) {
        if (validated.addressTaken[i] === 1) add(`r${i}`, 'function', this.standIns.get(i) ?? i)
      }
    }
    add(LAST_ELEMENT, 'global', globals.lastElement)
    if (this.reach.open) add(IDENTITY, 'global', globals.identity)
    return exports
  }

  /** Sets the module's own mutable globals to what they are after instantiation, in one call however many there are. */
  private addReset(): number {
    const { module, globals, signatures } = this
    const writer = this.begin([])
    writer.origin(TRANSLATED, 0)
    for (const [i, { init }] of module.globals.entries()) {
      const index = module.importedGlobals + i
      if (!module.globalTypes[index]!.mutable) continue
      encodeExpression(writer, this.constant(init))
      // The `end` of the expression.
      writer.length--
      writer.withIndex(GLOBAL_SET, index + globals.shift)
    }
    return this.add(signatures.indexOf([], []), -1)
  }

  /** The new module but for its code. */
  private outerModule(exports: readonly Export[], referred: readonly number[]): Module {
    const { module, limits, globals } = this
    const imports = module.imports.map(
      (entry, i): Import => ({ ...entry, module: IMPORT_MODULE, name: String(i), description: importType(entry) }),
    )
    const counters = COUNTERS.slice(0, globals.shift)
    for (const global of counters) {
      const description = { kind: 'global', global } as const
      imports.push({ module: IMPORT_MODULE, name: String(imports.length), description, offset: 0 })
    }
    const imported = module.importedGlobals
    const globalTypes = module.globalTypes.map(({ type, mutable }) => ({ type: eraseFloat(type), mutable }))
    const elements = module.elements.map((segment) => this.element(segment))
    if (referred.length > 0) {
      elements.push({ mode: { kind: 'declarative' }, functions: referred, expressions: null, offset: 0 })
    }
    return {
      ...module,
      types: this.signatures.types,
      imports,
      importedGlobals: imported + globals.shift,
      functionTypes: [...this.functionTypes(), ...this.addedTypes],
      tables: module.tables.map(({ min, max }) => ({ min, max: tableCap(max, limits) })),
      memories: module.memories.map(({ min }) => ({ min, max: memoryCap(module, limits) })),
      globalTypes: [...globalTypes.slice(0, imported), ...counters, ...globalTypes.slice(imported), COUNTER, COUNTER],
      globals: [...module.globals.map(({ init }) => ({ init: this.constant(init), offset: 0 })), ZERO, ZERO],
      exports,
      start: null,
      elements,
      customs: [],
    }
  }

  private functionTypes(): number[] {
    const { module, signatures, plan, validated } = this
    return module.functionTypes.map((typeIndex, index) => {
      const f = index - module.importedFunctions
      if (f < 0) return typeIndex
      if (validated.addressTaken[index] === 1) return signatures.inTable(typeIndex)
      return signatures.carrying(typeIndex, plan.carriesFuel[f] === 1, plan.carriesStack[f] === 1)
    })
  }

  private element(segment: ElementSegment): ElementSegment {
    const { functions, expressions } = segment
    return {
      ...segment,
      functions: functions?.map((index) => this.standIns.get(index) ?? index) ?? null,
      expressions: expressions?.map((expression) => this.elementExpression(expression)) ?? null,
    }
  }

  /** Equal ones were decoded to one object, and are rewritten once. */
  private elementExpression(expression: InstructionList): InstructionList {
    const known = this.elementExpressions.get(expression)
    if (known !== undefined) return known
    const rewritten = this.constant(expression)
    this.elementExpressions.set(expression, rewritten)
    return rewritten
  }

  /** A constant expression with references to imported functions, and floats, replaced. */
  private constant({ words, count, labels }: InstructionList): InstructionList {
    const replaced = words.slice()
    for (let at = 0; at < count * WORDS; at += WORDS) {
      const op = words[at]!
      if (op === REF_FUNC) replaced[at + 2] = this.standIns.get(words[at + 2]!) ?? words[at + 2]!
      if (op === F32_CONST) replaced[at] = I32_CONST
      if (op === F64_CONST) replaced[at] = I64_CONST
    }
    return { words: replaced, count, labels }
  }
}

const COUNTER: GlobalType = { type: 'i32', mutable: true }
/** Fuel left, stack bytes left, why it trapped; then the instance that runs, and the calls across instances under way. */
const COUNTERS: readonly GlobalType[] = [{ type: 'i64', mutable: true }, COUNTER, COUNTER, COUNTER, COUNTER]

/** `i32.const 0`. */
const ZERO = {
  init: { words: Int32Array.of(I32_CONST, 0, 0, 0, END, 0, 0, 0), count: 2, labels: new Uint32Array(0) },
  offset: 0,
}

/** Pages the module's memory may grow to. */
export function memoryCap(module: Module, limits: Limits): number {
  return Math.min(module.memories[0]?.max ?? limits.memoryPages, limits.memoryPages)
}

function tableCap(max: number | null, limits: Limits): number {
  return Math.min(max ?? limits.tableElements, limits.tableElements)
}

/** Limits of imports are compared when the engine links; the host's own rule would compare with our caps. */
function importType({ description }: Import): Import['description'] {
  switch (description.kind) {
    case 'function':
      return description
    case 'table':
      return { kind: 'table', table: { min: description.table.min, max: null } }
    case 'memory':
      return { kind: 'memory', memory: { min: description.memory.min, max: null } }
    case 'global':
      return { kind: 'global', global: { ...description.global, type: eraseFloat(description.global.type) } }
  }
}

function writeOuterSection(writer: CodeWriter, module: Module, id: number): void {
  sectionWriter.length = 0
  writeSection(sectionWriter, module, id)
  if (sectionWriter.length === 0) return
  writer.byte(id)
  writer.u32(sectionWriter.length)
  writer.copyWritten(sectionWriter, 0, sectionWriter.length)
}

/** Offset of the code of each body. */
function writeCode(writer: CodeWriter, written: CodeWriter, bodies: readonly RewrittenBody[]): Int32Array {
  const codeStarts = new Int32Array(bodies.length)
  if (bodies.length === 0) return codeStarts
  let size = sizeOfU32(bodies.length)
  for (const body of bodies) size += sizeOfU32(bodySize(body)) + bodySize(body)
  writer.byte(10)
  writer.u32(size)
  writer.u32(bodies.length)
  for (let i = 0; i < bodies.length; i++) {
    const body = bodies[i]!
    writer.u32(bodySize(body))
    writer.copyWritten(written, body.localsFrom, body.localsTo)
    codeStarts[i] = writer.length
    writer.copyWritten(written, body.codeFrom, body.codeTo)
  }
  return codeStarts
}

function bodySize({ localsFrom, localsTo, codeFrom, codeTo }: RewrittenBody): number {
  return localsTo - localsFrom + codeTo - codeFrom
}

function sizeOfU32(value: number): number {
  let size = 1
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) size++
  return size
}
