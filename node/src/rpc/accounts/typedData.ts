/**
 * EIP-712: the hash that signs a typed value. In the form of `eth_signTypedData_v4`: arrays are hashed, a value that is
 * missing is an error. Nothing is guessed: a type that is not declared, a number that does not fit, bytes of another
 * length are refused with the place where they stand.
 */
import { bigintToBytes, concatBytes } from '../../codec/bytes.ts'
import { keccak256 } from '../../crypto/keccak.ts'
import { asRecord, wrong } from '../decode/decoder.ts'
import { address, data } from '../decode/hex.ts'
import { invalidParams } from '../errors.ts'

export interface Member {
  readonly name: string
  readonly type: string
}

export interface TypedData {
  readonly types: ReadonlyMap<string, readonly Member[]>
  readonly primaryType: string
  readonly domain: Readonly<Record<string, unknown>>
  readonly message: Readonly<Record<string, unknown>>
}

export const DOMAIN_TYPE = 'EIP712Domain'

/** keccak256(0x19 0x01 || domain separator || hashStruct(message)); without a message where the domain itself is signed. */
export function typedDataHash({ types, primaryType, domain, message }: TypedData, at: string): Uint8Array {
  const hasher = new StructHasher(types)
  const separator = hasher.hashStruct(DOMAIN_TYPE, domain, `${at}.domain`)
  const parts = primaryType === DOMAIN_TYPE ? [] : [hasher.hashStruct(primaryType, message, `${at}.message`)]
  return keccak256(concatBytes(Uint8Array.of(0x19, 0x01), separator, ...parts))
}

class StructHasher {
  readonly #types: TypedData['types']
  /** By type; made once, however many values there are of it. */
  readonly #typeHashes = new Map<string, Uint8Array>()

  constructor(types: TypedData['types']) {
    this.#types = types
  }

  /** keccak256(typeHash || encoded members). */
  hashStruct(type: string, value: unknown, at: string): Uint8Array {
    const members = this.#types.get(type)
    if (members === undefined) throw invalidParams(`${at}: the type ${JSON.stringify(type)} is not declared in types`)
    const record = asRecord(value, at, `a ${type}`)
    const encoded = members.map((member) => {
      const place = `${at}.${member.name}`
      if (!Object.hasOwn(record, member.name)) throw wrong(place, `a ${member.type}`, undefined)
      return this.#encode(member.type, record[member.name], place)
    })
    return keccak256(joinWords([this.#typeHash(type), ...encoded]))
  }

  /** 32 bytes. */
  #encode(type: string, value: unknown, at: string): Uint8Array {
    const array = /^(.*)\[(\d*)\]$/.exec(type)
    if (array !== null) {
      const [, of, length] = array as unknown as [string, string, string]
      if (!Array.isArray(value)) throw wrong(at, `an array: ${type}`, value)
      if (length !== '' && value.length !== Number(length)) throw wrong(at, `an array of ${length}`, value)
      return keccak256(joinWords(value.map((entry, index) => this.#encode(of, entry, `${at}[${index}]`))))
    }
    return this.#types.has(type) ? this.hashStruct(type, value, at) : encodeAtomic(type, value, at)
  }

  #typeHash(type: string): Uint8Array {
    const made = this.#typeHashes.get(type) ?? keccak256(new TextEncoder().encode(this.#encodeType(type)))
    this.#typeHashes.set(type, made)
    return made
  }

  /** The type, then those it refers to by name. */
  #encodeType(type: string): string {
    const referred = new Set<string>([type])
    for (const name of referred) {
      for (const member of this.#types.get(name)!) {
        const base = baseOf(member.type)
        if (this.#types.has(base)) referred.add(base)
      }
    }
    referred.delete(type)
    return [type, ...[...referred].sort()].map((name) => this.#definition(name)).join('')
  }

  #definition(type: string): string {
    return `${type}(${this.#types
      .get(type)!
      .map((member) => `${member.type} ${member.name}`)
      .join(',')})`
  }
}

/** Of 32 bytes each; there may be more than a call takes arguments. */
function joinWords(words: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(32 * words.length)
  for (const [index, word] of words.entries()) out.set(word, 32 * index)
  return out
}

function baseOf(type: string): string {
  return type.replace(/(\[\d*\])+$/, '')
}

/** EIP-712, "Definition of encodeData", of what is no struct and no array. */
function encodeAtomic(type: string, value: unknown, at: string): Uint8Array {
  if (type === 'string') {
    if (typeof value !== 'string') throw wrong(at, 'text', value)
    return keccak256(new TextEncoder().encode(value))
  }
  if (type === 'bytes') return keccak256(data(value, at))
  if (type === 'bool') {
    if (typeof value !== 'boolean') throw wrong(at, 'true or false', value)
    return bigintToBytes(value ? 1n : 0n, 32)
  }
  if (type === 'address') return concatBytes(new Uint8Array(12), address(value, at))
  const [, kind, size] = /^(bytes|uint|int)(\d{0,3})$/.exec(type) ?? []
  const bits = size === '' ? 256 : Number(size)
  if (kind === 'bytes' && bits >= 1 && bits <= 32) {
    const bytes = data(value, at)
    if (bytes.length !== bits) throw wrong(at, `${bits} bytes`, value)
    return concatBytes(bytes, new Uint8Array(32 - bits))
  }
  if ((kind === 'uint' || kind === 'int') && bits >= 8 && bits <= 256 && bits % 8 === 0) {
    const [least, most] =
      kind === 'uint' ? [0n, 1n << BigInt(bits)] : [-(1n << BigInt(bits - 1)), 1n << BigInt(bits - 1)]
    const number = integerOf(value, at)
    if (number < least || number >= most) throw wrong(at, `a number that fits ${type}`, value)
    return bigintToBytes(BigInt.asUintN(256, number), 32)
  }
  throw invalidParams(`${at}: there is no type ${JSON.stringify(type)}, and types does not declare it`)
}

/** Longest text of a number: 256 bits in decimal, with a sign. */
const MAX_NUMBER_LENGTH = 79

/** A safe integer of JSON, or decimal or hex text. */
function integerOf(value: unknown, at: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value === 'string' && value.length <= MAX_NUMBER_LENGTH && /^(-?\d+|0x[0-9a-fA-F]+)$/.test(value)) {
    return BigInt(value)
  }
  throw wrong(at, 'a whole number: below 2^53, or as text, decimal or 0x and hex digits', value)
}
