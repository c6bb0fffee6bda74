/**
 * JSON whose integers are what the text says. JSON.parse makes a double of every number, so that 1000000000000000001 becomes
 * 1000000000000000000 without a word. Here an integer that a double may have rounded is a bigint, and a number that a double
 * would round to an integer is refused. So is a key that an object has twice, of which JSON.parse takes the last
 * without a word.
 *
 * The platform's parser does the reading. It gives the digits of a number only since V8 11.4 (Node 21), so numbers are
 * put in quotes first, behind an `n`, and other strings get an `s`, so that the two cannot be taken for each other.
 *
 * Why it is so: docs/rationale/rpc.md.
 */

/** Arrays and objects inside each other. */
const MAX_DEPTH = 256
/** Characters of one number as it is written. */
const MAX_NUMBER_LENGTH = 1_000
/** Decimal digits of an integer: 2^256 has 78, and `1e1000000000` is short to write. */
const MAX_INTEGER_DIGITS = 100

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
const NUMBER_START = /[-\d]/
const NUMBER_PART = /[\d.eE+-]/

/**
 * As JSON.parse, but that integers outside of -(2^53 - 1) to 2^53 - 1 are bigints. `1e18` and `1.0` are integers too.
 * @throws SyntaxError for what is no JSON, is nested too deep, or has a number that would not be itself, or a key twice.
 */
export function parseExactJson(text: string): unknown {
  // First as it is: the position in an error is then that of the text.
  JSON.parse(text)
  return JSON.parse(marked(text), (_key, value: unknown) => {
    if (typeof value !== 'string') return value
    return value.startsWith('n') ? exactNumber(value.slice(1)) : value.slice(1)
  })
}

/** The text of valid JSON with `"n1"` for the number 1 and `"sx"` for the string `"x"`; keys as they are. */
function marked(text: string): string {
  const parts: string[] = []
  /** Of each object around, its keys so far; null for an array. */
  const around: (Set<string> | null)[] = []
  let copied = 0
  for (let at = 0; at < text.length; ) {
    const character = text[at]!
    if (character === '"') {
      const end = endOfString(text, at)
      if (isKey(text, end)) requireNew(around.at(-1)!, JSON.parse(text.slice(at, end)) as string)
      else {
        parts.push(text.slice(copied, at), '"s')
        copied = at + 1
      }
      at = end
    } else if (NUMBER_START.test(character)) {
      let end = at + 1
      while (end < text.length && NUMBER_PART.test(text[end]!)) end++
      if (end - at > MAX_NUMBER_LENGTH) throw new SyntaxError(`a number of ${end - at} characters is too long`)
      parts.push(text.slice(copied, at), '"n', text.slice(at, end), '"')
      copied = end
      at = end
    } else {
      if (character === '[') around.push(null)
      if (character === '{') around.push(new Set())
      if (character === ']' || character === '}') around.pop()
      if (around.length > MAX_DEPTH) throw new SyntaxError(`nested deeper than ${MAX_DEPTH}`)
      at++
    }
  }
  parts.push(text.slice(copied))
  return parts.join('')
}

/** Index after the closing quote. */
function endOfString(text: string, open: number): number {
  let end = open + 1
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1
  return end + 1
}

function isKey(text: string, after: number): boolean {
  let at = after
  while (' \t\n\r'.includes(text[at] ?? 'x')) at++
  return text[at] === ':'
}

function requireNew(keys: Set<string>, key: string): void {
  if (keys.has(key)) throw new SyntaxError(`the key ${shown(JSON.stringify(key))} is there twice`)
  keys.add(key)
}

function exactNumber(written: string): number | bigint {
  const [, sign, whole, fraction = '', exponent = '0'] = NUMBER.exec(written)!
  const all = whole! + fraction
  const digits = all.replace(/0+$/, '')
  /** Zeros after the digits; below zero, digits after the point. */
  const zeros = Number(exponent) - fraction.length + (all.length - digits.length)
  if (digits === '') return 0
  if (zeros < 0) {
    const value = Number(written)
    if (Number.isInteger(value))
      throw new SyntaxError(`the number ${shown(written)} is not an integer, but near ${value}`)
    return value
  }
  if (digits.length + zeros > MAX_INTEGER_DIGITS) {
    throw new SyntaxError(`the number ${shown(written)} has more than ${MAX_INTEGER_DIGITS} digits`)
  }
  const value = BigInt(sign + digits + '0'.repeat(zeros))
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

function shown(written: string): string {
  return written.length <= 40 ? written : `${written.slice(0, 40)}...`
}
