/**
 * An instance of a module in the interpreter: its fuel, its references, and calls across its border.
 *
 * In slots and tables a reference is a number, its *cell*: 0 is null, a function of the instance's own module the address
 * of its header, any other function an odd number: first imported functions by index, then others in the order they were
 * first seen.
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
import { type TrapFrame, WasmTrap } from '../trap.ts'
import { checkArguments, checkResults } from '../valueTypes.ts'
import { execute } from './execute.ts'
import { HEADER_BYTES } from './layout.ts'
import type { LoadedModule } from './loadedModule.ts'
import { foreignCell, headerAddress, SLOT } from './lowerOperands.ts'
import type { InterpreterProgram } from './program.ts'
import { HostFunctionReference, type InterpreterFunction, isInterpreterFunction, WasmFunction } from './store.ts'

const NO_DATA = new Uint8Array(0)

/** How many calls across instances are under way, over all instances: each one uses native stack. */
let linkedCalls = 0

/** Makes the counter what it is when nothing runs; see that of the compiled engine. */
export function forgetInterpreterCalls(): void {
  linkedCalls = 0
}

export class InterpreterInstance implements Instance, HostContext {
  readonly program: InterpreterProgram
  readonly loaded: LoadedModule
  /** Fuel left; a whole number. Counted by the machine while it runs. */
  fuel: number
  readonly droppedData: Uint8Array
  readonly droppedElements: Uint8Array
  /** Elements of passive segments, which table.init copies; filled by instantiation. */
  elements: readonly (readonly (FunctionReference | null)[])[] = []
  /** The function index space; a defined function gets its reference when it is first asked for. */
  readonly #functions: (InterpreterFunction | undefined)[]
  readonly #foreign: FunctionReference[] = []
  readonly #foreignCells = new Map<FunctionReference, number>()

  constructor(loaded: LoadedModule, functions: readonly InterpreterFunction[], fuel: bigint) {
    const { data, elements } = loaded.program.decoded
    this.program = loaded.program
    this.loaded = loaded
    this.#functions = [...functions]
    this.fuel = fuelNumber(fuel)
    this.droppedData = new Uint8Array(data.length)
    this.droppedElements = new Uint8Array(elements.length)
    loaded.instance = this
  }

  get memory(): Memory | null {
    return this.loaded.memory
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
    this.program.giveBack(this.loaded)
  }

  invoke(name: string, args: readonly WasmValue[]): Outcome {
    const found = this.program.decoded.exports.find((entry) => entry.name === name && entry.kind === 'function')
    if (found === undefined) throw new TypeError(`there is no exported function "${name}"`)
    return this.run(found.index, args)
  }

  /** Runs a function of the index space as the host does. @throws TypeError for arguments of other types. */
  run(functionIndex: number, args: readonly WasmValue[]): Outcome {
    checkArguments(this.functionTypeAt(functionIndex), args, isInterpreterFunction)
    const before = this.fuel
    try {
      const values = this.enter(functionIndex, args, 0)
      return { kind: 'return', values, fuelUsed: BigInt(before - this.fuel) }
    } catch (error) {
      if (error instanceof HostExit) {
        return { kind: 'exit', status: error.status, fuelUsed: BigInt(before - this.fuel) }
      }
      if (!(error instanceof WasmTrap)) {
        this.loaded.spoiled = true
        throw error
      }
      this.fuel = 0
      return { kind: 'trap', trap: error.toTrap(), fuelUsed: BigInt(before) }
    }
  }

  global(name: string): WasmValue {
    const found = this.program.decoded.exports.find((entry) => entry.name === name && entry.kind === 'global')
    if (found === undefined) throw new TypeError(`there is no exported global "${name}"`)
    const global = this.loaded.globals[found.index]!
    return global.type === 'funcref' ? global.reference : ofBits(global.type, global.bits)
  }

  extern(name: string): Extern {
    const found = this.program.decoded.exports.find((entry) => entry.name === name)
    if (found === undefined) throw new TypeError(`there is no export "${name}"`)
    this.loaded.spoiled = true
    switch (found.kind) {
      case 'function':
        return this.functionAt(found.index)
      case 'table':
        return this.loaded.tables[found.index]!
      case 'memory':
        return this.loaded.memory!
      case 'global':
        return this.loaded.globals[found.index]!
    }
  }

  functionTypeAt(index: number): FunctionType {
    return functionTypeOf(this.program.decoded, index)
  }

  functionAt(index: number): InterpreterFunction {
    const known = this.#functions[index]
    if (known !== undefined) return known
    const made = new WasmFunction(this.functionTypeAt(index), this, index)
    this.#functions[index] = made
    return made
  }

  /** Index of an imported function; -1 when the function is none. */
  indexOfImport(target: InterpreterFunction): number {
    return this.#functions.indexOf(target)
  }

  cellOf(reference: FunctionReference | null): number {
    if (reference === null) return 0
    const { importedFunctions } = this.program.decoded
    if (reference instanceof WasmFunction && reference.instance === this) {
      return headerAddress(this.loaded.lowered, reference.index - importedFunctions)
    }
    let cell = this.#foreignCells.get(reference)
    if (cell === undefined) {
      // A function that is imported has the same cell in every instance, so that tables can be used again.
      const index = this.#functions.indexOf(reference as InterpreterFunction)
      if (index >= 0) cell = foreignCell(index)
      else cell = foreignCell(importedFunctions + this.#foreign.push(reference) - 1)
      this.#foreignCells.set(reference, cell)
    }
    return cell
  }

  /** Of a function of the index space. */
  cellAt(index: number): number {
    const { importedFunctions } = this.program.decoded
    if (index < importedFunctions) return foreignCell(index)
    return headerAddress(this.loaded.lowered, index - importedFunctions)
  }

  referenceOf(cell: number): FunctionReference | null {
    if (cell === 0) return null
    const { importedFunctions } = this.program.decoded
    if (cell % 2 === 0) {
      return this.functionAt(importedFunctions + (cell - this.loaded.lowered.headers) / HEADER_BYTES)
    }
    const number = (cell - 1) / 2
    return number < importedFunctions ? this.functionAt(number) : this.#foreign[number - importedFunctions]!
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

  /** Calls a function of the index space on frames of its own, `depth` bytes of stack in use by its callers. */
  enter(functionIndex: number, args: readonly WasmValue[], depth: number): WasmValue[] {
    const { importedFunctions } = this.program.decoded
    if (functionIndex >= importedFunctions) return execute(this, functionIndex - importedFunctions, args, depth)
    return this.#callOut(this.functionAt(functionIndex), args, depth, functionIndex)
  }

  /** Calls a function that is not this instance's with arguments in slots from an address on, where its results go. */
  callFromSlots(target: InterpreterFunction, address: number, depth: number, index: number | null): void {
    const { params, results } = target.type
    const values = this.#callOut(target, this.readValues(params, address), depth, index)
    this.writeValues(results, values, address)
  }

  #callOut(target: InterpreterFunction, args: readonly WasmValue[], depth: number, index: number | null): WasmValue[] {
    if (target instanceof HostFunctionReference) return this.#callHost(target, args, index)
    if (linkedCalls === LINKED_CALL_DEPTH) throw new WasmTrap('stack-exhausted')
    // The caller pays: the other instance runs on its fuel and keeps its own.
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
    let returned: ReturnType<HostFunctionReference['call']>
    try {
      returned = target.call(...args, this)
    } catch (error) {
      if (!(error instanceof HostTrap)) throw error
      const trap = new WasmTrap(error.code, error.message)
      if (index !== null) trap.addFrame(this.trapFrame(index, null))
      throw trap
    }
    const values = returned === undefined ? [] : isList(returned) ? [...returned] : [returned]
    checkResults(target.type, values, isInterpreterFunction)
    return values
  }

  readValues(types: readonly ValueType[], address: number): WasmValue[] {
    const { view } = this.loaded.machine
    return types.map((type, i) => {
      const at = address + i * SLOT
      if (type === 'funcref') return this.referenceOf(view.getUint32(at, true))
      return type === 'i64' || type === 'f64' ? view.getBigInt64(at, true) : view.getInt32(at, true)
    })
  }

  writeValues(types: readonly ValueType[], values: readonly WasmValue[], address: number): void {
    const { view } = this.loaded.machine
    for (let i = 0; i < types.length; i++) {
      const at = address + i * SLOT
      const value = values[i]!
      if (types[i] === 'funcref') view.setUint32(at, this.cellOf(value as FunctionReference | null), true)
      else if (typeof value === 'bigint') view.setBigInt64(at, value, true)
      else view.setInt32(at, value as number, true)
    }
  }
}

function isList(value: WasmValue | readonly WasmValue[]): value is readonly WasmValue[] {
  return Array.isArray(value)
}

/** Floats, which only policy `trap` admits, are their bits: f32 as a number, f64 as a bigint. */
function ofBits(type: ValueType, bits: bigint): number | bigint {
  return type === 'i64' || type === 'f64' ? bits : Number(BigInt.asIntN(32, bits))
}

function fuelNumber(fuel: bigint): number {
  if (fuel < 0n || fuel > MAX_FUEL) throw new RangeError(`fuel must be from 0 to ${MAX_FUEL}, not ${fuel}`)
  return Number(fuel)
}
