/** Arbitrary values of ABI types for fast-check: those on which contracts break come more often than by chance. */
import * as fc from 'fast-check'
import {
  type Abi,
  type AbiFunction,
  type AbiParameter,
  type AbiParameterToPrimitiveType,
  type AbiStateMutability,
  type Address,
  bytesToHex,
  type ContractFunctionArgs,
  type ContractFunctionName,
  getAddress,
  zeroAddress,
} from 'viem'

/** viem takes and gives numbers up to so many bits, bigints above. */
const NUMBER_BITS = 48
/** Bytes and characters of `bytes` and `string`: more than two words, so that every layout in storage comes. */
const MOST_BYTES = 70
/** Elements of an array without a length in its type. */
const MOST_ELEMENTS = 6

/** As a function's inputs have it: `components` are a tuple's. */
interface Parameter {
  readonly type: string
  readonly name?: string | undefined
  readonly components?: readonly Parameter[]
}

/** Which addresses come: the preferred ones, and with `others` sometimes the zero address and strangers. */
export interface Addresses {
  readonly preferred: readonly Address[]
  readonly others: boolean
}

/**
 * Values of an ABI type as viem takes them: numbers near zero and near the ends of their type, of every length in bits;
 * the given addresses (a chain's accounts, say), the zero address and strangers; empty, short and long bytes and texts.
 * @param parameter a type (`'uint256'`), or a parameter of an ABI, which a tuple needs for its components
 * @param addresses to prefer, simplest first: a counterexample is shrunk towards the first
 * @throws TypeError for a type that no ABI has
 * @example
 * ```ts
 * const amounts = arbitraryOf('uint128')
 * ```
 */
export function arbitraryOf<const type extends string>(
  parameter: type,
  addresses?: readonly Address[],
): fc.Arbitrary<AbiParameterToPrimitiveType<{ readonly name: string; readonly type: type }>>
export function arbitraryOf<const parameter extends AbiParameter>(
  parameter: parameter,
  addresses?: readonly Address[],
): fc.Arbitrary<AbiParameterToPrimitiveType<parameter>>
export function arbitraryOf(parameter: string | Parameter, addresses: readonly Address[] = []): fc.Arbitrary<unknown> {
  return valuesOf(typeof parameter === 'string' ? { type: parameter } : parameter, {
    preferred: addresses,
    others: true,
  })
}

/**
 * Arguments of a contract's function, typed by its ABI: what `send`, `read` and `simulate` take. Of several functions of
 * one name, those of the first.
 * @param contract deployed, whose own address is among those preferred; or an artifact
 * @param addresses as for `arbitraryOf`
 * @throws TypeError when the contract has no such function
 */
export function argumentsOf<
  const abi extends Abi | readonly unknown[],
  name extends ContractFunctionName<abi, AbiStateMutability>,
>(
  contract: { readonly abi: abi; readonly address?: Address },
  functionName: name,
  addresses: readonly Address[] = [],
): fc.Arbitrary<ContractFunctionArgs<abi, AbiStateMutability, name>> {
  const functions = (contract.abi as Abi).filter((item) => item.type === 'function')
  const found = functions.find(({ name }) => name === functionName)
  if (found === undefined) {
    const names = functions.map(({ name }) => name).join(', ') || 'none'
    throw new TypeError(`argumentsOf: the contract has no function ${functionName}; it has: ${names}`)
  }
  const own = contract.address === undefined ? [] : [contract.address]
  return inputsOf(found, { preferred: [...addresses, ...own], others: true }) as fc.Arbitrary<
    ContractFunctionArgs<abi, AbiStateMutability, name>
  >
}

export function inputsOf({ inputs }: AbiFunction, addresses: Addresses): fc.Arbitrary<readonly unknown[]> {
  return fc.tuple(...inputs.map((input) => valuesOf(input, addresses)))
}

/** Wei from nothing to `most`, of every length in bits. */
export function amountsUpTo(most: bigint): fc.Arbitrary<bigint> {
  return new Integers(0n, most)
}

function valuesOf({ type, components }: Parameter, addresses: Addresses): fc.Arbitrary<unknown> {
  const array = /^(.+)\[(\d*)\]$/.exec(type)
  if (array !== null) {
    const element = valuesOf({ type: array[1]!, ...(components === undefined ? {} : { components }) }, addresses)
    const length = array[2] === '' ? null : Number(array[2])
    return fc.array(element, { minLength: length ?? 0, maxLength: length ?? MOST_ELEMENTS, size: 'max' })
  }
  if (type === 'tuple' && components !== undefined) return tuples(components, addresses)
  if (type === 'bool') return fc.boolean()
  if (type === 'address') return addressesNear(addresses)
  if (type === 'string') return texts()
  if (type === 'bytes') return bytes(0, MOST_BYTES)
  const [, kind, digits] = /^(u?int|bytes)(\d+)$/.exec(type) ?? []
  const size = Number(digits)
  if (kind === 'bytes' && size >= 1 && size <= 32) return fixedBytes(size)
  if ((kind === 'uint' || kind === 'int') && size >= 8 && size <= 256 && size % 8 === 0) {
    const most = 2n ** BigInt(kind === 'uint' ? size : size - 1) - 1n
    const values = new Integers(kind === 'uint' ? 0n : -most - 1n, most)
    return size > NUMBER_BITS ? values : values.map(Number)
  }
  const hint = type === 'tuple' ? 'give the parameter of the ABI, with its components' : 'write it as in the ABI'
  throw new TypeError(
    `arbitraryOf: ${JSON.stringify(type)} is not a type that values can be made of; ${hint} (uint256, bytes4, address[])`,
  )
}

/** An object where all components have names, as viem wants it, and an array otherwise. */
function tuples(components: readonly Parameter[], addresses: Addresses): fc.Arbitrary<unknown> {
  const values = components.map((component) => valuesOf(component, addresses))
  if (components.some(({ name }) => name === undefined || name === '')) return fc.tuple(...values)
  return fc.tuple(...values).map((all) => Object.fromEntries(components.map(({ name }, i) => [name!, all[i]])))
}

/** Made near the places where contracts break, shrunk to the nearest to zero. */
class Integers extends fc.Arbitrary<bigint> {
  readonly #made: fc.Arbitrary<bigint>
  readonly #whole: fc.Arbitrary<bigint>

  constructor(least: bigint, most: bigint) {
    super()
    this.#whole = fc.bigInt({ min: least, max: most })
    const bits = most.toString(2).length
    const sized = fc
      .tuple(fc.integer({ min: 0, max: bits }), this.#whole)
      .map(([length, value]) => value % 2n ** BigInt(length))
    const off = fc.bigInt({ min: 0n, max: most < 3n ? most : 3n })
    this.#made = fc.oneof(
      { weight: 3, arbitrary: fc.bigInt({ min: least < -3n ? -3n : least, max: most < 20n ? most : 20n }) },
      { weight: 3, arbitrary: sized },
      { weight: 1, arbitrary: this.#whole },
      { weight: 1, arbitrary: off.map((n) => most - n) },
      ...(least < 0n ? [{ weight: 1, arbitrary: off.map((n) => least + n) }] : []),
    )
  }

  override generate(random: fc.Random, bias: number | undefined): fc.Value<bigint> {
    return new fc.Value(this.#made.generate(random, bias).value, undefined)
  }

  override canShrinkWithoutContext(value: unknown): value is bigint {
    return this.#whole.canShrinkWithoutContext(value)
  }

  override shrink(value: bigint, context: unknown): fc.Stream<fc.Value<bigint>> {
    return this.#whole.shrink(value, context)
  }
}

function addressesNear({ preferred, others }: Addresses): fc.Arbitrary<Address> {
  const known = preferred.length === 0 ? [] : [fc.constantFrom(...preferred.map((each) => getAddress(each)))]
  if (!others) return fc.oneof(...known)
  const strangers = fc
    .uint8Array({ minLength: 20, maxLength: 20, size: 'max' })
    .map((value) => getAddress(bytesToHex(value)))
  return fc.oneof(
    ...known.map((arbitrary) => ({ weight: 8, arbitrary })),
    { weight: 1, arbitrary: fc.constant(zeroAddress) },
    { weight: 1, arbitrary: strangers },
  )
}

function bytes(least: number, most: number) {
  return fc.uint8Array({ minLength: least, maxLength: most, size: 'max' }).map((value) => bytesToHex(value))
}

function fixedBytes(size: number) {
  return fc.oneof(
    { weight: 4, arbitrary: bytes(size, size) },
    { weight: 1, arbitrary: fc.constantFrom(0, 0xff).map((byte) => bytesToHex(new Uint8Array(size).fill(byte))) },
  )
}

function texts() {
  return fc.oneof(
    { weight: 2, arbitrary: fc.string({ maxLength: 20, size: 'max' }) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: MOST_BYTES, size: 'max' }) },
  )
}
