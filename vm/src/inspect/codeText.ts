/** Decoded code in the words of the specification's text format, one instruction a line, for people. */
import { EMPTY_BLOCK, valueBlock } from '../binary/decodeCode.ts'
import { type FunctionBody, type Module, WORDS } from '../binary/module.ts'
import { INSTRUCTIONS, OP, VALUE_TYPES } from '../binary/opcodes.ts'
import type { ValueType } from '../binary/types.ts'

const { block: BLOCK, loop: LOOP, if: IF, else: ELSE, end: END } = OP

const OPENS: ReadonlySet<number> = new Set([BLOCK, LOOP, IF])

/** The instructions of a body, indented; those from number `most` on are left out. */
export function codeText({ code }: FunctionBody, most: number): string[] {
  const { words, labels } = code
  const lines: string[] = []
  let depth = 0
  for (let i = 0; i < Math.min(code.count, most); i++) {
    const op = words[i * WORDS]!
    // The last `end` closes the function, and stands under nothing.
    if (op === END || op === ELSE) depth = Math.max(0, depth - 1)
    lines.push(`${'  '.repeat(Math.min(depth, MAX_INDENT))}${instructionText(words, i, labels)}`)
    if (OPENS.has(op) || op === ELSE) depth++
  }
  return lines
}

/** Blocks nested deeper than these are not indented further. */
const MAX_INDENT = 24
/** Targets shown of a br_table. */
const MAX_TARGETS = 64

/** Of instruction `i` of a list. */
export function instructionText(words: Int32Array, i: number, labels: Uint32Array): string {
  const info = INSTRUCTIONS[words[i * WORDS]!]!
  const a = words[i * WORDS + 2]!
  const b = words[i * WORDS + 3]!
  const name = info.op === OP['select t'] ? 'select' : info.name
  const rest = ((): string => {
    switch (info.immediates) {
      case 'none':
      case 'memory':
      case 'memory-memory':
        return ''
      case 'block':
        return blockTypeText(a)
      case 'labels':
        return [...labels.subarray(a, a + Math.min(b + 1, MAX_TARGETS))].join(' ') + (b < MAX_TARGETS ? '' : ' ...')
      case 'types':
        return `(result ${VALUE_TYPES[a]})`
      case 'type-table':
        return `${b === 0 ? '' : `${b} `}(type ${a})`
      case 'table-table':
        return `${a} ${b}`
      case 'element-table':
        return `${b} ${a}`
      case 'memory-argument':
        return memoryArgumentText(a >>> 0, b, info.accessBytes)
      case 'i32':
        return String(a)
      case 'i64':
        return String((BigInt(b) << 32n) | BigInt(a >>> 0))
      case 'f32':
        return `(; bits 0x${hex(a)} ;)`
      case 'f64':
        return `(; bits 0x${hex(b)}${hex(a)} ;)`
      case 'heap-type':
        return 'func'
      case 'label':
      case 'function':
      case 'local':
      case 'global':
      case 'table':
      case 'element':
      case 'data-memory':
      case 'data':
        return String(a >>> 0)
    }
  })()
  return rest === '' ? name : `${name} ${rest}`
}

function blockTypeText(a: number): string {
  if (a === EMPTY_BLOCK) return ''
  return a < 0 ? `(result ${valueBlock(a)})` : `(type ${a})`
}

function memoryArgumentText(offset: number, exponent: number, accessBytes: number): string {
  const align = 2 ** exponent === accessBytes ? '' : `align=${2 ** exponent}`
  return [offset === 0 ? '' : `offset=${offset}`, align].filter((part) => part !== '').join(' ')
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}

/** `(param i32 i32) (result i32) (local i64)`: what a function declares. */
export function headText(module: Module, index: number, locals: readonly ValueType[]): string {
  const { params, results } = module.types[module.functionTypes[index]!]!
  return [listText('param', params), listText('result', results), listText('local', locals)]
    .filter((part) => part !== '')
    .join(' ')
}

/** Locals shown of a function: it may declare thousands. */
const MAX_LOCALS = 64

function listText(word: string, types: readonly ValueType[]): string {
  if (types.length === 0) return ''
  const left = types.length - MAX_LOCALS
  return `(${word} ${types.slice(0, MAX_LOCALS).join(' ')}${left > 0 ? ` (; and ${left} more ;)` : ''})`
}
