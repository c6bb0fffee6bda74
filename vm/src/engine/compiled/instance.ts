/** An instance of the compiled engine: a hosted module, the fuel it was given, and calls from outside. */
import { functionTypeOf } from '../../binary/module.ts'
import type { FunctionType } from '../../binary/types.ts'
import { INNER_TRAP_FRAMES, MAX_FUEL, TRAP_FRAMES } from '../../limits.ts'
import {
  type Extern,
  HostExit,
  type Instance,
  type InstantiateOptions,
  InstantiationTrap,
  type Memory,
  type Outcome,
  type WasmValue,
} from '../engine.ts'
import { type HostCode, hostWebAssembly } from '../hostWebAssembly.ts'
import { WasmTrap } from '../trap.ts'
import { checkArguments } from '../valueTypes.ts'
import { HostedModule, HostFault } from './hostedModule.ts'
import { link } from './linking.ts'
import { MAX_STACK } from './plan.ts'
import type { CompiledProgram } from './program.ts'
import { referenceOf } from './references.ts'
import {
  CompiledFunction,
  type CompiledMemory,
  crossingsCounter,
  fuelCounter,
  fuelNow,
  insideCounter,
  reasonOfTrap,
  stackCounter,
} from './store.ts'
import { enterModule, instantiationTrap, trapOf } from './traps.ts'
import { fromHost, type HostValue, isCompiledFunction, resultList, toHost } from './values.ts'

const NOT_GIVEN = 'the machine could not give the memory or the table elements that the module may have'

/** Host frames the host's call stack may have between Wasm frames. */
const EXTRA_FRAMES = 32

/** The instance whose fuel is in the counter. */
let running: CompiledInstance | null = null
/** The value of `Error.stackTraceLimit` before anything ran. */
let traceLimitOutside = Error.stackTraceLimit

/**
 * Makes the counters what they are when nothing runs. A fault of the host may have cut short what puts them back: a
 * native stack that overflowed has no room for it either.
 */
export function forgetRunning(): void {
  if (running !== null) Error.stackTraceLimit = traceLimitOutside
  running = null
  fuelCounter.value = 0n
  reasonOfTrap.value = 0
  insideCounter.value = 0
  crossingsCounter.value = 0
}

/** The state when an instance was entered, to be put back. */
interface Outer {
  readonly instance: CompiledInstance | null
  readonly stackTraceLimit: number
  readonly crossings: number
  readonly inside: number
}

/** @throws LinkError, InstantiationTrap, HostExit. */
export function instantiate(
  program: CompiledProgram,
  { imports = {}, fuel = 0n }: InstantiateOptions,
): CompiledInstance {
  const { decoded: module } = program
  const linked = link(module, imports, program.limits.memoryPages)
  let hosted = program.takeIdle()
  if (hosted?.suits(linked)) hosted.reset(linked)
  else {
    try {
      hosted = new HostedModule(program, linked)
    } catch (error) {
      throw new InstantiationTrap(instantiationTrap(error).toTrap())
    }
    if (program.poolable && hosted.memory !== null) program.initialMemory(hosted.memory)
  }
  const instance = new CompiledInstance(program, hosted, fuel)
  if (module.start === null) return instance
  const outcome = instance.run(module.start.functionIndex, [])
  if (outcome.kind === 'trap') throw new InstantiationTrap(outcome.trap)
  if (outcome.kind === 'exit') throw new HostExit(outcome.status)
  return instance
}

export class CompiledInstance implements Instance {
  readonly program: CompiledProgram
  /** A test puts another host in its place. */
  readonly hosted: HostedModule
  /** Fuel left, unless it is running: then the counter tells. */
  #fuel: bigint

  constructor(program: CompiledProgram, hosted: HostedModule, fuel: bigint) {
    this.program = program
    this.hosted = hosted
    this.#fuel = checkedFuel(fuel)
  }

  get memory(): Memory | null {
    return this.hosted.memory
  }

  fuelLeft(): bigint {
    return running === this ? fuelNow() : this.#fuel
  }

  setFuel(fuel: bigint): void {
    if (running === this) fuelCounter.value = checkedFuel(fuel)
    else this.#fuel = checkedFuel(fuel)
  }

  release(): void {
    this.program.giveBack(this.hosted)
  }

  invoke(name: string, args: readonly WasmValue[]): Outcome {
    const found = this.program.decoded.exports.find((entry) => entry.name === name && entry.kind === 'function')
    if (found === undefined) throw new TypeError(`there is no exported function "${name}"`)
    return this.run(found.index, args)
  }

  /** Runs a function that is exported, or the start function. @throws TypeError for arguments of other types. */
  run(functionIndex: number, args: readonly WasmValue[]): Outcome {
    const type = this.#functionType(functionIndex)
    checkArguments(type, args, isCompiledFunction)
    const code = this.hosted.exports[`f${functionIndex}`] as HostCode
    const before = this.fuelLeft()
    const outer = this.#begin()
    try {
      const values = resultList(enterModule(code, args.map(toHost)), type.results.length)
      const left = fuelNow()
      if (left < 0n) throw this.#outOfGas(functionIndex)
      return { kind: 'return', values, fuelUsed: before - left }
    } catch (error) {
      return this.#stopped(error, before)
    } finally {
      this.#finish(outer)
    }
  }

  #stopped(error: unknown, before: bigint): Outcome {
    if (error instanceof HostExit) return { kind: 'exit', status: error.status, fuelUsed: before - fuelNow() }
    const trap = trapOf(error, this.hosted)
    if (trap === null) {
      this.hosted.spoiled = true
      if (error instanceof HostFault) throw error.error
      if (error instanceof hostWebAssembly.RuntimeError) throw new RangeError(NOT_GIVEN, { cause: error })
      throw error
    }
    fuelCounter.value = 0n
    return { kind: 'trap', trap: trap.toTrap(), fuelUsed: before }
  }

  /** Puts this instance's fuel in the counter; the instance that ran before. */
  #begin(): Outer {
    const instance = running
    const crossings = crossingsCounter.value as number
    const inside = insideCounter.value as number
    insideCounter.value = this.hosted.identity
    if (instance !== this) {
      if (instance !== null) instance.#fuel = fuelNow()
      fuelCounter.value = this.#fuel
      running = this
    }
    stackCounter.value = Math.min(this.program.limits.stackBytes, MAX_STACK)
    const { stackTraceLimit } = Error
    if (instance === null) traceLimitOutside = stackTraceLimit
    Error.stackTraceLimit = instance === null ? TRAP_FRAMES + EXTRA_FRAMES : INNER_TRAP_FRAMES
    return { instance, stackTraceLimit, crossings, inside }
  }

  #finish({ instance, stackTraceLimit, crossings, inside }: Outer): void {
    Error.stackTraceLimit = stackTraceLimit
    crossingsCounter.value = crossings
    insideCounter.value = inside
    if (instance === this) return
    this.#fuel = fuelNow()
    fuelCounter.value = instance === null ? 0n : instance.#fuel
    running = instance
  }

  #outOfGas(functionIndex: number): WasmTrap {
    const { decoded } = this.program
    const trap = new WasmTrap('out-of-gas')
    const body = decoded.bodies[functionIndex - decoded.importedFunctions]
    const functionName = this.program.functionName(functionIndex)
    trap.addFrame({ functionIndex, functionName, offset: body?.code.words[1] ?? null })
    return trap
  }

  #functionType(index: number): FunctionType {
    return functionTypeOf(this.program.decoded, index)
  }

  global(name: string): WasmValue {
    const found = this.program.decoded.exports.find((entry) => entry.name === name && entry.kind === 'global')
    if (found === undefined) throw new TypeError(`there is no exported global "${name}"`)
    return fromHost(this.hosted.global(found.index).host.value as HostValue)
  }

  extern(name: string): Extern {
    const found = this.program.decoded.exports.find((entry) => entry.name === name)
    if (found === undefined) throw new TypeError(`there is no export "${name}"`)
    this.hosted.spoiled = true
    switch (found.kind) {
      case 'function':
        return this.#functionAt(found.index)
      case 'table':
        return (
          this.hosted.linked.filter((value) => value.kind === 'table')[found.index] ?? this.hosted.table(found.index)
        )
      case 'memory':
        return this.hosted.memory as CompiledMemory
      case 'global':
        return (
          this.hosted.linked.filter((value) => value.kind === 'global')[found.index] ?? this.hosted.global(found.index)
        )
    }
  }

  #functionAt(index: number): CompiledFunction {
    const imported = this.hosted.functions[index]
    if (imported !== undefined) return imported
    const { exports, identity } = this.hosted
    const inTables = exports[`r${index}`] as HostCode | undefined
    if (inTables !== undefined) return referenceOf(inTables)
    return new CompiledFunction(this.#functionType(index), { entry: exports[`f${index}`] as HostCode, identity })
  }
}

function checkedFuel(fuel: bigint): bigint {
  if (fuel < 0n || fuel > MAX_FUEL) throw new RangeError(`fuel must be from 0 to ${MAX_FUEL}, not ${fuel}`)
  return fuel
}
