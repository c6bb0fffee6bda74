/** How contracts fail: errors keep their data however they are thrown, and what would trap panics as Solidity does. */

import { brotliDecompressSync } from 'node:zlib'
import { type Abi, decodeErrorResult, encodeFunctionData, hexToBytes } from 'viem'
import { beforeAll, describe, expect, it } from 'vitest'
import { BUILD_TIMEOUT } from './fixtures.ts'
import { build, complaints, failure } from './sources.ts'
import { TestChain, type TestContract } from './testChain.ts'

const MAX_GAS = 30_000_000n
const WIDTHS = [8, 16, 32, 64]

/** Functions that divide, for every native integer type: the divisor unknown, and constant. */
const divisions = WIDTHS.flatMap((width) =>
  [`i${width}`, `u${width}`].map(
    (type) => `
    @pure ${type}div(a: ${type}, b: ${type}): ${type} { return a / b }
    @pure ${type}rem(a: ${type}, b: ${type}): ${type} { return a % b }
    @pure ${type}divSum(a: ${type}, b: ${type}, c: ${type}): ${type} { let q = a; q /= <${type}>unchecked(b + c); return q }
    @pure ${type}remSum(a: ${type}, b: ${type}, c: ${type}): ${type} { let q = a; q %= <${type}>unchecked(b + c); return q }
    @pure ${type}const(a: ${type}): ${type} { return <${type}>(a / 10 + a % 7 * 10) }`,
  ),
)
const SOURCE = `
  @error class E { code: u8; text: string }
  @error class F { by: Address }
  class Plain { __revert(): string { return 'of a plain class' } }
  class Mine extends Error { constructor(code: u32) { super('code ' + code.toString()) } }
  function made(code: u8): E { return new E(code, 'made') }
  function give(e: E): void { throw e }
  function fresh(): Error { return new RangeError('fresh') }
  const ten: u32 = 10
  const E_EMPTYARRAY = 'my own text'
  @contract export class A {
    ${divisions.join('')}
    @pure i32minusOne(a: i32): i32 { return a / -1 }
    @pure i64minusOne(a: i64): i64 { return a / -1 }
    @pure byNothing(a: u8): u8 { return a % <u8><i16>512 }
    @pure byMinusOne(a: i8): i8 { return a / <i8>255 }
    @pure byTen(a: u32): u32 { return a / ten }
    @pure order(a: u32): u32 { let n = a; return (n = n + 5) / (n = n - 5) }

    @pure thrown(n: u8): void {
      const e = new E(n, 'kept')
      const f: F | null = new F(Address.zero)
      if (n == 0) throw e
      if (n == 1) throw f!
      if (n == 2) throw made(2)
      if (n == 3) give(new E(3, 'given'))
      if (n < 6) throw n == 4 ? new E(4, 'this') : (n == 9 ? made(1) : new F(Address.zero))
      if (n == 6) { const text = new Error('text'); throw text }
      if (n == 7) throw fresh()
      if (n == 8) throw new Mine(8)
      if (n == 9) throw (new E(9, 'in brackets'))
      if (n == 11) throw new Plain()
      throw new TypeError(E_EMPTYARRAY)
    }

    @pure at(i: i32): u32 { const list: u32[] = [1, 2, 3]; return list[i] }
    @pure atStatic(i: i32): u32 { const list = new StaticArray<u32>(3); return list[i] }
    @pure popped(n: i32): u32 { const list: u32[] = [1, 2]; for (let i = 1; i < n; i++) list.pop(); return list.pop() }
    @pure shifted(): U256 { const list: U256[] = []; return list.shift() }
    @pure sized(n: i32): i32 { return new Array<u32>(n).length }
    @pure bytesOf(n: i32): i32 { return new Bytes(n).length }
    @pure hex(text: string): Bytes { return Bytes.fromHex(text) }
    @pure fill(n: i32): i32 { const all: Bytes[] = []; for (let i = 0; i < n; i++) all.push(new Bytes(1024)); return all.length }
    @pure grown(size: i32): u32 {
      const list: u8[] = [1]
      for (let half = 2; half < size; half *= 2) list.length = half
      list.length = size
      list[size - 1] = 7
      return list[0] * 10 + list[size - 1]
    }
    @pure text(n: i32): i32 { let s = ''; for (let i = 0; i < n; i++) s += 'x'; return s.length }
    @external outer(to: Address, data: Bytes): bool { return call(to, data).success }
  }
`

let contract: TestContract
beforeAll(async () => {
  contract = new TestChain().deploy((await build(SOURCE))['A']!)
}, BUILD_TIMEOUT)

const fails = (name: string, ...args: readonly unknown[]): string => failure(contract, name, args)

describe('throw', () => {
  it('keeps the data of errors in variables, parameters, results and choices', () => {
    const zero = '0x0000000000000000000000000000000000000000'
    expect(Array.from({ length: 12 }, (_, n) => fails('thrown', n))).toEqual([
      'E(0, kept)',
      `F(${zero})`,
      'E(2, made)',
      'E(3, given)',
      'E(4, this)',
      `F(${zero})`,
      'Error(text)',
      'Error(fresh)',
      'Error(code 8)',
      'E(9, in brackets)',
      'Error(my own text)',
      'Error(of a plain class)',
    ])
  })

  it(
    'takes errors only',
    async () => {
      const inMethod = (statement: string) =>
        `@error class E { a: u8 }\n@contract export class A { @pure f(a: U256): void { ${statement} } }`
      expect(await complaints(inMethod("throw 'text'; throw 5; throw a > a ? new E(1) : `b`"))).toEqual([
        "only errors can be thrown: write throw new Error('text'), with E a class marked @error",
        'only errors can be thrown: write throw new Error(...) or new E(...), with E a class marked @error',
        'only errors can be thrown: write throw new Error(`b`), with E a class marked @error',
      ])
      const text = `@error class E { a: u8 }\n@contract export class A { @pure f(a: U256): void {\n if (a.isZero) throw a } }`
      expect(await complaints(text)).toEqual(["throw takes an error, a class marked @error or Error, and no 'U256'"])
    },
    BUILD_TIMEOUT,
  )
})

describe('division of native integers', () => {
  /** Solidity's result for a type: the quotient, the remainder, or the panic's code. */
  function expected(kind: 'div' | 'rem', signed: boolean, width: number, a: bigint, b: bigint): bigint | string {
    if (b === 0n) return 'division or modulo by zero (panic 0x12)'
    if (kind === 'rem') return a % b
    const quotient = a / b
    return signed && quotient === 1n << BigInt(width - 1) ? 'arithmetic underflow or overflow (panic 0x11)' : quotient
  }

  it.each(
    WIDTHS.flatMap(
      (width) =>
        [
          [true, width],
          [false, width],
        ] as const,
    ),
  )('panics as in Solidity (signed %s, %i bits)', (signed, width) => {
    const type = `${signed ? 'i' : 'u'}${width}`
    const big = 1n << BigInt(width - 1)
    const values = signed ? [-big, -big + 1n, -1n, 0n, 1n, 7n, big - 1n] : [0n, 1n, 7n, big, 2n * big - 1n]
    const value = (n: bigint) => (width < 64 ? Number(n) : n)
    const wrap = (n: bigint) => (signed ? BigInt.asIntN(width, n) : BigInt.asUintN(width, n))
    const result = (name: string, args: readonly bigint[]) => {
      const sent = contract.trySend(name, args.map(value))
      if (sent.kind === 'success') return wrap(BigInt(sent.output))
      expect(sent.gasUsed).toBeLessThan(MAX_GAS / 100n)
      return fails(name, ...args.map(value))
    }
    for (const a of values) {
      for (const b of values) {
        for (const kind of ['div', 'rem'] as const) {
          const want = expected(kind, signed, width, a, b)
          expect([a, kind, b, result(`${type}${kind}`, [a, b])]).toEqual([a, kind, b, want])
          // A divisor that has to be wrapped first: b = (b - 1) + 1.
          expect([a, kind, b, result(`${type}${kind}Sum`, [a, wrap(b - 1n), 1n])]).toEqual([a, kind, b, want])
        }
      }
      expect(result(`${type}const`, [a])).toBe(wrap(a / 10n + (a % 7n) * 10n))
    }
  })

  it('knows constant divisors, and evaluates from left to right', () => {
    expect(fails('i32minusOne', -(2 ** 31))).toBe('arithmetic underflow or overflow (panic 0x11)')
    expect(fails('i64minusOne', -(2n ** 63n))).toBe('arithmetic underflow or overflow (panic 0x11)')
    expect([contract.send('i32minusOne', [-5]), contract.send('i64minusOne', [5n])]).toEqual([5, -5n])
    // Constants that are 0 and -1 in their type only, as the fuzz found them (its seeds 4606 and 7941).
    expect(fails('byNothing', 5)).toBe('division or modulo by zero (panic 0x12)')
    expect(fails('byMinusOne', -128)).toBe('arithmetic underflow or overflow (panic 0x11)')
    expect(contract.send('byMinusOne', [5])).toBe(-5)
    expect(contract.send('byTen', [57])).toBe(5)
    expect(contract.send('order', [10])).toBe(1)
  })

  it('leaves a caller its gas when a callee fails', () => {
    const other = contract.chain.deploy(contract.artifact)
    const data = encodeFunctionData({ abi: contract.artifact.abi as Abi, functionName: 'u64div', args: [1n, 0n] })
    const sent = contract.trySend('outer', [other.address, data])
    expect([sent.kind, BigInt(sent.output)]).toEqual(['success', 0n])
    expect(sent.gasUsed).toBeLessThan(MAX_GAS / 100n)
  })
})

describe('memory', () => {
  it('is left with panics, as storage arrays are', () => {
    expect([fails('at', 3), fails('at', -1), fails('atStatic', 3)]).toEqual([
      'array index out of bounds (panic 0x32)',
      'array index out of bounds (panic 0x32)',
      'array index out of bounds (panic 0x32)',
    ])
    expect([contract.send('popped', [2]), fails('popped', 3), fails('shifted')]).toEqual([
      1,
      'pop on an empty array (panic 0x31)',
      'pop on an empty array (panic 0x31)',
    ])
    expect([fails('sized', -1), fails('sized', 2 ** 31 - 1)]).toEqual([
      'out of memory (panic 0x41)',
      'out of memory (panic 0x41)',
    ])
    expect([fails('bytesOf', -1), fails('bytesOf', 2 ** 31 - 1)]).toEqual([
      'out of memory (panic 0x41)',
      'out of memory (panic 0x41)',
    ])
    for (const text of ['', '0', '0x0', '1234']) {
      expect(fails('hex', text)).toBe('Error(hex text of another length is expected)')
    }
    expect(contract.send('hex', ['0x'])).toBe('0x')
  })

  it('ends with a panic that leaves the rest of the gas', () => {
    const sent = contract.trySend('fill', [100_000])
    expect([sent.kind, fails('fill', 100_000)]).toEqual(['revert', 'out of memory (panic 0x41)'])
    expect(sent.gasUsed).toBeLessThan(MAX_GAS)
    expect(fails('text', 8000)).toBe('out of memory (panic 0x41)')
    expect(contract.send('text', [4000])).toBe(4000)
  })

  it('is not left behind by an array that grows', () => {
    // With every copy left behind it would take 32 MiB, and there are 16.
    expect(contract.send('grown', [15 << 20])).toBe(17)
  })
})

describe('texts of failures', () => {
  const TEXTS = `import { revert } from '@touchstone/contracts/as';
    @contract export class T {
      @pure f(n: u8): void {
        if (n == 0) revert('Grüße, 金 🪙')
        require(n != 1, 'a text that is longer than a word of thirty-two bytes')
        if (n == 2) throw new Error('one two')
        if (n == 3) throw new RangeError('one two')
        require(n != 4, '')
        if (n == 5) revert('\\ud83e lone')
        if (n == 6) revert('nul\\0within')
        require(n != 7, "it's")
      }
    }`

  it(
    'are what the source says, in UTF-8',
    async () => {
      const chain = new TestChain()
      const texts = chain.deploy((await build(TEXTS))['T']!)
      const reasons = Array.from({ length: 9 }, (_, n) => {
        const sent = texts.trySend('f', [n])
        return sent.kind === 'revert'
          ? (decodeErrorResult({ abi: texts.artifact.abi as Abi, data: sent.output }).args ?? [])[0]
          : sent.kind
      })
      expect(reasons).toEqual([
        'Grüße, 金 🪙',
        'a text that is longer than a word of thirty-two bytes',
        'one two',
        'one two',
        '',
        '\ufffd lone',
        'nul\0within',
        "it's",
        'success',
      ])
    },
    BUILD_TIMEOUT,
  )

  it(
    'bring no code for strings into a module, and each is in it once',
    async () => {
      const code = hexToBytes((await build(TEXTS))['T']!.deployedBytecode)
      const module = brotliDecompressSync(code.subarray(4))
      expect(['utf8Write', 'utf8Length', 'String#', 'index.ts'].filter((name) => module.includes(name))).toEqual([])
      expect(module.toString('latin1').split('one two')).toHaveLength(2)
    },
    BUILD_TIMEOUT,
  )
})
