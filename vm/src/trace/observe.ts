/**
 * Listens to a contract while it runs: to its frames, its calls of the host, and on demand the value of each instruction. An
 * observer hears the same on every engine, so that two engines can be compared step by step.
 */
import { decode } from '../binary/decode.ts'
import { functionNames } from '../binary/names.ts'
import { compile } from '../compile.ts'
import {
  type HostContext,
  HostExit,
  type HostFunction,
  HostTrap,
  type Imports,
  type Instance,
  type InstantiateOptions,
  type Memory,
  type Program,
  type WasmValue,
} from '../engine/engine.ts'
import type { ContractAbi, FrameOutcome } from '../host/abi.ts'
import type { Contract } from '../host/compileContract.ts'
import type { Environment, FrameContext } from '../host/environment.ts'
import { DEFAULT_LIMITS, type Limits } from '../limits.ts'
import { resolveSchedule } from '../metering/schedule.ts'
import { instrument, type Place, TRACE_MODULE } from './instrument.ts'
import { mapFunctions } from './mapFunctions.ts'

/** A {@link Place} with the name of its function; null when it has none. */
export interface NamedPlace extends Place {
  readonly functionName: string | null
}

export type StepListener = (
  site: number,
  value: number | bigint,
  fuelLeft: bigint,
  placeOf: (site: number) => NamedPlace,
) => void

/** It must change nothing. An exception that it throws ends the execution as a fault of the host. */
export interface ExecutionObserver {
  /** A frame begins; `line` says with what. */
  enter(frame: FrameContext, line: string): void
  /** The innermost frame ends. */
  leave(line: string): void
  /** A host function is called, reads or writes the contract's memory, returns, or refuses. */
  note(line: string): void
  /**
   * An instruction gave `value`, and `fuelLeft` is what was left then; `placeOf(site)` says which it was. Null:
   * instructions are not asked for, and contracts run as they are.
   */
  readonly step: StepListener | null
}

/** Bytes of data that are shown whole; of longer data the beginning, the length, and a digest of all. */
const SHOWN_BYTES = 64

/**
 * The same contract, heard by `observer`. `module`: its bytes. With `observer.step` another module runs in its place, which
 * tells of each instruction (instrument.ts); the cost of that is given back at once, so that the gas that the contract sees
 * is what it would see. Only its call stack takes more.
 *
 * @example
 * ```ts
 * import { compileContract, observeContract } from '@touchstone/vm'
 * import { watToWasm } from '@touchstone/vm/testing/wat'
 *
 * const wasm = watToWasm(`(module
 *   (memory (export "memory") 1 1)
 *   (func (export "user_entrypoint") (param $length i32) (result i32) (i32.mul (local.get $length) (i32.const 0))))`)
 *
 * const values: (number | bigint)[] = []
 * const heard = observeContract(compileContract(wasm), wasm, {
 *   enter() {},
 *   leave() {},
 *   note() {},
 *   step: (_site, value) => values.push(value),
 * })
 * // After heard.abi.execute(heard.program, ...), `values` has the result of each instruction that gave one.
 * ```
 */
export function observeContract(contract: Contract, module: Uint8Array, observer: ExecutionObserver): Contract {
  const { program, abi, schedule } = contract
  const { step } = observer
  const observed = new ObservedProgram(program, step === null ? null : traced(contract, module, step), observer)
  const observedAbi: ContractAbi = {
    ...abi,
    execute(_program, environment, gas): FrameOutcome {
      observer.enter(environment.frame, beginning(environment, gas))
      const outcome = abi.execute(observed, environment, gas, schedule)
      observer.leave(end(outcome))
      return outcome
    },
  }
  return { ...contract, program: observed, abi: observedAbi }
}

interface Traced {
  readonly program: Program
  /** The functions for the added imports, in an instance. */
  probes(instance: () => Instance): Imports
}

/** Instrumented code may be so many times as large as the limits allow a contract. */
const ROOM = 16
const TRACED_LIMITS: Partial<Limits> = {
  ...Object.fromEntries(Object.entries(DEFAULT_LIMITS).map(([name, value]) => [name, value * ROOM])),
  memoryPages: DEFAULT_LIMITS.memoryPages,
  stackBytes: DEFAULT_LIMITS.stackBytes,
}

function traced({ program, abi, schedule }: Contract, module: Uint8Array, step: StepListener): Traced {
  const decoded = decode(module, { floats: abi.floats, limits: DEFAULT_LIMITS })
  const { bytes, place } = instrument(decoded)
  const names = functionNames(decoded)
  const { classes } = resolveSchedule(schedule)
  // The instrumented code has a constant and a call more for each value: the probe gives their fuel back.
  const added = BigInt(classes.constant + classes.call)
  const placeOf = (site: number): NamedPlace => {
    const found = place(site)
    return { ...found, functionName: names(found.functionIndex) }
  }
  const probe = (type: 'i32' | 'i64', instance: () => Instance): HostFunction => ({
    type: { params: [type, 'i32'], results: [type] },
    call: (value: number | bigint, site: number, host: HostContext) => {
      const fuelLeft = host.fuelLeft() + added
      instance().setFuel(fuelLeft)
      step(site, value, fuelLeft, placeOf)
      return value
    },
  })
  return {
    program: compile(bytes, {
      engine: program.engine,
      schedule,
      floats: abi.floats,
      exports: abi.exports,
      limits: { ...TRACED_LIMITS, memoryPages: abi.maxPages },
    }),
    probes: (instance) => ({ [TRACE_MODULE]: { i32: probe('i32', instance), i64: probe('i64', instance) } }),
  }
}

class ObservedProgram implements Program {
  readonly engine: Program['engine']
  /** The contract's own, not the instrumented one's: prices follow from its sizes. */
  readonly module: Program['module']
  readonly #program: Program
  readonly #traced: Traced | null
  readonly #observer: ExecutionObserver

  constructor(program: Program, traced: Traced | null, observer: ExecutionObserver) {
    this.engine = program.engine
    this.module = program.module
    this.#program = program
    this.#traced = traced
    this.#observer = observer
  }

  instantiate(options: InstantiateOptions = {}): Instance {
    const imports = mapFunctions(options.imports ?? {}, (name, hook) => heardFunction(name, hook, this.#observer))
    const traced = this.#traced
    if (traced === null) return this.#program.instantiate({ ...options, imports })
    let instance: Instance | null = null
    const probes = traced.probes(() => {
      if (instance === null) throw new Error('a contract ran before it was instantiated')
      return instance
    })
    instance = traced.program.instantiate({ ...options, imports: { ...imports, ...probes } })
    return instance
  }

  forget(): void {
    this.#program.forget()
    this.#traced?.program.forget()
  }
}

function heardFunction(name: string, { type, call }: HostFunction, observer: ExecutionObserver): HostFunction {
  const arity = type.params.length
  return {
    type,
    call: (...all: WasmValue[]) => {
      const args = all.slice(0, arity)
      const host = all[arity] as unknown as HostContext
      observer.note(`${name}(${args.map(String).join(', ')}), fuel left ${host.fuelLeft()}`)
      const heard: HostContext = {
        memory: host.memory === null ? null : new HeardMemory(host.memory, name, observer),
        fuelLeft: () => host.fuelLeft(),
        chargeFuel: (fuel) => host.chargeFuel(fuel),
      }
      let result: ReturnType<HostFunction['call']>
      try {
        result = call(...args, heard)
      } catch (error) {
        if (error instanceof HostTrap) observer.note(`${name} refuses: ${error.code}`)
        else if (error instanceof HostExit) observer.note(`${name} ends the frame with status ${error.status}`)
        throw error
      }
      observer.note(`${name} gives ${result === undefined ? 'nothing' : String(result)}, fuel left ${host.fuelLeft()}`)
      return result
    },
  }
}

class HeardMemory implements Memory {
  readonly #memory: Memory
  readonly #name: string
  readonly #observer: ExecutionObserver

  constructor(memory: Memory, name: string, observer: ExecutionObserver) {
    this.#memory = memory
    this.#name = name
    this.#observer = observer
  }

  get size(): number {
    return this.#memory.size
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = this.#memory.read(offset, length)
    this.#observer.note(`${this.#name} reads ${length} bytes at ${offset}: ${dataText(bytes)}`)
    return bytes
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#memory.write(offset, bytes)
    this.#observer.note(`${this.#name} writes ${bytes.length} bytes at ${offset}: ${dataText(bytes)}`)
  }

  grow(pages: number): number {
    const before = this.#memory.grow(pages)
    this.#observer.note(`${this.#name} grows the memory by ${pages} pages: ${before}`)
    return before
  }
}

function beginning({ frame }: Environment, gas: bigint): string {
  const { self, codeAddress, value, input, isStatic, depth } = frame
  const code = hex(self) === hex(codeAddress) ? '' : ` with the code of ${hex(codeAddress)}`
  return `frame ${depth} of ${hex(self)}${code} begins: ${gas} gas, ${value} wei${isStatic ? ', static' : ''}, input ${dataText(input)}`
}

/** Does not name the trap: all traps are one result, and where two would happen at once each engine may name either. */
function end(outcome: FrameOutcome): string {
  if (outcome.kind === 'failure') return 'the frame fails'
  return `the frame ends: ${outcome.kind}, ${outcome.gasLeft} gas left, output ${dataText(outcome.output)}`
}

function dataText(bytes: Uint8Array): string {
  if (bytes.length <= SHOWN_BYTES) return hex(bytes)
  return `${hex(bytes.subarray(0, SHOWN_BYTES))}... (${bytes.length} bytes, digest ${digest(bytes)})`
}

function hex(bytes: Uint8Array): string {
  let text = '0x'
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/** FNV-1a: tells data apart, and promises nothing to an adversary, who could only hide where engines part. */
function digest(bytes: Uint8Array): string {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
