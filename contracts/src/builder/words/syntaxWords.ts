/**
 * Syntax that this language does not know, in words of what its author meant; AssemblyScript's parser says "Type expected".
 */

import type { SourceRange } from '../compiler.ts'
import { u256Maker } from './amounts.ts'
import { NO_GENERATORS, NO_PROMISES, NO_UNIONS } from './missing.ts'
import type { Words } from './reporter.ts'

/** A parser's message as it is told, and the place that it is about. */
export interface SyntaxWords extends Words {
  readonly at: SourceRange
  /** Whether it may follow from any mistake before it. */
  readonly isEcho?: boolean
}

/** The place a rule sees: the code of the message, its place, and the text around it. */
interface Spot {
  readonly code: number
  readonly start: number
  readonly end: number
  /** The text of the place. */
  readonly at: string
  /** Whether nothing comes after it in the file. */
  readonly isEnd: boolean
  /** The line before and after it. */
  readonly before: string
  readonly after: string
}

const NOT_IMPLEMENTED = 100
const OPTIONAL_PROPERTY = 219
const TOO_LARGE = 236
const TYPE_EXPECTED = 1110
const IDENTIFIER_AFTER_NUMBER = 1351
const INVALID_CHARACTER = 1127
const TOKEN_EXPECTED = 1005
const MISSING_CONSTRUCTOR_BODY = 2390
const MANY_CONSTRUCTORS = 2392

/** The codes of the parser's messages where it wants more: an identifier, a token, an expression, a statement. */
const ENDS: ReadonlySet<number> = new Set([1003, TOKEN_EXPECTED, 1012, 1109, 1126])

/** The first rule that knows a spot speaks. */
const RULES: readonly ((spot: Spot) => SyntaxWords | null)[] = [
  endOfFile,
  ({ at, start, end }) => (at === 'async' || at === 'await' ? { at: { start, end }, ...NO_PROMISES } : null),
  ({ at, start, end }) => (at === 'yield' ? { at: { start, end }, ...NO_GENERATORS } : null),
  ({ code, at, start, end }) =>
    code === TYPE_EXPECTED && at === '['
      ? {
          at: { start, end },
          message: 'tuple types are not there',
          hint: 'return a class marked @returns, take a class marked @struct, or an array: U256[]',
        }
      : null,
  ({ code, at, start, end }) =>
    code === TYPE_EXPECTED && at === '{'
      ? { at: { start, end }, message: 'object types are not there', hint: 'declare a class with the fields' }
      : null,
  ({ code, at, start, end }) =>
    code === TYPE_EXPECTED && (at === 'typeof' || at === 'keyof')
      ? { at: { start, end }, message: `${at} in a type is not there`, hint: 'name the type' }
      : null,
  solidityMapping,
  methodAsFunction,
  lessThanBracket,
  missingReturnType,
  missingType,
  bigintLiteral,
  tooLarge,
  mixedImport,
  ({ code, start, end }) => (code === NOT_IMPLEMENTED ? { at: { start, end }, ...NO_UNIONS } : null),
  ({ code, at, start, end }) =>
    code === OPTIONAL_PROPERTY
      ? {
          at: { start, end },
          message: `optional fields are not there: ${at}`,
          hint: 'every field has a value, zero at first; leave out the question mark',
        }
      : null,
  afterQuestionMark,
  ({ before, after, at, start, end }) => {
    const opening = /\b(?:let|const|var)$/.test(at) ? /^\s*[{[]/.test(after) : /\b(?:let|const|var)\s*$/.test(before)
    if (!opening || !/^(?:let|const|var|[{[])/.test(at)) return null
    return {
      at: { start, end },
      message: 'destructuring is not there',
      hint: 'take the values one by one: const a = pair.a',
    }
  },
  forIn,
  ({ before, at, after, start, end }) =>
    /\bfunction\s*$/.test(before + (at === '*' ? '' : at)) && /^\s*\*/.test(at === '*' ? at : after)
      ? { at: { start, end }, ...NO_GENERATORS }
      : null,
  ({ code, at, start, end }) =>
    code === INVALID_CHARACTER && at.startsWith('#')
      ? { at: { start, end }, message: 'names do not begin with #', hint: 'write private before the name' }
      : null,
  ({ code, start, end }) =>
    code === MANY_CONSTRUCTORS || code === MISSING_CONSTRUCTOR_BODY
      ? {
          at: { start, end },
          message: 'overloading is not there: a class has one constructor, with a body',
          hint: 'keep one',
        }
      : null,
]

/** The parser names the word before what is missing; the word in its place comes after it. */
function afterWord({ code, at, after, start, end }: Spot): SourceRange | null {
  if (code !== TOKEN_EXPECTED || at === '') return null
  const space = /^\s*(?=\S)/.exec(after)?.[0].length
  return space === undefined || end === start ? null : { start: end + space, end: end + space + 1 }
}

/** Where to say what no rule has words for. */
export function syntaxPlace(code: number, text: string, range: SourceRange): SourceRange {
  return afterWord(spotOf(code, text, range)) ?? range
}

/** The words for a parser's message; null for one that says it well enough. */
export function syntaxWords(code: number, text: string, range: SourceRange): SyntaxWords | null {
  const spot = spotOf(code, text, range)
  for (const rule of RULES) {
    const words = rule(spot)
    if (words !== null) return words
  }
  return null
}

function spotOf(code: number, text: string, range: SourceRange): Spot {
  const start = Math.min(range.start, text.length)
  const end = Math.min(Math.max(range.end, start), text.length)
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const newline = text.indexOf('\n', end)
  return {
    code,
    start,
    end,
    at: text.slice(start, end),
    before: text.slice(lineStart, start),
    after: text.slice(end, newline < 0 ? text.length : newline),
    isEnd: end >= text.trimEnd().length,
  }
}

/** `mapping(address => uint256)`. */
function solidityMapping({ at, after, before, start, end }: Spot): SyntaxWords | null {
  if (!/\bmapping\s*\($/.test((before + at + after.slice(0, 1)).trimEnd())) return null
  return { at: { start, end }, message: 'mapping(…) is not there', hint: 'write Mapping<Address, U256>' }
}

/** `function f()` in a class. */
function methodAsFunction({ code, at, after, start, end }: Spot): SyntaxWords | null {
  const name = /^\s+(\w+)\s*\(/.exec(after)?.[1]
  if (code !== TYPE_EXPECTED || at !== 'function' || name === undefined) return null
  return { at: { start, end }, message: 'in a class there is no "function" before a name', hint: `write ${name}(…)` }
}

/** `a < (b ? c : d)`: the parser takes what follows `a <` for the types of a call, as in f<T>(x). */
function lessThanBracket({ code, before, start }: Spot): SyntaxWords | null {
  const match = code === TYPE_EXPECTED ? /([\w$]+)\s*<\s*\([^()]*\?\s*$/.exec(before) : null
  const name = match?.[1]
  if (match === null || name === undefined) return null
  const from = start - before.length + match.index
  return {
    at: { start: from, end: from + match[0].indexOf('(') + 1 },
    message: `${name} < (… ?: this is read as the types of a call, as in f<T>(x)`,
    hint: `write (${name}) < (…)`,
  }
}

/** `import A, { B } from`. */
function mixedImport({ code, before, after, start, end }: Spot): SyntaxWords | null {
  if (code !== NOT_IMPLEMENTED || !/^\s*import\b[^{]*$/.test(before) || !/^\s*,?\s*\{/.test(after)) return null
  return {
    at: { start, end },
    message: 'an import names everything in braces: files have no default',
    hint: "write import { A, B } from './name'",
  }
}

function missingReturnType({ code, at, start, before, after }: Spot): SyntaxWords | null {
  if (code !== TYPE_EXPECTED || at !== '' || !before.endsWith(')')) return null
  const name = /(\w+)\s*(?:<[^>]*>)?\([^()]*\)$/.exec(before)?.[1]
  const whose = name === undefined ? 'the function' : name
  const returns = /\breturn\s+[^\s;]/.test(after)
  return {
    at: { start: start - 1, end: start },
    message: `${whose} needs a return type`,
    hint: returns ? `write the type of the result after the parameters: ${whose}(…): U256` : `write ${whose}(…): void`,
  }
}

function missingType({ code, at, start, end, before }: Spot): SyntaxWords | null {
  if (code !== TYPE_EXPECTED) return null
  if (/^[A-Za-z_$][\w$]*$/.test(at)) {
    return { at: { start, end }, message: `the field ${at} needs a type`, hint: `write ${at}: U256` }
  }
  const name = at === '' ? /([A-Za-z_$][\w$]*)\s*$/.exec(before)?.[1] : undefined
  if (name === undefined) return null
  const from = before.lastIndexOf(name)
  const offset = start - before.length + from
  return {
    at: { start: offset, end: offset + name.length },
    message: `the variable ${name} needs a type or a first value`,
    hint: `write ${name}: U256 = u256(0)`,
  }
}

function endOfFile({ isEnd, code, at, start, end }: Spot): SyntaxWords | null {
  if (!isEnd || start === 0 || !ENDS.has(code)) return null
  return {
    at: at === '' ? { start: start - 1, end: start } : { start, end },
    message: 'the file ends before everything is closed',
    hint: 'a } is missing, or the rest of a statement: look where the indentation stops to fit',
    isEcho: true,
  }
}

function forIn({ before, at, after, end }: Spot): SyntaxWords | null {
  const space = /^\s*(?=in\b)/.exec(after)?.[0].length
  if (space === undefined || !/\bfor\s*\([^;)]*$/.test(before + at)) return null
  return {
    at: { start: end + space, end: end + space + 2 },
    message: 'for…in is not there',
    hint: 'count: for (let i = 0; i < list.length; i++)',
  }
}

/** `10n`: the message stands at the n. */
function bigintLiteral({ code, before, after, at, start }: Spot): SyntaxWords | null {
  if (code !== IDENTIFIER_AFTER_NUMBER) return null
  const rest = at + after
  const digits = /(?:0x[0-9a-fA-F_]+|[0-9][0-9_]*)$/.exec(before)?.[0]
  if (digits === undefined || !/^n\b/.test(rest)) return null
  return bigint(digits, start - digits.length)
}

function bigint(digits: string, start: number): SyntaxWords {
  return {
    at: { start, end: start + digits.length + 1 },
    message: `there are no bigint literals: ${digits}n`,
    hint: `write ${u256Maker(digits)}`,
  }
}

function tooLarge({ code, at, after, start, end }: Spot): SyntaxWords | null {
  if (code !== TOO_LARGE) return null
  if (/^n\b/.test(after)) return bigint(at, start)
  return {
    at: { start, end },
    message: `${at} does not fit the largest native integer (u64)`,
    hint: `write U256.parse('${at.replaceAll('_', '')}')`,
  }
}

/** `a?.b`, `a ?? b`, `a ??= b`. */
function afterQuestionMark({ before, at, after, start, end }: Spot): SyntaxWords | null {
  const around = before.slice(-1) + at + after.slice(0, 1)
  if (/\?\?/.test(around)) {
    return { at: { start, end }, message: '?? is not there: values are never null', hint: 'write a ? b : c' }
  }
  if (/\?\./.test(around)) {
    return { at: { start, end }, message: '?. is not there: values are never null', hint: 'write a.b' }
  }
  return null
}
