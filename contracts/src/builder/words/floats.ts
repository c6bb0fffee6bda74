/** Floating point, which the chain refuses, at the statement of the author's where it begins. */

import type { AstNode, IdentifierNode } from '../compiler.ts'
import { parser } from '../compiler.ts'
import type { SourceFile } from '../sources.ts'
import { u256Maker } from './amounts.ts'
import { entryOf } from './missing.ts'
import type { Tell, Words } from './reporter.ts'
import { type Use, visitFile } from './tree.ts'

const { NodeKind } = parser

const FLOAT_LITERAL = 0
/** Zeros that a hint writes out. */
const MOST_ZEROS = 77

const INTEGERS =
  'contracts compute with integers: U256, I256, u8 to u64, i8 to i64; count in small units (wei, hundredths of a percent)'

const TYPES: Readonly<Record<string, Words>> = {
  number: {
    message: 'number is a floating-point type, and contracts have none',
    hint: 'write U256, or u64 for small counts',
  },
  f32: { message: 'f32 is a floating-point type, and contracts have none', hint: INTEGERS },
  f64: { message: 'f64 is a floating-point type, and contracts have none', hint: INTEGERS },
  float: { message: 'float is a floating-point type, and contracts have none', hint: INTEGERS },
  double: { message: 'double is a floating-point type, and contracts have none', hint: INTEGERS },
  Float32Array: { message: 'Float32Array holds floating-point numbers, and contracts have none', hint: INTEGERS },
  Float64Array: { message: 'Float64Array holds floating-point numbers, and contracts have none', hint: INTEGERS },
}

const CLOCK: Words = {
  message: 'Date is not there: a contract sees the time of its block, not of a machine',
  hint: 'write block.timestamp (u64, seconds since 1970)',
}
const NO_NAN: Words = { message: 'contracts have no floating point, so no number is NaN or infinite', hint: INTEGERS }
const NO_PARSING: Words = {
  message: 'this gives a floating-point number, and contracts have none',
  hint: "write U256.parse('…'), or I64.parseInt('…') for small numbers",
}

const VALUES: Readonly<Record<string, Words>> = {
  ...TYPES,
  F32: TYPES['f32'] as Words,
  F64: TYPES['f64'] as Words,
  Date: CLOCK,
  performance: CLOCK,
  NaN: NO_NAN,
  Infinity: NO_NAN,
  isNaN: NO_NAN,
  isFinite: NO_NAN,
  parseFloat: NO_PARSING,
  parseInt: NO_PARSING,
}

const MATH = new Set(['Math', 'Mathf', 'NativeMath', 'NativeMathf', 'JSMath'])
const RANDOM: Words = {
  message: 'Math.random is not there: every node must compute the same',
  hint: 'let the participants commit to secrets and reveal them; the proposer of a block can choose its contents',
}
const MATH_HINTS: Readonly<Record<string, string>> = {
  sqrt: 'U256 has it: n.sqrt()',
  pow: 'U256 has it: u256(10) ** u256(18)',
  min: 'write U256.min(a, b), or a < b ? a : b',
  max: 'write U256.max(a, b), or a > b ? a : b',
  abs: 'write n < 0 ? -n : n',
  floor: 'integer division drops the fraction already: a / b',
  round: 'with integers: (a + b / 2) / b',
  ceil: 'with integers: (a + b - 1) / b',
  trunc: 'integer division drops the fraction already: a / b',
}

/** Kinds of nodes of which one problem is enough. */
const UNITS: ReadonlySet<number | undefined> = new Set(
  [
    'Do',
    'Expression',
    'For',
    'If',
    'Return',
    'Switch',
    'Throw',
    'While',
    'Void',
    'VariableDeclaration',
    'FieldDeclaration',
    'Parameter',
    'SwitchCase',
    'TypeDeclaration',
    'FunctionType',
  ].map((name) => NodeKind[name]),
)

/** One problem for each statement, field, parameter and return type. */
export function checkFloats(file: SourceFile, uses: readonly Use[], declared: ReadonlySet<string>, tell: Tell): void {
  const told = new Set<AstNode>()
  const tellOnce = (node: AstNode, parents: readonly AstNode[], words: Words): void => {
    const unit = parents.findLast(({ kind }) => UNITS.has(kind)) ?? node
    if (told.has(unit)) return
    told.add(unit)
    tell(node.range, words)
  }
  const found: { node: AstNode; parents: readonly AstNode[]; words: Words }[] = []
  for (const { name, node, what, parents } of uses) {
    if (declared.has(name)) continue
    const words = what === 'type' ? entryOf(TYPES, name) : MATH.has(name) ? mathWords(parents) : entryOf(VALUES, name)
    // `x.f64` is a field, `new Date()` a type's name.
    if (words !== undefined) found.push({ node: memberOf(node, parents), parents, words })
  }
  visitFile(file, (node, parents) => {
    if (node.kind !== NodeKind['Literal']) return
    if ((node as AstNode & { literalKind: number }).literalKind !== FLOAT_LITERAL) return
    const text = file.text.slice(node.range.start, node.range.end)
    found.push({ node, parents: [...parents], words: literalWords(text) })
  })
  found.sort((a, b) => a.node.range.start - b.node.range.start)
  for (const { node, parents, words } of found) tellOnce(node, parents, words)
}

function literalWords(text: string): Words {
  const message = `${text} is a floating-point number, and contracts have none`
  const exact = integerOf(text)
  if (exact === null) return { message, hint: INTEGERS }
  return { message, hint: `write ${u256Maker(exact.toString())}` }
}

/** The integer that a literal such as 1e18 or 2.50e3 means; null when it is none. */
function integerOf(text: string): bigint | null {
  const match = /^(\d[\d_]*)?(?:\.([\d_]*))?(?:[eE]\+?(\d+))?$/.exec(text)
  if (match === null) return null
  const [, whole = '', fraction = '', exponent = '0'] = match.map((part) => part?.replaceAll('_', ''))
  const zeros = Number(exponent) - fraction.length
  const digits = whole + fraction
  if (digits === '' || zeros > MOST_ZEROS || digits.length > MOST_ZEROS) return null
  if (zeros >= 0) return BigInt(digits) * 10n ** BigInt(zeros)
  const divisor = 10n ** BigInt(-zeros)
  return BigInt(digits) % divisor === 0n ? BigInt(digits) / divisor : null
}

function mathWords(parents: readonly AstNode[]): Words {
  const access = parents.at(-1) as (AstNode & { property?: IdentifierNode }) | undefined
  const name = isAccess(access) ? access.property?.text : undefined
  if (name === 'random') return RANDOM
  const hint = name === undefined ? undefined : entryOf(MATH_HINTS, name)
  const what = name === undefined ? 'Math' : `Math.${name}`
  return { message: `${what} computes with floating point, and contracts have none`, hint: hint ?? INTEGERS }
}

/** `Math.sqrt` for `Math` in it. */
function memberOf(node: AstNode, parents: readonly AstNode[]): AstNode {
  const access = parents.at(-1) as (AstNode & { expression?: AstNode }) | undefined
  return isAccess(access) && access.expression === node ? access : node
}

function isAccess<T extends AstNode>(node: T | undefined): node is T {
  return node !== undefined && node.kind === NodeKind['PropertyAccess']
}
