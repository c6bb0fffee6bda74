import type { HostFunction, Imports, ImportValue } from '../engine/engine.ts'

/** The same imports with each host function replaced by what `wrap` makes of it. */
export function mapFunctions(imports: Imports, wrap: (name: string, hook: HostFunction) => HostFunction): Imports {
  const mapped: Record<string, Record<string, ImportValue>> = {}
  for (const [module, values] of Object.entries(imports)) {
    mapped[module] = {}
    for (const [name, value] of Object.entries(values)) {
      mapped[module][name] = 'call' in value ? wrap(name, value) : value
    }
  }
  return mapped
}
