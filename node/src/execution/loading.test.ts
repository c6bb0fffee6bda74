/** The price of frames before their first instruction: loading a code once in a transaction, an instance every time. */

import { compile } from '@touchstone/vm'
import { describe, expect, test } from 'vitest'
import { packCode, watToWasm } from '../../testing/modules.ts'
import { padded, prefixCodes } from '../codec/brotli/testing/costlyStreams.ts'
import { concatBytes } from '../codec/bytes.ts'
import { createContract } from './creation.ts'
import {
  COLD_LOAD_FUNCTION_GAS,
  COLD_LOAD_GAS,
  COLD_LOAD_LOOP_GAS,
  COLD_LOAD_VALUES_PER_GAS,
  COLD_LOAD_WORD_GAS,
  LOAD_ALLOWANCE,
  LOAD_GAS,
  LOAD_WORD_GAS,
  loadableBytes,
  loadPrice,
  type ModuleSizes,
  NO_MODULE,
} from './fees.ts'
import { encodeInitCode } from './initCode.ts'
import { MAX_MODULE_BYTES } from './limits.ts'
import { runMessage } from './message.ts'
import { createProgramCache } from './programCache.ts'
import { ALICE, address, command, newWorld, outputOf, PUPPET_MODULE, type World } from './testing/puppet.ts'
import { accessCode, newTransactionContext, type TransactionContext } from './transactionContext.ts'

const A = address(0xa0n)
const B = address(0xb0n)
const C = address(0xc0n)
const EMPTY = new Uint8Array(0)
/** Does nothing; `seed` makes it another code. */
const idle = (seed: number): Uint8Array =>
  watToWasm(`(module (memory (export "memory") 1) (global i32 (i32.const ${seed}))
    (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))`)

function gasOf(world: World, steps: readonly Uint8Array[]): bigint {
  const outcome = world.run(A, command.sequence(...steps))
  outputOf(outcome)
  return outcome.gasUsed
}

const call = (to: Uint8Array): Uint8Array => command.call('call', to, EMPTY)
/** Frames round their fuel to whole gas, against themselves. */
const near = (a: bigint, b: bigint): boolean => a - b <= 1n && b - a <= 1n

/** The price of a first load of a usual contract. */
const loadGas = (storedBytes: number, moduleBytes: number, functions = 1): bigint =>
  loadPrice({ ...NO_MODULE, storedBytes, moduleBytes, functions, pages: 1 }, LOAD_ALLOWANCE).gas
const priceOf = (moduleBytes: number, functions: number, allowance: bigint, pages = 1) =>
  loadPrice({ ...NO_MODULE, storedBytes: 0, moduleBytes, functions, pages }, allowance)

describe('loadPrice', () => {
  test('is by the word and the function, less the allowance', () => {
    expect(priceOf(0, 0, 0n)).toEqual({ gas: LOAD_GAS + COLD_LOAD_GAS, allowance: 0n })
    expect(priceOf(33, 3, 0n).gas).toBe(
      LOAD_GAS + COLD_LOAD_GAS + 2n * (LOAD_WORD_GAS + COLD_LOAD_WORD_GAS) + 3n * COLD_LOAD_FUNCTION_GAS,
    )
    expect(priceOf(8_000, 60, 25_000n)).toEqual({ gas: 8_000n + 192n * 250n + 110n * 60n - 25_000n, allowance: 0n })
  })
  test('is by the page too, beyond two', () => {
    const of = (pages: number) => priceOf(8_000, 60, 0n, pages).gas
    expect([0, 2].map(of)).toEqual([of(1), of(1)])
    expect([3, 32].map((pages) => of(pages) - of(1))).toEqual([1_500n, 45_000n])
  })
  test('is by the loops and the values at control points too, beyond those of usual code', () => {
    // 3 words: one loop and 144 values are free.
    const of = (rest: Partial<ModuleSizes>) =>
      loadPrice({ ...NO_MODULE, storedBytes: 0, moduleBytes: 96, ...rest }, 0n).gas
    const usual = of({})
    expect(of({ loops: 1, controlValues: 144 })).toBe(usual)
    expect(of({ loops: 3 })).toBe(usual + 2n * COLD_LOAD_LOOP_GAS)
    expect([145, 147, 148].map((controlValues) => of({ controlValues }) - usual)).toEqual([1n, 2n, 2n])
    expect(of({ controlValues: 3_000_144 })).toBe(usual + 3_000_000n / COLD_LOAD_VALUES_PER_GAS)
    // Stored code pays for its bytes, and makes nothing else free.
    const stored = (storedBytes: number) =>
      loadPrice({ ...NO_MODULE, storedBytes, moduleBytes: 96, loops: 100 }, 0n).gas
    expect(stored(128) - stored(96)).toBe(COLD_LOAD_WORD_GAS + LOAD_WORD_GAS)
  })
  test('never falls below what is always paid, and leaves the rest of the allowance', () => {
    expect(priceOf(320, 2, 25_000n)).toEqual({ gas: 3_080n, allowance: 25_000n - 7_060n })
    expect(priceOf(320, 2, 1_000n)).toEqual({ gas: 3_080n + 6_060n, allowance: 0n })
  })
  test('and loadableBytes are each other turned round', () => {
    for (const allowance of [0n, 100n, LOAD_ALLOWANCE]) {
      for (const bytes of [32, 64, 7_000, 8_000, 16_384, 100_000, MAX_MODULE_BYTES]) {
        const { gas } = priceOf(bytes, 0, allowance)
        const words = Math.ceil(bytes / 32) * 32
        expect(loadableBytes(gas, allowance)).toBe(words)
        expect(loadableBytes(gas - 1n, allowance)).toBe(words - 32)
      }
    }
    expect([0n, LOAD_GAS].map((gas) => loadableBytes(gas, LOAD_ALLOWANCE))).toEqual([0, 0])
    expect(loadableBytes(10n ** 18n, 0n)).toBe(MAX_MODULE_BYTES)
  })
})

describe('the start of a frame', () => {
  // 2 000, a function, a global and its two instructions.
  const start = 2_000n + 6n + 30n + 4n
  test('costs the outermost 1 200 less than one that is called', () => {
    const world = newWorld()
    world.place(A)
    world.place(B, idle(1))
    const { length } = idle(1)
    // The instruction of its body is rounded up to a gas.
    expect(world.run(B, EMPTY).gasUsed).toBe(21_000n + loadGas(length, length) + start - 1_200n + 1n)
    // Beside the call, 390, a warm account, 100, and a page more than are free, 1 000.
    const again = gasOf(world, [call(B), call(B)]) - gasOf(world, [call(B)])
    expect(again).toBeGreaterThan(start + 490n + 1_000n)
  })
})

describe('the allowance of a transaction', () => {
  /** 20 KB of functions that `seed` tells from others. */
  const large = (seed: number): Uint8Array =>
    watToWasm(`(module (memory (export "memory") 1) (data "${'x'.repeat(20_000)}") (global i32 (i32.const ${seed}))
      (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))`)
  const full = priceOf(large(1).length, 1, 0n).gas

  test('is used up by the first load, and pays nothing of the next', () => {
    const world = newWorld()
    for (const [i, at] of [A, B, C].entries()) world.place(at, i === 0 ? undefined : packCode(large(i)))
    const one = gasOf(world, [call(B)])
    // The other is called as the first was, but for the allowance, which the first load has left little of.
    expect(gasOf(world, [call(B), call(C)]) - one).toBeGreaterThan(full)
  })
  test('is used up too by a load that could not be paid', () => {
    const world = newWorld()
    world.place(A)
    world.place(B, packCode(large(1)))
    world.place(C, packCode(large(2)))
    const tried = command.call('call', B, EMPTY, { gas: 20_000n })
    expect(gasOf(world, [tried, call(C)]) - gasOf(world, [tried])).toBeGreaterThan(full)
  })
  test('of a memory is paid by the pages it starts with', () => {
    const of = (pages: number) => {
      const world = newWorld()
      world.place(A)
      world.place(
        B,
        packCode(
          watToWasm(`(module (memory (export "memory") ${pages}) (data "${'x'.repeat(20_000)}")
            (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))`),
        ),
      )
      return gasOf(world, [call(B)])
    }
    // Beyond what Stylus takes for open pages, which is 1 000 for each beyond two and a growing part that starts small.
    const dearer = of(12) - of(2)
    expect(dearer).toBeGreaterThanOrEqual(10n * (1_500n + 1_000n))
    expect(dearer).toBeLessThan(10n * (1_500n + 1_000n) + 5_000n)
  })
  /** 400 loops of two branches in 4 KB, and as many locals as told. */
  const dense = (locals: number): Uint8Array =>
    watToWasm(`(module (memory (export "memory") 1)
      (func (export "user_entrypoint") (param i32) (result i32) (local ${'i64 '.repeat(locals)})
        ${'(loop (br_if 0 (i32.eqz (i32.const 1))))'.repeat(400)} (i32.const 0)))`)
  test('of loops and locals is paid by what a compiler has to do for them', () => {
    const of = (locals: number) => {
      const world = newWorld()
      world.place(A)
      world.place(B, packCode(dense(locals)))
      return { gas: gasOf(world, [call(B)]), module: compile(dense(locals)).module }
    }
    const [few, many] = [of(1), of(600)]
    expect([few, many].map(({ module }) => module.loops)).toEqual([400, 400])
    const values = many.module.controlValues - few.module.controlValues
    expect(values).toBe(599 * 804)
    // Beside them the longer module, its first words, and the locals themselves when the function is entered.
    const dearer = many.gas - few.gas - BigInt(values) / COLD_LOAD_VALUES_PER_GAS
    expect(dearer).toBeGreaterThan(-2_000n)
    expect(dearer).toBeLessThan(2_000n)
  })
  test('and of a creation too, which no load comes after', () => {
    const module = dense(600)
    const world = newWorld()
    const created = (gas: bigint) => world.run(null, encodeInitCode(packCode(module), null), { gas })
    const enough = created(10_000_000n)
    expect(enough.kind).toBe('success')
    expect(enough.gasUsed).toBeGreaterThan(480_000n / COLD_LOAD_VALUES_PER_GAS + 32n * BigInt(module.length))
    expect(created(enough.gasUsed)).toMatchObject({ kind: 'success' })
    expect(created(enough.gasUsed - 1n)).toMatchObject({
      kind: 'failure',
      message: expect.stringContaining('so many loops and locals costs'),
    })
  })
  test('and a load that was paid by the bytes but not by the functions is not done', () => {
    const many = watToWasm(`(module (memory (export "memory") 1) ${'(func)'.repeat(900)}
      (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))`)
    const price = priceOf(many.length, 901, 0n).gas
    const world = newWorld()
    world.place(A)
    world.place(B, packCode(many))
    const tried = command.call('call', B, EMPTY, { gas: price - LOAD_ALLOWANCE - 1_000n })
    expect(gasOf(world, [tried, call(B)]) - gasOf(world, [tried])).toBeGreaterThan(price)
  })
})

describe('a code is loaded once in a transaction', () => {
  const setUp = (): World => {
    const world = newWorld()
    world.place(A)
    world.place(B, packCode(idle(1)))
    world.place(C, packCode(idle(1)))
    return world
  }
  const entry = loadGas(0, idle(1).length)

  test('the second call of it is cheaper by the load and the cold access', () => {
    const world = setUp()
    const one = gasOf(world, [call(B)])
    const two = gasOf(world, [call(B), call(B)])
    const three = gasOf(world, [call(B), call(B), call(B)])
    // Whatever a warm call costs, it costs each time.
    const warm = three - two
    expect(near(two - one, warm)).toBe(true)
    const nothing = gasOf(world, [])
    // A sequence of one call also pays for the sequence itself, but never for a second load.
    expect(one - nothing - warm).toBeGreaterThan(entry + 2_500n - 3n)
    expect(one - nothing - warm).toBeLessThan(entry + 2_500n + 200n)
  })
  test('whatever account holds it', () => {
    const world = setUp()
    const sameAccount = gasOf(world, [call(B), call(B)])
    const sameCode = gasOf(world, [call(B), call(C)])
    // The other account was cold, its code was not loaded again.
    expect(sameCode - sameAccount).toBe(2_500n)
  })
  test('another code is loaded as well', () => {
    const world = setUp()
    const same = gasOf(world, [call(B), call(C)])
    world.place(C, packCode(idle(2)))
    const { functionCount, memory } = compile(PUPPET_MODULE).module
    let { allowance } = priceOf(PUPPET_MODULE.length, functionCount, LOAD_ALLOWANCE, memory!.min)
    ;({ allowance } = priceOf(idle(1).length, 1, allowance))
    expect(gasOf(world, [call(B), call(C)]) - same).toBe(priceOf(idle(2).length, 1, allowance).gas)
  })
  test('also where the frame that loaded it was undone', () => {
    const world = setUp()
    const reverts = watToWasm(`(module (memory (export "memory") 1)
      (func (export "user_entrypoint") (param i32) (result i32) (i32.const 1)))`)
    world.place(B, packCode(reverts))
    const [one, two, three] = [1, 2, 3].map((count) => gasOf(world, new Array(count).fill(call(B)))) as [
      bigint,
      bigint,
      bigint,
    ]
    expect(near(two - one, three - two)).toBe(true)
    expect(one - gasOf(world, []) - (two - one)).toBeGreaterThan(loadGas(0, reverts.length))
  })
  test('an access list makes the account warm, not the code loaded', () => {
    const world = setUp()
    const one = gasOf(world, [call(B)])
    world.state.warmAddress(B)
    expect(one - gasOf(world, [call(B)])).toBe(2_500n)
  })
  test('and costs the same with the program in the cache and without', () => {
    const world = setUp()
    const cold = gasOf(world, [call(B)])
    const warm = gasOf(world, [call(B)])
    expect(warm).toBe(cold)
    const config = { ...world.config, programs: createProgramCache() }
    expect(config.programs.size().entries).toBe(0)
    Object.assign(world, { config })
    expect(gasOf(world, [call(B)])).toBe(cold)
  })
})

describe('too little gas', () => {
  const entry = loadGas(0, PUPPET_MODULE.length)

  test('for the load fails alike with the program in the cache and without', () => {
    for (const warmUp of [false, true]) {
      const world = newWorld()
      world.place(A)
      if (warmUp) world.run(A, EMPTY)
      const outcome = world.run(A, EMPTY, { gas: 21_000n + entry - 1n })
      expect(outcome).toMatchObject({ kind: 'failure', gasUsed: 21_000n + entry - 1n })
    }
  })
  test('stops the unpacking of a bomb', () => {
    const bomb = watToWasm(`(module (memory (export "memory") 20) (data (i32.const 0) "${'\\00'.repeat(900_000)}")
      (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))`)
    const code = packCode(bomb)
    expect(code.length).toBeLessThan(200)
    const world = newWorld()
    world.place(B, code)
    const poor = world.run(B, EMPTY, { gas: 100_000n })
    expect(poor).toMatchObject({ kind: 'failure', message: expect.stringContaining('the gas left pays for unpacking') })
    expect(world.config.programs.size().entries).toBe(0)
    const rich = world.run(B, EMPTY)
    expect(rich.kind).toBe('success')
    expect(rich.gasUsed).toBeGreaterThan(loadGas(0, bomb.length))
  })
})

describe('stored code that is larger than its module', () => {
  const stored = (stream: Uint8Array): Uint8Array => concatBytes(Uint8Array.of(0xef, 0xf0, 0, 0), stream)

  test('is paid for by what is stored', () => {
    const world = newWorld()
    world.place(B, idle(1))
    const plain = world.run(B, EMPTY)
    const code = stored(padded(idle(1), 100_000))
    world.place(B, code)
    const outcome = world.run(B, EMPTY)
    outputOf(outcome)
    expect(outcome.gasUsed - plain.gasUsed).toBe(loadGas(code.length, 0) - loadGas(0, idle(1).length))
  })
  test('is not looked into before that is there, in no cache or in one', () => {
    const world = newWorld()
    const code = stored(padded(idle(1), 100_000))
    world.place(B, code)
    const least = 21_000n + loadGas(code.length, 0, 0)
    for (let round = 0; round < 2; round++) {
      expect(world.run(B, EMPTY, { gas: least - 1n })).toMatchObject({
        kind: 'failure',
        gasUsed: least - 1n,
        message: expect.stringContaining(`loading the contract costs at least ${loadGas(code.length, 0, 0)}`),
      })
      if (round === 0) {
        expect(world.config.programs.size().entries).toBe(0)
        outputOf(world.run(B, EMPTY))
      }
    }
    // A stream no creation would have stored: the bytes are paid for, and what they ask for is not done.
    const costly = stored(prefixCodes(8))
    world.place(C, costly)
    const poor = world.run(C, EMPTY, { gas: 21_000n + loadGas(costly.length, 0, 0) - 1n })
    expect(poor).toMatchObject({ kind: 'failure', message: expect.stringContaining('loading the contract costs') })
  })
})

describe('reading the code of an account', () => {
  const contextOf = (schedule: string): TransactionContext => {
    const { state, block, config } = newWorld()
    const runner = { runMessage, createContract }
    return newTransactionContext(runner, state, block, { ...config, schedule }, ALICE, 0n)
  }
  test('is paid for by the word when the account is cold', () => {
    const context = contextOf('touchstone/1')
    expect(accessCode(context, B, new Uint8Array(33))).toBe(2_600n + 8n)
    expect(accessCode(context, B, new Uint8Array(33))).toBe(100n)
    expect(accessCode(context, C, EMPTY)).toBe(2_600n)
  })
  test('costs the access alone in schedule stylus', () => {
    expect(accessCode(contextOf('stylus'), B, new Uint8Array(33))).toBe(2_600n)
  })
})
