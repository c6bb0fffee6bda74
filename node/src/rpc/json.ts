/**
 * Reading JSON from a stranger: one pass over the bytes bounds depth and size before JSON.parse allocates anything,
 * because two megabytes of `[],[],` become thirty in memory. The same pass finds the ids of requests as they are written:
 * JSON.parse makes a double of a number, and 9007199254740993 would go back as another id.
 */
import { limitExceeded, PARSE_ERROR, RpcError } from './errors.ts'
import type { RpcLimits } from './limits.ts'

/** JSON text that is already made; goes into the answer as it is. */
export class JsonText {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const LOWER_I = 0x69
const LOWER_D = 0x64

const utf8 = new TextDecoder('utf-8', { fatal: true })
const lenient = new TextDecoder('utf-8', { ignoreBOM: true })

export interface ParsedMessage {
  readonly value: unknown
  /** JSON text of the `id` of a request, by its place in the batch; 0 for a request alone. It may have any type. */
  readonly ids: ReadonlyMap<number, string>
}

/** @throws RpcError -32700 for what is no JSON, -32005 for JSON over the limits. */
export function parseJson(body: Uint8Array, limits: Pick<RpcLimits, 'maxJsonDepth' | 'maxJsonItems'>): ParsedMessage {
  const ids = checkShape(body, limits)
  let text: string
  try {
    text = utf8.decode(body)
  } catch {
    throw new RpcError(PARSE_ERROR, 'parse error: the body is not valid UTF-8')
  }
  try {
    return { value: JSON.parse(text), ids }
  } catch (error) {
    throw new RpcError(PARSE_ERROR, `parse error: ${error instanceof Error ? error.message : 'no JSON'}`)
  }
}

/** Counts what JSON.parse would build, and finds ids. Wrong JSON may pass; it is the parser's to refuse. */
function checkShape(
  body: Uint8Array,
  limits: Pick<RpcLimits, 'maxJsonDepth' | 'maxJsonItems'>,
): ReadonlyMap<number, string> {
  const ids = new Map<number, string>()
  let depth = 0
  let items = 1
  /** How deep the members of a request are: in a batch one deeper than alone. */
  let memberDepth = 1
  let request = 0
  /** Whether the last string at that depth was `id`: a key, if a colon follows. */
  let isId = false
  /** Where the value of an `id` begins; -1 outside of one. */
  let valueAt = -1
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]
    if (byte === QUOTE) {
      // A quote inside a string is behind an odd number of backslashes.
      let end = body.indexOf(QUOTE, i + 1)
      while (end !== -1 && isEscaped(body, end, i)) end = body.indexOf(QUOTE, end + 1)
      if (end === -1) return ids
      if (depth === memberDepth) isId = isIdKey(body, i, end)
      i = end
    } else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      if (depth === 0 && byte === OPEN_BRACKET) memberDepth = 2
      depth++
      items++
      if (depth > limits.maxJsonDepth) {
        throw limitExceeded(`nested deeper than ${limits.maxJsonDepth} (maxJsonDepth)`)
      }
    } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE || byte === COMMA) {
      if (depth === memberDepth && valueAt !== -1) {
        // Of two of one name the last counts, as in JSON.parse.
        ids.set(request, textOf(body, valueAt, i))
        valueAt = -1
      }
      if (byte !== COMMA) depth--
      else {
        items++
        if (depth < memberDepth) request++
      }
    } else if (byte === COLON) {
      items++
      if (depth === memberDepth && isId) valueAt = i + 1
    }
    if (items > limits.maxJsonItems) {
      throw limitExceeded(`more than ${limits.maxJsonItems} values (maxJsonItems)`)
    }
  }
  return ids
}

/** Whether the string between these quotes is `id`, however it is written. */
function isIdKey(body: Uint8Array, open: number, close: number): boolean {
  if (close - open === 3) return body[open + 1] === LOWER_I && body[open + 2] === LOWER_D
  // The longest way to write it: \u0069\u0064.
  if (close - open > 13 || !body.subarray(open, close).includes(BACKSLASH)) return false
  return /^"(i|\\u0069)(d|\\u0064)$/.test(textOf(body, open, close))
}

/** Of a part that JSON.parse finds to be a value of valid UTF-8, or else refuses. */
function textOf(body: Uint8Array, from: number, to: number): string {
  return lenient.decode(body.subarray(from, to)).trim()
}

function isEscaped(body: Uint8Array, at: number, open: number): boolean {
  let backslashes = 0
  while (at - 1 - backslashes > open && body[at - 1 - backslashes] === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}
