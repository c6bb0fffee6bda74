/** Decoded Solidity values as people read them: led by their types, as `0x12` may be bytes, an address, or a text. */
import { type AbiParameter, getAddress, type Hex } from 'viem'
import { printable, visibleJson } from '../output/printable.ts'

/** UTF-16 units of a value among others, such as an argument of an event; `--json` has all of it. */
const MAX_SHOWN = 1_000

/** An address with the name it is known by. */
export type AddressLabel = (address: Hex) => string

/** Strings in quotes, addresses by their label, structs with the names of their members, everything in declared order. */
export function formatValue(parameter: AbiParameter, value: unknown, label: AddressLabel): string {
  const item = elementType(parameter.type)
  if (item !== null) {
    const element = { ...parameter, type: item }
    return `[${(value as readonly unknown[]).map((entry) => formatValue(element, entry, label)).join(', ')}]`
  }
  if (parameter.type === 'tuple') {
    const components = componentsOf(parameter)
    const members = components.map((component, at) => {
      const shown = formatValue(component, memberOf(components, value, at), label)
      return component.name ? `${printable(component.name)}: ${shown}` : shown
    })
    return components.every(({ name }) => name) ? `{${members.join(', ')}}` : `(${members.join(', ')})`
  }
  if (parameter.type === 'string') return visibleJson(JSON.stringify(value))
  if (parameter.type === 'address') return label(getAddress(value as Hex))
  return String(value)
}

/** The arguments of a call, an error or an event, with their names where they have any: `by: @0 0x…, number: 41`. */
export function formatFields(
  parameters: readonly AbiParameter[],
  values: readonly unknown[],
  label: AddressLabel,
): string {
  return parameters
    .map((parameter, at) => {
      const shown = printable(formatValue(parameter, values[at], label), MAX_SHOWN)
      return parameter.name ? `${printable(parameter.name)}: ${shown}` : shown
    })
    .join(', ')
}

/** For `--json`: an object where all have names, else a list. */
export function namedValues(parameters: readonly AbiParameter[], values: readonly unknown[]): object {
  const names = parameters.map(({ name }) => name ?? '')
  const named = names.every((name) => name !== '') && new Set(names).size === names.length
  return named ? Object.fromEntries(names.map((name, at) => [name, values[at]])) : values
}

/** A value that somebody typed as JSON, whatever it is to become. */
export function formatTyped(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatTyped).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([name, member]) => `${visibleJson(JSON.stringify(name))}: ${formatTyped(member)}`,
    )
    return `{${members.join(', ')}}`
  }
  return typeof value === 'string' ? visibleJson(JSON.stringify(value)) : String(value)
}

/** Of an array type what it is an array of: `uint8[2]` of `uint8[2][]`; null for every other type. */
export function elementType(type: string): string | null {
  return /^(.*)\[\d*\]$/.exec(type)?.[1] ?? null
}

export function componentsOf(parameter: AbiParameter): readonly AbiParameter[] {
  return (parameter as { readonly components?: readonly AbiParameter[] }).components ?? []
}

/** viem gives structs as objects, or as lists when a member has no name. */
function memberOf(components: readonly AbiParameter[], value: unknown, at: number): unknown {
  if (Array.isArray(value)) return value[at]
  return (value as Readonly<Record<string, unknown>>)[components[at]!.name!]
}
