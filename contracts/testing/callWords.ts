/** A call as its author reads it. */
import {
  type Abi,
  type AbiFunction,
  type Address,
  BaseError,
  decodeFunctionResult,
  formatEther,
  getAddress,
  type Hex,
  zeroAddress,
} from 'viem'

/** A contract that is called. */
export interface Target<abi extends Abi | readonly unknown[] = Abi> {
  readonly name: string
  readonly address: Address
  readonly abi: abi
}

export interface Call {
  readonly target: Target
  readonly item: AbiFunction
  readonly from: Address
  readonly args: readonly unknown[]
  readonly value: bigint
}

/** How addresses are called; others are written out. */
export type AddressNames = ReadonlyMap<Address, string>

export function addressNames(
  accounts: readonly Address[],
  contracts: readonly { readonly name: string; readonly address: Address }[],
): AddressNames {
  return new Map([
    [zeroAddress, 'the zero address'] as const,
    ...accounts.map((address, i) => [getAddress(address), `account ${i}`] as const),
    ...contracts.map(({ name, address }) => [getAddress(address), `the contract ${name}`] as const),
  ])
}

/** `account 1: Token.transfer(to: account 1, value: 5)`. */
export function callWords({ from, target, item, args, value }: Call, names: AddressNames): string {
  const given = item.inputs.map(({ name, type }, i) => {
    const words = valueWords(args[i], type, names)
    return name === undefined || name === '' ? words : `${name}: ${words}`
  })
  const wei = value === 0n ? '' : ` with ${formatEther(value)} ether`
  return `${valueWords(from, 'address', names)}: ${target.name}.${item.name}(${given.join(', ')})${wei}`
}

/** The result of a call; `ok` where there is none. A contract may give what its ABI does not say: then its bytes. */
export function resultWords(item: AbiFunction, data: Hex | undefined, names: AddressNames): string {
  if (item.outputs.length === 0 || data === undefined) return 'ok'
  let given: unknown
  try {
    given = decodeFunctionResult({ abi: [item], functionName: item.name, data })
  } catch (error) {
    if (!(error instanceof BaseError)) throw error
    return `${data}, which is no ${item.outputs.map(({ type }) => type).join(', ')}`
  }
  return item.outputs.length === 1 ? valueWords(given, item.outputs[0]!.type, names) : valueWords(given, '', names)
}

function valueWords(value: unknown, type: string, names: AddressNames): string {
  if (Array.isArray(value)) {
    const element = type.replace(/\[\d*\]$/, '')
    return `[${value.map((each) => valueWords(each, element, names)).join(', ')}]`
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, each]) => `${name}: ${valueWords(each, '', names)}`)
    return `{ ${fields.join(', ')} }`
  }
  if (typeof value !== 'string') return String(value)
  if (type === 'string') return JSON.stringify(value)
  return names.get(value as Address) ?? value
}
