/**
 * Mistakes that authors make, and the words they are told. ⟦ and ⟧ stand around what is to be underlined; each mistake
 * is told once, there, with the words that follow.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compileProgram, readProgram } from '../compileProgram.ts'
import { BuildError, type Problem } from '../problem.ts'
import { readSdk } from '../sdk.ts'

type Mistake = readonly [source: string, message: string, hint?: string]

const ENTRY = 'assembly/index.ts'
const NAMES =
  'Address, block, Bytes, Bytes32, call, emit, FixedArray, I256, i256, Indexed, Mapping, msg, print, require, revert, self, StorageArray, U256, u256'
const IMPORTS = `import { ${NAMES} } from '@touchstone/contracts/as'\n`
const sdk = readSdk()

/** A member of a contract, or whole declarations when there is a class among them. */
function fileOf(source: string): string {
  if (/\bclass A\b/.test(source)) return source.startsWith('import') ? source : IMPORTS + source
  return `${IMPORTS}@event class E { a: U256 }\n@contract\nexport class A {\n  total: U256\n  ${source}\n}\n`
}

interface Told {
  readonly place: string
  readonly message: string
  readonly hint: string
}

/** The file without its marks, and the places they stood around: `line:column+length`. */
function marked(text: string): { readonly text: string; readonly places: readonly string[] } {
  const places: string[] = []
  let plain = ''
  for (const [i, part] of text.split(/[⟦⟧]/).entries()) {
    if (i % 2 === 1) {
      const lines = plain.split('\n')
      places.push(`${lines.length}:${(lines.at(-1) ?? '').length + 1}+${part.length}`)
    }
    plain += part
  }
  return { text: plain, places }
}

function told({ line, column, length, message, hint }: Problem): Told {
  return { place: `${line}:${column}+${length}`, message, hint: hint ?? '' }
}

function frontProblems(text: string): readonly Told[] {
  try {
    readProgram(ENTRY, (path) => (path === ENTRY ? text : null), sdk)
  } catch (error) {
    if (error instanceof BuildError) return error.problems.map(told)
    throw error
  }
  return []
}

function expected(place: string | undefined, [, message, hint]: Mistake): object {
  return { place, message: expect.stringContaining(message), hint: expect.stringContaining(hint ?? '') }
}

const FLOATS: readonly Mistake[] = [
  ['@view n: ⟦number⟧', 'number is a floating-point type', 'U256, or u64'],
  ['@external f(n: ⟦f64⟧): void {}', 'f64 is a floating-point type', 'integers'],
  ['@view f(n: u64): u64 { return <u64>(⟦0.5⟧ * n) }', '0.5 is a floating-point number', 'small units'],
  ['@view f(): U256 { return u256(⟦1e18⟧) }', '1e18 is a floating-point', 'write u256(1000000000000000000)'],
  ['@view f(): U256 { return u256(⟦2.5e20⟧) }', '2.5e20', "U256.parse('250000000000000000000')"],
  [
    '@view f(n: u64): u64 {\n    const half = <u64>(<⟦f64⟧>n * 0.5)\n    return half\n  }',
    'f64 is a floating-point type',
  ],
  ['@view f(n: u64): u64 { return <u64>⟦Math.sqrt⟧(<f64>n) }', 'Math.sqrt computes with floating point', 'n.sqrt()'],
  ['@view f(n: U256): U256 { return ⟦Math.max⟧(n, n) }', 'Math.max', 'U256.max(a, b)'],
  ['@view f(): u64 { return <u64>⟦Math.random⟧() }', 'every node must compute the same', 'commit'],
  ['@view f(): u64 { return ⟦Date.now⟧() }', 'time of its block', 'block.timestamp'],
  ['@view f(): u64 { return new ⟦Date⟧().getTime() }', 'time of its block', 'block.timestamp'],
  ["@view f(): u64 { return <u64>⟦parseInt⟧('5') }", 'floating-point number', 'U256.parse'],
  ['@view f(n: u64): bool { return ⟦isNaN⟧(n) }', 'no floating point'],
  ['@external f(): void { const a = new ⟦Float64Array⟧(3) }', 'Float64Array holds floating-point numbers'],
]

const MISSING: readonly Mistake[] = [
  ["@external f(): void { ⟦console⟧.log('a') }", 'no console', "print('…')"],
  ['@view f(n: U256): string { return ⟦JSON⟧.stringify(n) }', 'JSON is not there', 'abiEncode'],
  ['@external f(): void { ⟦setTimeout⟧(1, 2) }', 'runs later', 'block.timestamp'],
  ["@external f(): void { ⟦fetch⟧('https://a.example') }", 'cannot reach the network', 'transaction'],
  ['@external ⟦async⟧ f(): void {}', 'async and await are not there', 'as it is'],
  ['@external f(): void { ⟦await⟧ this.g() }\n  g(): void {}', 'async and await are not there'],
  ['@external f(): ⟦Promise⟧<void> {}', 'async and await are not there'],
  ['@external f(): void { ⟦try⟧ { this.total = u256(1) } catch (e) { revert("x") } }', 'try and catch', 'require'],
  [
    '@view f(ns: U256[]): U256 { ⟦for⟧ (const n of ns) return n; return u256(0) }',
    'for…of is not there',
    'for (let i = 0; i < ns.length; i++) { const n = ns[i] … }',
  ],
  ['@external f(ns: U256[]): void { for (const n ⟦in⟧ ns) print(n) }', 'for…in is not there', 'count'],
  [
    '@view f(ns: U256[]): U256 {\n    let s = u256(0)\n    ns.forEach(⟦(n) =>⟧ { s = s + n })\n    return s\n  }',
    'closures are not there: this function uses "s"',
    'for loop',
  ],
  ['@external f(ns: U256[]): void { ns.forEach(⟦(n) =>⟧ { this.total += n }) }', 'uses "this"', 'for loop'],
  ['@external f(p: ⟦[⟧U256, U256]): void {}', 'tuple types are not there', '@struct'],
  ['@view f(p: ⟦{⟧ a: U256 }): U256 { return p.a }', 'object types are not there', 'declare a class'],
  ['@view f(⟦)⟧ { return this.total }', 'f needs a return type', 'f(…): U256'],
  ['@external g(a: U256⟦)⟧ { this.total = a }', 'g needs a return type', 'g(…): void'],
  ['⟦limit⟧ = u256(5)', 'the field limit needs a type', 'limit: U256'],
  ['@external f(): void { let ⟦sum⟧; }', 'the variable sum needs a type', 'sum: U256'],
  ['@external f(⟦...ns: U256[]⟧): void {}', 'rest parameters are not there', 'take an array: ns: U256[]'],
  ['@external f(n: U256): void { emit(⟦E⟧(n)) }', 'E is a class and cannot be called', 'write new E(…)'],
  ['@external f(n: U256): void { emit ⟦E⟧(n) }', 'E is a class and cannot be called', 'write emit(new E(…))'],
  ['@external f(n: U256): void { revert ⟦E⟧(n) }', 'E is a class and cannot be called', 'write throw new E(…)'],
  ['@external f(n: U256): void { ⟦new E(n)⟧ }', 'this event is made and not emitted', 'write emit(new E(n))'],
  [
    '@error class No { a: U256 }\n@contract export class A { @external f(n: U256): void { ⟦new No(n)⟧; } }',
    'this error is made and not thrown',
    'write throw new No(n)',
  ],
  ["@view f(): Address { return ⟦Address⟧('0x12') }", 'Address is a class', "Address.parse('0x…')"],
  ['@view f(): U256 { return ⟦U256⟧(5) }', 'U256 is a class', 'write u256(1)'],
  ['@view f(): U256 { return ⟦10n⟧ }', 'no bigint literals', 'write u256(10)'],
  ['@view f(): U256 { return ⟦1_000_000_000_000_000_000_000n⟧ }', 'no bigint', "U256.parse('1000000000000000000000')"],
  [
    '@view f(): U256 { return u256(⟦1000000000000000000000000⟧) }',
    'does not fit',
    "U256.parse('1000000000000000000000000')",
  ],
  ['@external f(n: U256 | ⟦string⟧): void {}', 'union types are not there', 'two functions'],
  ['⟦limit?⟧: U256', 'optional fields are not there', 'question mark'],
  ['@view f(a: E): U256 { return a?⟦.⟧a }', '?. is not there', 'a.b'],
  ['@view f(a: U256): U256 { return a ?⟦?⟧ a }', '?? is not there', 'a ? b : c'],
  ['@external f(e: E): void { ⟦const⟧ { a } = e }', 'destructuring is not there', 'one by one'],
  ['@external f(e: U256[]): void { ⟦const⟧ [a, b] = e }', 'destructuring is not there', 'one by one'],
  ['⟦#⟧secret: U256', 'names do not begin with #', 'private'],
  ['@external f(ns: U256[]): void { this.g(⟦...ns⟧) }\n  g(n: U256): void {}', 'spread (...) is not there'],
  ['@view f(s: string): bool { return ⟦/a+/⟧.test(s) }', 'regular expressions are not there', 'charCodeAt'],
  ['@external f(): void { ⟦delete⟧ this.total }', 'delete is not there', '.delete(key)'],
  ['@view f(): U256 { return ⟦BigInt⟧(5) }', 'BigInt is not there', 'u256(1)'],
  ['@view f(): u64 { return ⟦now⟧ }', 'now is not there', 'block.timestamp'],
  ['@view f(): Address { return ⟦address⟧(this) }', 'address(…) is not there', 'self.address'],
  ['@external f(n: ⟦any⟧): void {}', 'any is not there', 'name the type'],
  ['@view ok: ⟦boolean⟧', 'boolean is called bool', 'bool'],
  ['@view n: ⟦bigint⟧', 'bigint is not there', 'U256'],
  ['@view n: ⟦uint256⟧', 'uint256 is called U256', 'U256'],
  ['@view n: ⟦u128⟧', 'u128 is not there', 'U256'],
  ['owners: ⟦Map<string, u64>⟧', 'Map lives in memory', 'Mapping<K, V>'],
  ['owners: ⟦Set<string>⟧', 'Set lives in memory', 'Mapping<K, bool>'],
  ['list: ⟦U256[]⟧', 'T[] lives in memory', ''],
  ['@external set(n: U256⟦:⟧ void {}', "')' expected"],
  ['owners: ⟦mapping⟧(address => uint256)', 'mapping(…) is not there', 'Mapping<Address, U256>'],
  ['owners: ⟦Mapping<Address>⟧', 'a mapping names the types of its keys and of its values'],
  ['constructor(start⟦)⟧ {}', 'a type is missing here'],
  ['@external ⟦function⟧ f(n: U256): void {}', 'no "function" before a name', 'write f(…)'],
  ['@view f(a: u8, b: bool): bool { return ⟦a < (⟧b ? 1 : 2) }', 'read as the types of a call', 'write (a) < (…)'],
  [
    "import Address⟦,⟧ { U256 } from '@touchstone/contracts/as'\n@contract export class A { a: U256 }",
    'files have no default',
    'import { A, B }',
  ],
  [
    '@contract export class A {\n  n: u64\n  f(): void {\n    this.n = 1\n  ⟦}⟧',
    'the file ends before everything is closed',
    '} is missing',
  ],
  ["@view f(): Address { return Address.parse(⟦'0x12'⟧) }", 'takes 0x and 40 hex digits; this has 2'],
  [
    "@view f(): Address { return Address.parse(⟦'0x70997970c51812dc3A010C7d01b50e0d17dc79C8'⟧) }",
    'the checksum of 0x70997970c51812dc3A010C7d01b50e0d17dc79C8 is wrong',
    'write 0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  ],
  ["@view f(): U256 { return U256.parse(⟦'1.5'⟧) }", 'takes decimal digits, or 0x and hex digits', 'fractions'],
  ["@view f(): U256 { return U256.parse(⟦'-1'⟧) }", 'takes decimal digits'],
  [`@view f(): I256 { return I256.parse(⟦'${2n ** 255n}'⟧) }`, 'does not fit I256'],
  ["@view f(): Bytes32 { return Bytes32.parse(⟦'0x00'⟧) }", 'takes 0x and 64 hex digits; this has 2'],
  ["@view f(): Bytes { return Bytes.fromHex(⟦'0x123'⟧) }", 'two hex digits for each byte'],
]

const NAMING: readonly Mistake[] = [
  [
    '@view f(at: i32): U256 {\n    const a: FixedArray<U256, 3> = [u256(1), u256(2), u256(3)]\n    a.⟦__put⟧(at, u256(4))\n    return a[0]\n  }',
    '__put is not for contracts: members whose names begin with __',
  ],
  ['⟦__gap⟧: FixedArray<U256, 50>', "names that begin with __ are the build's: __gap", 'write _gap'],
  ['f(⟦__at⟧: U256): U256 { return __at }', "names that begin with __ are the build's: __at", 'write _at'],
  ['⟦__call_total⟧(): U256 { return this.total }', "the build's: __call_total", 'write _call_total'],
  ['@view f(): u32 { const ⟦__tail⟧: u32 = 1; return __tail }', "the build's: __tail", 'write _tail'],
  [
    "import { Ownable as ⟦__ts⟧ } from '@touchstone/contracts/as/parts/ownable'\n@contract export class A { a: u64 }",
    "the build's: __ts",
    'as ts }',
  ],
  ['class ⟦__Stored_P⟧ {}\n@contract export class A { a: U256 }', "the build's: __Stored_P", 'write _Stored_P'],
  ['set(n: U256): void {}\n  ⟦set⟧(n: U256, m: U256): void {}', 'overloading is not there: set', 'rename'],
  ['limit: U256\n  ⟦limit⟧: U256', 'limit is declared in line 6 already', 'rename'],
  ['⟦total⟧(): U256 { return u256(1) }', 'total is declared in line 5 already', 'rename'],
  ['constructor() {}\n  ⟦constructor⟧(n: U256) {}', 'overloading is not there: the constructor', 'keep one'],
  [
    '@⟦viwe⟧ f(): U256 { return this.total }'.replace('@⟦viwe⟧', '⟦@viwe⟧'),
    '@viwe means nothing',
    'did you mean @view?',
  ],
  ['⟦@veiw⟧ limit: U256', '@veiw means nothing on a field', 'did you mean @view?'],
  [
    '⟦@contarct⟧ export class A {}\n@contract export class B { a: U256 }',
    '@contarct means nothing',
    'did you mean @contract?',
  ],
  ['@contract export class A { a: U256 }\n⟦@external⟧ function f(): void {}', '@external means nothing', '@contract'],
  [
    '@struct class P { a: U256 }\nclass ⟦P⟧ {}\n@contract export class A { a: U256 }',
    'P is the name of a class in line 2 already',
  ],
  [
    'function f(): void {}\nfunction ⟦f⟧(n: U256): void {}\n@contract export class A { a: U256 }',
    'f is the name of a function',
    'overloading',
  ],
  [
    "import { Address } from '@touchstone/contracts/as'\n@contract export class A { @view total: ⟦U256⟧ }",
    'U256 is not imported',
    "import { Address, U256 } from '@touchstone/contracts/as'",
  ],
  [
    '// none\n@contract export class A { total: ⟦U256⟧\n  @external f(): void { this.total = u256(msg.value.sqrt()) } }'.replace(
      /^/,
      'import { a } from "./a"\n',
    ),
    'U256, u256 and msg are not imported',
    "import { msg, U256, u256 } from '@touchstone/contracts/as'",
  ],
  ["import { keccak } from ⟦'ethers'⟧\n@contract export class A { a: u64 }", 'no package has', './name'],
  [
    "import { U256 } from ⟦'@touchstone/contracts'⟧\n@contract export class A { a: U256 }",
    'is not there',
    '@touchstone/contracts/as',
  ],
  ['@contract export class A { a: U256 }\n⟦declare function random(): u64⟧', 'nothing to import'],
  ['⟦⟧export class A { a: U256 }'.replace('⟦⟧', ''), 'no class is marked @contract', '@contract'],
]

describe('a mistake is told once, at its place, in words of this language', () => {
  it.each([...FLOATS, ...MISSING, ...NAMING].map((mistake) => ({ mistake })))('$mistake.0', ({ mistake }) => {
    const { text, places } = marked(fileOf(mistake[0]))
    expect(frontProblems(text)).toEqual([expected(places[0] ?? '1:1+undefined', mistake)])
  })
})

/** Mistakes that only the compiler finds: bodies of functions of one contract, which is compiled once. */
const TYPES: readonly Mistake[] = [
  ['this.total = ⟦5⟧', "Type 'i32' is not assignable to type 'U256'", 'write u256(5)'],
  ['this.total += ⟦1⟧', "'U256'", 'write u256(1)'],
  ['this.total = u256(10) ** ⟦18⟧', "'U256'", 'write u256(18)'],
  ["this.total = ⟦'5'⟧", "Type 'String' is not assignable to type 'U256'", "write U256.parse('5')"],
  ['this.total = ⟦block.number⟧', "Type 'u64' is not assignable to type 'U256'", 'write u256(block.number)'],
  ['this.total = ⟦-1⟧', "'U256'", 'never negative'],
  ['this.change = ⟦7⟧', "'I256'", 'write i256(7)'],
  ['⟦this.total++⟧', "'++'", 'this.total += U256.ONE'],
  ['const less = this.total < ⟦5⟧', "'U256'", 'u256(5)'],
  ['const text: string = ⟦this.total⟧', "'String'", 'this.total.toString()'],
  ['print(⟦msg.sender⟧)', "'String'", 'msg.sender.toString()'],
  ["this.owner = ⟦'0x12'⟧", "'Address'", "Address.parse('0x12')"],
  ['this.⟦totl⟧ = u256(1)', "Property 'totl' does not exist on type 'A'", 'did you mean total?'],
  ['⟦total⟧ = u256(1)', 'nothing called total', 'did you mean this.total?'],
  ['this.total = ⟦u265⟧(1)', 'nothing called u265', 'did you mean u256?'],
  ['emit(⟦new E(u256(1), u256(2))⟧)', 'Expected 1 arguments, but got 2', 'E takes (a: U256)'],
  ['⟦require(true)⟧', 'Expected 2 arguments, but got 1', "require(condition, 'why not')"],
  ['msg.sender.⟦transfer⟧(u256(1))', "Property 'transfer' does not exist", 'sendValue(to, amount)'],
  ['const has = this.balances.⟦has⟧(msg.sender)', "Property 'has' does not exist", 'zero value'],
  ['this.list.⟦psuh⟧(u256(1))', "Property 'psuh' does not exist", 'did you mean push?'],
  ['const one = u256(1); one = ⟦u256(2)⟧', 'one is a constant', 'let'],
  ['this.⟦totl⟧ += u256(1)', "Property 'totl' does not exist on type 'A'", 'did you mean total?'],
  ['⟦total⟧ += u256(1)', 'nothing called total', 'did you mean this.total?'],
  ['for (⟦i⟧ = 0; i < 5; i++) {}', 'nothing called i', ''],
  ['⟦this.balances(msg.sender)⟧ += u256(1)', 'lacks a call signature', 'write [key]'],
  ['const none = this.total == ⟦null⟧', 'not assignable', 'a U256 is never null'],
  ['const pair = ⟦{ a: 1 }⟧', 'not assignable', 'new Name(…)'],
  ['if (⟦this.total = u256(1)⟧) return', 'not a condition', 'did you mean this.total == u256(1)?'],
  ['const f = (a: Array<U256>): void => {}; f.⟦foo⟧()', "on type 'Function<(Array<U256>)=>void>'"],
]

it('a batch of wrong types is told statement by statement', async () => {
  const members = TYPES.map(([body], i) => `  @external f${i}(): void { ${body} }`)
  const text = [
    IMPORTS.trimEnd(),
    '@event class E { a: U256 }',
    '@contract',
    'export class A {',
    '  total: U256; change: I256; owner: Address; balances: Mapping<Address, U256>; list: StorageArray<U256>',
    ...members,
    '  @view forgotten(): ⟦U256⟧ { this.total }',
    '  @view left(): U256 { ⟦return⟧ }',
    '  @view choice(n: U256): U256 { const x = n.isZero ? n : ⟦0⟧; return x }',
    '}',
    '',
  ].join('\n')
  const problems = await compileProblems({ [ENTRY]: marked(text).text })
  const all: readonly Mistake[] = [
    ...TYPES,
    ['', 'must return a value', 'write return'],
    ['', "'void'", 'write the value after return'],
    ['', "'i32'", 'write u256(0)'],
  ]
  expect(problems).toEqual(all.map((mistake, i) => expected(marked(text).places[i], mistake)))
  expect(JSON.stringify(problems)).not.toMatch(/__\w/)
}, 60_000)

it('what the SDK or the standard library cannot do with a type is told at the line of the author that asked for it', async () => {
  const plain = marked(`${IMPORTS}import { abiDecode, abiEncode } from '@touchstone/contracts/as'
class Plain { a: u32 = 0 }
@contract export class A {
  @view f(): Bytes { return ⟦abiEncode<Plain>(new Plain())⟧ }
  @view g(a: Bytes): u32 {
    const p = ⟦abiDecode<Plain>(a)⟧
    return p.a
  }
  @external h(): void { ⟦emit<Plain>(new Plain())⟧ }
}
`)
  const struct: Mistake = [
    '',
    'Plain is not marked @struct, so it has no ABI encoding',
    'write @struct before class Plain',
  ]
  const event: Mistake = ['', 'Plain is not marked @event, so it cannot be emitted', 'write @event before class Plain']
  expect(await compileProblems({ [ENTRY]: plain.text })).toEqual(
    [struct, struct, event].map((mistake, i) => expected(plain.places[i], mistake)),
  )
  const sorted = marked(`class P { a: u32 = 0 }
@contract export class A { @view f(): u32 { return ⟦[new P()].sort()⟧[0].a } }`)
  const order: Mistake = [
    '',
    "Operator '>' cannot be applied to types 'P' and 'P'. (AS2365), found in util/sort.ts for this",
  ]
  expect(await compileProblems({ [ENTRY]: sorted.text })).toEqual([expected(sorted.places[0], order)])
}, 60_000)

it('what a file does not export is told at its name, and a file that is not there at the import', async () => {
  const other = { 'assembly/other.ts': 'function twice(n: u64): u64 { return 2 * n }\n' }
  const hidden = marked(
    "import { ⟦twice⟧ } from './other'\n@contract export class A { @view f(): u64 { return twice(2) } }",
  )
  expect(await compileProblems({ [ENTRY]: hidden.text, ...other })).toEqual([
    expected(hidden.places[0], ['', 'exports no twice', 'write export before its declaration in assembly/other.ts']),
  ])
  const gone = marked("import { a } from ⟦'./gone'⟧\n@contract export class A { @view f(): u64 { return a } }")
  expect(await compileProblems({ [ENTRY]: gone.text })).toEqual([
    expected(gone.places[0], ['', 'there is no file assembly/gone.ts', 'the path counts from the file']),
  ])
}, 60_000)

async function compileProblems(files: Readonly<Record<string, string>>): Promise<readonly Told[]> {
  try {
    await compileProgram(ENTRY, (path) => files[path] ?? null, sdk)
  } catch (error) {
    if (error instanceof BuildError) return error.problems.map(told)
    throw error
  }
  return []
}

it('the contracts of this repository are told nothing', () => {
  for (const folder of [
    'examples/token',
    'examples/exchange',
    'as/fixtures/codec',
    'as/fixtures/math',
    'as/fixtures/layout',
  ]) {
    const read = (path: string): string | null => {
      try {
        return readFileSync(new URL(`../../../${folder}/${path}`, import.meta.url), 'utf8')
      } catch {
        return null
      }
    }
    expect(() => readProgram(ENTRY, read, sdk), folder).not.toThrow()
  }
})
