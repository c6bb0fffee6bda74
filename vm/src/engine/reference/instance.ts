/**
 * An instance of a module in the reference engine: its index spaces, its fuel, and calls across its border.
 *
 * On the operand stack a reference is a number: 0 is null, i + 1 is function i of this instance's index space, and
 * higher numbers are functions of other instances in the order they were first seen.
 */

import { functionTypeOf } from '../../binary/module.ts'
import type { FunctionType, ValueType } from '../../binary/types.ts'
import { LINKED_CALL_DEPTH, MAX_FUEL } from '../../limits.ts'
import {
  type Extern,
  type FunctionReference,
  type HostContext,
  HostExit,
  HostTrap,
  type Instance,
  type Memory,
  type Outcome,
  type WasmValue,
} from '../engine.ts'
import { type TrapCode, type TrapFrame, WasmTrap } from '../trap.ts'
import { checkArguments, checkResults } from '../valueTypes.ts'
import { highHalf, joinSigned, lowHalf } from './int64.ts'
import { execute } from './interpreter.ts'
import type { ReferenceProgram } from './program.ts'
import { type ExecutionRecorder, NO_RECORDER } from './recorder.ts'
import { type ExecutionStepper, NO_STEPPER } from './stepper.ts'
import {
  HostFunctionReference,
  isReferenceFunction,
  type ReferenceFunction,
  type ReferenceGlobal,
  type ReferenceMemory,
  type ReferenceTable,
  WasmFunction,
} from './store.ts'

const NO_DATA = new Uint8Array(0)

/** How many calls across instances are under way, over all instances: each one uses native stack. */
let linkedCalls = 0

/** Makes the counter what it is when nothing runs; see that of the compiled engine. */
export function forgetLinkedCalls(): void {
  linkedCalls = 0
}

export class ReferenceInstance implements Instance, HostContext {
  readonly program: ReferenceProgram
  readonly linearMemory: ReferenceMemory | null
  readonly tables: readonly ReferenceTable[]
  readonly globals: readonly ReferenceGlobal[]
  /** Fuel left; a whole number. Counted by the interpreter itself while it runs. */
  fuel: number
  readonly droppedData: Uint8Array
  readonly droppedElements: Uint8Array
  /** Elements of passive segments, which table.init copies; filled by instantiation. */
  elements: readonly (readonly (FunctionReference | null)[])[] = []
  /** Told by recorded code only, see lower.ts. */
  readonly recorder: ExecutionRecorder
  /** Told by stepped code only. */
  readonly stepper: ExecutionStepper
  /** The function index space; a defined function gets its reference when it is first asked for. */
  readonly #functions: (ReferenceFunction | undefined)[]
  readonly #foreign: FunctionReference[] = []
  readonly #foreignCells = new Map<FunctionReference, number>()

  constructor(
    program: ReferenceProgram,
    imported: {
      readonly functions: readonly ReferenceFunction[]
      readonly tables: readonly ReferenceTable[]
      readonly globals: readonly ReferenceGlobal[]
      readonly memory: ReferenceMemory | null
    },
    fuel: bigint,
    recorder: ExecutionRecorder = NO_RECORDER,
    stepper: ExecutionStepper = NO_STEPPER,
  ) {
    const { decoded: module } = program
    this.recorder = recorder
    this.stepper = stepper
    this.program = program
    this.#functions = [...imported.functions]
    this.tables = imported.tables
    this.globals = imported.globals
    this.linearMemory = imported.memory
    this.fuel = fuelNumber(fuel)
    this.droppedData = new Uint8Array(module.data.length)
    this.droppedElements = new Uint8Array(module.elements.length)
  }

  get memory(): Memory | null {
    return this.linearMemory
  }

  fuelLeft(): bigint {
    return BigInt(this.fuel)
  }

  setFuel(fuel: bigint): void {
    this.fuel = fuelNumber(fuel)
  }

  chargeFuel(fuel: bigint): void {
    if (fuel < 0n) throw new RangeError('a host function charged a negative amount of fuel')
    if (fuel > BigInt(this.fuel)) throw new HostTrap('out-of-gas', 'a host function costs more than is left')
    this.fuel -= Number(fuel)
  }

  release(): void {
    // Nothing is pooled: the garbage collector takes the instance.
  }

  invoke(name: string, args: readonly WasmValue[]): Outcome {
    const found = this.program.decoded.exports.find((entry) => entry.name === name && entry.kind === 'function')
    if (found === undefined) throw new TypeError(`there is no exported function "${name}"`)
    return this.run(found.index, args)
  }

  /** Runs a function of the index space as the host does. @throws TypeError for arguments of other types. */
  run(functionIndex: number, args: readonly WasmValue[]): Outcome {
    checkArguments(this.functionTypeAt(functionIndex), args, isReferenceFunction)
    const before = this.fuel
    try {
      const values = this.enter(functionIndex, args, 0)
      return { kind: 'return', values, fuelUsed: BigInt(before - this.fuel) }
    } catch (error) {
      if (error instanceof HostExit) {
        return { kind: 'exit', status: error.status, fuelUsed: BigInt(before - this.fuel) }
      }
      if (!(error instanceof WasmTrap)) throw error
      this.fuel = 0
      return { kind: 'trap', trap: error.toTrap(), fuelUsed: BigInt(before) }
    }
  }

  global(name: string): WasmValue {
    const found = this.program.decoded.exports.find((entry) => entry.name === name && entry.kind === 'global')
    if (found === undefined) throw new TypeError(`there is no exported global "${name}"`)
    const { type, low, high, reference } = this.globals[found.index]!
    return type === 'funcref' ? reference : fromHalves(type, low, high)
  }

  extern(name: string): Extern {
    const found = this.program.decoded.exports.find((entry) => entry.name === name)
    if (found === undefined) throw new TypeError(`there is no export "${name}"`)
    switch (found.kind) {
      case 'function':
        return this.functionAt(found.index)
      case 'table':
        return this.tables[found.index]!
      case 'memory':
        return this.linearMemory!
      case 'global':
        return this.globals[found.index]!
    }
  }

  functionTypeAt(index: number): FunctionType {
    return functionTypeOf(this.program.decoded, index)
  }

  functionAt(index: number): ReferenceFunction {
    const known = this.#functions[index]
    if (known !== undefined) return known
    const made = new WasmFunction(this.functionTypeAt(index), this, index)
    this.#functions[index] = made
    return made
  }

  /** The number a reference has on the operand stack. */
  cellOf(reference: FunctionReference | null): number {
    if (reference === null) return 0
    if (reference instanceof WasmFunction && reference.instance === this) return reference.index + 1
    let cell = this.#foreignCells.get(reference)
    if (cell === undefined) {
      this.#foreign.push(reference)
      cell = this.program.decoded.functionTypes.length + this.#foreign.length
      this.#foreignCells.set(reference, cell)
    }
    return cell
  }

  referenceOf(cell: number): FunctionReference | null {
    if (cell === 0) return null
    const count = this.program.decoded.functionTypes.length
    return cell <= count ? this.functionAt(cell - 1) : this.#foreign[cell - count - 1]!
  }

  /** @throws WasmTrap past the end of the table. */
  tableAt(table: number, index: number): FunctionReference | null {
    const element = this.tables[table]!.elements[index >>> 0]
    if (element === undefined) throw new WasmTrap('out-of-bounds-table')
    return element
  }

  /** Bytes of a data segment; none once it has been dropped. */
  dataBytes(segment: number): Uint8Array {
    return this.droppedData[segment] === 1 ? NO_DATA : this.program.decoded.data[segment]!.bytes
  }

  elementReferences(segment: number): readonly (FunctionReference | null)[] {
    return this.droppedElements[segment] === 1 ? [] : this.elements[segment]!
  }

  trapFrame(functionIndex: number, offset: number | null): TrapFrame {
    return { functionIndex, functionName: this.program.functionName(functionIndex), offset }
  }

  /** A trap at the very start of a function the host enters. */
  trapAt(code: TrapCode, functionIndex: number, offset: number): WasmTrap {
    const trap = new WasmTrap(code)
    trap.addFrame(this.trapFrame(functionIndex, offset))
    return trap
  }

  /** Calls a function of the index space on a fresh stack, `depth` bytes of which its callers use. */
  enter(functionIndex: number, args: readonly WasmValue[], depth: number): WasmValue[] {
    const imported = this.program.decoded.importedFunctions
    if (functionIndex >= imported) {
      const body = functionIndex - imported
      return this.recorder === NO_RECORDER ? execute(this, body, args, depth) : this.#recorded(body, args, depth)
    }
    return this.#callOut(this.functionAt(functionIndex), args, depth, functionIndex)
  }

  #recorded(body: number, args: readonly WasmValue[], depth: number): WasmValue[] {
    const { recorder } = this
    recorder.begin(body, this.fuel)
    try {
      const values = execute(this, body, args, depth)
      recorder.end('return', this.fuel)
      return values
    } catch (error) {
      if (error instanceof HostExit) recorder.end('exit', this.fuel)
      else if (error instanceof WasmTrap) recorder.end('trap', 0)
      throw error
    }
  }

  /** Calls imported function `index` with the topmost values; the new stack pointer. */
  callImport(index: number, low: Int32Array, high: Int32Array, sp: number, depth: number): number {
    return this.#callOutFromStack(this.functionAt(index), low, high, sp, depth, index)
  }

  /** As {@link callImport}, for a function found in a table. */
  callForeign(target: FunctionReference, low: Int32Array, high: Int32Array, sp: number, depth: number): number {
    if (!isReferenceFunction(target)) throw new Error('a table holds a function of another engine')
    const index = this.#functions.indexOf(target)
    return this.#callOutFromStack(target, low, high, sp, depth, index < 0 ? null : index)
  }

  #callOutFromStack(
    target: ReferenceFunction,
    low: Int32Array,
    high: Int32Array,
    sp: number,
    depth: number,
    index: number | null,
  ): number {
    const { params, results } = target.type
    const base = sp - params.length
    const values = this.#callOut(target, this.readValues(params, low, high, base), depth, index)
    this.writeValues(results, values, low, high, base)
    return base + results.length
  }

  #callOut(target: ReferenceFunction, args: readonly WasmValue[], depth: number, index: number | null): WasmValue[] {
    if (target instanceof HostFunctionReference) return this.#callHost(target, args, index)
    if (linkedCalls === LINKED_CALL_DEPTH) throw new WasmTrap('stack-exhausted')
    // The caller pays: the other instance runs on this one's fuel and keeps its own.
    const callee = target.instance
    const kept = callee.fuel
    callee.fuel = this.fuel
    linkedCalls++
    try {
      return callee.enter(target.index, args, depth)
    } finally {
      linkedCalls--
      const left = callee.fuel
      callee.fuel = kept
      this.fuel = left
    }
  }

  #callHost(target: HostFunctionReference, args: readonly WasmValue[], index: number | null): WasmValue[] {
    let returned: WasmValue | readonly WasmValue[] | undefined
    try {
      returned = target.call(...args, this)
    } catch (error) {
      if (!(error instanceof HostTrap)) throw error
      const trap = new WasmTrap(error.code, error.message)
      if (index !== null) trap.addFrame(this.trapFrame(index, null))
      throw trap
    }
    const values = returned === undefined ? [] : isList(returned) ? [...returned] : [returned]
    checkResults(target.type, values, isReferenceFunction)
    return values
  }

  readValues(types: readonly ValueType[], low: Int32Array, high: Int32Array, from: number): WasmValue[] {
    return types.map((type, i) =>
      type === 'funcref' ? this.referenceOf(low[from + i]!) : fromHalves(type, low[from + i]!, high[from + i]!),
    )
  }

  writeValues(
    types: readonly ValueType[],
    values: readonly WasmValue[],
    low: Int32Array,
    high: Int32Array,
    to: number,
  ): void {
    for (const [i, type] of types.entries()) {
      const value = values[i]!
      if (type === 'funcref') low[to + i] = this.cellOf(value as FunctionReference | null)
      else if (typeof value === 'bigint') {
        low[to + i] = lowHalf(value)
        high[to + i] = highHalf(value)
      } else low[to + i] = value as number
    }
  }
}

function isList(value: WasmValue | readonly WasmValue[]): value is readonly WasmValue[] {
  return Array.isArray(value)
}

/** Floats, which only policy `trap` admits, are their bits: f32 as a number, f64 as a bigint. */
export function fromHalves(type: ValueType, low: number, high: number): number | bigint {
  return type === 'i64' || type === 'f64' ? joinSigned(low, high) : low
}

function fuelNumber(fuel: bigint): number {
  if (fuel < 0n || fuel > MAX_FUEL) throw new RangeError(`fuel must be from 0 to ${MAX_FUEL}, not ${fuel}`)
  return Number(fuel)
}
