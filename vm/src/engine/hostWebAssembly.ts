/**
 * The host's own WebAssembly (JavaScript Interface of the core specification), which TypeScript's ES library does not
 * declare.
 */

export interface HostModule {
  readonly hostModule: unique symbol
}

export interface HostMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

export interface HostTable {
  readonly length: number
  get(index: number): HostCode | null
}

export interface HostGlobal {
  value: number | bigint | HostCode | null
}

// biome-ignore lint/suspicious/noExplicitAny: arguments and results are told by the function's type in the module
export type HostCode = (...args: any[]) => any

export interface HostExports {
  readonly [name: string]: HostCode | HostMemory | HostTable | HostGlobal
}

export interface HostInstance {
  readonly exports: HostExports
}

interface HostWebAssembly {
  readonly Module: new (bytes: Uint8Array) => HostModule
  readonly Instance: new (module: HostModule, imports: object) => HostInstance
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => HostMemory
  readonly Global: new (
    type: { readonly value: 'i32' | 'i64'; readonly mutable: boolean },
    value: number | bigint,
  ) => HostGlobal
  readonly RuntimeError: new (message: string) => Error
  /** Whether the host takes a module; it throws for no bytes. */
  readonly validate: (bytes: Uint8Array) => boolean
}

/** The stand-in where there is none: globals hold values, and nothing can be compiled. */
const ABSENT: HostWebAssembly = {
  Module: refused(),
  Instance: refused(),
  Memory: refused(),
  Global: class {
    value: number | bigint
    constructor(_type: unknown, value: number | bigint) {
      this.value = value
    }
  },
  RuntimeError: class extends Error {},
  validate: () => false,
}

/** Some hosts have none: V8 without a compiler (`--jitless`), browsers that forbid it by policy. */
const found = (globalThis as unknown as { readonly WebAssembly?: HostWebAssembly }).WebAssembly

export const hostHasWebAssembly = found !== undefined

export const hostWebAssembly: HostWebAssembly = found ?? ABSENT

// biome-ignore lint/suspicious/noExplicitAny: stands for three constructors
function refused(): any {
  return class {
    constructor() {
      throw new Error('this host has no WebAssembly')
    }
  }
}
