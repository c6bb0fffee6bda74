/**
 * Modules of chance, from a seed, of host functions whose price or answer hangs on gas: where one run gave the estimate it
 * suffices, does the same and is the least; else it suffices.
 */
import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { expect, it } from 'vitest'
import { packCode, watToWasm } from '../../testing/modules.ts'
import { bigintToBytes, concatBytes } from '../codec/bytes.ts'
import { CallError, type CallMessage } from './call.ts'
import { callMessage } from './callMessage.ts'
import { estimateGas } from './estimateGas.ts'
import { ALICE, address, newWorld, word } from './testing/puppet.ts'

const [A, B] = [address(0xaaaan), address(0xbbbbn)]
const FRAGMENTS = [address(0xf1n), address(0xf2n)]
const IDENTITY = address(4n)
const ROUNDS = 40
/** Where the memory has addresses: of a contract and of a precompile. Below are the words of slots. */
const [CONTRACT_AT, PRECOMPILE_AT] = [600, 632]

const IMPORTS = `
  (import "vm_hooks" "write_result" (func $write_result (param i32 i32)))
  (import "vm_hooks" "storage_load_bytes32" (func $load (param i32 i32)))
  (import "vm_hooks" "storage_cache_bytes32" (func $cache (param i32 i32)))
  (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
  (import "vm_hooks" "transient_store_bytes32" (func $transient (param i32 i32)))
  (import "vm_hooks" "emit_log" (func $log (param i32 i32 i32)))
  (import "vm_hooks" "account_codehash" (func $codehash (param i32 i32)))
  (import "vm_hooks" "account_code" (func $code (param i32 i32 i32 i32) (result i32)))
  (import "vm_hooks" "native_keccak256" (func $keccak (param i32 i32 i32)))
  (import "vm_hooks" "exit_early" (func $exit (param i32)))
  (import "vm_hooks" "evm_gas_left" (func $gas (result i64)))
  (import "vm_hooks" "evm_ink_left" (func $ink (result i64)))
  (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
  (import "vm_hooks" "static_call_contract" (func $static (param i32 i32 i32 i64 i32) (result i32)))
  (import "vm_hooks" "delegate_call_contract" (func $delegate (param i32 i32 i32 i64 i32) (result i32)))`

const ALL_GAS = 1_000_000_000
const unless = (holds: string): string => `(if (i32.eqz ${holds}) (then unreachable))`

/** `tells`: it may see how much gas there is, or start another frame. */
interface Step {
  readonly text: string
  readonly tells: boolean
}

function stepOf(random: Random): Step {
  const quiet = (text: string): Step => ({ text, tells: false })
  const tells = (text: string): Step => ({ text, tells: true })
  const [at, other] = [32 * random.below(16), 32 * random.below(16)]
  const data = `(i32.const ${at}) (i32.const ${random.below(40_000)})`
  switch (random.below(19)) {
    case 0:
    case 1:
    case 2:
      return quiet(`(call $cache (i32.const ${at}) (i32.const ${other}))`)
    case 3:
    case 4:
      return quiet(`(call $flush (i32.const ${random.below(2)}))`)
    case 5:
      return quiet(`(call $load (i32.const ${at}) (i32.const ${other}))`)
    case 6:
      return quiet(`(call $log (i32.const ${at}) (i32.const ${32 + random.below(300)}) (i32.const ${random.below(2)}))`)
    case 7:
      return quiet(`(call $codehash (i32.const ${random.pick([at, CONTRACT_AT])}) (i32.const 1024))`)
    case 8:
      return quiet(`(drop (call $code (i32.const ${CONTRACT_AT}) (i32.const 0) (i32.const 100) (i32.const 2048)))`)
    case 9:
      return quiet(`(call $keccak ${data} (i32.const 1024))`)
    case 10:
      return quiet(`(call $pay (i32.const 0)) (drop (memory.grow (i32.const ${random.below(6)})))`)
    case 11:
      return quiet(`(call $write_result ${data})`)
    case 12:
      return quiet(`(memory.fill (i32.const 4096) (i32.const 7) (i32.const ${random.below(50_000)}))`)
    case 13:
      return quiet(`(call $transient (i32.const ${at}) (i32.const ${other}))`)
    case 14:
      return quiet(`(drop (table.grow (ref.null func) (i32.const ${random.below(30)})))`)
    case 15:
      return quiet(random.below(3) === 0 ? '(call $exit (i32.const 0))' : '')
    case 16:
      return random.below(3) > 0
        ? quiet('')
        : tells(unless(`(i64.ge_u (call $gas) (i64.const ${random.below(20_000)}))`))
    case 17:
      return random.below(3) > 0
        ? quiet('')
        : tells(unless(`(i64.ge_u (call $ink) (i64.const ${random.below(200_000_000)}))`))
    default: {
      if (random.below(2) > 0) return quiet('')
      const to = `(i32.const ${random.pick([CONTRACT_AT, PRECOMPILE_AT])})`
      const call = (gas: number): string =>
        `(call ${random.pick(['$static', '$delegate'])} ${to} (i32.const 0) (i32.const 64) (i64.const ${gas}) (i32.const 1500))`
      return tells(
        random.below(3) === 0 ? `(drop ${call(random.below(60_000))})` : unless(`(i32.eqz ${call(ALL_GAS)})`),
      )
    }
  }
}

const segment = (at: number, bytes: Uint8Array): string =>
  `(data (i32.const ${at}) "${Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')}")`

function moduleOf(random: Random) {
  const steps = Array.from({ length: 1 + random.below(12) }, () => stepOf(random))
  // Few values in few slots.
  const words = random.bytes(512).map((byte, index) => (index % 32 < 29 ? 0 : byte % 3))
  const functions = Array.from({ length: random.below(4) === 0 ? random.below(80) : 0 }, (_, i) => {
    return `(func (result i32) (i32.const ${i * 7919}))`
  })
  const text = `(module ${IMPORTS} (memory (export "memory") ${1 + random.below(random.below(5) === 0 ? 40 : 3)})
    (table 1 400 funcref) ${segment(0, words)} ${segment(CONTRACT_AT, B)} ${segment(PRECOMPILE_AT, IDENTITY)}
    ${functions.join('')}
    (func (export "user_entrypoint") (param i32) (result i32) ${steps.map((step) => step.text).join(' ')} (i32.const 0)))`
  return { module: watToWasm(text), tells: steps.some((step) => step.tells) }
}

it.each(['touchstone/1', 'stylus'])('in schedule %s', (schedule) => {
  const random = seededRandom(20_261_201)
  const counts = { once: 0, tried: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    const { state, block, config: own, place } = newWorld()
    const { module, tells } = moduleOf(random)
    const code = packCode(module)
    place(B)
    if (random.below(4) > 0) place(A, code)
    else {
      const [middle, stream] = [random.below(code.length - 4), code.subarray(4)]
      place(FRAGMENTS[0]!, concatBytes(Uint8Array.of(0xef, 0xf0, 0x01), stream.subarray(0, middle + 1)))
      place(FRAGMENTS[1]!, concatBytes(Uint8Array.of(0xef, 0xf0, 0x01), stream.subarray(middle + 1)))
      const length = bigintToBytes(BigInt(module.length), 4)
      place(A, concatBytes(Uint8Array.of(0xef, 0xf0, 0x02, 0), length, ...FRAGMENTS))
    }
    const engine = random.pick(['compiled', 'interpreter', 'reference'] as const)
    const config = { ...own, schedule, engine, loadsCold: true }
    const message: CallMessage = {
      ...{ from: ALICE, to: A, data: random.bytes(random.below(4) === 0 ? random.below(3_000) : 4) },
      ...(random.below(4) === 0 ? { accessList: [{ address: A, storageKeys: [word(0n), word(1n)] }] } : {}),
      ...(random.below(2) === 0 ? { gasPrice: block.baseFee } : {}),
    }
    const limited = (gas: bigint) => callMessage(state, { ...message, gas }, block, config, [])
    const all = limited(block.gasLimit)
    if (all.kind !== 'success') throw new Error(`round ${round}: ${all.message}`)
    let runs = 0
    const refund = state.refund.bind(state)
    state.refund = () => {
      runs++
      return refund()
    }
    const estimate = estimateGas(state, message, block, config, [])
    const isOne = runs === 1
    counts[isOne ? 'once' : 'tried']++
    if (estimate.kind !== 'success') throw new Error(`round ${round}: ${estimate.message}`)
    expect(limited(estimate.gas).kind, `round ${round}`).toBe('success')
    if (!tells) expect(isOne, `round ${round}`).toBe(true)
    if (!isOne) continue
    expect(limited(estimate.gas), `round ${round}`).toEqual(all)
    // Below what any transaction pays, nothing starts.
    const below = () => {
      const outcome = limited(estimate.gas - 1n)
      if (outcome.kind !== 'success') throw new CallError(outcome.message)
    }
    expect(below, `round ${round}`).toThrow(CallError)
  }
  expect(Math.min(counts.once, counts.tried)).toBeGreaterThan(ROUNDS / 10)
})
