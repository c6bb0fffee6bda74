/**
 * Reading JSON from a stranger: one pass over the bytes bounds depth and size before JSON.parse allocates anything,
 * because two megabytes of `[],[],` become thirty in memory.
 */
import { INVALID_REQUEST, PARSE_ERROR, RpcError } from './errors.ts'
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

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws RpcError -32700 for what is no JSON, -32600 for JSON over the limits. */
export function parseJson(body: Uint8Array, limits: Pick<RpcLimits, 'maxJsonDepth' | 'maxJsonItems'>): unknown {
  checkShape(body, limits)
  let text: string
  try {
    text = utf8.decode(body)
  } catch {
    throw new RpcError(PARSE_ERROR, 'parse error: the body is not valid UTF-8')
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RpcError(PARSE_ERROR, `parse error: ${error instanceof Error ? error.message : 'no JSON'}`)
  }
}

/** Counts what JSON.parse would build. Wrong JSON may pass; it is the parser's to refuse. */
function checkShape(body: Uint8Array, limits: Pick<RpcLimits, 'maxJsonDepth' | 'maxJsonItems'>): void {
  let depth = 0
  let items = 1
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]
    if (byte === QUOTE) {
      // A quote inside a string is behind an odd number of backslashes.
      let end = body.indexOf(QUOTE, i + 1)
      while (end !== -1 && isEscaped(body, end, i)) end = body.indexOf(QUOTE, end + 1)
      if (end === -1) return
      i = end
    } else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      depth++
      items++
      if (depth > limits.maxJsonDepth) {
        throw new RpcError(INVALID_REQUEST, `invalid request: nested deeper than ${limits.maxJsonDepth} (maxJsonDepth)`)
      }
    } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) {
      depth--
    } else if (byte === COMMA || byte === COLON) {
      items++
    }
    if (items > limits.maxJsonItems) {
      throw new RpcError(INVALID_REQUEST, `invalid request: more than ${limits.maxJsonItems} values (maxJsonItems)`)
    }
  }
}

function isEscaped(body: Uint8Array, at: number, open: number): boolean {
  let backslashes = 0
  while (at - 1 - backslashes > open && body[at - 1 - backslashes] === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}
