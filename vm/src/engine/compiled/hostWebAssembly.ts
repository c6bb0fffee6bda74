/** The host's own WebAssembly (JavaScript Interface of the core specification), which TypeScript's ES library does not declare. */

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
}

export const hostWebAssembly = (globalThis as unknown as { readonly WebAssembly: HostWebAssembly }).WebAssembly
