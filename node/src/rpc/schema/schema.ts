/**
 * JSON Schema (draft 7, as OpenRPC 1.3 has it), as far as JSON-RPC's values need it: what decoders say of parameters and
 * methods of their results. A schema with a title is a component of the OpenRPC document (document.ts).
 */
export interface Schema {
  readonly title?: string
  readonly description?: string
  readonly type?: 'string' | 'object' | 'array' | 'boolean' | 'null' | 'number' | 'integer'
  /** Of text: a regular expression. */
  readonly pattern?: string
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  /** False: no field besides `properties`. */
  readonly additionalProperties?: boolean | Schema
  readonly anyOf?: readonly Schema[]
}

export const ANYTHING: Schema = {}
export const NULL: Schema = { type: 'null' }
export const BOOLEAN: Schema = { type: 'boolean' }
export const TEXT: Schema = { type: 'string' }
/** A number of JSON: only for what is far below 2^53. */
export const COUNT: Schema = { type: 'integer', minimum: 0 }
export const QUANTITY: Schema = { title: 'Quantity', type: 'string', pattern: '^0x(0|[1-9a-fA-F][0-9a-fA-F]*)$' }
export const DATA: Schema = { title: 'Data', type: 'string', pattern: '^0x([0-9a-fA-F]{2})*$' }

/** Exactly so many bytes. */
export function dataOf(length: number, description?: string): Schema {
  const pattern = `^0x[0-9a-fA-F]{${2 * length}}$`
  return description === undefined ? { type: 'string', pattern } : { type: 'string', pattern, description }
}

export const ADDRESS: Schema = { title: 'Address', ...dataOf(20) }
export const HASH: Schema = { title: 'Hash', ...dataOf(32) }
export const WORD: Schema = { title: 'Word', ...dataOf(32) }

export function nullable(schema: Schema): Schema {
  return { anyOf: [schema, NULL] }
}

export function listOf(items: Schema): Schema {
  return { type: 'array', items }
}

/** An object of any keys. */
export function mapOf(values: Schema): Schema {
  return { type: 'object', additionalProperties: values }
}

type Fields = Readonly<Record<string, Schema>>

/** An object of these fields, which it has all; those of `sometimes` it may lack. It has no others. */
export function record(fields: Fields, sometimes: Fields = {}): Schema {
  return {
    type: 'object',
    properties: { ...fields, ...sometimes },
    required: Object.keys(fields),
    additionalProperties: false,
  }
}

/** The same under a name of its own. */
export function named(title: string, schema: Schema): Schema {
  return { title, ...schema }
}
