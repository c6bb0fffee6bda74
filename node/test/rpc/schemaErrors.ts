/** Whether a value is of a JSON Schema: the keywords of src/rpc/schema/schema.ts and no others. */
import type { Schema } from '../../src/rpc/schema/schema.ts'

/** Where the value is otherwise than the schema says, and how; null when it is of it. */
export function schemaError(schema: Schema, value: unknown, at = 'the value'): string | null {
  const { title: _title, description: _description, ...keywords } = schema
  for (const keyword of Object.keys(keywords) as (keyof typeof keywords)[]) {
    const error = CHECKS[keyword](schema, value, at)
    if (error !== null) return error
  }
  return null
}

type Check = (schema: Schema, value: unknown, at: string) => string | null

const CHECKS: Readonly<Record<Exclude<keyof Schema, 'title' | 'description'>, Check>> = {
  type({ type }, value, at) {
    const found = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
    const fits = type === 'integer' ? Number.isInteger(value) : found === type
    return fits ? null : `${at} is of type ${found}, not ${type}`
  },
  pattern({ pattern }, value, at) {
    if (typeof value !== 'string' || new RegExp(pattern!).test(value)) return null
    return `${at} is ${value.slice(0, 80)}, which does not match ${pattern}`
  },
  enum: (schema, value, at) => (schema.enum!.includes(value) ? null : `${at} is none of ${schema.enum!.join(', ')}`),
  minimum: ({ minimum }, value, at) =>
    typeof value === 'number' && value < minimum! ? `${at} is below ${minimum}` : null,
  maximum: ({ maximum }, value, at) =>
    typeof value === 'number' && value > maximum! ? `${at} is above ${maximum}` : null,
  items({ items }, value, at) {
    if (!Array.isArray(value)) return null
    for (const [index, entry] of value.entries()) {
      const error = schemaError(items!, entry, `${at}[${index}]`)
      if (error !== null) return error
    }
    return null
  },
  minItems: ({ minItems }, value, at) =>
    Array.isArray(value) && value.length < minItems! ? `${at} has ${value.length} entries` : null,
  maxItems: ({ maxItems }, value, at) =>
    Array.isArray(value) && value.length > maxItems! ? `${at} has ${value.length} entries` : null,
  properties({ properties }, value, at) {
    if (!isRecord(value)) return null
    for (const [name, schema] of Object.entries(properties!)) {
      const error = Object.hasOwn(value, name) ? schemaError(schema, value[name], `${at}.${name}`) : null
      if (error !== null) return error
    }
    return null
  },
  required({ required }, value, at) {
    const missing = isRecord(value) ? required!.find((name) => !Object.hasOwn(value, name)) : undefined
    return missing === undefined ? null : `${at} has no ${missing}`
  },
  additionalProperties({ additionalProperties, properties = {} }, value, at) {
    if (!isRecord(value) || additionalProperties === true) return null
    for (const [name, content] of Object.entries(value)) {
      if (Object.hasOwn(properties, name)) continue
      if (additionalProperties === false) return `${at} has ${name}, which the schema has not`
      const error = schemaError(additionalProperties as Schema, content, `${at}.${name}`)
      if (error !== null) return error
    }
    return null
  },
  anyOf({ anyOf }, value, at) {
    const errors = anyOf!.map((schema) => schemaError(schema, value, at))
    return errors.includes(null) ? null : errors.join('; or ')
  },
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
