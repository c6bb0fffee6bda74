/**
 * Every instruction of the core that only computes, and every fused one, in a function of its own that lowers to it,
 * with operands at the edges of their types and of the memory; compared with the reference engine.
 */
import { isDeepStrictEqual } from 'node:util'
import { expect, it } from 'vitest'
import { type Random, seededRandom } from '../../../testing/random.ts'
import { watToWasm } from '../../../testing/wat.ts'
import { compile } from '../../compile.ts'
import type { Instance, Outcome, WasmValue } from '../engine.ts'
import { FUSED } from './fused.ts'
import { HEADER, HEADER_BYTES } from './layout.ts'
import { membersOf, NAMES, PLAIN } from './operations.ts'
import type { InterpreterProgram } from './program.ts'

type Int = 'i32' | 'i64'

/** Each chain with so many choices of constants, each of those with so many of arguments. */
const CONSTANTS = 8
const CALLS = 12
const FUEL = 10_000_000n

const ANYWHERE = [0, 1, 2, 31, 32, 33, 63, 64, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, -0x8000_0000]
const NEGATIVE = [-1, -2, -4, -8, -31, -32, -64, -128, -129, -0x8000, -0x8001, -0x7fff_ffff]
/** At both ends of the one page, and past them. */
const ADDRESSES = [0, 1, 4, 8, 16, 64, 65_528, 65_529, 65_532, 65_533, 65_534, 65_535, 65_536, -1, -2, -4, -8]
const WIDE = [2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, -(2n ** 32n), 2n ** 63n - 1n, -(2n ** 63n), -(2n ** 31n) - 1n, -4n]

/** What is tested by itself, since it leaves the core or its frame; and what lowering replaces. */
const ELSEWHERE = /^(br|call|return|charge|outside|trap|done|exit|memory\.(copy|fill)|mov\.down)|^i(32|64)\.sub\.ri$/
const CHAINS = [...PLAIN.map(({ name }) => name).filter((name) => !ELSEWHERE.test(name)), ...FUSED]

it('there is a function for each instruction but those that are tested elsewhere', () => {
  expect(CHAINS.length).toBeGreaterThan(NAMES.length - 35)
})

it.each(groups(CHAINS, 25))('they compute what the reference engine does: from %s on', (...chains) => {
  const random = seededRandom(chains[0]!)
  const variants = Array.from({ length: CONSTANTS }, () => chains.map((chain) => new ChainFunction(chain, random)))
  for (const functions of variants) {
    const wasm = watToWasm(moduleText(functions))
    const program = compile(wasm, { engine: 'interpreter' }) as InterpreterProgram
    expect(firstInstructions(program).slice(0, functions.length)).toEqual(chains)
    const instances = [compile(wasm, { engine: 'reference' }), program].map((each) => each.instantiate())
    const [reference, interpreter] = instances as [Instance, Instance]
    for (const [f, { chain, params }] of functions.entries()) {
      for (let k = 0; k < CALLS; k++) {
        const args = params.map((type) => argument(type, random))
        const invoke = (instance: Instance, fuel: bigint): Outcome => {
          instance.setFuel(fuel)
          return instance.invoke(`f${f}`, args)
        }
        const [expected, actual] = [invoke(reference, FUEL), invoke(interpreter, FUEL)]
        // An expectation each time would take longer than all the rest.
        if (!isDeepStrictEqual(actual, expected)) expect(actual, `${chain} of ${args}`).toEqual(expected)
        if (k > 0 || expected.kind !== 'return' || chain.includes('call')) continue
        for (const instance of instances) {
          const outcome = invoke(instance, expected.fuelUsed - 1n)
          expect(outcome.kind === 'trap' && outcome.trap.code, `${chain} of ${args}`).toBe('out-of-gas')
        }
      }
    }
    const [expected, actual] = instances.map(({ memory }) => Buffer.from(memory!.read(0, memory!.size)))
    expect(Buffer.compare(expected!, actual!), 'memories').toBe(0)
    const globals = instances.map((instance) => ['g32', 'g64', 'calls'].map((name) => instance.global(name)))
    expect(globals[1]).toEqual(globals[0])
  }
})

function groups<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))
}

function argument(type: Int, random: Random): WasmValue {
  if (type === 'i32') return random.pick(random.below(2) ? ADDRESSES : [...ANYWHERE, ...NEGATIVE])
  return random.below(3) ? BigInt(random.pick([...ANYWHERE, ...NEGATIVE])) : random.pick(WIDE)
}

/** Name of the instruction that each function begins with. */
function firstInstructions({ lowered, decoded }: InterpreterProgram): string[] {
  lowered.lowerAll()
  const { image, start, headers } = lowered
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength)
  return decoded.bodies.map((_, f) => {
    const entry = view.getUint32(headers - start + f * HEADER_BYTES + HEADER.entry, true)
    return NAMES[view.getInt32(entry - start, true)]!
  })
}

function moduleText(functions: readonly ChainFunction[]): string {
  return `(module (memory (export "memory") 1 1)
    (data (i32.const 0) "\\fc\\ff\\ff\\ff\\ff\\ff\\ff\\ff\\00\\00\\00\\80\\00\\80\\80\\7f")
    (data (i32.const 60) "\\01\\00\\00\\00\\ff\\7f\\00\\00\\80\\00") (data (i32.const 65528) "\\80\\ff\\00\\80\\ff\\ff\\ff\\fe")
    (global $g32 (export "g32") (mut i32) (i32.const -4)) (global $g64 (export "g64") (mut i64) (i64.const -5))
    (global $calls (export "calls") (mut i32) (i32.const 0))
    ${functions.map((each, i) => each.text(`f${i}`)).join('\n')}
    (func $leaf (global.set $calls (i32.add (global.get $calls) (i32.const 1)))))`
}

class ChainFunction {
  readonly chain: string
  readonly params: Int[] = []
  readonly #results: Int[] = []
  readonly #random: Random
  #code = ''
  #returns: Int | null = null

  constructor(chain: string, random: Random) {
    this.chain = chain
    this.#random = random
    const members = membersOf(chain)
    let before: string | null = null
    for (const [i, { operation: member, from }] of members.entries()) {
      const given = i > 0 && from !== null ? members[i - 1]!.operation.result : null
      // What is only moved is of the type of what it is moved with.
      const inputs = given === 'i32' ? member.inputs.replaceAll('S', 's') : member.inputs
      const operands: string[] = [...inputs].map((letter, k) => (k === from ? before! : this.#operand(letter)))
      const takenAs = members[i + 1]?.from == null ? null : members[i + 1]!.operation.inputs[members[i + 1]!.from!]!
      const text = this.#instruction(member.name, operands, given, takenAs)
      if (takenAs !== null) before = text
      else if (member.result === null) this.#code += text
      else this.#keep(member.name === 'select' && given !== null ? given : member.result, text)
    }
    if (members.at(-1)!.operation.name === 'br_nez') this.#keep('i32', '(i32.const 1)')
  }

  /** All results are returned, so what is computed and what was jumped over shows. */
  text(name: string): string {
    const { params } = this
    const results = this.#returns === null ? this.#results : [this.#returns]
    const values = this.#returns === null ? results.map((_, i) => `(local.get $r${i})`) : ['(unreachable)']
    return `(func (export "${name}") ${params.map((type, i) => `(param $p${i} ${type})`).join(' ')}
      ${results.map((type) => `(result ${type})`).join(' ')} ${this.#results.map((type, i) => `(local $r${i} ${type})`).join(' ')}
      (block $out ${this.#code}) ${values.join(' ')})`
  }

  /** Into a local of its own. */
  #keep(type: Int, text: string): void {
    this.#code += `(local.set $r${this.#results.push(type) - 1} ${text})`
  }

  #operand(letter: string): string {
    const random = this.#random
    switch (letter) {
      case 's':
        return `(local.get $p${this.params.push('i32') - 1})`
      case 'S':
        return `(local.get $p${this.params.push('i64') - 1})`
      case 'i':
        return `(i32.const ${argument('i32', random)})`
      case 'I':
        return `(i64.const ${random.pick([...ANYWHERE, ...NEGATIVE])})`
      default:
        return `${random.pick([0, 0, 1, 4, 8, 65_528, 65_535, 0x7fff_ffff, 0xffff_fffc, 0xffff_ffff])}`
    }
  }

  #instruction(name: string, operands: readonly string[], given: Int | null, takenAs: string | null): string {
    const [a, b, c] = operands as [string, string, string]
    const [type, base] = name.split('.') as [string, string]
    if (name.includes('.load')) return `(${name} offset=${b} ${a})`
    if (name.includes('.store')) return `(${name} offset=${c} ${a} ${b})`
    if (/\.r[ri]$/.test(name)) return `(${type}.${base} ${a} ${b})`
    switch (name) {
      case 'mov':
      case 'i32.const':
      case 'i64.const':
        return a
      case 'i64.const_wide':
        return `(i64.const ${this.#random.pick(WIDE.slice(0, -1))})`
      case 'i32.nez':
      case 'i64.nez':
        return `(i32.eqz (${type}.eqz ${a}))`
      case 'global.get':
        return takenAs === 's' ? '(global.get $g32)' : '(global.get $g64)'
      case 'global.set':
        return given === 'i32' ? `(global.set $g32 ${a})` : `(global.set $g64 ${a})`
      case 'br':
        return '(br $out)'
      case 'br_nez':
        return `(br_if $out ${a})`
      case 'call.plain':
        return '(call $leaf)'
      case 'return.value':
        this.#returns = given ?? 'i64'
        return `(return ${a})`
    }
    return `(${name} ${operands.join(' ')})`
  }
}
