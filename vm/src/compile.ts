/** From bytes to a program: decode, validate, prepare for an engine. */

import { decode } from './binary/decode.ts'
import type { Module } from './binary/module.ts'
import { type FunctionNames, functionNames, namesInBytes } from './binary/names.ts'
import { summarize } from './binary/summarize.ts'
import { CompiledProgram } from './engine/compiled/program.ts'
import { ENGINE_NAMES, type EngineName, type Program } from './engine/engine.ts'
import { hostHasWebAssembly } from './engine/hostWebAssembly.ts'
import { InterpreterProgram } from './engine/interpreter/program.ts'
import type { Heard } from './engine/reference/lower.ts'
import { type PreparedModule, ReferenceProgram } from './engine/reference/program.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { resolveSchedule, type Schedule, type UniformSchedule } from './metering/schedule.ts'
import type { ScheduleName } from './metering/scheduleNames.ts'
import { type ValidatedModule, validate } from './validate/validateModule.ts'
import { ValidationError } from './validationError.ts'

export interface CompileOptions {
  /**
   * Default `compiled`, which makes the host compile the module; `interpreter` needs the host's WebAssembly for its own
   * core only, and `reference` nothing. All give the same outcomes and fuel figures.
   */
  readonly engine?: EngineName
  /** A schedule's name or a table; default `touchstone/1`. */
  readonly schedule?: ScheduleName | (string & {}) | UniformSchedule | Schedule
  /**
   * `reject` (default) refuses a module that mentions floats anywhere; `trap` admits them, and executing a
   * floating-point instruction traps. No engine ever computes with a float.
   */
  readonly floats?: 'reject' | 'trap'
  /**
   * Names of the exports that will be used, where they are known: instances offer no others, which saves what each takes.
   * Default: all. The summary of the module has all of them.
   */
  readonly exports?: readonly string[]
  /**
   * Whether instances tell a recorder what they execute ({@link InstantiateOptions.recorder}); of the reference engine only.
   * Default false: the code is then as if there were no recorders. Outcome and fuel are the same.
   */
  readonly recorded?: boolean
  /** The same for a stepper ({@link InstantiateOptions.stepper}); not both. */
  readonly stepped?: boolean
  /** Limits that differ from {@link DEFAULT_LIMITS}. */
  readonly limits?: Partial<Limits>
}

/**
 * @throws ValidationError when the module is malformed, invalid, outside the profile or above a limit; RangeError for
 * an unknown schedule, an engine this version does not have, or one this host cannot run.
 *
 * @example
 * ```ts
 * import { compile } from '@touchstone/vm'
 * import { watToWasm } from '@touchstone/vm/testing/wat'
 *
 * const add = '(func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))'
 * const wasm = watToWasm(`(module ${add})`)
 * const program = compile(wasm, { engine: 'reference', schedule: 'touchstone/1' })
 * const outcome = program.instantiate({ fuel: 1_000_000n }).invoke('add', [2, 40])
 * outcome.kind === 'return' && outcome.values // => [ 42 ]
 * ```
 */
export function compile(bytes: Uint8Array, options: CompileOptions = {}): Program {
  const settings = settingsOf(options)
  return programOf(decodeAndValidate(bytes, settings.floats, settings.limits), settings)
}

/** The same for what {@link decode} made of the bytes under the same float policy and limits. */
export function compileDecoded(module: Module, options: CompileOptions = {}): Program {
  const settings = settingsOf(options)
  return programOf(validateDecoded(module, settings.limits), settings)
}

interface Settings {
  readonly engine: EngineName
  readonly schedule: Schedule
  readonly floats: 'reject' | 'trap'
  readonly exports: readonly string[] | null
  readonly limits: Limits
  readonly heard: Heard
}

function settingsOf(options: CompileOptions): Settings {
  const engine = options.engine ?? 'compiled'
  if (!ENGINE_NAMES.includes(engine)) {
    throw new RangeError(`this version has no engine "${engine}"; it has ${ENGINE_NAMES.join(', ')}`)
  }
  if (engine !== 'reference' && !hostHasWebAssembly) {
    throw new RangeError(
      `this host has no WebAssembly, on which the ${engine} engine runs (V8 has none with --jitless); ` +
        "compile with { engine: 'reference' }, which gives the same outcomes, some 100 times slower",
    )
  }
  const { recorded = false, stepped = false } = options
  if ((recorded || stepped) && engine !== 'reference')
    throw new RangeError(`the ${engine} engine records nothing; compile with { engine: 'reference' }`)
  if (recorded && stepped) throw new RangeError('a program is recorded or stepped, not both')
  const schedule = resolveSchedule(options.schedule ?? 'touchstone/1')
  return {
    engine,
    schedule,
    floats: options.floats ?? 'reject',
    exports: options.exports ?? null,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    heard: recorded ? 'recorded' : stepped ? 'stepped' : 'not',
  }
}

const PROGRAMS: Readonly<Record<EngineName, new (prepared: PreparedModule) => Program>> = {
  compiled: CompiledProgram,
  interpreter: InterpreterProgram,
  reference: ReferenceProgram,
}

function programOf(whole: ValidatedModule, { engine, schedule, exports, limits, heard }: Settings): Program {
  const { module, functions } = whole
  const validated =
    exports === null
      ? whole
      : { ...whole, module: { ...module, exports: module.exports.filter(({ name }) => exports.includes(name)) } }
  const prepared = {
    validated,
    summary: summarize(module, functions),
    schedule,
    limits,
    functionNames: functionNames(module),
    heard,
  }
  return new PROGRAMS[engine](prepared)
}

/** @throws ValidationError, with the function's name where one is to blame. */
export function decodeAndValidate(bytes: Uint8Array, floats: 'reject' | 'trap', limits: Limits): ValidatedModule {
  let module: Module
  try {
    module = decode(bytes, { floats, limits })
  } catch (error) {
    throw error instanceof ValidationError ? named(error, () => namesInBytes(bytes)) : error
  }
  return validateDecoded(module, limits)
}

function validateDecoded(module: Module, limits: Limits): ValidatedModule {
  try {
    return validate(module, limits)
  } catch (error) {
    throw error instanceof ValidationError ? named(error, () => functionNames(module)) : error
  }
}

function named(error: ValidationError, names: () => FunctionNames): ValidationError {
  if (error.functionIndex === null) return error
  return error.withFunctionName(names()(error.functionIndex))
}
