/** The host's own WebAssembly, as an independent opinion. TypeScript's ES library does not declare it. */

interface HostWebAssembly {
  validate(bytes: Uint8Array): boolean
}

const host = (globalThis as unknown as { readonly WebAssembly: HostWebAssembly }).WebAssembly

export function v8Validates(bytes: Uint8Array): boolean {
  return host.validate(bytes.slice())
}
