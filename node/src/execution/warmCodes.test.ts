/** Which codes are warm, by the loads of the blocks before; what that saves, and whom. */

import { seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { packCode, watToWasm } from '../../testing/modules.ts'
import { bigintToBytes, bytesToBigint } from '../codec/bytes.ts'
import { addressOfPrivateKey } from '../crypto/secp256k1.ts'
import { openMemoryState } from '../state/memoryState.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { recoverSender, signTransaction } from '../types/transactionCodec.ts'
import { type ExecutedBlock, executeBlock } from './executeBlock.ts'
import { compilingGas, LOAD_ALLOWANCE, loadPrice, NO_MODULE, warmLoadPrice } from './fees.ts'
import { encodeInitCode } from './initCode.ts'
import { MAX_WARM_CODES, WARM_CODES_GAS } from './limits.ts'
import { ARB_WASM_CACHE_ADDRESS } from './native/arbitrum/addresses.ts'
import { address, newWorld, type World } from './testing/puppet.ts'
import { isWarm, keepWarm, type LoadedCode } from './warmCodes.ts'

const word = (value: bigint): Uint8Array => bigintToBytes(value, 32)
const keyOf = (n: number): Uint8Array => bigintToBytes((0xabcdn << 240n) + BigInt(n), 32)
const code = (n: number, weight = 1_000_000n): LoadedCode => ({ key: keyOf(n), weight })
/** Each list is what a block loads. */
const after = (...blocks: readonly (readonly LoadedCode[])[]) => {
  const state = openMemoryState()
  for (const loaded of blocks) keepWarm(state, loaded)
  return state
}
const warmOf = (state: ReturnType<typeof after>, most = 20) =>
  Array.from({ length: most }, (_, n) => n).filter((n) => isWarm(state, keyOf(n)))

describe('the line of warm codes', () => {
  it('takes what was loaded, and lets the first go where they are too heavy together', () => {
    expect(warmOf(after([code(1), code(2)], [code(3)]))).toEqual([1, 2, 3])
    expect(warmOf(after([1, 2, 3, 4, 5, 6].map((n) => code(n))))).toEqual([1, 2, 3, 4, 5, 6])
    expect(
      warmOf(
        after(
          [1, 2, 3, 4, 5, 6].map((n) => code(n)),
          [code(7), code(8)],
        ),
      ),
    ).toEqual([3, 4, 5, 6, 7, 8])
    expect(
      warmOf(
        after(
          [1, 2, 3].map((n) => code(n)),
          [code(7, WARM_CODES_GAS)],
        ),
      ),
    ).toEqual([7])
  })
  it('passes over one that was loaded since it came to the end, once', () => {
    const full = [1, 2, 3, 4, 5, 6].map((n) => code(n))
    expect(warmOf(after(full, [code(1)], [code(7)]))).toEqual([1, 3, 4, 5, 6, 7])
    expect(
      warmOf(
        after(
          full,
          [code(1)],
          [8, 9, 10, 11, 12, 13].map((n) => code(n)),
        ),
      ),
    ).toEqual([8, 9, 10, 11, 12, 13])
    // In the same block as well, whatever comes first.
    expect(warmOf(after(full, [code(7), code(1)]))).toEqual([1, 3, 4, 5, 6, 7])
    // All were loaded: each loses its mark, and the first goes.
    expect(warmOf(after(full, full, [code(7)]))).toEqual([2, 3, 4, 5, 6, 7])
  })
  it('keeps no code that is heavier than all may be, and no more than so many', () => {
    expect(warmOf(after([code(1)], [code(2, WARM_CODES_GAS + 1n)]))).toEqual([1])
    const many = Array.from({ length: MAX_WARM_CODES + 3 }, (_, n) => code(n, 5_000n))
    expect(warmOf(after(many), many.length)).toEqual(many.map((_, n) => n).slice(3))
  })
  it('writes nothing where nothing changes, and leaves no slot of a code that went', () => {
    const state = after([code(1), code(2)], [code(1)])
    const root = state.root()
    keepWarm(state, [code(1)])
    keepWarm(state, [])
    expect(state.root()).toEqual(root)
    expect(after([]).exists(ARB_WASM_CACHE_ADDRESS)).toBe(false)
    // What went cannot be told from what never came, but by the places that were used up.
    const gone = after([1, 2, 3, 4, 5, 6, 7, 8].map((n) => code(n)))
    const slots = [...Array.from({ length: 20 }, (_, n) => bigintToBytes(BigInt(n), 32)), ...[1, 2].map(keyOf)]
    const held = slots.filter((slot) => gone.storage(ARB_WASM_CACHE_ADDRESS, slot).some((byte) => byte !== 0))
    // The line, and the places 3 to 8.
    expect(held.map((slot) => slot[31])).toEqual([0, 3, 4, 5, 6, 7, 8])
  })
  it('never holds more than the weight there may be, and is the same in each execution of the same blocks', () => {
    const weightOf = (n: number) => BigInt(n + 1) * 150_000n
    const pairs = Array.from({ length: 60 }, (_, i) => [(i * 7) % 11, 11 + ((i * 5) % 9)])
    const rounds = pairs.map((pair) => pair.map((n) => code(n, weightOf(n))))
    let state = after(...rounds)
    const root = state.root()
    state = openMemoryState()
    for (const loaded of rounds) {
      keepWarm(state, loaded)
      const total = warmOf(state).reduce((sum, n) => sum + weightOf(n), 0n)
      expect(total).toBeLessThanOrEqual(WARM_CODES_GAS)
      expect(total).toBeGreaterThan(0n)
    }
    expect(state.root()).toEqual(root)
  })
})

/** These stand in the first slots of ArbWasmCache, which is an account: it would lose its storage otherwise (EIP-161). */
function holding(slots: readonly bigint[]) {
  const state = openMemoryState()
  state.setNonce(ARB_WASM_CACHE_ADDRESS, 1n)
  for (const [slot, value] of slots.entries()) state.setStorage(ARB_WASM_CACHE_ADDRESS, word(BigInt(slot)), word(value))
  state.endTransaction()
  return state
}

describe('storage that no block left, but a genesis, a dev control or an override', () => {
  it('makes no block endless or impossible, and the line is kept within its bounds from then on', () => {
    const random = seededRandom(41)
    const few = (): bigint => BigInt(random.below(8))
    for (let round = 0; round < 300; round++) {
      // Small numbers, so that places name places, the line and each other; some weigh more than may be, or nearly.
      const unit = () => random.pick([1n, 850_000n, 10n ** 18n])
      const number = () => (few() << 128n) * few() + (few() << 64n) * few() + few() * unit()
      const state = holding(Array.from({ length: 12 }, number))
      for (let block = 0; block < 4; block++) {
        keepWarm(
          state,
          [1, 2, 3, 4].map((n) => code(n + 4 * block, 2_500_000n)),
        )
        const line = bytesToBigint(state.storage(ARB_WASM_CACHE_ADDRESS, word(0n)))
        const [head, tail, weight] = [line >> 128n, BigInt.asUintN(64, line >> 64n), BigInt.asUintN(64, line)]
        expect(weight <= WARM_CODES_GAS && tail - head <= BigInt(MAX_WARM_CODES), `round ${round}`).toBe(true)
      }
    }
  })
  it.each([
    ['too heavy', (1n << 128n) | (1n << 64n) | (1n << 63n)],
    ['longer than any', (1n << 128n) | ((1n << 63n) << 64n) | 1n],
    ['that ends before it begins', (9n << 128n) | (2n << 64n) | 1n],
    ['that is larger than three numbers', 1n << 200n],
    ['of nobody that has a weight', (5n << 128n) | (5n << 64n) | WARM_CODES_GAS],
    ['of nobody, at its first place, that has a weight', (1n << 128n) | (1n << 64n) | (WARM_CODES_GAS - 1n)],
    ['of places that hold nothing', (1n << 128n) | (200n << 64n) | 5_900_000n],
  ])('begins anew with a line %s', (_, line) => {
    const state = holding([line])
    keepWarm(state, [code(1), code(2)])
    expect(warmOf(state)).toEqual([1, 2])
  })
})

const KEY = new Uint8Array(32).fill(7)
const HEADER = {
  ...{ number: 1n, timestamp: 1_000n, miner: address(0xfeen), gasLimit: 30_000_000n },
  ...{ baseFeePerGas: 10n, mixHash: new Uint8Array(32) },
}
const A = address(0xa0n)
const B = address(0xb0n)
/** 20 KB of no use, which `seed` makes another code, and ends with `status`. */
const largeModule = (seed: number, status = 0): Uint8Array =>
  watToWasm(`(module (memory (export "memory") 1) (data "${'x'.repeat(20_000)}") (global i32 (i32.const ${seed}))
    (func (export "user_entrypoint") (param i32) (result i32) (i32.const ${status})))`)
const large = (seed: number, status = 0): Uint8Array => packCode(largeModule(seed, status))

interface Sent {
  readonly to: Uint8Array | null
  readonly data?: Uint8Array
  readonly gasLimit?: bigint
}

/** Blocks on one state; the gas that each transaction of each used. */
function blocks(world: World, ...sent: readonly (readonly Sent[])[]): readonly (readonly bigint[])[] {
  const sender = addressOfPrivateKey(KEY)
  world.state.setBalance(sender, 10n ** 20n)
  world.state.endTransaction()
  return sent.map((block) => {
    const transactions = block.map(({ to, data = new Uint8Array(0), gasLimit = 5_000_000n }, i): SenderTransaction => {
      const nonce = world.state.nonce(sender) + BigInt(i)
      const fees = { maxFeePerGas: 15n, maxPriorityFeePerGas: 3n, accessList: [], value: 0n }
      const envelope = signTransaction({ type: 2, chainId: 31_337n, nonce, gasLimit, to, data, ...fees }, KEY)
      return { ...envelope, sender: recoverSender(envelope.transaction) }
    })
    const outcome = executeBlock(world.state, HEADER, transactions, world.config)
    if ('invalid' in outcome) throw new Error(outcome.invalid)
    return (outcome as ExecutedBlock).receipts.map(({ gasUsed }) => gasUsed)
  })
}

describe('a load', () => {
  const [storedBytes, moduleBytes] = [large(1).length, largeModule(1).length]
  const sizes = { ...NO_MODULE, storedBytes, moduleBytes, functions: 1, pages: 1 }
  const placed = (...codes: readonly Uint8Array[]): World => {
    const world = newWorld()
    for (const [i, one] of codes.entries()) world.place(i === 0 ? A : B, one)
    return world
  }

  it('is cold for all of the block that it comes in, and warm from the next block on', () => {
    const [first, second, third] = blocks(placed(large(1)), [{ to: A }, { to: A }], [{ to: A }, { to: A }], [{ to: A }])
    const [cold] = first!
    expect(first).toEqual([cold, cold])
    const [warm] = second!
    expect([...second!, ...third!]).toEqual([warm, warm, warm])
    expect(cold! - warm!).toBe(loadPrice(sizes, LOAD_ALLOWANCE).gas - warmLoadPrice(sizes, LOAD_ALLOWANCE).gas)
  })
  it('is warm whatever account holds the code, and after a failure and a creation too', () => {
    const [[cold], [warm]] = blocks(placed(large(1), large(1)), [{ to: A }], [{ to: B }]) as [[bigint], [bigint]]
    expect(cold - warm).toBeGreaterThan(50_000n)
    const reverted = blocks(placed(large(2, 1)), [{ to: A }], [{ to: A }])
    expect(reverted[0]![0]! - reverted[1]![0]!).toBe(cold - warm)
    const world = placed(new Uint8Array(0), large(3))
    const created = { to: null, data: encodeInitCode(large(3), null) }
    expect(blocks(world, [created], [{ to: B }])[1]).toEqual([warm])
  })
  it('that could not be paid makes nothing warm', () => {
    const [, again] = blocks(placed(large(1)), [{ to: A, gasLimit: 60_000n }], [{ to: A }])
    const [[cold]] = blocks(placed(large(1)), [{ to: A }]) as [[bigint]]
    expect(again).toEqual([cold])
  })
  it('costs the same by the state, whether or not the node has the program', () => {
    const first = placed(large(1))
    const [, kept] = blocks(first, [{ to: A }], [{ to: A }])
    first.config.programs.clear()
    expect(blocks(first, [{ to: A }])).toEqual([kept])
    // A cache that has it makes no load warm that the state does not.
    const [cold] = blocks(placed(large(1)), [{ to: A }])
    const other = { ...placed(large(1)), config: first.config }
    expect(blocks(other, [{ to: A }])).toEqual([cold])
  })
  it('of warm code uses up none of the allowance', () => {
    const price = warmLoadPrice({ storedBytes: 64, pages: 2 }, LOAD_ALLOWANCE)
    expect(price).toEqual({ gas: 1_000n + 2n * 4n, allowance: LOAD_ALLOWANCE })
    expect(warmLoadPrice({ storedBytes: 64, pages: 4 }, 1_000n)).toEqual({ gas: 1_008n + 2_000n, allowance: 0n })
    expect(compilingGas({ ...NO_MODULE, storedBytes: 64, moduleBytes: 96, functions: 2, pages: 9 })).toBe(
      5_000n + 3n * 184n + 2n * 110n,
    )
  })
})
