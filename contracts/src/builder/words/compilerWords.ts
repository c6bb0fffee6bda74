/** The AssemblyScript compiler's messages in words of this language, with what to write instead. */

import { closest } from '../closest.ts'
import type { ClassNode } from '../compiler.ts'
import type { SourceFile } from '../sources.ts'
import { u256Maker } from './amounts.ts'
import { fieldList, membersOf } from './members.ts'
import { entryOf, NO_EXCEPTIONS, NO_PATTERNS, NO_SPREAD, NO_UNIONS, noForOf } from './missing.ts'
import type { Words } from './reporter.ts'
import { importHint } from './sdkNames.ts'

export interface CompilerMessage {
  readonly code: number
  /** Types by their names, without the code. */
  readonly text: string
  /** The author's text at the place. */
  readonly written: string
  readonly file: SourceFile
}

/** The sources of the words. */
export interface WordSources {
  readonly files: readonly SourceFile[]
  /** The SDK's files by path, and the names it exports. */
  readonly sdk: ReadonlyMap<string, string>
  readonly sdkNames: ReadonlySet<string>
  /** Names that a file declares. */
  readonly declared: (file: SourceFile) => ReadonlySet<string>
}

const INTEGER = /^(?:[iu](?:8|16|32|64|size)|bool)$/
const LITERAL = /^(?:0x[0-9a-f_]+|\d[\d_]*)$/i

const NOT_THERE: Readonly<Record<string, Words>> = {
  Closures: {
    message: 'closures are not there: this function uses a variable of the function around it',
    hint: 'write a for loop',
  },
  Exceptions: NO_EXCEPTIONS,
  Iterators: noForOf(),
  'Regular expressions': NO_PATTERNS,
  'Spread operator': NO_SPREAD,
  'Tagged template literals': { message: 'tagged templates are not there', hint: 'call a function' },
  "'in' operator": { message: 'in is not there', hint: 'compare with the zero value, or keep a Mapping<K, bool>' },
  'Const assertion': { message: '"as const" is not there', hint: 'leave it out' },
  'union types': NO_UNIONS,
}

/** Members that others have and these have not. */
const MEMBERS: Readonly<Record<string, string>> = {
  'Address.transfer': 'write sendValue(to, amount)',
  'Address.send': 'write sendValue(to, amount)',
  'Address.call': 'write call(to, data, value)',
  'msg.data': 'a @fallback method takes the input: (input: Bytes): Bytes',
  'msg.sig': 'a @fallback method takes the input: (input: Bytes): Bytes',
  'msg.gas': 'write self.gasLeft',
  'Mapping.has': 'a key that was never set has the zero value',
  'Mapping.keys': 'a mapping does not know its keys: keep them in a StorageArray<K>',
  'Mapping.values': 'a mapping does not know its keys: keep them in a StorageArray<K>',
  'Mapping.size': 'a mapping does not know its keys: count them in a field',
  'Mapping.length': 'a mapping does not know its keys: count them in a field',
  'Mapping.forEach': 'a mapping does not know its keys: keep them in a StorageArray<K>',
  'StorageArray.forEach': 'write for (let i = 0; i < list.length; i++)',
  'StorageArray.map': 'write for (let i = 0; i < list.length; i++)',
  'StorageArray.filter': 'write for (let i = 0; i < list.length; i++)',
}

/** The words instead of, or besides, the compiler's own text; null when its text is enough. */
export function compilerWords(message: CompilerMessage, sources: WordSources): Words | null {
  const { text } = message
  const assigned =
    /^Type '(.+)' is not assignable to type '(.+)'\.$|^Conversion from type '(.+)' to '(.+)' requires/.exec(text)
  if (assigned !== null) {
    return hinted(
      text,
      conversionHint(assigned[1] ?? assigned[3] ?? '', assigned[2] ?? assigned[4] ?? '', message.written),
    )
  }
  const operated = /^Operator '(.+)' cannot be applied to types '(.+)' and '(.+)'\.$/.exec(text)
  if (operated !== null) return hinted(text, operatorHint(operated[2] ?? '', operated[3] ?? ''))
  const unary = /^(?:The '(.+)' operator|Operation '(.+)') cannot be applied to type '(.+)'\.$/.exec(text)
  if (unary !== null) return hinted(text, unaryHint(unary[1] ?? unary[2] ?? '', unary[3] ?? '', message.written))
  const property = /^Property '(.+)' does not exist on type '(.+)'\.$/.exec(text)
  if (property !== null) return propertyWords(text, property[1] ?? '', property[2] ?? '', sources)
  const unknown = /^Cannot find name '(.+)'\.$/.exec(text)
  if (unknown !== null) return nameWords(unknown[1] ?? '', message.file, sources)
  const missing = /^Not implemented: (.+)$/.exec(text)
  if (missing !== null) return entryOf(NOT_THERE, missing[1] ?? '') ?? null
  const counted = /^Expected (?:at least )?(\d+) arguments, but got (\d+)\.$/.exec(text)
  if (counted !== null) return hinted(text, argumentsHint(message.written, sources.files))
  const member = /^Module '(.+)' has no exported member '(.+)'\.$/.exec(text)
  if (member !== null) return exportWords(member[1] ?? '', member[2] ?? '', sources)
  const constant = /^Cannot assign to '(?:.*[~#])?(.+)' because/.exec(text)
  if (constant !== null && isImmutable(constant[1] ?? '', sources.files)) {
    const message = `${constant[1]} is @immutable: only the constructor of its contract sets it, as this.${constant[1]} = …`
    return { message, hint: 'leave out @immutable to change it later' }
  }
  if (constant !== null && message.written.startsWith('this.')) {
    const what = 'a constant, or a place in storage, which is not assigned as a whole'
    return { message: `${constant[1]} is ${what}`, hint: 'write its members or elements one by one' }
  }
  if (constant !== null) return { message: `${constant[1]} is a constant`, hint: 'declare it with let to change it' }
  return byCode(message)
}

/** Whether a class has a field of that name which is marked so. */
function isImmutable(name: string, files: readonly SourceFile[]): boolean {
  const members = files.flatMap(({ statements }) =>
    statements.flatMap((node) => (node as Partial<ClassNode>).members ?? []),
  )
  return members.some(
    (member) => member.name.text === name && member.decorators?.some((mark) => mark.name.text === 'immutable'),
  )
}

function byCode({ code, text, written }: CompilerMessage): Words | null {
  switch (code) {
    case 236:
      return { message: text, hint: `write ${LITERAL.test(written) ? u256Maker(written) : "U256.parse('…')"}` }
    case 215:
      return {
        message: 'optional parameters are not there: the ABI has every argument',
        hint: 'leave out the question mark',
      }
    case 216:
    case 2741:
      return { message: text, hint: 'write new Name(…) with the values in order' }
    case 2355:
      return { message: text, hint: 'write return before the value, or void as the type' }
    case 2349:
      return text.includes("'Mapping<") ? { message: text, hint: 'write [key] instead of (key)' } : null
    case 2351:
    case 2511:
      return {
        message: text,
        hint: 'to call another contract, declare a class marked @contractInterface and write new Name(address)',
      }
    case 2391:
      return { message: 'this function has no body', hint: 'write { … } after it; overloading is not there' }
    case 1140:
    case 2453:
      return {
        message: text,
        hint: 'name the type: abiDecode<U256>(data); an event is made with new: emit(new Name(…))',
      }
    default:
      return null
  }
}

function hinted(message: string, hint: string | null): Words {
  return hint === null ? { message } : { message, hint }
}

/** How a value of one type becomes one of another. */
function conversionHint(from: string, to: string, written: string): string | null {
  const isLiteral = LITERAL.test(written)
  const short = written.length > 0 && written.length <= 40 && !written.includes('\n') ? written : '…'
  if (to === 'U256') {
    if (/^-\d/.test(written)) return 'a U256 is never negative; an I256 may be: i256(-1)'
    if (isLiteral) return `write ${u256Maker(written)}`
    if (INTEGER.test(from)) return `write u256(${short})`
    if (from === 'String') return /^['"]\d+['"]$/.test(written) ? `write U256.parse(${written})` : 'write U256.parse(…)'
  }
  if (to === 'I256') {
    if (/^-?\d[\d_]*$/.test(written) || INTEGER.test(from)) return `write i256(${short})`
    if (from === 'String') return `write I256.parse(${short})`
  }
  if (to === 'String' && /^(?:U256|I256|Address|Bytes\d*|[iu]\d+|bool)$/.test(from)) return `write ${short}.toString()`
  if (to === 'Address' && from === 'String') return `write Address.parse(${short})`
  if (to === 'Bytes' && from === 'String') return `write Bytes.fromString(${short}), or Bytes.fromHex('0x…')`
  if (to === 'bool' && (from === 'U256' || from === 'I256')) return `compare: ${short} != ${from}.ZERO`
  if (to === 'bool' && from === 'Address') return `compare: ${short} != Address.zero`
  if (from === 'void')
    return written === 'return' ? 'write the value after return' : 'a function of type void returns nothing'
  if (written === 'null') return `a ${to} is never null`
  if (from === '<object>') return 'objects are made by classes: declare one with the fields, and write new Name(…)'
  if (INTEGER.test(to) && (from === 'U256' || from === 'I256'))
    return `${from} does not fit ${to}: make it ${from} as well`
  if (INTEGER.test(to) && INTEGER.test(from))
    return `write <${to}>${/^[\w.()]+$/.test(short) ? short : `(${short})`} if it fits`
  return null
}

function operatorHint(left: string, right: string): string | null {
  for (const [wide, maker] of [
    ['U256', 'u256'],
    ['I256', 'i256'],
  ] as const) {
    if (left === wide && INTEGER.test(right)) return `make both ${wide}: ${maker}(…) on the right`
    if (right === wide && INTEGER.test(left)) return `make both ${wide}: ${maker}(…) on the left`
  }
  if (left === 'String' || right === 'String') return 'make both text: .toString()'
  return null
}

function unaryHint(operator: string, type: string, written: string): string | null {
  if (type !== 'U256' && type !== 'I256') return null
  const name = /^[\w.[\]]+$/.exec(written.replaceAll(/\+\+|--/g, ''))?.[0] ?? 'n'
  if (operator.includes('++')) return `write ${name} += ${type}.ONE`
  if (operator.includes('--')) return `write ${name} -= ${type}.ONE`
  if (operator === '-' && type === 'U256') return 'a U256 is never negative; an I256 may be'
  if (operator === '!') return `compare: ${name} == ${type}.ZERO`
  return null
}

function propertyWords(text: string, name: string, type: string, { files, sdk }: WordSources): Words {
  const plain = type.replace(/<.*$/, '')
  const known = entryOf(MEMBERS, `${plain}.${name}`)
  if (known !== undefined) return { message: text, hint: known }
  const members = membersOf(plain, files, sdk)
  const near = closest(name, new Set(members))
  if (near !== null) return { message: text, hint: `did you mean ${near}?` }
  return members.length > 0 && members.length <= 12
    ? { message: text, hint: `there are ${members.join(', ')}` }
    : { message: text }
}

function nameWords(name: string, file: SourceFile, sources: WordSources): Words {
  const message = `there is nothing called ${name}`
  if (sources.sdkNames.has(name)) return { message: `${name} is not imported`, hint: importHint(file, [name]) }
  const near = closest(name, new Set([...sources.declared(file), ...sources.sdkNames]))
  const members = sources.files.flatMap((other) =>
    other.statements.flatMap((statement) => (statement as { members?: { name?: { text: string } }[] }).members ?? []),
  )
  if (members.some((member) => member.name?.text === name)) return { message, hint: `did you mean this.${name}?` }
  return near === null ? { message } : { message, hint: `did you mean ${near}?` }
}

function exportWords(module: string, name: string, sources: WordSources): Words {
  const isSdk = module === 'as'
  // The module's path came as its last part.
  const file = sources.files.find(({ path }) => `/${path}`.endsWith(`/${module}.ts`))
  const offered = isSdk ? sources.sdkNames : file === undefined ? [] : sources.declared(file)
  const near = closest(name, offered)
  const message = `${isSdk ? 'the SDK' : (file?.path ?? module)} exports no ${name}`
  if (file !== undefined && sources.declared(file).has(name)) {
    return { message, hint: `write export before its declaration in ${file.path}` }
  }
  return near === null ? { message } : { message, hint: `did you mean ${near}?` }
}

function argumentsHint(written: string, files: readonly SourceFile[]): string | null {
  const made = /^new\s+(\w+)/.exec(written)?.[1]
  const fields = made === undefined ? null : fieldList(made, files)
  if (fields !== null && fields !== '') return `${made} takes (${fields})`
  if (/^require\b/.test(written)) return "write require(condition, 'why not')"
  if (/^revert\b/.test(written)) return "write revert('why')"
  return null
}
