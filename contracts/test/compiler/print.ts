/** A program as AssemblyScript. Everything is in parentheses: precedence is not what is tested. */

import type { Expression, Place, Program, ProgramFunction, Statement } from './program.ts'
import { isWide, type ValueType } from './types.ts'

export function print(programs: readonly Program[]): string {
  const lines = [
    `import { I256, i256, Mapping, U256, u256 } from '@touchstone/contracts/as'`,
    'let out: U256[] = []',
    'function put(value: u64): void { out.push(u256(value)) }',
    'function putWide(value: U256): void { out.push(value) }',
  ]
  for (const program of programs) lines.push(...outside(program))
  lines.push('@contract export class Programs {')
  for (const program of programs) lines.push(...member(program))
  return `${[...lines, '}'].join('\n')}\n`
}

/** The first statement of a function whose integers wrap. */
const WRAPS = `'unchecked';`

/** The name of a program's function. */
export function entryOf(program: Program): string {
  return `p${program.seed}`
}

function outside({ isChecked, globals, objects, structs, functions }: Program): string[] {
  return [
    ...globals.map(
      ({ name, type, initial }) => `let ${name}: ${type} = ${isWide(type) ? none(type) : literal(type, initial)}`,
    ),
    ...objects.map(
      ({ name, fields }) =>
        `class ${classOf(name)} { ${fields.map((f) => `${f.name}: ${f.type} = ${literal(f.type, f.initial)}`).join('; ')} }`,
    ),
    ...objects.map(({ name }) => `let ${name}: ${classOf(name)} = ${none(classOf(name))}`),
    ...structs.map(
      ({ name, fields }) => `@struct class ${classOf(name)} { ${fields.map((t, i) => `f${i}: ${t}`).join('; ')} }`,
    ),
    ...functions.map((one) => functionText(one, isChecked)),
  ]
}

/** Of a reference, until the program's function sets it: what all programs set at the start of each call would take long. */
function none(type: string): string {
  return `changetype<${type}>(<usize>0)`
}

function classOf(object: string): string {
  return object.toUpperCase()
}

function functionText({ name, parameters, result, body, inlined }: ProgramFunction, isChecked: boolean): string {
  const list = parameters.map((p) => `${p.name}: ${p.type}`).join(', ')
  return `${inlined ? '@inline ' : ''}function ${name}(${list}): ${result} {\n${isChecked ? '' : WRAPS}${block(body, 1)}\n}`
}

function member(program: Program): string[] {
  const { stored, structs, mappings, globals, objects, arrays, parameters, body, isChecked } = program
  const list = parameters.map((p) => `${p.name}: ${p.type}`).join(', ')
  return [
    ...stored.map(({ name, type }) => `  ${name}: ${type}`),
    ...structs.map(({ name }) => `  ${name}: ${classOf(name)}`),
    ...mappings.map(({ name, type }) => `  ${name}: Mapping<u8, ${type}>`),
    `  @external ${entryOf(program)}(${list}): U256[] {`,
    ...(isChecked ? [] : [WRAPS]),
    ...globals
      .filter(({ type }) => isWide(type))
      .map(({ name, type, initial }) => `    ${name} = ${literal(type, initial)}`),
    ...objects.map(({ name }) => `    ${name} = new ${classOf(name)}()`),
    ...arrays.map(({ name, type, isStatic, values }) => {
      const items = `[${values.map((value) => literal(type, value)).join(', ')}]`
      return `    const ${name}: ${isStatic ? `StaticArray<${type}>` : `${type}[]`} = ${items}`
    }),
    block(body, 2),
    '    return out',
    '  }',
  ]
}

function block(body: readonly Statement[], depth: number): string {
  return body.map((statement) => '  '.repeat(depth) + statementText(statement, depth)).join('\n')
}

function braces(body: readonly Statement[], depth: number): string {
  return body.length === 0 ? '{}' : `{\n${block(body, depth + 1)}\n${'  '.repeat(depth)}}`
}

function statementText(statement: Statement, depth: number): string {
  switch (statement.kind) {
    case 'declare': {
      const { name, type, value, constant, annotated } = statement
      return `${constant ? 'const' : 'let'} ${name}${annotated ? `: ${type}` : ''} = ${text(value)}`
    }
    case 'do':
      return `;${text(statement.expression)}`
    case 'put':
      return put(statement.value)
    case 'if': {
      const { test, whenTrue, whenFalse } = statement
      return `if (${text(test)}) ${braces(whenTrue, depth)}${whenFalse === null ? '' : ` else ${braces(whenFalse, depth)}`}`
    }
    case 'loop':
      return loop(statement, depth)
    case 'switch': {
      const pad = '  '.repeat(depth + 1)
      const cases = statement.cases.map(({ label, body }) => {
        const head = label === null ? 'default:' : `case ${text(label)}:`
        return `${pad}${head}\n${block(body, depth + 2)}`
      })
      return `switch (${text(statement.on)}) {\n${cases.join('\n')}\n${'  '.repeat(depth)}}`
    }
    case 'block':
      return braces(statement.body, depth)
    case 'return':
      return `return ${statement.value === null ? 'out' : text(statement.value)}`
    default:
      return statement.kind
  }
}

function loop(statement: Statement & { kind: 'loop' }, depth: number): string {
  const { form, counter, counterType, rounds, test, second, body } = statement
  const inside = '  '.repeat(depth + 1)
  const start = `let ${counter}: ${counterType} = 0`
  const more = `(${counter} < ${rounds}${test === null ? '' : ` && ${text(test)}`})`
  const rest = `${block(body, depth + 1)}\n${'  '.repeat(depth)}}`
  switch (form) {
    case 'for': {
      if (second === null) return `for (${start}; ${more}; ${counter}++) {\n${rest}`
      const both = `${start}, ${second.name}: ${second.type} = ${text(second.initial)}`
      return `for (${both}; ${more}; ${counter}++, ${text(second.step)}) {\n${rest}`
    }
    case 'forever':
      return `for (${start};;) {\n${inside}if (${counter}++ >= ${rounds}) break\n${rest}`
    case 'while':
      return `{ ${start}; while ${more} {\n${inside}${counter}++\n${rest} }`
    case 'do':
      return `{ ${start}; do {\n${inside}${counter}++\n${rest} while ${more} }`
  }
}

function put(value: Expression): string {
  if (value.type === 'U256') return `putWide(${text(value)})`
  return value.type === 'I256' ? `putWide(${text(value)}.bits)` : `put(<u64>${text(value)})`
}

function place(target: Place): string {
  switch (target.kind) {
    case 'variable':
      return target.name
    case 'field':
      return `${target.object}.${target.name}`
    case 'element':
      return `${target.array}[${text(target.index)}]`
    case 'stored':
      return `this.${target.name}`
    case 'mapped':
      return `this.${target.name}[${text(target.key)}]`
  }
}

function text(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return expression.bare ? number(expression.raw) : literal(expression.type, expression.raw)
    case 'unary':
      return `(${expression.op}${text(expression.operand)})`
    case 'compare':
      // After a name, `<` and a parenthesis are read as type arguments.
      return `((${text(expression.left)}) ${expression.op} ${text(expression.right)})`
    case 'binary':
    case 'logic':
      return `(${text(expression.left)} ${expression.op} ${text(expression.right)})`
    case 'choice':
      return `(${text(expression.test)} ? ${text(expression.whenTrue)} : ${text(expression.whenFalse)})`
    case 'cast':
      if (expression.style === 'none') return text(expression.operand)
      if (expression.style === 'as') return `(${text(expression.operand)} as ${expression.type})`
      return `(<${expression.type}>${text(expression.operand)})`
    case 'enlarge':
      return `${expression.type === 'U256' ? 'u256' : 'i256'}(${text(expression.operand)})`
    case 'assign':
      return `(${place(expression.target)} ${expression.op ?? ''}= ${text(expression.value)})`
    case 'step': {
      const target = place(expression.target)
      return expression.prefix ? `(${expression.op}${target})` : `(${target}${expression.op})`
    }
    case 'call': {
      const args = expression.args.map(text).join(', ')
      return `${expression.object === null ? '' : `${expression.object}.`}${expression.name}(${args})`
    }
    case 'replace': {
      const { struct, values } = expression
      return `(this.${struct} = new ${classOf(struct)}(${values.map(text).join(', ')}))`
    }
    case 'builtin': {
      const type = expression.name === 'select' ? '' : `<${expression.args[0]?.type}>`
      return `${expression.name}${type}(${expression.args.map(text).join(', ')})`
    }
    default:
      return place(expression)
  }
}

function literal(type: ValueType, value: bigint): string {
  if (type === 'bool' && (value === 0n || value === 1n)) return value === 1n ? 'true' : 'false'
  if (!isWide(type)) return `<${type}>(${number(value)})`
  const limbs = [0n, 64n, 128n, 192n].map((at) => String(BigInt.asUintN(64, value >> at)))
  const bits = `new U256(${limbs.join(', ')})`
  return type === 'U256' ? bits : `I256.fromBits(${bits})`
}

function number(value: bigint): string {
  return value < 0n ? `(${value})` : String(value)
}
