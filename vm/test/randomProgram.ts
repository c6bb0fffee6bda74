/**
 * Random programs that always validate and always end: typed expressions over every integer instruction, nested
 * blocks and branches, counted loops, memory, globals, calls, host calls and tables. Used to compare engines with each
 * other and with the host's own WebAssembly.
 */
import { INSTRUCTIONS, type InstructionInfo } from '../src/binary/opcodes.ts'
import type { Random } from '../testing/random.ts'

type Int = 'i32' | 'i64'
const INTS: readonly Int[] = ['i32', 'i64']

/** Instructions that take and give integers and have no immediates. */
const PURE: readonly InstructionInfo[] = INSTRUCTIONS.filter(
  (info): info is InstructionInfo =>
    info?.signature != null &&
    info.immediates === 'none' &&
    info.feature !== 'float' &&
    info.signature.results.length === 1 &&
    info.signature.params.length > 0 &&
    [...info.signature.params, ...info.signature.results].every((type) => type === 'i32' || type === 'i64'),
)
const LOADS = INSTRUCTIONS.filter((info) => info?.cost === 'load32' || info?.cost === 'load64') as InstructionInfo[]
const STORES = INSTRUCTIONS.filter((info) => info?.cost === 'store32' || info?.cost === 'store64') as InstructionInfo[]
const EDGES = ['0', '1', '-1', '2', '31', '32', '63', '127', '128', '255', '65535', '0x7fffffff', '0x80000000']
const WIDE_EDGES = [...EDGES, '0xffffffff', '0x100000000', '0x7fffffffffffffff', '0x8000000000000000']

/** Functions f0, f1, f2; each may call those before it. `run(i32, i64) -> i64` is the last. Imports `e.tick(i32, i64)`. */
export function randomProgram(random: Random): string {
  const functions = [0, 1, 2].map((index) => new FunctionText(random, index).text())
  return `(module (import "e" "tick" (func $tick (param i32 i64)))
    (type $t (func (param i32 i64) (result i64))) (memory (export "memory") 1) (global $g (mut i64) (i64.const 3))
    (table 3 funcref) (elem (i32.const 0) $f0) (export "g" (global $g))
    ${functions.join('\n')} (export "run" (func $f2)))`
}

class FunctionText {
  private readonly random: Random
  private readonly index: number
  /** Loop counters in use, locals 6 and up; loops never write another's. */
  private counters = 0
  private labels = 0
  /** Bounds size and running time together with the depth. */
  private budget = 60

  constructor(random: Random, index: number) {
    this.random = random
    this.index = index
  }

  text(): string {
    const body = this.statements(4)
    return `(func $f${this.index} (type $t) (local i32 i32 i64 i64) (local i32 i32 i32 i32) ${body} ${this.expression('i64', 4)})`
  }

  private statements(depth: number): string {
    return Array.from({ length: 1 + this.random.below(3) }, () => this.statement(depth)).join('\n')
  }

  private statement(depth: number): string {
    const { random } = this
    if (depth === 0 || this.budget-- < 0) return `(local.set ${this.local('i32')} ${this.expression('i32', 1)})`
    switch (random.below(9)) {
      case 0:
        return `(if ${this.expression('i32', 2)} (then ${this.statements(depth - 1)}) (else ${this.statements(depth - 1)}))`
      case 1:
        return this.loop(depth)
      case 2: {
        const label = `$l${this.labels++}`
        const exit = random.pick([`(br_if ${label} ${this.expression('i32', 2)})`, `(br ${label})`])
        return `(block ${label} ${this.statements(depth - 1)} ${exit} ${this.statements(depth - 1)})`
      }
      case 3: {
        const [a, b] = [`$l${this.labels++}`, `$l${this.labels++}`]
        const table = `(br_table ${a} ${b} ${a} ${b} ${this.expression('i32', 2)})`
        return `(block ${a} ${this.statements(depth - 1)} (block ${b} ${table}) ${this.statements(depth - 1)})`
      }
      case 4: {
        const store = random.pick(STORES)
        const type = store.name.slice(0, 3) as Int
        return `(${store.name} offset=${random.below(40)} ${this.address()} ${this.expression(type, 2)})`
      }
      case 5:
        return `(call $tick ${this.expression('i32', 2)} ${this.expression('i64', 2)})`
      case 6:
        return `(global.set $g ${this.expression('i64', 3)})`
      case 7:
        return `(memory.copy ${this.address()} ${this.address()} (i32.const ${random.below(30)}))`
      default: {
        const type = random.pick(INTS)
        return `(local.set ${this.local(type)} ${this.expression(type, 3)})`
      }
    }
  }

  /** Counts one of the locals 6..9 down from a small constant; the body may leave early. */
  private loop(depth: number): string {
    if (this.counters === 4) return this.statement(depth - 1)
    const counter = 6 + this.counters++
    const [exit, again] = [`$l${this.labels++}`, `$l${this.labels++}`]
    const early = this.random.below(2) ? `(br_if ${exit} ${this.expression('i32', 1)})` : ''
    const text = `(local.set ${counter} (i32.const ${1 + this.random.below(4)}))
      (block ${exit} (loop ${again} ${this.statements(depth - 1)} ${early}
        (br_if ${again} (local.tee ${counter} (i32.sub (local.get ${counter}) (i32.const 1))))))`
    this.counters--
    return text
  }

  private expression(type: Int, depth: number): string {
    const { random } = this
    if (depth === 0 || this.budget-- < 0) {
      return random.below(2) ? `(local.get ${this.local(type)})` : `(${type}.const ${this.constant(type)})`
    }
    switch (random.below(11)) {
      case 0:
        return `(if (result ${type}) ${this.expression('i32', depth - 1)} (then ${this.expression(type, depth - 1)}) (else ${this.expression(type, depth - 1)}))`
      case 1: {
        const load = random.pick(LOADS.filter(({ name }) => name.startsWith(type)))
        return `(${load.name} offset=${random.below(40)} ${this.address()})`
      }
      case 2:
        return `(select ${this.expression(type, depth - 1)} ${this.expression(type, depth - 1)} ${this.expression('i32', depth - 1)})`
      case 3:
        return `(local.tee ${this.local(type)} ${this.expression(type, depth - 1)})`
      case 4:
        return type === 'i64' ? this.call(depth) : '(memory.size)'
      case 5: {
        const label = `$l${this.labels++}`
        return `(block ${label} (result ${type}) ${this.expression(type, depth - 1)} ${this.expression('i32', depth - 1)} (br_if ${label}) ${random.below(2) ? `(drop) ${this.expression(type, depth - 1)}` : ''})`
      }
      default: {
        const info = random.pick(PURE.filter(({ signature }) => signature!.results[0] === type))
        const operands = info.signature!.params.map((param) => this.expression(param as Int, depth - 1))
        // Most divisors are odd, hence not zero: programs that trap early show little.
        const safe = /\.(div|rem)_/.test(info.name) && random.below(8) > 0
        if (safe) operands[1] = `(${type}.or ${operands[1]} (${type}.const 1))`
        return `(${info.name} ${operands.join(' ')})`
      }
    }
  }

  private call(depth: number): string {
    const args = `${this.expression('i32', depth - 1)} ${this.expression('i64', depth - 1)}`
    if (this.index === 0) return '(global.get $g)'
    // The table's first entry is f0; the others are empty, and calling them traps.
    if (this.random.below(3) === 0)
      return `(call_indirect (type $t) ${args} (i32.const ${this.random.below(20) ? 0 : 1}))`
    return `(call $f${this.random.below(this.index)} ${args})`
  }

  /** Mostly inside the memory. */
  private address(): string {
    if (this.random.below(100) === 0) return this.expression('i32', 1)
    return `(i32.and ${this.expression('i32', 1)} (i32.const 0xff8))`
  }

  /** Locals 0, 2, 3 are i32; 1, 4, 5 are i64. */
  private local(type: Int): number {
    return this.random.pick(type === 'i32' ? [0, 2, 3] : [1, 4, 5])
  }

  private constant(type: Int): string {
    return this.random.pick(type === 'i32' ? EDGES : WIDE_EDGES)
  }
}
