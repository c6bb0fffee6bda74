/**
 * Decoders of parameters: each takes a value as JSON gave it and where it stood, and gives the value as the node wants
 * it or throws an error that says which parameter is wrong, why, and what is allowed. They compose like the shapes
 * they describe, so that a method's parameters read as a table. Each says what it takes as a JSON Schema too, of which
 * the OpenRPC document is made.
 */
import { quotedText } from '../../codec/visibleText.ts'
import { invalidParams, limitExceeded, type RpcError } from '../errors.ts'
import { SHOWN_VALUE_LENGTH } from '../limits.ts'
import { ANYTHING, BOOLEAN, type Schema } from '../schema/schema.ts'

type Decode<T> = (value: unknown, at: string) => T

export interface Decoder<T> {
  (value: unknown, at: string): T
  /** The values it takes. */
  readonly schema: Schema
  /** Whether an object may leave it out. */
  readonly isOptional?: boolean
}

/** A decoder of values of this schema. */
export function decoder<T>(schema: Schema, decode: Decode<T>): Decoder<T> {
  return Object.assign((value: unknown, at: string) => decode(value, at), { schema })
}

/** Any JSON value, for a parameter whose form another parameter decides. */
export const anything: Decoder<unknown> = decoder(ANYTHING, (value) => value)

/** The error of a decoder: `expected` completes "must be". */
export function wrong(at: string, expected: string, value: unknown): RpcError {
  return invalidParams(`${at} must be ${expected}, not ${shown(value)}`)
}

function shown(value: unknown): string {
  if (value === undefined) return 'absent'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  // JSON.parse made another number of it than was written.
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) return 'a number of 2^53 or more'
  if (typeof value !== 'string') return `the ${typeof value} ${String(value)}`.replace('the object null', 'null')
  const text = quotedText(value, SHOWN_VALUE_LENGTH)
  return value.length > SHOWN_VALUE_LENGTH ? `${text} (${value.length} characters)` : text
}

export const boolean: Decoder<boolean> = decoder(BOOLEAN, (value, at) => {
  if (typeof value !== 'boolean') throw wrong(at, 'true or false', value)
  return value
})

export function oneOf<const T extends string>(...allowed: readonly T[]): Decoder<T> {
  return decoder({ type: 'string', enum: allowed }, (value, at) => {
    const found = allowed.find((one) => one === value)
    if (found === undefined) throw wrong(at, `one of ${allowed.map((one) => `"${one}"`).join(', ')}`, value)
    return found
  })
}

/** `limit` is the most entries, `limitName` the option that sets it. */
export function arrayOf<T>(
  decode: Decoder<T>,
  limit = Number.POSITIVE_INFINITY,
  limitName = '',
): Decoder<readonly T[]> {
  const bound = limit === Number.POSITIVE_INFINITY ? {} : { maxItems: limit }
  return decoder({ type: 'array', items: decode.schema, ...bound }, (value, at) => {
    if (!Array.isArray(value)) throw wrong(at, 'an array', value)
    if (value.length > limit) {
      throw limitExceeded(`${at} has ${value.length} entries; at most ${limit} are allowed (${limitName})`)
    }
    return value.map((entry, index) => decode(entry, `${at}[${index}]`))
  })
}

/** Absent and null give undefined. */
export function optional<T>(decode: Decoder<T>): Decoder<T | undefined> {
  const schema: Schema = { anyOf: [decode.schema, { type: 'null' }] }
  const absent = decoder(schema, (value, at) => (value === undefined || value === null ? undefined : decode(value, at)))
  return Object.assign(absent, { isOptional: true })
}

type Shape = Readonly<Record<string, Decoder<unknown>>>
type Decoded<S extends Shape> = { readonly [K in keyof S]: ReturnType<S[K]> }

/**
 * An object with these fields. Fields not named are left alone: clients send more than any node knows.
 * @param what completes "must be an object: ".
 */
export function object<const S extends Shape>(what: string, shape: S): Decoder<Decoded<S>> {
  const fields = Object.entries(shape)
  const schema: Schema = {
    type: 'object',
    description: what,
    properties: Object.fromEntries(fields.map(([name, { schema }]) => [name, schema])),
    required: fields.filter(([, { isOptional }]) => isOptional !== true).map(([name]) => name),
  }
  return decoder(schema, (value, at) => {
    const record = asRecord(value, at, what)
    const out: Record<string, unknown> = {}
    for (const [name, decode] of fields) {
      out[name] = decode(Object.hasOwn(record, name) ? record[name] : undefined, `${at}.${name}`)
    }
    return out as Decoded<S>
  })
}

export function asRecord(value: unknown, at: string, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(at, `an object: ${what}`, value)
  return value as Record<string, unknown>
}

/** The object without its undefined fields: what an interface with optional fields wants. */
export function present<T extends object>(
  fields: T,
): { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
} {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}
