/**
 * Texts that the SDK reads when a contract runs, judged when it is built: a slip would revert, at deploying or years later.
 */

import { keccak_256 } from '@noble/hashes/sha3.js'
import type { AstNode, IdentifierNode } from '../compiler.ts'
import { parser } from '../compiler.ts'
import type { SourceFile } from '../sources.ts'
import type { Tell, Words } from './reporter.ts'
import { importsOf } from './sdkNames.ts'
import { visitFile } from './tree.ts'

const { NodeKind } = parser

const STRING_LITERAL = 2
const MOST_U256 = 2n ** 256n - 1n
const MOST_I256 = 2n ** 255n - 1n
const ADDRESS_DIGITS = 40

interface CallNode extends AstNode {
  readonly expression: AstNode & { readonly expression?: IdentifierNode; readonly property?: IdentifierNode }
  readonly args: readonly (AstNode & { readonly literalKind?: number; readonly value?: string })[]
}

/** `Address.parse('0x12')` and the like. */
export function checkLiterals(file: SourceFile, tell: Tell): void {
  const imported = new Set(
    importsOf(file).flatMap(({ declarations }) => (declarations ?? []).map(({ name }) => name.text)),
  )
  visitFile(file, (node) => {
    if (node.kind !== NodeKind['Call']) return
    const { expression, args } = node as CallNode
    const [text] = args
    if (expression.kind !== NodeKind['PropertyAccess'] || text === undefined || args.length !== 1) return
    if (text.kind !== NodeKind['Literal'] || text.literalKind !== STRING_LITERAL || text.value === undefined) return
    const type = expression.expression?.text ?? ''
    if (!imported.has(type)) return
    const words = literalWords(type, expression.property?.text ?? '', text.value)
    if (words !== null) tell(text.range, words)
  })
}

function literalWords(type: string, method: string, text: string): Words | null {
  if (method === 'fromHex') {
    if (type !== 'Bytes' || /^0x([0-9a-f]{2})*$/i.test(text)) return null
    return { message: 'Bytes.fromHex takes 0x and two hex digits for each byte' }
  }
  if (method !== 'parse') return null
  const size = /^Bytes([1-9]|[12]\d|3[0-2])$/.exec(type)?.[1]
  if (size !== undefined) return hexWords(`${type}.parse`, text, 2 * Number(size))
  if (type === 'Address') return hexWords('Address.parse', text, ADDRESS_DIGITS) ?? checksumWords(text)
  if (type === 'U256' || type === 'I256') return numberWords(type, text)
  return null
}

function hexWords(what: string, text: string, digits: number): Words | null {
  if (/^0x[0-9a-f]*$/i.test(text) && text.length === 2 + digits) return null
  const wrong = /^0x[0-9a-f]*$/i.test(text) ? `; this has ${text.length - 2}` : ''
  return { message: `${what} takes 0x and ${digits} hex digits${wrong}` }
}

/** EIP-55, for an address that has letters of both cases: as Solidity does it. */
function checksumWords(text: string): Words | null {
  const digits = text.slice(2)
  if (digits === digits.toLowerCase() || digits === digits.toUpperCase()) return null
  const hash = keccak_256(new TextEncoder().encode(digits.toLowerCase()))
  const right = [...digits.toLowerCase()]
    .map((digit, i) => ((((hash[i >> 1] as number) >> (i % 2 === 0 ? 4 : 0)) & 8) === 0 ? digit : digit.toUpperCase()))
    .join('')
  if (right === digits) return null
  return {
    message: `the checksum of ${text} is wrong: a digit may be`,
    hint: `if it is the address that you mean, write 0x${right}`,
  }
}

function numberWords(type: 'U256' | 'I256', text: string): Words | null {
  const match = (type === 'U256' ? /^(\d+|0x[0-9a-f]+)$/i : /^-?(\d+|0x[0-9a-f]+)$/i).exec(text)
  if (match === null) {
    const sign = type === 'I256' ? 'an optional -, then ' : ''
    return {
      message: `${type}.parse takes ${sign}decimal digits, or 0x and hex digits`,
      hint: 'without spaces, separators, fractions and exponents',
    }
  }
  const magnitude = BigInt(match[1] as string)
  const most = type === 'U256' ? MOST_U256 : text.startsWith('-') ? MOST_I256 + 1n : MOST_I256
  return magnitude <= most ? null : { message: `${text} does not fit ${type}` }
}
