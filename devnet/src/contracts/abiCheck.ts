/** Whether JSON is an ABI: what is done with it later, by us and by viem, takes its form for granted. */
import type { Abi } from 'viem'

/** Arrays and structs inside each other. */
const MAX_DEPTH = 32
/** Items, and parameters of all of them, structs' fields included. */
const MAX_PARAMETERS = 100_000

const itemTypes = ['function', 'constructor', 'event', 'error', 'fallback', 'receive']
const elementary =
  /^(u?int(8|16|24|[3-9]\d|1\d\d|2[0-5]\d)?|address|bool|string|bytes([1-9]|[12]\d|3[0-2])?|function|tuple)$/
const arrays = /(\[(0|[1-9]\d{0,9})?\])*$/

/** Which item of an ABI is wrong, as a clause. */
export class AbiProblem extends Error {
  override readonly name = 'AbiProblem'
}

/** @throws AbiProblem that says which item is wrong, as a clause. */
export function checkAbi(items: readonly unknown[]): Abi {
  const count = { left: MAX_PARAMETERS }
  for (const [position, item] of items.entries()) {
    const where = `item ${position}`
    const { type, name, inputs, outputs } = fieldsOf(item)
    if (typeof type !== 'string') throw new AbiProblem(`${where} has no "type"`)
    // Kinds that a later Solidity may add are not ours to judge.
    if (!itemTypes.includes(type)) continue
    const isNamed = type === 'function' || type === 'event' || type === 'error'
    if (isNamed && (typeof name !== 'string' || name === '')) throw new AbiProblem(`${where} (${type}) has no "name"`)
    const named = isNamed ? `${where} (${type} ${String(name)})` : `${where} (${type})`
    if (isNamed || type === 'constructor') checkParameters(inputs, `${named}: "inputs"`, MAX_DEPTH, count)
    if (type === 'function') checkParameters(outputs, `${named}: "outputs"`, MAX_DEPTH, count)
  }
  return items as Abi
}

function checkParameters(list: unknown, where: string, depth: number, count: { left: number }): void {
  if (!Array.isArray(list)) throw new AbiProblem(`${where} is not a list`)
  for (const [position, parameter] of list.entries()) {
    const at = `${where}[${position}]`
    if (count.left-- === 0) throw new AbiProblem(`there are more than ${MAX_PARAMETERS} parameters`)
    const { type, name, components } = fieldsOf(parameter)
    if (typeof type !== 'string') throw new AbiProblem(`${at} has no "type"`)
    if (name !== undefined && typeof name !== 'string') throw new AbiProblem(`${at}: "name" is not a string`)
    const suffix = arrays.exec(type)![0]
    const base = type.slice(0, type.length - suffix.length)
    const inside = depth - suffix.split('[').length
    if (!elementary.test(base) || Number(/^u?int(\d+)/.exec(base)?.[1] ?? 8) % 8 !== 0) {
      throw new AbiProblem(`${at}: there is no type ${JSON.stringify(type.slice(0, 80))}`)
    }
    if (inside < 0) throw new AbiProblem(`${at} is nested deeper than ${MAX_DEPTH}`)
    if (base === 'tuple') checkParameters(components, `${at}: "components"`, inside, count)
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
