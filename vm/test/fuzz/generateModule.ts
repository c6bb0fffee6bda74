/**
 * Random modules that always validate, to compare engines with. They need not end: the fuel they are given ends them.
 * Everything an engine could charge wrongly is in them: branches of all kinds, values carried by branches, loops of
 * every shape (see generateLoop.ts), direct, indirect, recursive and tail calls, host calls that read and take fuel,
 * costs by size, several tables and results.
 */
import { INSTRUCTIONS, type InstructionInfo } from '../../src/binary/opcodes.ts'
import type { Random } from '../../testing/random.ts'
import { loopStatement } from './generateLoop.ts'

export type Int = 'i32' | 'i64'
/** An S-expression of the text format. */
export type Tree = string | Tree[]

export interface Signature {
  readonly params: readonly Int[]
  readonly results: readonly Int[]
}

const INTS: readonly Int[] = ['i32', 'i64']
const CONSTANTS = ['0', '1', '-1', '2', '3', '5', '7', '31', '64', '100', '-7', '0x7fffffff', '0x80000000', '65532']
/** At the ends of the memory and past them; with an offset the sum would be inside if it were cut to 32 bits. */
const FAR_ADDRESSES = ['-1', '-2', '-4', '-4', '-8', '0x80000000', '65528', '65532', '65535', '65536']

const PURE: readonly InstructionInfo[] = INSTRUCTIONS.filter(
  (info): info is InstructionInfo =>
    info?.signature != null &&
    info.immediates === 'none' &&
    info.feature !== 'float' &&
    info.signature.results.length === 1 &&
    info.signature.params.length > 0 &&
    [...info.signature.params, ...info.signature.results].every((type) => type === 'i32' || type === 'i64'),
)
const CHEAP = PURE.filter(({ name }) => /\.(add|sub|and|xor|or|eqz|eq|lt_s|lt_u|wrap_i64|extend_i32_u)$/.test(name))
const LOADS = INSTRUCTIONS.filter((info) => info?.cost === 'load32' || info?.cost === 'load64') as InstructionInfo[]
const STORES = INSTRUCTIONS.filter((info) => info?.cost === 'store32' || info?.cost === 'store64') as InstructionInfo[]

/** Functions the host offers; the harness knows what they do. */
export const HOST: Readonly<Record<string, Signature>> = {
  tick: { params: ['i32', 'i64'], results: [] },
  fuel: { params: [], results: ['i64'] },
  take: { params: ['i32'], results: ['i32'] },
  stop: { params: ['i32'], results: [] },
  /** Runs the module in a new instance. */
  enter: { params: ['i32'], results: ['i64'] },
  /** Calls back into the instance. */
  again: { params: [], results: ['i32'] },
}

/** Functions in tables have one of these types. */
const TABLE_TYPES: readonly Signature[] = [
  { params: ['i32'], results: ['i32'] },
  { params: [], results: ['i64'] },
  { params: ['i32', 'i64'], results: [] },
]

export function generateModule(random: Random): Tree {
  return new ModuleGenerator(random).module()
}

export function text(tree: Tree): string {
  return typeof tree === 'string' ? tree : `(${tree.map(text).join(' ')})`
}

class ModuleGenerator {
  readonly random: Random
  readonly signatures: Signature[] = []
  /** Functions of one table type may stand in tables. */
  readonly hosts: string[]
  /** Whether tables and segments change, after which an instance cannot be used again. */
  readonly lasting: boolean

  constructor(random: Random) {
    this.random = random
    this.hosts = Object.keys(HOST).filter(() => random.below(5) < 2)
    this.lasting = random.below(2) === 0
    const count = 1 + random.below(6)
    for (let i = 0; i < count; i++) this.signatures.push(this.signature())
  }

  private signature(): Signature {
    const { random } = this
    if (random.below(3) === 0) return random.pick(TABLE_TYPES)
    return { params: this.types(4), results: this.types(random.below(4) === 0 ? 4 : 2) }
  }

  private types(limit: number): Int[] {
    return Array.from({ length: this.random.below(limit) }, () => this.random.pick(INTS))
  }

  module(): Tree {
    const { random } = this
    const tree: Tree[] = ['module', ...TABLE_TYPES.map((type, i) => ['type', `$t${i}`, ['func', ...typeTrees(type)]])]
    for (const name of this.hosts)
      tree.push(['import', '"e"', `"${name}"`, ['func', `$${name}`, ...typeTrees(HOST[name]!)]])
    tree.push(['memory', ['export', '"memory"'], '1', String(1 + random.below(3))])
    tree.push(['data', ['i32.const', '16'], '"some bytes in memory"'], ['data', '$passive', '"passive"'])
    for (const [i, type] of INTS.entries()) {
      tree.push(['global', `$g${i}`, ['export', `"g${i}"`], ['mut', type], [`${type}.const`, String(random.below(9))]])
    }
    tree.push(['table', '$a', '4', '8', 'funcref'], ['table', '$b', '3', 'funcref'])
    tree.push(['elem', ['table', '$a'], ['i32.const', '0'], 'func', ...this.tableEntries(4)])
    tree.push(['elem', ['table', '$b'], ['i32.const', '1'], 'func', ...this.tableEntries(1 + random.below(2))])
    tree.push(['elem', '$segment', 'func', ...this.tableEntries(2)])
    const inTables = this.signatures.flatMap((signature, i) => (TABLE_TYPES.includes(signature) ? [`$f${i}`] : []))
    if (this.lasting && inTables.length > 0) tree.push(['elem', 'declare', 'func', ...inTables])
    for (const [i, signature] of this.signatures.entries()) {
      tree.push([
        'func',
        `$f${i}`,
        ...(i === 0 ? [['export', '"run"']] : []),
        ...new FunctionGenerator(this, signature, i).function(),
      ])
    }
    // A start function, and a segment that does not fit, now and then.
    const starting = this.signatures.findIndex(({ params, results }) => params.length + results.length === 0)
    if (starting > 0 && random.below(3) === 0) tree.push(['start', `$f${starting}`])
    if (random.below(60) === 0) tree.push(['data', ['i32.const', random.pick(['65534', '-1'])], '"past the end"'])
    return tree
  }

  private tableEntries(most: number): Tree[] {
    const { random, signatures, hosts } = this
    const candidates = [
      ...signatures.flatMap((signature, i) => (TABLE_TYPES.includes(signature) ? [`$f${i}`] : [])),
      ...hosts.map((name) => `$${name}`),
    ]
    if (candidates.length === 0 || random.below(4) === 0) return []
    return Array.from({ length: 1 + random.below(most) }, () => random.pick(candidates))
  }
}

function typeTrees({ params, results }: Signature): Tree[] {
  return [...params.map((type): Tree => ['param', type]), ...results.map((type): Tree => ['result', type])]
}

interface Label {
  readonly name: string
  /** Types a branch to it carries; null when it is a loop, to which only the generator of loops branches freely. */
  readonly carries: readonly Int[]
  readonly loop: boolean
}

export class FunctionGenerator {
  readonly random: Random
  private readonly owner: ModuleGenerator
  private readonly signature: Signature
  private readonly index: number
  private readonly locals: Int[]
  private readonly labels: Label[] = []
  private names = 0
  /** Bounds the size. */
  private budget: number

  constructor(owner: ModuleGenerator, signature: Signature, index: number) {
    this.owner = owner
    this.index = index
    this.random = owner.random
    this.signature = signature
    this.locals = [
      ...signature.params,
      'i32',
      'i32',
      'i64',
      ...Array.from({ length: this.random.below(3) }, () => this.random.pick(INTS)),
    ]
    this.budget = 10 + this.random.below(100)
  }

  function(): Tree[] {
    const leaving = this.signature.results.length === 0 && this.random.below(3) === 0 ? this.leavingSwitch() : []
    const code = [...this.statements(3), ...leaving, ...this.statements(2), ...this.values(this.signature.results)]
    // Loops have added locals by now.
    const declared = this.locals.slice(this.signature.params.length)
    return [...typeTrees(this.signature), ...declared.map((type): Tree => ['local', type]), ...code]
  }

  values(types: readonly Int[], depth = 2): Tree[] {
    return types.map((type) => this.expression(type, depth))
  }

  /** Values a return of this function needs. */
  results(depth: number): Tree[] {
    return this.values(this.signature.results, depth)
  }

  newLabel(): string {
    return `$l${this.names++}`
  }

  local(type: Int): string {
    const fitting = [...this.locals.keys()].filter((i) => this.locals[i] === type)
    return String(this.random.pick(fitting))
  }

  newLocal(type: Int): string {
    return String(this.locals.push(type) - 1)
  }

  constant(type: Int): Tree {
    return [`${type}.const`, this.random.pick(CONSTANTS)]
  }

  within<T>(label: Label, make: () => T): T {
    this.labels.push(label)
    try {
      return make()
    } finally {
      this.labels.pop()
    }
  }

  statements(depth: number): Tree[] {
    return Array.from({ length: 1 + this.random.below(3) }, () => this.statement(depth)).flat()
  }

  statement(depth: number): Tree[] {
    const { random } = this
    if (depth <= 0 || this.budget-- < 0) return this.assignment(1)
    switch (random.below(20)) {
      case 18:
        return this.neverLeft(depth)
      case 19:
        return this.carried(depth)
      case 0:
      case 1: {
        const otherwise = random.below(2) ? [['else', ...this.statements(depth - 1)]] : []
        return [['if', this.expression('i32', 2), ['then', ...this.statements(depth - 1)], ...otherwise]]
      }
      case 2:
      case 3:
      case 4:
        return loopStatement(this, depth)
      case 5:
        return this.block(depth)
      case 6:
        return this.switch(depth)
      case 7:
      case 8:
        return this.callStatement(depth)
      case 9:
        return this.branch()
      case 10: {
        const type = random.pick(INTS)
        const name = this.access(STORES, `${type}.store`)
        return [[name, `offset=${random.below(40)}`, this.address(), this.expression(type, random.below(3))]]
      }
      case 11:
        return this.bulk()
      case 12:
        return random.below(3) ? this.assignment(2) : this.leave()
      case 13:
        return [['global.set', '$g1', this.expression('i64', 2)]]
      case 14:
        return this.hostCall()
      default:
        return this.assignment(3)
    }
  }

  private assignment(depth: number): Tree[] {
    const type = this.random.pick(INTS)
    return [['local.set', this.local(type), this.expression(type, depth)]]
  }

  private block(depth: number): Tree[] {
    const name = this.newLabel()
    const carries =
      this.random.below(3) === 0 ? [this.random.pick(INTS), this.random.pick(INTS)].slice(this.random.below(2)) : []
    const inside = this.within({ name, carries, loop: false }, () => [
      ...this.statements(depth - 1),
      ...this.branch(),
      ...this.statements(depth - 1),
    ])
    const results = carries.map((type): Tree => ['result', type])
    const drops = [...carries].reverse().map((type): Tree => ['local.set', this.local(type)])
    return [['block', name, ...results, ...inside, ...this.values(carries, 1)], ...drops]
  }

  /** A block that is never left by its end; validation holds what follows for reachable all the same. */
  private neverLeft(depth: number): Tree[] {
    const { random } = this
    const name = this.newLabel()
    const inside = this.within({ name, carries: [], loop: false }, () => [
      ...(random.below(4) ? [['if', this.expression('i32', 1), ['then', ...this.branch()]]] : []),
      ...this.statements(depth - 1),
    ])
    const end = random.pick<() => Tree[]>([
      () => [['unreachable']],
      () => [['return', ...this.values(this.signature.results, 1)]],
      () => [['loop', '$forever', ['br', '$forever']]],
    ])()
    // Mostly around it, so that something is left to run.
    const block: Tree = ['block', name, ...inside, ...end]
    if (random.below(3) === 0) return [block, ...this.statements(depth - 1)]
    return [['if', this.expression('i32', 1), ['then', block, ...this.statements(depth - 1), ...this.bulk()]]]
  }

  /** An if that takes values and gives others. */
  private carried(depth: number): Tree[] {
    const { random } = this
    const [taken, given] = [random.pick(INTS), random.pick(INTS)]
    const arm = (): Tree[] => [
      ['local.set', this.local(taken)],
      ...(depth > 1 ? this.statements(depth - 2) : []),
      this.expression(given, 1),
    ]
    return [
      this.expression(taken, 2),
      this.expression('i32', 1),
      ['if', ['param', taken], ['result', given], ['then', ...arm()], ['else', ...arm()]],
      ['local.set', this.local(given)],
    ]
  }

  private switch(depth: number): Tree[] {
    const names = [this.newLabel(), this.newLabel(), this.newLabel()]
    const targets = Array.from({ length: 1 + this.random.below(5) }, () => this.random.pick(names))
    const outer = this.labels.filter(({ carries }) => carries.length === 0)
    if (outer.length > 0 && this.random.below(2)) targets.push(this.random.pick(outer).name)
    let tree: Tree[] = [['br_table', ...targets, this.expression('i32', 2)]]
    for (const [i, name] of names.entries()) {
      // Code after a block is inside the blocks around it only.
      const around = names.slice(i + 1).map((label) => ({ name: label, carries: [], loop: false }))
      this.labels.push(...around)
      const after = this.random.below(2) ? this.statements(depth - 1) : []
      this.labels.length -= around.length
      tree = [['block', name, ...tree], ...after]
    }
    return tree
  }

  /** A branch to some label, mostly conditional. */
  branch(): Tree[] {
    const { random } = this
    const candidates = this.labels.filter(({ loop }) => !loop || random.below(4) === 0)
    if (candidates.length === 0) return []
    const { name, carries } = random.pick(candidates)
    if (random.below(5) === 0) return [['br', name, ...this.values(carries, 1)]]
    const rest = carries.map((): Tree => ['drop'])
    return [['br_if', name, ...this.values(carries, 1), this.expression('i32', 2)], ...rest]
  }

  private leave(): Tree[] {
    const { random, signature } = this
    if (random.below(12) === 0) return [['unreachable']]
    const tail = this.owner.signatures.findIndex(({ results }) => results.join() === signature.results.join())
    if (tail >= 0 && random.below(2))
      return [['return_call', `$f${tail}`, ...this.values(this.owner.signatures[tail]!.params, 1)]]
    const type = TABLE_TYPES.findIndex(({ results }) => results.join() === signature.results.join())
    if (type >= 0 && random.below(2)) {
      return [
        [
          'return_call_indirect',
          '$a',
          ['type', `$t${type}`],
          ...this.values(TABLE_TYPES[type]!.params, 1),
          this.tableIndex(),
        ],
      ]
    }
    return [['return', ...this.values(signature.results, 1)]]
  }

  /** A br_table that also leads to the end of the function, whose label has no name: it is the third from inside. */
  private leavingSwitch(): Tree[] {
    const [outer, inner] = [this.newLabel(), this.newLabel()]
    const after = this.within({ name: outer, carries: [], loop: false }, () => this.statements(1))
    const table: Tree = ['br_table', inner, '2', outer, inner, this.expression('i32', 2)]
    return [['block', outer, ['block', inner, table], ...after]]
  }

  private tableIndex(): Tree {
    return this.random.below(3)
      ? ['i32.const', String(this.random.below(3))]
      : ['i32.and', this.expression('i32', 1), ['i32.const', '3']]
  }

  private callStatement(depth: number): Tree[] {
    const { random, owner } = this
    const drops = (results: readonly Int[]): Tree[] =>
      [...results].reverse().map((type) => ['local.set', this.local(type)])
    if (random.below(4) === 0) {
      const type = random.below(TABLE_TYPES.length)
      const { params, results } = TABLE_TYPES[type]!
      return [
        [
          'call_indirect',
          random.pick(['$a', '$a', '$b']),
          ['type', `$t${type}`],
          ...this.values(params, depth - 1),
          this.tableIndex(),
        ],
        ...drops(results),
      ]
    }
    const callee = this.callee((_, i) => i >= 0)
    if (callee === null) return this.assignment(depth)
    const { params, results } = owner.signatures[callee]!
    return [['call', `$f${callee}`, ...this.values(params, depth - 1)], ...drops(results)]
  }

  private hostCall(): Tree[] {
    const { hosts } = this.owner
    if (hosts.length === 0) return this.assignment(1)
    const name = this.random.pick(hosts)
    if (name === 'stop' && this.random.below(3)) return []
    const { params, results } = HOST[name]!
    const drops = results.map((type): Tree => ['local.set', this.local(type)])
    return [['call', `$${name}`, ...this.values(params, 2)], ...drops]
  }

  private bulk(): Tree[] {
    const { random } = this
    const small = (): Tree =>
      random.below(3)
        ? ['i32.and', this.expression('i32', 1), ['i32.const', '63']]
        : ['i32.const', String(random.below(40))]
    const tiny = (): Tree =>
      random.below(3)
        ? ['i32.const', String(random.below(3))]
        : ['i32.and', this.expression('i32', 1), ['i32.const', '3']]
    const grown = (): Tree => (random.below(6) ? tiny() : this.expression('i32', 1))
    switch (random.below(this.owner.lasting ? 14 : 5)) {
      case 0:
        return [['memory.fill', this.address(), this.expression('i32', 1), small()]]
      case 1:
        return [['memory.copy', this.address(), this.address(), small()]]
      case 2:
        return [['memory.init', '$passive', this.address(), tiny(), tiny()]]
      case 3:
        return random.below(3) ? [['local.set', this.local('i32'), ['memory.size']]] : []
      case 4:
        return random.below(2) ? [['local.set', this.local('i32'), ['memory.grow', grown()]]] : []
      case 5:
        return random.below(3) ? [] : [['data.drop', '$passive']]
      case 6:
        return [['table.copy', '$a', '$b', tiny(), tiny(), tiny()]]
      case 7:
        return [['table.init', '$b', '$segment', tiny(), tiny(), ['i32.const', String(random.below(2))]]]
      case 8:
        return [['table.set', '$b', tiny(), ['table.get', '$a', tiny()]]]
      case 9:
        return [['table.fill', random.pick(['$a', '$b']), tiny(), this.reference(), tiny()]]
      case 10:
        return random.below(3) ? [] : [['elem.drop', '$segment']]
      case 11:
        return [['table.set', '$a', tiny(), this.reference()]]
      case 12:
        return [['local.set', this.local('i32'), ['table.grow', '$b', this.reference(), grown()]]]
      default:
        return [['local.set', this.local('i32'), ['table.grow', '$a', ['ref.null', 'func'], tiny()]]]
    }
  }

  private reference(): Tree {
    const { random } = this
    const inTables = this.owner.signatures.flatMap((signature, i) => (TABLE_TYPES.includes(signature) ? [i] : []))
    if (inTables.length === 0 || random.below(3) === 0) return ['table.get', '$a', ['i32.const', '0']]
    return random.below(3) ? ['ref.func', `$f${random.pick(inTables)}`] : ['ref.null', 'func']
  }

  /** Mostly inside the memory: a trap ends it all. Constants are fused with the access in the interpreter. */
  private address(): Tree {
    const { random } = this
    if (random.below(16) === 0)
      return random.below(3) ? ['i32.const', random.pick(FAR_ADDRESSES)] : this.expression('i32', 1)
    if (random.below(5) === 0) return ['i32.const', String(random.below(0xff8))]
    return ['i32.and', this.expression('i32', 1), ['i32.const', '0xff8']]
  }

  /** Half are the plain access of the type, which most chains of the interpreter have. */
  private access(list: readonly InstructionInfo[], plain: string): string {
    const { random } = this
    if (random.below(2)) return plain
    return random.pick(list.filter(({ name }) => name.startsWith(plain.slice(0, 3)))).name
  }

  expression(type: Int, depth: number): Tree {
    const { random } = this
    if (depth <= 0 || this.budget-- < -20) {
      return random.below(3) ? ['local.get', this.local(type)] : this.constant(type)
    }
    switch (random.below(14)) {
      case 0:
        return [
          'if',
          ['result', type],
          this.expression('i32', depth - 1),
          ['then', this.expression(type, depth - 1)],
          ['else', this.expression(type, depth - 1)],
        ]
      case 1: {
        const name = this.access(LOADS, `${type}.load`)
        return [name, `offset=${random.below(40)}`, this.address()]
      }
      case 2:
        return [
          'select',
          this.expression(type, depth - 1),
          this.expression(type, depth - 1),
          this.expression('i32', depth - 1),
        ]
      case 3:
        return ['local.tee', this.local(type), this.expression(type, depth - 1)]
      case 4:
        return this.callExpression(type, depth)
      case 5: {
        const name = this.newLabel()
        const inside = this.within({ name, carries: [type], loop: false }, () => [
          ['br_if', name, this.expression(type, depth - 1), this.expression('i32', depth - 1)],
          ['drop'],
          ...(random.below(2) ? this.statements(depth - 1) : []),
          this.expression(type, depth - 1),
        ])
        return ['block', name, ['result', type], ...inside]
      }
      case 6:
        return ['global.get', type === 'i32' ? '$g0' : '$g1']
      case 7:
        return type === 'i32'
          ? random.pick<Tree>([
              ['memory.size'],
              ['table.size', '$a'],
              ['ref.is_null', ['table.get', '$b', this.tableIndex()]],
            ])
          : this.constant(type)
      default: {
        const pool = random.below(3) ? CHEAP : PURE
        const info = random.pick(pool.filter(({ signature }) => signature!.results[0] === type))
        const operands = info.signature!.params.map((param) => this.expression(param as Int, depth - 1))
        // With a constant the interpreter has another instruction.
        if (operands.length === 2 && random.below(5) === 0)
          operands[1] = this.constant(info.signature!.params[1] as Int)
        // Most divisors are odd, hence not zero: programs that trap early show little.
        if (/\.(div|rem)_/.test(info.name) && random.below(8) > 0)
          operands[1] = [`${type}.or`, operands[1]!, [`${type}.const`, '1']]
        return [info.name, ...operands]
      }
    }
  }

  private callExpression(type: Int, depth: number): Tree {
    const { random, owner } = this
    if (type === 'i64' && owner.hosts.includes('fuel') && random.below(4) === 0) return ['call', '$fuel']
    const callee = this.callee(({ results }) => results.length === 1 && results[0] === type)
    if (callee === null) return this.constant(type)
    return ['call', `$f${callee}`, ...this.values(owner.signatures[callee]!.params, depth - 1)]
  }

  /** Mostly a later function, so that recursion, which mostly never ends, is not everywhere. */
  private callee(fits: (signature: Signature, index: number) => boolean): number | null {
    const { signatures } = this.owner
    const later = this.random.below(8) === 0 ? 0 : this.index + 1
    const fitting = [...signatures.keys()].filter((i) => i >= later && fits(signatures[i]!, i))
    return fitting.length === 0 ? null : this.random.pick(fitting)
  }
}
