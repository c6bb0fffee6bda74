/**
 * Replays the scripts of the official suite on one engine. A command passes when its kind of outcome is the official
 * one: the values, the kind of trap, or the kind of refusal.
 */
import {
  compile,
  type EngineName,
  type Extern,
  type Instance,
  InstantiationTrap,
  type Limits,
  LinkError,
  type Outcome,
  type Program,
  type TrapCode,
  ValidationError,
  type WasmValue,
} from '../../src/index.ts'
import { MAX_FUEL } from '../../src/limits.ts'
import { tryWatToWasm } from '../../testing/wat.ts'
import { v8Validates } from '../v8.ts'
import type { Action, Command, Constant, ModuleForm, RegisterCommand, ScriptFile, Suite } from './suite.ts'

export interface FileResult {
  readonly path: string
  passed: number
  derivedPassed: number
  /** Modules with floats, valid elsewhere and refused here with `refused:float`. */
  floatsRefused: number
  readonly failures: string[]
}

/** The suite tests the language, so it gets what our limits would refuse: one memory has 65 536 pages. */
const SUITE_LIMITS: Partial<Limits> = { memoryPages: 65_536, tableElements: 10_000_000, locals: 50_000 }

/** A module of a script. Without an instance it could not be loaded, which only commands that are not kept notice. */
interface Slot {
  program: Program | null
  instance: Instance | null
}

const FLOAT_STAND_INS: readonly { readonly f32: string; readonly f64: string }[] = [
  { f32: 'i64', f64: 'i64' },
  { f32: 'i32', f64: 'i64' },
  { f32: 'i64', f64: 'i32' },
  { f32: 'i32', f64: 'i32' },
]

const TRAPS: readonly (readonly [RegExp, TrapCode])[] = [
  [/^integer divide by zero/, 'integer-divide-by-zero'],
  [/^integer overflow/, 'integer-overflow'],
  [/^unreachable/, 'unreachable'],
  [/^out of bounds memory access/, 'out-of-bounds-memory'],
  [/^out of bounds table access/, 'out-of-bounds-table'],
  [/^undefined element/, 'undefined-element'],
  [/^uninitialized/, 'uninitialized-element'],
  [/^indirect call type mismatch/, 'indirect-call-type-mismatch'],
  [/^call stack exhausted/, 'stack-exhausted'],
]

export async function replayFile(
  suite: Suite,
  file: ScriptFile,
  engine: EngineName,
  derived: boolean,
  recorded = false,
): Promise<FileResult> {
  const replay = new Replay(suite, file, engine, derived, recorded)
  await replay.run()
  return replay.result
}

class Replay {
  readonly result: FileResult
  private readonly suite: Suite
  private readonly file: ScriptFile
  private readonly engine: EngineName
  private readonly derived: boolean
  private readonly recorded: boolean
  private readonly registered = new Map<string, Instance>()
  private readonly named = new Map<string, Slot>()
  private current: Slot = { program: null, instance: null }

  constructor(suite: Suite, file: ScriptFile, engine: EngineName, derived: boolean, recorded: boolean) {
    this.suite = suite
    this.file = file
    this.engine = engine
    this.derived = derived
    this.recorded = recorded
    this.result = { path: file.path, passed: 0, derivedPassed: 0, floatsRefused: 0, failures: [] }
  }

  async run(): Promise<void> {
    const spectest = await tryWatToWasm(spectestModule(this.derived))
    this.registered.set('spectest', this.compile(spectest!).instantiate())
    for (const [i, command] of this.file.commands.entries()) {
      if (isRegister(command)) {
        const slot = command.module === undefined ? this.current : this.named.get(command.module)
        if (slot?.instance) this.registered.set(command.as, slot.instance)
        continue
      }
      const kept = this.file.kept.has(i)
      const derivedKept = this.derived && this.file.derivedKept.has(i)
      if (!kept && !derivedKept) {
        if (!this.derived) await this.checkFloatRefused(command)
        if (command.type === 'module') this.put(command.module!, { program: null, instance: null })
        continue
      }
      const problem = await this.command(command)
      if (problem !== null) this.result.failures.push(`${this.file.path}:${command.line} ${command.type}: ${problem}`)
      else if (kept) this.result.passed++
      else this.result.derivedPassed++
    }
  }

  /** Null when the command did what it should, else what it did. */
  private async command(command: Command): Promise<string | null> {
    switch (command.type) {
      case 'module':
        return this.define(command.module!)
      case 'action':
        return expectReturn(this.act(command.action!), null)
      case 'assert_return':
        return expectReturn(this.act(command.action!), command.expected!)
      case 'assert_trap':
      case 'assert_exhaustion':
        return expectTrap(this.act(command.action!), command.msg!)
      case 'assert_trap_module':
      case 'assert_unlinkable':
        return this.expectNoInstance(command)
      case 'assert_invalid':
      case 'assert_malformed':
        return this.expectRefused(command)
      default:
        return 'unknown command'
    }
  }

  private async define(form: ModuleForm): Promise<string | null> {
    const slot: Slot = { program: null, instance: null }
    try {
      slot.program =
        form.form === 'instance' ? this.named.get(form.of!)!.program! : this.compile(await this.binary(form))
      if (form.kind !== 'definition') slot.instance = this.instantiate(slot.program)
      return null
    } catch (error) {
      return String(error)
    } finally {
      this.put(form, slot)
    }
  }

  private put(form: ModuleForm, slot: Slot): void {
    if (form.kind !== 'definition') this.current = slot
    if (form.id !== undefined) this.named.set(form.id, slot)
  }

  private act(action: Action): Outcome {
    const slot = action.module === undefined ? this.current : this.named.get(action.module)!
    const instance = slot.instance!
    if (action.action === 'get') return { kind: 'return', values: [instance.global(action.field)], fuelUsed: 0n }
    instance.setFuel(MAX_FUEL)
    return instance.invoke(action.field, action.args.map(argument))
  }

  private async expectNoInstance(command: Command): Promise<string | null> {
    try {
      this.instantiate(this.compile(await this.binary(command.module!)))
      return 'instantiated'
    } catch (error) {
      if (command.type === 'assert_unlinkable') return error instanceof LinkError ? null : String(error)
      if (!(error instanceof InstantiationTrap)) return String(error)
      return error.trap.code === trapCode(command.msg!) ? null : `trapped with ${error.trap.code}: ${command.msg}`
    }
  }

  private async expectRefused(command: Command): Promise<string | null> {
    try {
      this.compile(await this.binary(command.module!, command.type === 'assert_invalid'))
      return `accepted: ${command.msg}`
    } catch (error) {
      if (!(error instanceof ValidationError)) return String(error)
      // A refused feature may be found before the fault that the suite plants; a limit never may.
      return error.code.startsWith('limit:') ? `${error.code}: ${command.msg}` : null
    }
  }

  private compile(bytes: Uint8Array): Program {
    return compile(bytes, { engine: this.engine, limits: SUITE_LIMITS, recorded: this.recorded })
  }

  private instantiate(program: Program): Instance {
    const imports: Record<string, Record<string, Extern>> = {}
    for (const { module, name } of program.module.imports) {
      const exporter = this.registered.get(module)
      if (exporter === undefined) continue
      imports[module] ??= {}
      try {
        imports[module][name] = exporter.extern(name)
      } catch {
        // Not offered: the engine is to refuse the link.
      }
    }
    return program.instantiate({ imports, fuel: MAX_FUEL })
  }

  /** @throws Error for text that cannot be converted, which no kept command has. */
  private async binary(form: ModuleForm, invalid = false): Promise<Uint8Array> {
    if (form.form === 'binary') return form.bytes
    const text = form.form === 'quote' ? moduleText(form.bytes) : form.text
    const bytes = await tryWatToWasm(text)
    if (this.derived && (bytes === null || this.hasFloats(bytes))) {
      return invalid ? this.invalidWithoutFloats(text) : this.convert(this.suite.reader.stripFloats(text))
    }
    if (bytes === null) throw new Error('wabt cannot convert the module')
    return bytes
  }

  private hasFloats(bytes: Uint8Array): boolean {
    return this.suite.features(bytes).set.has('float')
  }

  private async convert(text: string): Promise<Uint8Array> {
    const bytes = await tryWatToWasm(text)
    if (bytes === null) throw new Error('wabt cannot convert the module')
    return bytes
  }

  /** The first form with integers in place of floats that V8 holds for invalid, as the suite's own runner picks it. */
  private async invalidWithoutFloats(text: string): Promise<Uint8Array> {
    for (const types of FLOAT_STAND_INS) {
      const bytes = await tryWatToWasm(this.suite.reader.mapFloatTokens(text, types))
      if (bytes !== null && !this.hasFloats(bytes) && !v8Validates(bytes)) return bytes
    }
    throw new Error('no integer form of the module is invalid')
  }

  private async checkFloatRefused(command: Command): Promise<void> {
    if (command.type !== 'module' || command.module === undefined || command.module.form === 'instance') return
    let bytes: Uint8Array
    try {
      bytes = await this.binary(command.module)
    } catch {
      return
    }
    if (!this.hasFloats(bytes) || !v8Validates(bytes)) return
    try {
      this.compile(bytes)
      this.result.failures.push(`${this.file.path}:${command.line} module with floats: accepted`)
    } catch (error) {
      if (error instanceof ValidationError && error.code.startsWith('refused:')) this.result.floatsRefused++
      else this.result.failures.push(`${this.file.path}:${command.line} module with floats: ${error}`)
    }
  }
}

function isRegister(command: Command | RegisterCommand): command is RegisterCommand {
  return command.type === 'register'
}

function moduleText(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes)
  return /^\s*\(module\b/.test(text) ? text : `(module ${text})`
}

function argument({ type, value }: Constant): WasmValue {
  return type === 'null' ? null : value!
}

function expectReturn(outcome: Outcome, expected: readonly Constant[] | null): string | null {
  if (outcome.kind !== 'return') return outcome.kind === 'trap' ? outcome.trap.message : outcome.kind
  if (expected === null) return null
  const same =
    outcome.values.length === expected.length && expected.every((constant, i) => equals(constant, outcome.values[i]!))
  return same ? null : `returned ${outcome.values.map(String)}`
}

function equals({ type, value }: Constant, actual: WasmValue): boolean {
  if (type === 'null') return actual === null
  if (type === 'funcref') return actual !== null && typeof actual === 'object'
  return actual === value
}

function expectTrap(outcome: Outcome, message: string): string | null {
  if (outcome.kind !== 'trap') return `no trap: ${message}`
  return outcome.trap.code === trapCode(message) ? null : `trapped with ${outcome.trap.code}: ${message}`
}

function trapCode(message: string): TrapCode | undefined {
  return TRAPS.find(([words]) => words.test(message))?.[1]
}

/** The module the suite calls `spectest`; in derived scripts with integers in the place of floats. */
function spectestModule(derived: boolean): string {
  const floats = `(func (export "print_f32") (param i32)) (func (export "print_f64") (param i64))
    (func (export "print_i32_f32") (param i32 i32)) (func (export "print_f64_f64") (param i64 i64))
    (global (export "global_f32") i32 (i32.const 666)) (global (export "global_f64") i64 (i64.const 666))`
  return `(module
    (func (export "print")) (func (export "print_i32") (param i32)) (func (export "print_i64") (param i64))
    (global (export "global_i32") i32 (i32.const 666)) (global (export "global_i64") i64 (i64.const 666))
    (table (export "table") 10 20 funcref) (memory (export "memory") 1 2) ${derived ? floats : ''})`
}
