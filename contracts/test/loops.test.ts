/**
 * Memory that rounds of a loop leave behind: given back where nothing points to it, left alone where something may. The
 * contracts run with the allocator as it is but for two pages of memory in all, and giving back at every round: what would
 * be given back wrongly is then overwritten at once.
 */

import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { beforeAll, describe, expect, it } from 'vitest'
import { compileProgram } from '../src/builder/compileProgram.ts'
import { readSdk } from '../src/builder/sdk.ts'
import { BUILD_TIMEOUT } from './fixtures.ts'
import { failure, IMPORTS } from './sources.ts'
import { TestChain, type TestContract } from './testChain.ts'

const OUT_OF_MEMORY = 'out of memory (panic 0x41)'
/** Rounds that fill two pages several times over with the least that a round takes. */
const MANY = 6000
/** A few seconds' worth. */
const PROGRAMS = 12
const MASK = 2n ** 256n - 1n

const allocator = readSdk().get('allocator') ?? ''
const SMALL = new Map(readSdk()).set(
  'allocator',
  replaced(
    replaced(allocator, 'return start + ((MEMORY - start) >>> 3)', 'return start'),
    'if (memory.grow(<i32>((missing + 0xffff) >>> 16)) < 0)',
    'if (memory.size() + <i32>((missing + 0xffff) >>> 16) > 2 || memory.grow(<i32>((missing + 0xffff) >>> 16)) < 0)',
  ),
)

function replaced(text: string, what: string, by: string): string {
  if (!text.includes(what)) throw new Error(`the allocator has no ${what}`)
  return text.replace(what, by)
}

/** A package whose code the SDK calls. */
const FILES: Readonly<Record<string, string>> = {
  '~lib/signals/index.ts': `import { U256, u256 } from '@touchstone/contracts/as'
    let last: U256 = u256(0)
    export class Signal { count: u64 = 0; __emit(): void { this.count++; last = last + u256(this.count) } }
    export function lastOf(): U256 { return last }
    @inline export function placeIn(x: U256): usize { return changetype<usize>(x) }
    @inline export function valueIn(at: usize): U256 { return changetype<U256>(at) }`,
}

async function deploy(source: string): Promise<TestContract> {
  const { modules } = await compileProgram(
    'assembly/index.ts',
    (path) => FILES[path] ?? (path === 'assembly/index.ts' ? source : null),
    SMALL,
  )
  const [module] = modules
  if (module === undefined) throw new Error('there is no contract')
  return new TestChain().deploy(module.artifact)
}

/** The sum of 0 to n - 1. */
const triangle = (n: number) => BigInt((n * (n - 1)) / 2)

/** Bodies of functions of `n: u32` that give a U256, and what they give. */
const GIVING: Readonly<Record<string, readonly [body: string, want: (n: number) => bigint]>> = {
  forLoop: ['let s = u256(0); for (let i: u32 = 0; i < n; i++) s = s + U256.from(i); return s', triangle],
  whileLoop: ['let s = u256(0), i: u32 = 0; while (i < n) { s += u256(i); i++ } return s', triangle],
  doLoop: ['let s = u256(0), i: u32 = 0; do { s += u256(i); i++ } while (i < n); return s', triangle],
  counter: ['let s: u32 = 0; for (let i = u256(0), m = u256(n); i < m; i += u256(1)) s++; return u256(s)', BigInt],
  swapped: [
    'let a = u256(0), b = u256(1); for (let i: u32 = 0; i < n; i++) { const c = a; a = b; b = c } return b',
    (n) => BigInt(n % 2 === 0 ? 1 : 0),
  ],
  shared: [
    'let a = u256(0), b = u256(0); for (let i: u32 = 0; i < n; i++) { a = b + u256(1); b = a } return a + b',
    (n) => BigInt(2 * n),
  ],
  untouched: [
    'const one = u256(1); let s = u256(0); for (let i: u32 = 0; i < n; i++) s = s + one; return s * one',
    BigInt,
  ],
  parameter: ['return this.down(u256(n))', () => 0n],
  continued: [
    'let s = u256(0); for (let i: u32 = 0; i < n; i++) { const x = u256(i); if (i % 2 == 0) continue; s += x } return s',
    (n) => BigInt(Math.floor(n / 2) ** 2),
  ],
  broken: [
    'let s = u256(0); for (let i: u32 = 0; ; i++) { const x = u256(i); if (i == n) { s += x; break } s += u256(0) } return s',
    BigInt,
  ],
  nested: [
    'let s = u256(0); for (let i: u32 = 0; i < n / 50; i++) { let t = u256(0); for (let j: u32 = 0; j < 50; j++) t += u256(1); s += t } return s',
    (n) => BigInt(Math.floor(n / 50) * 50),
  ],
  signed: ['let s = i256(0); for (let i: u32 = 0; i < n; i++) s -= i256(1); return (-s).toU256()', BigInt],
  owners: [
    'let last = Address.zero, seen = Bytes32.zero; for (let i: u32 = 0; i < n; i++) { last = msg.sender; seen = u256(i).toBytes32() } return u256(last == msg.sender ? 1 : 0) + U256.fromBytes32(seen)',
    BigInt,
  ],
  selectors: [
    "let s = Bytes4.zero; for (let i: u32 = 0; i < n; i++) s = Bytes4.parse('0x00000007'); return u256(s[3])",
    () => 7n,
  ],
  maybe: [
    'let best: U256 | null = null; for (let i: u32 = 0; i < n; i++) { const x = u256(i); if (best === null || x > best) best = x } return best === null ? u256(0) : best',
    (n) => BigInt(n - 1),
  ],
  stored: ['for (let i: u32 = 0; i < n; i++) this.total += u256(i); return this.take()', triangle],
  mapped: [
    'for (let i: u32 = 0; i < 3; i++) this.amounts[u256(i)] = u256(0); for (let i: u32 = 0; i < n; i++) this.amounts[u256(i % 3)] += u256(1); return this.amounts[u256(0)] + this.amounts[u256(1)] + this.amounts[u256(2)]',
    BigInt,
  ],
  places: [
    'this.pair.a = u256(0); for (let i: u32 = 0; i < n; i++) this.pair.a += u256(1); return this.pair.a',
    BigInt,
  ],
  called: ['let s = u256(0); for (let i: u32 = 0; i < n; i++) s = this.next(s); return s', BigInt],
  recursive: ['let s = u256(0); for (let i: u32 = 0; i < n; i++) s += this.deep(2); return s', (n) => BigInt(2 * n)],
  made: [
    'let s = u256(0); for (let i: u32 = 0; i < n; i++) { const p = new Pair(s, u256(1)); s = p.a + p.b } return s',
    BigInt,
  ],
  read: [
    'const xs = [u256(1), u256(2)]; let s = u256(0); for (let i: u32 = 0; i < n; i++) s += xs[i % 2]; return s',
    (n) => BigInt(n + Math.floor(n / 2)),
  ],
  logged: ['for (let i: u32 = 0; i < n; i++) emit(new Seen(u256(i))); return u256(n)', BigInt],
  inlined: ['let s = u256(0); for (let i: u32 = 0; i < n; i++) s = plusOne(s); return s', BigInt],
  generic: ['return repeat<U256>(u256(1), n)', () => 1n],
  wrapping: [
    "let s = u256(0); for (let i: u32 = 0; i < n; i++) { 'unchecked'; s = s.wrappingAdd(u256(<u8>(<u8>(n | 255) + <u8>2))) } return s",
    BigInt,
  ],
  overridden: [
    'const k: Plain = n > 2 ? new Other() : new Plain(); let s = u256(0); for (let i: u32 = 0; i < n; i++) s += k.step(); return s',
    (n) => BigInt(2 * n),
  ],
}

/** The same where something keeps a pointer, or could. */
const KEEPING: Readonly<Record<string, readonly [body: string, want: (n: number) => bigint]>> = {
  array: [
    'const xs: U256[] = []; for (let i: u32 = 0; i < n; i++) xs.push(u256(i)); let s = u256(0); for (let i: u32 = 0; i < n; i++) s += xs[i]; return s',
    triangle,
  ],
  element: ['const xs = [u256(0)]; for (let i: u32 = 0; i < n; i++) xs[0] = xs[0] + u256(i); return xs[0]', triangle],
  elementOfCallee: [
    'const xs = [u256(0)]; for (let i: u32 = 0; i < n; i++) this.put(xs, xs[0] + u256(i)); return xs[0]',
    triangle,
  ],
  member: [
    'const p = new Pair(u256(0), u256(0)); for (let i: u32 = 0; i < n; i++) p.a = p.a + u256(i); return p.a',
    triangle,
  ],
  object: [
    'let p = new Pair(u256(0), u256(0)); for (let i: u32 = 0; i < n; i++) p = new Pair(p.a + u256(i), p.b); return p.a',
    triangle,
  ],
  global: ['kept = u256(0); for (let i: u32 = 0; i < n; i++) kept = kept + u256(i); return kept', triangle],
  globalOfCallee: ['kept = u256(0); for (let i: u32 = 0; i < n; i++) keep(kept + u256(i)); return kept', triangle],
  registry: [
    'let s = u256(0); for (let i: u32 = 0; i < n; i++) s = new Registered(s + u256(i)).a; return registry[0].a + s - s',
    triangle,
  ],
  registryByDefault: [
    'let s = u256(0); for (let i: u32 = 0; i < n; i++) s = new Remembered(u256(1), s).a; return kept',
    (n) => BigInt(n > 0 ? 9 : 0),
  ],
  text: [
    "let s = ''; for (let i: u32 = 0; i < n; i++) s = u256(i).toString(); return U256.parse(s)",
    (n) => BigInt(n - 1),
  ],
  bytes: [
    'let b = new Bytes(32); for (let i: u32 = 0; i < n; i++) b = new Bytes(32); return u256(b.length)',
    () => 32n,
  ],
  handle: [
    'let m = this.amounts; this.total = u256(0); for (let i: u32 = 0; i < n; i++) { m[u256(1)] = u256(i); m = this.amounts } return m[u256(1)]',
    (n) => BigInt(n - 1),
  ],
  address: [
    'let at: usize = 0; for (let i: u32 = 0; i < n; i++) at = changetype<usize>(u256(i)); return changetype<U256>(at)',
    (n) => BigInt(n - 1),
  ],
  addressOfCallee: [
    'let at: u32 = 0; for (let i: u32 = 0; i < n; i++) at = placeOf(u256(i)); return valueAt(at)',
    (n) => BigInt(n - 1),
  ],
  startOfCallee: ['return u256(Bytes.view(startOfFirst(n), 1)[0])', () => 7n],
  wordOfCallee: ['return U256.load(wordOfFirst(n))', () => 7n],
  addressByPackage: [
    'let at: usize = 0; for (let i: u32 = 0; i < n; i++) { const x = u256(i + 7); if (i == 0) at = placeIn(x) } return valueIn(at)',
    () => 7n,
  ],
  hidden: [
    'let x = u256(0); for (let i: u32 = 0, y = (x = u256(n)).lo1, x = u256(0); i < n; i++) x = u256(y) + u256(i); return x',
    BigInt,
  ],
  view: [
    'let at: usize = 0; for (let i: u32 = 0; i < n; i++) { const b = new Bytes(1); b[0] = 7; if (at != 0) b[0] = Bytes.view(at, 1)[0]; at = b.start } return u256(Bytes.view(at, 1)[0])',
    () => 7n,
  ],
  written: [
    'const b = new Bytes(40); for (let i: u32 = 0; i < n; i++) store<usize>(b.start, changetype<usize>(u256(i))); return changetype<U256>(load<usize>(b.start))',
    (n) => BigInt(n - 1),
  ],
  asVar: ['let i: u32 = 0; do { var last = u256(i); i++ } while (i < n); return last', (n) => BigInt(n - 1)],
  throughTable: [
    'kept = u256(0); const f = (x: U256): void => keep(x); for (let i: u32 = 0; i < n; i++) f(kept + u256(i)); return kept',
    triangle,
  ],
  overriddenKeeper: [
    'kept = u256(0); const k: Kind = n > 1 ? new Keeper() : new Kind(); for (let i: u32 = 0; i < n; i++) k.step(); return kept',
    (n) => (n > 1 ? BigInt(n) : 0n),
  ],
  package: [
    'const s = new Signal(); for (let i: u32 = 0; i < n; i++) emit<Signal>(s); return lastOf()',
    (n) => triangle(n + 1),
  ],
  wei: [
    'const r = new Remote(msg.sender); for (let i: u32 = 0; i < n; i++) r.withValue(u256(i)); return u256(n)',
    BigInt,
  ],
}

const SUPPORT = `import { lastOf, placeIn, Signal, valueIn } from 'signals'
@struct class Pair { a: U256; b: U256 }
@struct class Registered { constructor(public a: U256) { registry[0] = this } }
@struct class Remembered { a: U256 = (kept = u256(9)); b: U256 = u256(0) }
@event class Seen { a: U256 }
@contractInterface class Remote { @payable ask(): U256 }
class Kind { step(): U256 { return u256(2) } }
class Plain { step(): U256 { return u256(2) } }
class Other extends Plain { step(): U256 { return u256(1) + u256(1) } }
class Keeper extends Kind { step(): U256 { kept = kept + u256(1); return kept } }
let kept: U256 = u256(0)
let registry: Registered[] = new Array<Registered>(1)
function keep(x: U256): void { kept = x }
function placeOf(x: U256): u32 { return <u32>changetype<usize>(x) }
function valueAt(at: u32): U256 { return changetype<U256>(<usize>at) }
function startOfFirst(n: u32): usize {
  let at: usize = 0
  for (let i: u32 = 0; i < n; i++) { const b = new Bytes(32); b[0] = <u8>(i + 7); if (i == 0) at = b.start }
  return at
}
function wordOfFirst(n: u32): usize {
  let at: usize = 0
  for (let i: u32 = 0; i < n; i++) { const word = u256(i + 7).toWord(); if (i == 0) at = word }
  return at
}
@inline function plusOne(x: U256): U256 { return x + u256(1) }
function repeat<T>(x: T, n: u32): T { let y = x; for (let i: u32 = 0; i < n; i++) y = y * x; return y }
`
const MEMBERS = `
  total: U256; amounts: Mapping<U256, U256>; pair: Pair
  private take(): U256 { const t = this.total; this.total = u256(0); return t }
  private next(x: U256): U256 { let y = x; for (let i = 0; i < 2; i++) y = y + u256(i); return y }
  private deep(n: u32): U256 { let s = u256(0); for (let i: u32 = 0; i < n; i++) { s += u256(1); if (n > 1) this.deep(1) } return s }
  private put(xs: U256[], x: U256): void { xs[0] = x }
  private down(x: U256): U256 { while (!x.isZero) x = x - u256(1); return x }
`

const CASES = { ...GIVING, ...KEEPING }
let contract: TestContract
beforeAll(async () => {
  const functions = Object.entries(CASES).map(([name, [body]]) => `  @external ${name}(n: u32): U256 { ${body} }`)
  contract = await deploy(`${IMPORTS}${SUPPORT}@contract export class Loops {${MEMBERS}${functions.join('\n')}\n}`)
}, BUILD_TIMEOUT)

const result = (name: string, n: number): bigint | string => {
  const sent = contract.trySend(name, [n])
  return sent.kind === 'success' ? BigInt(sent.output) : failure(contract, name, [n])
}

describe('a loop', () => {
  it.each(Object.keys(CASES))('gives what it says: %s', (name) => {
    const want = CASES[name]?.[1] as (n: number) => bigint
    for (const n of [1, 2, 7]) expect(result(name, n)).toBe(want(n))
  })

  it.each(Object.keys(GIVING))('gives back what its rounds leave behind: %s', (name) => {
    expect(result(name, MANY)).toBe(CASES[name]?.[1](MANY))
  })

  it.each(Object.keys(KEEPING))('keeps what something may point to: %s', (name) => {
    expect(result(name, MANY)).toBe(OUT_OF_MEMORY)
  })
})

/** A text of the contract's language and the same in JavaScript, of BigInts. */
interface Both {
  readonly as: string
  readonly js: string
}

const both = (as: string, js: string = as): Both => ({ as, js })
const VARIABLES = ['v0', 'v1', 'v2', 'v3']
/** Of 64 statements about one leaves a pointer where it outlives the round, or could. */
const KEEPING_CHANCE = 1 / 64

/** A value of the variables that are known at the place. */
function expression(random: Random, names: readonly string[], depth: number): Both {
  const inner = () => expression(random, names, depth - 1)
  if (depth === 0 || random.chance(0.3)) {
    if (random.chance(0.7)) return both(random.pick(names))
    const n = random.below(1000)
    return both(`u256(${n})`, `${n}n`)
  }
  const [a, b] = [inner(), inner()]
  switch (random.below(9)) {
    case 0:
      return both(`${a.as}.wrappingAdd(${b.as})`, `((${a.js} + ${b.js}) & MASK)`)
    case 1:
      return both(`${a.as}.wrappingSub(${b.as})`, `((${a.js} - ${b.js}) & MASK)`)
    case 2:
      return both(`(${a.as} ^ ${b.as})`, `(${a.js} ^ ${b.js})`)
    case 3:
      return both(`(${a.as} >> 3)`, `(${a.js} >> 3n)`)
    case 4:
      return both(`(${a.as} > ${b.as} ? ${a.as} : ${b.as})`, `(${a.js} > ${b.js} ? ${a.js} : ${b.js})`)
    case 5:
      return both(`new Pair(${a.as}, ${b.as}).a`, a.js)
    case 6:
      return both(`this.mix(${a.as}, ${b.as})`, `mix(${a.js}, ${b.js})`)
    case 7:
      return both(`this.amounts[${a.as} % u256(5)]`, `read(${a.js} % 5n)`)
    default:
      return both(`U256.fromBytes32(${a.as}.toBytes32())`, a.js)
  }
}

/** `count` statements; in loops with their `break` and `continue`. */
function statements(random: Random, names: readonly string[], depth: number, isInLoop: boolean): Both {
  const known = [...names]
  const parts: Both[] = []
  const count = random.between(1, 4)
  for (let i = 0; i < count; i++) {
    const value = expression(random, known, 2)
    const condition = both(`(${value.as} & u256(1)).isZero`, `(${value.js} & 1n) === 0n`)
    const target = random.pick(VARIABLES)
    if (random.chance(KEEPING_CHANCE)) {
      parts.push(
        random.pick([
          both(`xs.push(${value.as});`, `xs.push(${value.js});`),
          both(`kept = ${value.as};`, `kept = ${value.js};`),
          both(`pair.a = ${value.as};`, `pair.a = ${value.js};`),
        ]),
      )
    }
    const what = random.below(isInLoop ? 7 : 5)
    if (what < 2) parts.push(both(`${target} = ${value.as};`, `${target} = ${value.js};`))
    else if (what === 2) {
      const name = `w${depth}${known.length}`
      parts.push(both(`const ${name} = ${value.as};`, `const ${name} = ${value.js};`))
      known.push(name)
    } else if (what === 3) {
      parts.push(both(`this.amounts[u256(${i})] = ${value.as};`, `amounts[${i}] = ${value.js};`))
    } else if (what === 4 && depth > 0) parts.push(loop(random, known, depth))
    else {
      const then = what > 4 ? both(random.pick(['break;', 'continue;'])) : statements(random, known, 0, false)
      parts.push(both(`if (${condition.as}) { ${then.as} }`, `if (${condition.js}) { ${then.js} }`))
    }
  }
  return both(parts.map(({ as }) => as).join(' '), parts.map(({ js }) => js).join(' '))
}

function loop(random: Random, names: readonly string[], depth: number): Both {
  const i = `i${depth}`
  const rounds = random.between(2, 9)
  const body = statements(random, names, depth - 1, true)
  switch (random.below(3)) {
    case 0:
      return both(
        `for (let ${i} = 0; ${i} < ${rounds}; ${i}++) { ${body.as} }`,
        `for (let ${i} = 0; ${i} < ${rounds}; ${i}++) { ${body.js} }`,
      )
    case 1:
      return both(
        `for (let ${i} = u256(0); ${i} < u256(${rounds}); ${i} = ${i} + u256(1)) { ${body.as} }`,
        `for (let ${i} = 0n; ${i} < ${rounds}n; ${i}++) { ${body.js} }`,
      )
    default:
      return both(
        `{ let ${i} = 0; while (${i}++ < ${rounds}) { ${body.as} } }`,
        `{ let ${i} = 0; while (${i}++ < ${rounds}) { ${body.js} } }`,
      )
  }
}

function program(random: Random): Both {
  const body = [statements(random, VARIABLES, 0, false), loop(random, VARIABLES, 3), loop(random, VARIABLES, 3)]
  return both(
    `${body.map(({ as }) => `{ ${as} }`).join(' ')} return this.sum(v0, v1, v2, v3, pair, xs)`,
    `${body.map(({ js }) => `{ ${js} }`).join(' ')} return sum()`,
  )
}

const SUPPORT_JS = `
const amounts = [0n, 0n, 0n, 0n, 0n], xs = [], pair = { a: 0n }; let kept = 0n
const read = (i) => amounts[Number(i)]
const mix = (a, b) => { let c = a; for (let i = 0; i < 3; i++) { const d = (c + b) & MASK; if (d > a) c = d ^ b; else c = d } return c }
const sum = () => [v0, v1, v2, v3, pair.a, kept, ...amounts, ...xs].reduce((s, x) => ((s * 31n) + x) & MASK, 0n)
`
const SUPPORT_AS = `
  amounts: Mapping<U256, U256>
  private mix(a: U256, b: U256): U256 {
    let c = a
    for (let i = 0; i < 3; i++) { const d = c.wrappingAdd(b); if (d > a) c = d ^ b; else c = d }
    return c
  }
  private sum(v0: U256, v1: U256, v2: U256, v3: U256, pair: Pair, xs: U256[]): U256 {
    const all = [v0, v1, v2, v3, pair.a, kept, this.amounts[u256(0)], this.amounts[u256(1)], this.amounts[u256(2)],
      this.amounts[u256(3)], this.amounts[u256(4)]]
    for (let i = 0; i < xs.length; i++) all.push(xs[i])
    let s = u256(0)
    for (let i = 0; i < all.length; i++) s = s.wrappingMul(u256(31)).wrappingAdd(all[i])
    return s
  }
`

it(
  'of random programs, gives what the same program does in JavaScript',
  async () => {
    const programs = Array.from({ length: PROGRAMS }, (_, seed) => program(seededRandom(`loops ${seed}`)))
    const functions = programs.map(
      ({ as }, i) =>
        `  @external f${i}(v0: U256, v1: U256, v2: U256, v3: U256): U256 { const xs: U256[] = []; const pair = new Pair(u256(0), u256(0)); kept = u256(0); ${as} }`,
    )
    const random = await deploy(
      `${IMPORTS}@struct class Pair { a: U256; b: U256 }\nlet kept: U256 = u256(0)\n@contract export class Random {${SUPPORT_AS}${functions.join('\n')}\n}`,
    )
    const wrong: string[] = []
    for (const [i, { as, js }] of programs.entries()) {
      const values = seededRandom(`values ${i}`)
      const input = VARIABLES.map(() => values.bigint(256))
      const calculate = new Function('MASK', ...VARIABLES, `${SUPPORT_JS}\n${js}`)
      const want = calculate(MASK, ...input)
      // Each on a state of its own.
      const fresh = new TestChain().deploy(random.artifact)
      const sent = fresh.trySend(`f${i}`, input)
      const got = sent.kind === 'success' ? BigInt(sent.output) : failure(fresh, `f${i}`, input)
      if (got !== want && got !== OUT_OF_MEMORY) wrong.push(`${i}: ${got}, not ${want}: ${as}`)
    }
    expect(wrong).toEqual([])
  },
  BUILD_TIMEOUT,
)
