/** Features of other languages that this one lacks, told where they stand, with the text to write instead. */

import type { AstNode, ClassNode, DecoratorNode, FieldNode, IdentifierNode, ParameterNode } from '../compiler.ts'
import { parser } from '../compiler.ts'
import type { SourceFile } from '../sources.ts'
import { SDK_IMPORT } from '../sources.ts'
import { entryOf, NO_EXCEPTIONS, NO_GENERATORS, NO_PATTERNS, NO_PROMISES, NO_SPREAD, noForOf } from './missing.ts'
import type { Tell, Words } from './reporter.ts'
import { type Use, visitFile } from './tree.ts'

const { NodeKind, CommonFlags } = parser

/** Characters before a name in which `emit` or `revert` is looked for. */
const LONGEST_WORD = 16
/** AssemblyScript's LiteralKind and ParameterKind. */
const REGULAR_EXPRESSION = 4
const REST_PARAMETER = 2

const NO_LATER: Words = {
  message: 'nothing in a contract runs later by itself',
  hint: 'keep the time (block.timestamp) and check it in a function that somebody calls',
}

function chainOnly(name: string): Words {
  return {
    message: `there is no ${name}: a contract sees the chain only`,
    hint: 'msg, block, tx and self have all that a contract can know',
  }
}

/** Globals of browsers, of Node and of Solidity. */
const GLOBALS: Readonly<Record<string, Words>> = {
  console: { message: 'there is no console', hint: "write print('…'), which shows in the devnet's log" },
  JSON: {
    message: 'JSON is not there',
    hint: 'arguments and results are ABI-encoded for you; abiEncode<T> and abiDecode<T> do it by hand',
  },
  Promise: NO_PROMISES,
  async: NO_PROMISES,
  await: NO_PROMISES,
  delete: {
    message: 'delete is not there',
    hint: 'for a mapping write this.field.delete(key); else assign a zero value',
  },
  yield: NO_GENERATORS,
  setTimeout: NO_LATER,
  setInterval: NO_LATER,
  fetch: { message: 'a contract cannot reach the network', hint: 'let an account bring the data in a transaction' },
  process: chainOnly('process'),
  window: chainOnly('window'),
  document: chainOnly('document'),
  crypto: { message: 'crypto is not there', hint: 'keccak256(…) is' },
  Buffer: { message: 'Buffer is not there', hint: 'Bytes is' },
  TextEncoder: { message: 'TextEncoder is not there', hint: 'write Bytes.fromString(text)' },
  BigInt: { message: 'BigInt is not there', hint: "write u256(1), or U256.parse('…') for large numbers" },
  Number: {
    message: 'Number is not there',
    hint: 'native integers have MAX_VALUE and parseInt: u64.MAX_VALUE, U64.parseInt(text)',
  },
  undefined: { message: 'undefined is not there', hint: 'use a zero value' },
  now: { message: 'now is not there', hint: 'write block.timestamp' },
  address: { message: 'address(…) is not there', hint: "write self.address, Address.zero, or Address.parse('0x…')" },
  uint256: { message: 'uint256(…) is not there', hint: 'write u256(1)' },
  ethers: {
    message: 'libraries for JavaScript are not there',
    hint: `a contract imports its own files and '${SDK_IMPORT}'`,
  },
}

/** Types of TypeScript and of Solidity, and those which are no type here. */
const TYPES: Readonly<Record<string, Words>> = {
  any: {
    message: 'any is not there: every value has one type',
    hint: 'name the type, such as U256; a function can be generic: f<T>(value: T)',
  },
  unknown: { message: 'unknown is not there: every value has one type', hint: 'name the type, such as U256' },
  never: { message: 'never is not there', hint: 'write void' },
  object: { message: 'object is not there', hint: 'declare a class with the fields' },
  bigint: { message: 'bigint is not there', hint: 'write U256, or I256 if it may be negative' },
  boolean: { message: 'boolean is called bool here', hint: 'write bool' },
  Boolean: { message: 'Boolean is called bool here', hint: 'write bool' },
  Number: { message: 'Number is not there', hint: 'write U256, or u64 for small counts' },
  undefined: { message: 'undefined is not there', hint: 'use a zero value' },
  Promise: NO_PROMISES,
  Record: { message: 'Record is not there', hint: 'in storage write Mapping<K, V>' },
  Function: { message: 'Function is not a type', hint: 'write the type of the function: (a: U256) => U256' },
  uint: { message: 'uint is called U256 here', hint: 'write U256' },
  int: { message: 'int is called I256 here', hint: 'write I256' },
  uint256: { message: 'uint256 is called U256 here', hint: 'write U256' },
  int256: { message: 'int256 is called I256 here', hint: 'write I256' },
  u256: { message: 'the type is called U256; u256(…) makes one', hint: 'write U256' },
  i256: { message: 'the type is called I256; i256(…) makes one', hint: 'write I256' },
  u128: { message: 'u128 is not there', hint: 'write U256, or u64' },
  i128: { message: 'i128 is not there', hint: 'write I256, or i64' },
  address: { message: 'address is called Address here', hint: 'write Address' },
  bytes: { message: 'bytes is called Bytes here', hint: 'write Bytes' },
  bytes32: { message: 'bytes32 is called Bytes32 here', hint: 'write Bytes32' },
  mapping: { message: 'mapping is called Mapping here', hint: 'write Mapping<Address, U256>' },
}

/** Types that live in memory, as the type of a contract's field. */
const IN_MEMORY: Readonly<Record<string, string>> = {
  Map: 'Mapping<K, V>',
  Set: 'Mapping<K, bool>',
  StaticArray: 'StorageArray<T>',
  Uint8Array: 'Bytes',
  ArrayBuffer: 'Bytes',
}

/** @param classes names of the classes of all files, and of the SDK's */
export function checkLanguage(
  file: SourceFile,
  uses: readonly Use[],
  declared: ReadonlySet<string>,
  classes: ReadonlySet<string>,
  tell: Tell,
): void {
  for (const { name, node, what, parents } of uses) {
    if (what === 'value' && isCallee(node, parents) && classes.has(name))
      tell(node.range, calledClass(file, name, node))
    if (declared.has(name)) continue
    const words = entryOf(what === 'type' ? TYPES : GLOBALS, name)
    if (words !== undefined) tell(node.range, words)
  }
  visitFile(file, (node, parents) => {
    const words = nodeWords(file, node)
    if (words !== null) tell(beginOf(file, node), words)
    if (node.kind === NodeKind['Parameter']) checkParameter(file, node as ParameterNode, tell)
    if (node.kind === NodeKind['ClassDeclaration']) checkFields(node as ClassNode, tell)
    checkDeclaration(node, parents, tell)
  })
}

function nodeWords(file: SourceFile, node: AstNode): Words | null {
  const text = (part: AstNode | undefined, otherwise: string) =>
    part === undefined ? otherwise : file.text.slice(part.range.start, part.range.end)
  switch (node.kind) {
    case NodeKind['Try']:
      return NO_EXCEPTIONS
    case NodeKind['ForOf']: {
      const { variable, iterable } = node as AstNode & {
        variable: AstNode & { declarations?: readonly { name: IdentifierNode }[] }
        iterable: AstNode
      }
      return noForOf(variable.declarations?.[0]?.name.text, text(iterable, 'list'))
    }
    case NodeKind['Class']:
      return { message: 'a class inside an expression is not there', hint: 'declare it at the top of the file' }
    case NodeKind['Literal']:
      if ((node as AstNode & { literalKind: number }).literalKind !== REGULAR_EXPRESSION) return null
      return NO_PATTERNS
    case NodeKind['UnaryPrefix']:
      return text(node, '').startsWith('...') ? NO_SPREAD : null
    case NodeKind['Break']:
    case NodeKind['Continue']:
      if (!(node as AstNode & { label: unknown }).label) return null
      return { message: 'labels are not there', hint: 'put the inner loop into a method and return from it' }
    default:
      return null
  }
}

function checkParameter(file: SourceFile, node: ParameterNode, tell: Tell): void {
  const { parameterKind } = node as ParameterNode & { parameterKind: number }
  if (parameterKind !== REST_PARAMETER) return
  const type = file.text.slice(node.type.range.start, node.type.range.end)
  tell(node.range, {
    message: 'rest parameters are not there',
    hint: `take an array: ${node.name.text}: ${type || 'U256[]'}`,
  })
}

/** Fields of a contract that were meant to be kept. */
function checkFields(node: ClassNode, tell: Tell): void {
  if (!node.decorators?.some(({ name }) => name.text === 'contract')) return
  for (const member of node.members as readonly FieldNode[]) {
    if (member.kind !== NodeKind['FieldDeclaration'] || (member.flags & (CommonFlags['Static'] as number)) !== 0)
      continue
    const name = member.type?.name?.identifier.text
    const instead = name === undefined ? undefined : entryOf(IN_MEMORY, name)
    if (instead === undefined || member.type === null) continue
    tell(member.type.range, { message: `${name} lives in memory, and a field is storage`, hint: `write ${instead}` })
  }
}

function checkDeclaration(node: AstNode, parents: readonly AstNode[], tell: Tell): void {
  const { flags, decorators } = node as AstNode & { flags?: number; decorators?: readonly DecoratorNode[] | null }
  const isTop = parents.length === 0
  const isFunction = node.kind === NodeKind['FunctionDeclaration']
  if (isFunction && isTop && ((flags ?? 0) & (CommonFlags['Declare'] as number)) !== 0) {
    tell(node.range, {
      message: 'the chain gives contracts nothing to import',
      hint: `import the SDK's functions from '${SDK_IMPORT}'`,
    })
    return
  }
  if (!isFunction && node.kind !== NodeKind['Variable']) return
  for (const decorator of decorators ?? []) {
    if (COMPILERS.has(decorator.name.text)) continue
    tell(decorator.range, {
      message: `@${decorator.name.text} means nothing on a ${isFunction ? 'function' : 'variable'} outside a class`,
      hint: 'a function that is called from outside is a method of a class marked @contract',
    })
  }
}

/** AssemblyScript's own. */
const COMPILERS = new Set(['inline', 'unsafe', 'lazy', 'global', 'builtin'])

function calledClass(file: SourceFile, name: string, node: AstNode): Words {
  const maker = entryOf(
    { U256: 'u256(1)', I256: 'i256(1)', Address: "Address.parse('0x…')", Bytes: 'Bytes.fromString(text)' },
    name,
  )
  if (maker !== undefined) return { message: `${name} is a class and cannot be called`, hint: `write ${maker}` }
  // As Solidity writes it.
  const word = /\b(emit|revert)[ \t]+$/.exec(file.text.slice(0, node.range.start).slice(-LONGEST_WORD))?.[1]
  const made = `new ${name}(…)`
  const hint = word === 'emit' ? `write emit(${made})` : word === 'revert' ? `write throw ${made}` : `write ${made}`
  return { message: `${name} is a class and cannot be called`, hint }
}

function isCallee(node: AstNode, parents: readonly AstNode[]): boolean {
  const call = parents.at(-1) as (AstNode & { expression?: AstNode }) | undefined
  return call !== undefined && call.kind === NodeKind['Call'] && call.expression === node
}

/** A statement's first word is enough to underline; anything else on its first line is. */
function beginOf(file: SourceFile, node: AstNode): { start: number; end: number } {
  const { start, end } = node.range
  const word = /^[a-z]+/.exec(file.text.slice(start, end))?.[0] ?? ''
  const isStatement = node.kind === NodeKind['Try'] || node.kind === NodeKind['ForOf']
  const line = file.text.indexOf('\n', start)
  if (isStatement && word !== '') return { start, end: start + word.length }
  return { start, end: line >= 0 ? Math.min(line, end) : end }
}
