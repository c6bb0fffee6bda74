/** The host's own WebAssembly, as an independent opinion. TypeScript's ES library does not declare it. */

interface HostInstance {
  readonly exports: Readonly<Record<string, unknown>>
}

interface HostWebAssembly {
  validate(bytes: Uint8Array): boolean
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => HostInstance
  readonly RuntimeError: new () => Error
}

const host = (globalThis as unknown as { readonly WebAssembly: HostWebAssembly }).WebAssembly

export function v8Validates(bytes: Uint8Array): boolean {
  return host.validate(bytes.slice())
}

/** Exported functions, memories and globals of a fresh instance. */
export function v8Instantiate(bytes: Uint8Array, imports: object): HostInstance['exports'] {
  return new host.Instance(new host.Module(bytes.slice()), imports).exports
}

/** Whether V8 threw this for a trap. */
export function isV8Trap(error: unknown): error is Error {
  return error instanceof host.RuntimeError
}
