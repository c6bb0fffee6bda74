/** Writes the handler of each instruction of the core in AssemblyScript: vm/src/engine/interpreter/operations.ts. */
import {
  AFTER,
  CALLEE,
  FRAMES_END,
  HEADER,
  LEFT,
  LEFT_FOREIGN,
  LEFT_FRAMES,
  LEFT_FUEL,
  LEFT_IMPORT,
  LEFT_OUTSIDE,
  LEFT_TRAP,
  PC,
  STACK_BUDGET,
  TRAPS,
} from '../src/engine/interpreter/layout.ts'
import { membersOf, type Operation } from '../src/engine/interpreter/operations.ts'

type Type = 'i32' | 'i64'

/**
 * Reads 32 bits. No handler reads with `load<i32>`: the compiler makes one load of 64 bits of such a load and an unsigned
 * extension, and leaves it its sign. A signed extension of an unsigned load it does make signed (core.test.ts).
 */
const LOAD_32 = '<i32>load<u32>'

/** The statements of a handler. */
export function handlerOf(name: string): string {
  return new Handler(name).text()
}

class Handler {
  private readonly name: string
  /** Place of the next word of the instruction. */
  private word = 1
  private statements = ''
  private member = 0
  private jumps = false

  constructor(name: string) {
    this.name = name
  }

  text(): string {
    let before: string | null = null
    const members = membersOf(this.name)
    const words = 1 + members.reduce((sum, { operation, from }, i) => sum + wordsOf(operation, from, members[i + 1]), 0)
    for (const [i, { operation, from }] of members.entries()) {
      this.member = i
      const next = members[i + 1]
      const value = this.operation(operation, from, before, words)
      if (value === null) before = null
      else if (next !== undefined && next.from !== null) {
        before = `v${i}`
        this.add(`const v${i}: ${operation.result} = ${value};`)
      } else {
        this.add(`store<${operation.result}>(fp + ${this.raw()}, ${value});`)
        before = null
      }
    }
    if (this.word !== words) throw new Error(`${this.name} has ${words} words, and ${this.word} are used`)
    if (!this.jumps) this.add(`pc += ${4 * words};`)
    return this.statements
  }

  private add(statement: string): void {
    this.statements += statement
  }

  private raw(): string {
    return `load<u32>(pc, ${4 * this.word++})`
  }

  private input(letter: string): string {
    switch (letter) {
      case 's':
        return `${LOAD_32}(fp + ${this.raw()})`
      case 'S':
        return `load<i64>(fp + ${this.raw()})`
      case 'i':
        return `<i32>${this.raw()}`
      case 'I':
        return `<i64><i32>${this.raw()}`
      default:
        return this.raw()
    }
  }

  /** Leaves with the state as it was before this instruction, or as it is at `at`. */
  private leave(left: number, at = 'pc'): string {
    return `{ store<u32>(${PC}, <u32>(${at})); store<i32>(${LEFT}, ${left}); pc = EXIT; break; }`
  }

  /** The place tells which member it was. */
  private trap(code: (typeof TRAPS)[number]): string {
    const at = this.member === 0 ? 'pc' : `pc + ${4 * this.member}`
    return this.leave(LEFT_TRAP + TRAPS.indexOf(code), at)
  }

  /** Statements of one member, and the expression that it computes, or null. */
  private operation(operation: Operation, from: number | null, before: string | null, words: number): string | null {
    const { name, inputs } = operation
    const values = [...inputs].map((letter, i) => {
      if (i !== from) return this.input(letter)
      return `<${letter === 's' ? 'i32' : 'i64'}>(${before})`
    })
    const computed = this.computed(name, values)
    if (computed !== undefined) return computed
    this.act(name, values, words)
    return null
  }

  private computed(name: string, values: readonly string[]): string | undefined {
    const [a, b, c] = values as [string, string, string]
    const [type, base, form] = name.split('.') as [Type, string, string | undefined]
    if (form === 'rr' || form === 'ri') return this.binary(type, base, a, b)
    if (name.includes('.load')) return this.load(type, base, a, b)
    switch (name) {
      case 'i32.const':
      case 'mov':
      case 'i64.const':
        return a
      case 'i64.const_wide':
        return `<i64>(<u64>${a} | (<u64>${b} << 32))`
      case 'select':
        return `(${c} ? ${a} : ${b})`
      case 'global.get':
        return `load<i64>(${a})`
      case 'memory.size':
        return '<i32>(memoryBytes >> 16)'
      case 'i64.extend_i32_s':
        return `<i64>(${a})`
      case 'i64.extend_i32_u':
        this.add(`const u${this.member}: u32 = <u32>(${a});`)
        return `<i64><u64>u${this.member}`
    }
    if (base === 'eqz') return `<i32>(${a} == 0)`
    if (base === 'nez') return `<i32>(${a} != 0)`
    if (base === 'clz' || base === 'ctz' || base === 'popcnt') return `${base}<${type}>(${a})`
    const extended = /^extend(\d+)_s$/.exec(base ?? '')
    if (extended !== null) return `<${type}><i${extended[1]}>(${a})`
    return undefined
  }

  private binary(type: Type, base: string, a: string, b: string): string {
    const unsigned = type === 'i32' ? 'u32' : 'u64'
    const plain: Readonly<Record<string, string>> = {
      add: '+',
      sub: '-',
      mul: '*',
      and: '&',
      or: '|',
      xor: '^',
      shl: '<<',
    }
    const compared: Readonly<Record<string, string>> = { eq: '==', ne: '!=', lt: '<', gt: '>', le: '<=', ge: '>=' }
    if (plain[base] !== undefined) return `(${a} ${plain[base]} ${b})`
    if (base === 'rotl' || base === 'rotr') return `${base}<${type}>(${a}, ${b})`
    if (base === 'shr_s') return `(${a} >> ${b})`
    if (base === 'shr_u') return `<${type}>(<${unsigned}>${a} >> <${unsigned}>${b})`
    const [kind, sign] = base.split('_') as [string, string | undefined]
    if (compared[kind] !== undefined) {
      const [x, y] = sign === 'u' ? [`<${unsigned}>${a}`, `<${unsigned}>${b}`] : [a, b]
      return `<i32>(${x} ${compared[kind]} ${y})`
    }
    const [x, y] = [`x${this.member}`, `y${this.member}`]
    this.add(`const ${x}: ${type} = ${a}; const ${y}: ${type} = ${b};`)
    this.add(`if (${y} == 0) ${this.trap('integer-divide-by-zero')}`)
    const least = type === 'i32' ? 'i32.MIN_VALUE' : 'i64.MIN_VALUE'
    if (base === 'div_s') this.add(`if (${y} == -1 && ${x} == ${least}) ${this.trap('integer-overflow')}`)
    const operator = kind === 'div' ? '/' : '%'
    return sign === 's' ? `(${x} ${operator} ${y})` : `<${type}>(<${unsigned}>${x} ${operator} <${unsigned}>${y})`
  }

  /** An address of the contract's memory, checked: no sum of two 32-bit numbers is cut off. */
  private address(index: string, offset: string, bytes: number): string {
    const [i, e] = [`i${this.member}`, `e${this.member}`]
    this.add(`const ${i}: u32 = <u32>(${index}); const ${e}: u64 = <u64>${i} + <u64>${offset};`)
    this.add(`if (${e} + ${bytes} > memoryBytes) ${this.trap('out-of-bounds-memory')}`)
    return `memoryBase + <usize>${e}`
  }

  private load(type: Type, base: string, index: string, offset: string): string {
    const [, bits, sign] = /^load(\d*)(?:_([su]))?$/.exec(base)!
    const width = bits === '' ? (type === 'i32' ? 32 : 64) : Number(bits)
    const address = this.address(index, offset, width / 8)
    if (width === 32) return `<${type}>${sign === 's' ? '<i32>' : ''}load<u32>(${address})`
    const read = bits === '' ? type : `${sign === 'u' ? 'u' : 'i'}${bits}`
    return `<${type}>load<${read}>(${address})`
  }

  private act(name: string, values: readonly string[], words: number): void {
    const [a, b, c, d, e, f] = values as [string, string, string, string, string, string]
    const after = `pc + ${4 * words}`
    if (name.includes('.store')) {
      const [type, base] = name.split('.') as [Type, string]
      const bits = base.slice(5)
      const width = bits === '' ? (type === 'i32' ? 32 : 64) : Number(bits)
      const address = this.address(a, c, width / 8)
      this.add(`store<${bits === '' ? type : `i${bits}`}>(${address}, ${bits === '' ? b : `<i${bits}>(${b})`});`)
      return
    }
    switch (name) {
      case 'global.set':
        this.add(`store<i64>(${b}, ${a});`)
        return
      case 'charge':
        this.add(`fuel -= <i64>${a}; if (fuel < 0) ${this.leave(LEFT_FUEL, after)}`)
        return
      case 'mov.down':
        this.moveDown(`fp + ${a}`, `fp + ${b}`, c)
        return
      case 'memory.copy':
      case 'memory.fill':
        this.bulk(name, a, b, c, d)
        return
    }
    this.jumps = true
    switch (name) {
      case 'br':
        this.add(`fuel -= <i64>${b}; pc = ${a}; if (fuel < 0) ${this.leave(LEFT_FUEL)}`)
        return
      case 'br_nez':
        this.add(`if (${a}) { fuel -= <i64>${c}; pc = ${b}; } else { fuel -= <i64>${d}; pc += ${4 * words}; }`)
        this.add(`if (fuel < 0) ${this.leave(LEFT_FUEL)}`)
        return
      case 'br_table':
        this.add(`let i: u32 = <u32>${a}; const most: u32 = ${b}; if (i > most) i = most;`)
        this.add(`const t: usize = ${after} + (<usize>i << 3); fuel -= <i64>load<u32>(t, 4); pc = load<u32>(t);`)
        this.add(`if (fuel < 0) ${this.leave(LEFT_FUEL)}`)
        return
      case 'call.plain':
      case 'call.counted':
        this.add(`const callee: usize = ${a}; const base: usize = fp + ${b};`)
        this.word = words
        this.call(name === 'call.counted', after, after)
        return
      case 'call_indirect':
        this.element(a, b, c)
        this.add(`const base: usize = fp + ${d};`)
        this.word = words
        this.call(true, after, '0')
        return
      case 'return_call.plain':
      case 'return_call.counted':
        this.add(`const callee: usize = ${a};`)
        this.tailCall(name === 'return_call.counted', b, c, d)
        return
      case 'return_call_indirect':
        this.element(a, b, c)
        this.tailCall(true, d, e, f)
        return
      case 'return':
        this.return(a)
        return
      case 'return.value':
        this.add(`store<i64>(fp, ${a});`)
        this.return(b)
        return
      case 'return.values':
        this.moveDown(`fp + ${a}`, 'fp', b)
        this.return(c)
        return
      case 'call.import':
        this.add(this.leave(LEFT_IMPORT, after).slice(1, -1))
        return
      case 'outside':
        this.add(this.leave(LEFT_OUTSIDE, after).slice(1, -1))
        return
      case 'trap':
        this.add(`store<u32>(${PC}, <u32>pc); store<i32>(${LEFT}, <i32>${a}); pc = EXIT;`)
        return
      case 'done':
        this.add(this.leave(0).slice(1, -1))
        return
      case 'exit':
        this.add('save(fp, depth, fuel); return;')
        return
    }
    throw new Error(`nobody wrote a handler for ${name}`)
  }

  /** From the lowest on, as what is written may be what is read next. */
  private moveDown(from: string, to: string, count: string): void {
    this.add(`const from: usize = ${from}; const to: usize = ${to}; const end: usize = ${count} << 3;`)
    this.add('for (let i: usize = 0; i < end; i += 8) store<i64>(to + i, load<i64>(from + i));')
  }

  /** The function at an index of a table, as `callee`. */
  private element(index: string, type: string, table: string): void {
    this.add(`const i: u32 = <u32>${index}; const table: usize = ${table};`)
    this.add(`if (i >= load<u32>(table)) ${this.trap('undefined-element')}`)
    this.add('const callee: usize = load<u32>(table + (<usize>i << 2), 4);')
    this.add(`if (callee == 0) ${this.trap('uninitialized-element')}`)
    this.add(`if (callee & 1) ${this.leave(LEFT_FOREIGN)}`)
    this.add(`if (load<u32>(callee, ${HEADER.type}) != ${type}) ${this.trap('indirect-call-type-mismatch')}`)
  }

  /** Charges for the callee; takes it back where it cannot be paid, so that the call can be made again. */
  private pay(): void {
    this.add(`const price: i64 = load<i64>(callee, ${HEADER.fuel}); fuel -= price;`)
    this.add(`if (fuel < 0) { fuel += price; ${this.leave(LEFT_FUEL).slice(1)}`)
  }

  private weigh(from: string): void {
    this.add(`const reached: u32 = ${from} + load<u32>(callee, ${HEADER.stack});`)
    this.add(`if (reached > load<u32>(${STACK_BUDGET})) ${this.trap('stack-exhausted')}`)
  }

  /**
   * Where it cannot be made, a call is made from outside and goes on after it, since what it is fused with has run already;
   * others, which are never fused, are made again (`after` is 0).
   */
  private record(base: string, after: string): void {
    const noted = `store<u32>(${CALLEE}, <u32>callee); store<u32>(${AFTER}, <u32>(${after}));`
    const past = `${base} + load<u32>(callee, ${HEADER.frame}) > load<u32>(${FRAMES_END})`
    this.add(`if (${past}) { ${noted} ${this.leave(LEFT_FRAMES).slice(1)}`)
    this.add(`const record: usize = ${base} + load<u32>(callee, ${HEADER.record});`)
  }

  private enter(): void {
    this.add(`for (let z: usize = fp + load<u32>(callee, ${HEADER.firstLocal}); z < record; z += 8) store<i64>(z, 0);`)
    this.add(`pc = load<u32>(callee, ${HEADER.entry});`)
  }

  private call(counted: boolean, after: string, resumed: string): void {
    if (counted) this.weigh('depth')
    this.record('base', resumed)
    this.pay()
    this.add(`store<u32>(record, <u32>(${after})); store<u32>(record, <u32>fp, 4); store<u32>(record, depth, 8);`)
    if (counted) this.add('depth = reached;')
    this.add('fp = base;')
    this.enter()
  }

  private tailCall(counted: boolean, from: string, count: string, recordOffset: string): void {
    this.add(`const old: usize = fp + ${recordOffset}; const back: u32 = load<u32>(old);`)
    this.add('const frame: u32 = load<u32>(old, 4); const entered: u32 = load<u32>(old, 8);')
    if (counted) this.weigh('entered')
    this.record('fp', '0')
    this.pay()
    this.add(`const args: usize = fp + ${from}; const bytes: usize = ${count} << 3;`)
    this.add('for (let i: usize = 0; i < bytes; i += 8) store<i64>(fp + i, load<i64>(args + i));')
    this.add('store<u32>(record, back); store<u32>(record, frame, 4); store<u32>(record, entered, 8);')
    if (counted) this.add('depth = reached;')
    this.enter()
  }

  /** The word before where a caller goes on is what it charges then. */
  private return(recordOffset: string): void {
    this.add(`const record: usize = fp + ${recordOffset}; pc = load<u32>(record); fp = load<u32>(record, 4);`)
    this.add('depth = load<u32>(record, 8); fuel -= <i64>load<u32>(pc - 4);')
    this.add(`if (fuel < 0) ${this.leave(LEFT_FUEL)}`)
  }

  private bulk(name: string, to: string, second: string, count: string, price: string): void {
    this.add(`const n: u32 = <u32>${count}; const cost: i64 = <i64>(<u64>n * <u64>${price}); fuel -= cost;`)
    this.add(`if (fuel < 0) { fuel += cost; ${this.leave(LEFT_FUEL).slice(1)}`)
    this.add(`const t: u32 = <u32>${to}; const from: u32 = <u32>${second};`)
    const past = '<u64>t + <u64>n > memoryBytes'
    const trap = this.trap('out-of-bounds-memory')
    if (name === 'memory.copy') {
      this.add(`if (${past} || <u64>from + <u64>n > memoryBytes) ${trap}`)
      this.add('memory.copy(memoryBase + t, memoryBase + from, n);')
    } else {
      this.add(`if (${past}) ${trap}`)
      this.add('memory.fill(memoryBase + t, <u8>from, n);')
    }
  }
}

/** Words of a member, its result counted unless the next one takes it. */
function wordsOf(
  { inputs, result }: Operation,
  from: number | null,
  next: { from: number | null } | undefined,
): number {
  const stored = result !== null && (next === undefined || next.from === null)
  return inputs.length - (from === null ? 0 : 1) + (stored ? 1 : 0)
}
