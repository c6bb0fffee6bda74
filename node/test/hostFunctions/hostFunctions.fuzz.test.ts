/**
 * Every host function with arguments at the borders (pointers at and past the end of the memory, lengths up to 2^32 - 1,
 * all of the gas), in sequences, on the real state: each call ends in a result, a revert or a failure, the same on both
 * engines, and nothing is thrown. A case is its seed.
 */

import { type Random, seededRandom } from '@touchstone/vm/testing/random'
import { describe, expect, it } from 'vitest'
import { findHook, hookModules, hookNames } from '../../../vm/src/host/vmHooks/hooks.ts'
import { bigintToBytes, concatBytes } from '../../src/codec/bytes.ts'
import { toHex } from '../../src/codec/hex.ts'
import type { CallOutcome } from '../../src/execution/call.ts'
import { callMessage } from '../../src/execution/callMessage.ts'
import { createProgramCache } from '../../src/execution/programCache.ts'
import { ALICE, address, newWorld } from '../../src/execution/testing/puppet.ts'
import { packCode, watToWasm } from '../../testing/modules.ts'

const CASES = 700
const MEMORY_BYTES = 2 * 65_536
/** Bytes of one step in the calldata: the function's number, then its arguments, 8 bytes each. */
const STEP = 64

interface Import {
  readonly module: string
  readonly name: string
  readonly params: readonly string[]
  readonly result: string | undefined
}

const imports: readonly Import[] = hookModules.flatMap((module) =>
  hookNames(module).map((name) => {
    const { type } = findHook(module, name)!
    return { module, name, params: type.params, result: type.results[0] }
  }),
)

const CONTRACT = address(0xc0dean)
/** The functions a static call refuses, and a call of itself without gas to spare. */
const INNER = [
  step(numberOf('emit_log'), []),
  step(numberOf('create1'), [0x300n, 0n, 0x200n, 0x3000n, 0x3020n]),
  step(numberOf('transient_store_bytes32'), [0x140n, 0x160n]),
  step(numberOf('storage_flush_cache'), []),
  step(numberOf('call_contract'), [0x180n, 0x2000n, 64n, 0x160n, 2n ** 64n - 1n, 0x3000n]),
]

function step(index: number, args: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(STEP)
  bytes[0] = index
  for (const [i, arg] of args.entries()) bytes.set(bigintToBytes(arg, 8).reverse(), 8 + 8 * i)
  return bytes
}

function escaped(bytes: Uint8Array): string {
  return [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('')
}

/** Runs the steps of its calldata, keeps each result at 0x3000, and gives back the first 12 KiB and more of its memory. */
const MODULE = `(module
  ${imports.map(({ module, name, params, result }, i) => `(import "${module}" "${name}" (func $h${i} (param ${params.join(' ')}) ${result === undefined ? '' : `(result ${result})`}))`).join('\n  ')}
  (memory (export "memory") 2)
  ;; address 6 at 0x100, 2^160 - 1 at 0x120, a word of ones at 0x140, the word 1 at 0x160, its own address at 0x180
  (data (i32.const 0x113) "\\06")
  (data (i32.const 0x120) "${'\\ff'.repeat(20)}")
  (data (i32.const 0x140) "${'\\ff'.repeat(32)}")
  (data (i32.const 0x17f) "\\01")
  (data (i32.const 0x180) "${escaped(CONTRACT)}")
  ;; steps that a nested call may be sent
  (data (i32.const 0x2000) "${INNER.map(escaped).join('')}")
  (func $step (param $p i32)
    (local $op i32)
    (local.set $op (i32.load8_u (local.get $p)))
    ${imports.map(({ params, result }, i) => `(if (i32.eq (local.get $op) (i32.const ${i})) (then ${kept(result, `(call $h${i} ${params.map((type, at) => `(${type}.load (i32.add (local.get $p) (i32.const ${8 + 8 * at})))`).join(' ')})`)}))`).join('\n    ')})
  (func (export "user_entrypoint") (param $n i32) (result i32)
    (local $p i32)
    (call $h${numberOf('read_args')} (i32.const 0x4000))
    (loop $next
      (if (i32.lt_u (local.get $p) (local.get $n)) (then
        (call $step (i32.add (i32.const 0x4000) (local.get $p)))
        (local.set $p (i32.add (local.get $p) (i32.const ${STEP})))
        (br $next))))
    (call $h${numberOf('write_result')} (i32.const 0) (i32.const 0x3100))
    (i32.const 0)))`

function kept(result: string | undefined, call: string): string {
  return result === undefined ? call : `(${result}.store (i32.const 0x3000) ${call})`
}

function numberOf(name: string): number {
  return imports.findIndex((each) => each.name === name)
}

const POINTERS = [
  ...[0, 0x100, 0x120, 0x140, 0x160, 0x2000, 0x3000, MEMORY_BYTES - 33, MEMORY_BYTES - 32, MEMORY_BYTES - 31],
  ...[MEMORY_BYTES - 20, MEMORY_BYTES - 1, MEMORY_BYTES, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 32, 2 ** 32 - 1],
]
const LENGTHS = [0, 1, 2, 3, 4, 5, 20, 31, 32, 33, 64, 128, 192, 4096, 200_000, 2 ** 31, 2 ** 32 - 1]
const LONG = [0n, 1n, 5_000n, 500_000n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]

function argument(random: Random, type: string): bigint {
  if (type === 'i64') return random.pick(LONG)
  const kind = random.below(8)
  // Mostly what is in the memory, so that the call goes on.
  if (kind < 5) return BigInt(random.pick(POINTERS.slice(0, 7)))
  return BigInt(random.pick(kind < 6 ? POINTERS : LENGTHS))
}

/** Logs, and calls of itself, that get somewhere. */
function aimed(random: Random): Uint8Array {
  const topics = random.below(6)
  if (random.below(4) === 0)
    return step(numberOf('emit_log'), [0x100n, BigInt(32 * topics + random.below(3)), BigInt(topics)])
  const name = random.pick(['call_contract', 'delegate_call_contract', 'static_call_contract'])
  const input = [0x180n, 0x2000n + BigInt(STEP * random.below(INNER.length)), BigInt(STEP)]
  const value = name === 'call_contract' ? [random.pick([0x160n, 0x200n])] : []
  return step(numberOf(name), [...input, ...value, random.pick(LONG), 0x3000n])
}

function calldata(random: Random): Uint8Array {
  const steps = Array.from({ length: 1 + random.below(4) }, () => {
    if (random.below(8) === 0) return aimed(random)
    const index = random.below(imports.length)
    return step(
      index,
      imports[index]!.params.map((type) => argument(random, type)),
    )
  })
  return concatBytes(...steps)
}

function namesIn(data: Uint8Array): readonly string[] {
  return Array.from({ length: data.length / STEP }, (_, i) => imports[data[i * STEP]!]!.name)
}

describe('host functions', () => {
  it('answer any arguments with a result, a revert or a failure, the same on both engines', () => {
    const engines = (['reference', 'compiled'] as const).map((engine) => {
      const world = newWorld()
      world.place(CONTRACT, packCode(watToWasm(MODULE)))
      const config = { ...world.config, engine, programs: createProgramCache() }
      return (data: Uint8Array, gas: bigint): CallOutcome => {
        const message = { from: ALICE, to: CONTRACT, data, gas }
        return callMessage(world.state, message, world.block, config, [])
      }
    })
    const ended = new Map(imports.map(({ name }) => [name, 0]))
    const kinds: Record<string, number> = {}
    for (let seed = 0; seed < CASES; seed++) {
      const random = seededRandom(seed)
      const data = calldata(random)
      const names = namesIn(data)
      const gas = random.pick([80_000n, 150_000n, 3_000_000n, 3_000_000n])
      const [first, second] = engines.map((run) => {
        try {
          return run(data, gas)
        } catch (error) {
          throw new Error(`seed ${seed} (${names.join(', ')}): ${error}`, { cause: error })
        }
      }) as [CallOutcome, CallOutcome]
      expect(shown(second), `seed ${seed} (${names.join(', ')})`).toEqual(shown(first))
      kinds[first.kind] = (kinds[first.kind] ?? 0) + 1
      if (first.kind === 'success') for (const name of names) ended.set(name, ended.get(name)! + 1)
    }
    expect(kinds['success']).toBeGreaterThan(50)
    expect(kinds['failure']).toBeGreaterThan(50)
    expect([...ended].filter(([, count]) => count === 0).map(([name]) => name)).toEqual([])
  })
})

function shown(outcome: CallOutcome): object {
  const { kind, gasUsed } = outcome
  return { kind, gasUsed, output: outcome.kind === 'failure' ? null : toHex(outcome.output) }
}
