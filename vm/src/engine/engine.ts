/**
 * The engine seam: what every engine offers and what every caller may rely on. Several engines exist; for the same
 * module, schedule, imports, arguments and fuel they give the same outcome and the same fuel figures.
 */
import type { ModuleSummary } from '../binary/moduleSummary.ts'
import type { FunctionType } from '../binary/types.ts'
import { SHOWN_NAME_LENGTH } from '../limits.ts'
import { quotedText } from '../visibleText.ts'
import type { EngineName } from './engineNames.ts'
import type { ExecutionRecorder } from './reference/recorder.ts'
import type { ExecutionStepper } from './reference/stepper.ts'
import type { Trap } from './trap.ts'

export { ENGINE_NAMES, type EngineName } from './engineNames.ts'

/** i32 as a number in [-2^31, 2^31) , i64 as a bigint in [-2^63, 2^63), funcref null or an opaque reference. */
export type WasmValue = number | bigint | null | FunctionReference

/** An opaque reference to a function of an instance. */
export interface FunctionReference {
  readonly type: FunctionType
}

/** Bytes of memory 0 of an instance. Every access is bounds-checked. */
export interface Memory {
  /** Size in bytes. */
  readonly size: number
  /** A copy of `length` bytes at `offset`. @throws HostTrap `out-of-bounds-memory`. */
  read(offset: number, length: number): Uint8Array
  /** @throws HostTrap `out-of-bounds-memory`. */
  write(offset: number, bytes: Uint8Array): void
  /** Grows by `pages` of 65536 bytes; the old size in pages, or -1 past the limit, as `memory.grow`. */
  grow(pages: number): number
}

/** The view of a host function on the instance that called it: always the last argument of its `call`. */
export interface HostContext {
  /** Null for a module without a memory. */
  readonly memory: Memory | null
  /** Exact at this point: everything executed so far is charged, nothing after it. */
  fuelLeft(): bigint
  /** Takes fuel. @throws HostTrap `out-of-gas`; the frame then fails. */
  chargeFuel(fuel: bigint): void
}

/**
 * A function offered to a module. `call` gets the Wasm arguments, then the {@link HostContext}, and returns nothing,
 * one value, or an array of values as its type says. It may throw {@link HostTrap} (the frame traps) or
 * {@link HostExit} (the frame ends in order at once); anything else is a fault of the host and leaves `invoke` as it is.
 */
export interface HostFunction {
  readonly type: FunctionType
  // biome-ignore lint/suspicious/noExplicitAny: the arguments' types are given by `type`, which TypeScript cannot see
  readonly call: (...args: any[]) => WasmValue | readonly WasmValue[] | undefined
}

/** A function, table, memory or global of an instance, which another instance of the same engine may import. */
export interface Extern {
  readonly kind: 'function' | 'table' | 'memory' | 'global'
}

/**
 * Asks the engine for a new memory where the module imports one, as `env.memory` of some contract ABIs; the host
 * reaches it through `memory` of the instance. Sizes in pages.
 */
export interface NewMemory {
  readonly newMemory: { readonly min: number; readonly max: number | null }
}

export type ImportValue = HostFunction | Extern | NewMemory

export type Imports = Readonly<Record<string, Readonly<Record<string, ImportValue>>>>

export interface InstantiateOptions {
  readonly imports?: Imports
  /** Fuel for the start function and every later `invoke` together; 10 000 fuel = 1 gas. At most 2^53 - 1. */
  readonly fuel?: bigint
  /** Hears what is executed. Only a program that was compiled with `recorded` tells it anything. */
  readonly recorder?: ExecutionRecorder
  /** Is asked before each instruction. Only a program that was compiled with `stepped` asks. */
  readonly stepper?: ExecutionStepper
}

export type Outcome =
  | { readonly kind: 'return'; readonly values: readonly WasmValue[]; readonly fuelUsed: bigint }
  | { readonly kind: 'trap'; readonly trap: Trap; readonly fuelUsed: bigint }
  /** A host function threw {@link HostExit}. */
  | { readonly kind: 'exit'; readonly status: number; readonly fuelUsed: bigint }

export interface Instance {
  /** Null for a module without a memory. */
  readonly memory: Memory | null
  /**
   * Runs an exported function. `fuelUsed` is that of this invocation. After a trap memory, globals and tables are not
   * defined: engines check fuel at different places, so one may have written what another has not. Release the instance
   * then; a host function that called back into it must end its caller too.
   * @throws TypeError for wrong names or arguments.
   */
  invoke(name: string, args: readonly WasmValue[]): Outcome
  /** Value of an exported global. @throws TypeError for an unknown name. */
  global(name: string): WasmValue
  /** An export, to be imported by another instance. @throws TypeError for an unknown name. */
  extern(name: string): Extern
  /** Fuel left of what `instantiate` was given. A trap burns all of it. */
  fuelLeft(): bigint
  /** Replaces what is left, for a host that runs an instance more than once. At most 2^53 - 1. */
  setFuel(fuel: bigint): void
  /** Gives a pooled instance back; using it afterwards is a fault. */
  release(): void
}

/** A validated module prepared for one engine and one schedule. May be instantiated many times. */
export interface Program {
  readonly module: ModuleSummary
  readonly engine: EngineName
  /**
   * @throws LinkError when an import is missing or has another type, InstantiationTrap when a segment does not fit or
   * the start function traps, HostExit when a host function called by the start function exits.
   */
  instantiate(options?: InstantiateOptions): Instance
  /** Lets go of what is kept for further instances; none are kept from now on. It can still be instantiated. */
  forget(): void
}

export type LinkErrorCode = 'missing-import' | 'wrong-import-type'

/** The imports of the module and the offers of the host do not fit. */
export class LinkError extends Error {
  override readonly name = 'LinkError'
  readonly code: LinkErrorCode
  readonly importModule: string
  readonly importName: string
  constructor(code: LinkErrorCode, importModule: string, importName: string, detail: string) {
    const [from, what] = [importModule, importName].map((text) => quotedText(text, SHOWN_NAME_LENGTH))
    super(`import ${from} ${what}: ${detail}`)
    this.code = code
    this.importModule = importModule
    this.importName = importName
  }
}

/** The module trapped while it was instantiated; all fuel is burnt. */
export class InstantiationTrap extends Error {
  override readonly name = 'InstantiationTrap'
  readonly trap: Trap
  constructor(trap: Trap) {
    super(`instantiation trapped: ${trap.message}`)
    this.trap = trap
  }
}

/** Thrown by a host function to trap the frame that called it. */
export class HostTrap extends Error {
  override readonly name = 'HostTrap'
  readonly code: 'out-of-bounds-memory' | 'out-of-gas' | 'host'
  constructor(code: 'out-of-bounds-memory' | 'out-of-gas' | 'host', message: string) {
    super(message)
    this.code = code
  }
}

/** Thrown by a host function to end the frame in order, as `exit_early` does. */
export class HostExit extends Error {
  override readonly name = 'HostExit'
  readonly status: number
  constructor(status: number) {
    super(`exit with status ${status}`)
    this.status = status
  }
}
