/**
 * The parts that a loop may consist of: every host function of hookCases.ts, storage and transfers, every precompile,
 * and the instructions whose worst form is far from their usual one. Locals: $i counts from 0, $x and $y i32, $a i64; a
 * word that changes from turn to turn lies at 0.
 */

import { hookImport } from '../../../testing/hooks.ts'
import { hookCases } from '../hookCases.ts'
import { hexText } from '../hooks.ts'
import { precompileCases } from '../precompileRows.ts'
import { addressOf } from '../world.ts'

export interface LoopPart {
  readonly hooks: readonly string[]
  readonly body: string
  /** What is done once, before the loop. */
  readonly before?: string
  /** Further text of the module; the first page is the loop's own. */
  readonly module?: string
  /** Bytes it wants in memory, and how its body is made once it is known where. */
  readonly data?: Uint8Array
  readonly withData?: (at: number) => string
}

const chased = (mask: number): string =>
  Array.from(
    { length: 8 },
    () => `(local.set $x (i32.load offset=65536 (i32.and (local.get $x) (i32.const ${mask}))))`,
  ).join('\n')
const NEXT = '(local.set $y (i32.add (i32.mul (local.get $y) (i32.const 1664525)) (i32.const 1013904223)))'
const repeated = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join('\n')

const INSTRUCTIONS: Readonly<Record<string, LoopPart>> = {
  'loads, each address from the last': { hooks: [], body: chased(0x7fffc0) },
  'loads at random': {
    hooks: [],
    body: repeated(
      8,
      () =>
        `${NEXT} (local.set $x (i32.xor (local.get $x) (i32.load offset=65536 (i32.and (local.get $y) (i32.const 0x7ffffc)))))`,
    ),
  },
  'stores at random': {
    hooks: [],
    body: repeated(
      8,
      () => `${NEXT} (i64.store offset=65536 (i32.and (local.get $y) (i32.const 0x7ffff8)) (local.get $a))`,
    ),
  },
  'copies of 8 bytes at random': {
    hooks: [],
    body: repeated(
      4,
      () => `${NEXT} (memory.copy (i32.add (i32.const 65536) (i32.and (local.get $y) (i32.const 0x7ffff8)))
      (i32.add (i32.const 65536) (i32.and (i32.rotl (local.get $y) (i32.const 13)) (i32.const 0x7ffff8))) (i32.const 8))`,
    ),
  },
  'copies of 4 000 bytes at random': {
    hooks: [],
    body: `${NEXT} (memory.copy (i32.add (i32.const 65536) (i32.and (local.get $y) (i32.const 0x7f0ff8)))
      (i32.add (i32.const 65536) (i32.and (i32.rotl (local.get $y) (i32.const 13)) (i32.const 0x7f0ff8))) (i32.const 4000))`,
  },
  'fills of 60 000 bytes': { hooks: [], body: '(memory.fill (i32.const 65536) (local.get $i) (i32.const 60000))' },
  divisions: {
    hooks: [],
    body: repeated(
      8,
      () =>
        '(local.set $a (i64.div_u (i64.or (local.get $a) (i64.const 0x7ffffffffffffff1)) (i64.or (local.get $a) (i64.const 3))))',
    ),
  },
  'branches at random': {
    hooks: [],
    body: repeated(
      8,
      (i) => `${i === 0 ? NEXT : ''} (if (i32.and (i32.shr_u (local.get $y) (i32.const ${9 + 2 * i})) (i32.const 1))
      (then (local.set $x (i32.add (local.get $x) (i32.const ${i})))) (else (local.set $a (i64.mul (local.get $a) (i64.const 31)))))`,
    ),
  },
  'indirect calls at random': {
    hooks: [],
    module: `(type $leaf (func (param i32) (result i32))) (table $leaves 1000 1000 funcref)
      ${repeated(1_000, (i) => `(func $leaf${i} (type $leaf) (i32.add (local.get 0) (i32.const ${i})))`)}
      (elem (table $leaves) (i32.const 0) func ${repeated(1_000, (i) => `$leaf${i}`)})`,
    body: repeated(
      4,
      () => `${NEXT} (local.set $x (call_indirect $leaves (type $leaf) (local.get $x)
      (i32.rem_u (i32.shr_u (local.get $y) (i32.const 8)) (i32.const 1000))))`,
    ),
  },
  'calls of 1 000 functions': {
    hooks: [],
    module: repeated(
      1_000,
      (i) =>
        `(func $far${i} (param i32) (result i32) (i32.xor (i32.rotl (local.get 0) (i32.const ${i % 31})) (i32.const ${i})))`,
    ),
    body: repeated(1_000, (i) => `(local.set $x (call $far${(i * 389) % 1_000} (local.get $x)))`),
  },
  'table.set and table.get': {
    hooks: [],
    module: '(table $kept 10000 10000 funcref)',
    body: '(table.set $kept (i32.and (local.get $i) (i32.const 8191)) (table.get $kept (i32.and (local.get $y) (i32.const 8191))))',
  },
  'memory.grow refused': { hooks: [], body: '(drop (memory.grow (i32.const 60000)))' },
}

const KEY = '(i32.const 0)'
const CALL = (to: number, data: number, length: number, value: number): string =>
  `(drop (call $call_contract (i32.const ${to}) (i32.const ${data}) (i32.const ${length}) (i32.const ${value}) (i64.const -1) (i32.const 300)))`

const STATE: Readonly<Record<string, LoopPart>> = {
  'load a cold slot': { hooks: ['storage_load_bytes32'], body: `(call $storage_load_bytes32 ${KEY} (i32.const 256))` },
  'store into a slot in use': {
    hooks: ['storage_cache_bytes32', 'storage_flush_cache'],
    body: `(call $storage_cache_bytes32 ${KEY} (i32.const 64)) (call $storage_flush_cache (i32.const 1))`,
  },
  'flush with 500 slots loaded': {
    hooks: ['storage_load_bytes32', 'storage_flush_cache'],
    before: `(loop $load (i32.store16 (i32.const 24) (local.get $x)) (call $storage_load_bytes32 ${KEY} (i32.const 256))
      (br_if $load (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 1))) (i32.const 500))))`,
    body: '(call $storage_flush_cache (i32.const 0))',
  },
  'clear a slot': {
    hooks: ['storage_cache_bytes32', 'storage_flush_cache'],
    body: `(call $storage_cache_bytes32 ${KEY} (i32.const 512)) (call $storage_flush_cache (i32.const 1))`,
  },
  'store into an empty slot': {
    hooks: ['storage_cache_bytes32', 'storage_flush_cache'],
    body: `(i32.store8 (i32.const 0) (i32.const 1)) (call $storage_cache_bytes32 ${KEY} (i32.const 64)) (call $storage_flush_cache (i32.const 1)) (i32.store8 (i32.const 0) (i32.const 0))`,
  },
  'balance of a cold account': {
    hooks: ['account_balance'],
    body: '(call $account_balance (i32.const 12) (i32.const 256))',
  },
  'code of a cold account': { hooks: ['account_code_size'], body: '(drop (call $account_code_size (i32.const 12)))' },
  'call of nothing': { hooks: ['call_contract'], body: CALL(1024, 0, 0, 512) },
  'call of a cold account': { hooks: ['call_contract'], body: CALL(12, 0, 0, 512) },
  'value to a new account': { hooks: ['call_contract'], body: CALL(12, 0, 0, 544) },
  'create of nonsense': {
    hooks: ['create1'],
    body: '(call $create1 (i32.const 64) (i32.const 64) (i32.const 512) (i32.const 320) (i32.const 300))',
  },
}

function fromHooks(): Record<string, LoopPart> {
  return Object.fromEntries(
    hookCases.filter(({ input }) => input === undefined).map(({ name, hooks, body }) => [name, { hooks, body }]),
  )
}

function fromPrecompiles(): Record<string, LoopPart> {
  return Object.fromEntries(
    precompileCases().map(({ name, address, input }) => {
      const data = new Uint8Array(20 + input.length)
      data.set(addressOf(address))
      data.set(input, 20)
      const withData = (at: number): string => CALL(at, at + 20, input.length, 512)
      return [`precompile ${name}`, { hooks: ['call_contract'], body: '', data, withData }]
    }),
  )
}

export const loopParts: Readonly<Record<string, LoopPart>> = {
  ...INSTRUCTIONS,
  ...STATE,
  ...fromHooks(),
  ...fromPrecompiles(),
}

/** From here on lie the inputs of precompiles, in pages of their own after the 8 MiB that instructions go over. */
const INPUTS = 0x81_0000
const PAGE = 65_536

/** The module of a loop: its calldata begins with the number of turns, 4 bytes little-endian. */
export function loopText(names: readonly string[], pages: number): string {
  let next = INPUTS
  const parts = names.map((name) => {
    const part = loopParts[name]
    if (part === undefined)
      throw new Error(`there is no part "${name}"; there are ${Object.keys(loopParts).join('; ')}`)
    return part
  })
  const segments: string[] = []
  const bodies = parts.map((part) => {
    if (part.data === undefined || part.withData === undefined) return part.body
    const at = next
    segments.push(`(data (i32.const ${at}) "${hexText(part.data)}")`)
    next += part.data.length
    return part.withData(at)
  })
  const least =
    segments.length > 0
      ? Math.ceil(next / PAGE)
      : bodies.some((body) => body.includes('offset=65536') || body.includes('65536'))
        ? 130
        : 2
  const hooks = [...new Set(['read_args', ...parts.flatMap((part) => part.hooks)])]
  return `(module ${hooks.map((name) => hookImport(name)).join('\n')}
    (memory (export "memory") ${Math.min(256, Math.max(pages, least))})
    (data (i32.const 64) "${'\\ff'.repeat(31)}\\f1${'\\fe\\dc\\ba\\98'.repeat(8)}${'\\ff'.repeat(30)}\\01\\07")
    (data (i32.const 160) "${hexText(addressOf(0xb011))}") (data (i32.const 575) "\\01") ${segments.join('\n')}
    ${[...new Set(parts.map((part) => part.module ?? ''))].join('\n')}
    (func $fill (local $q i32)
      (loop $more
        (i32.store offset=65536 (i32.shl (local.get $q) (i32.const 6))
          (i32.shl (i32.and (i32.add (i32.mul (local.get $q) (i32.const 1664525)) (i32.const 1013904223)) (i32.const 131071)) (i32.const 6)))
        (br_if $more (i32.lt_u (local.tee $q (i32.add (local.get $q) (i32.const 1))) (i32.const 131072)))))
    (func (export "user_entrypoint") (param $length i32) (result i32)
      (local $i i32) (local $n i32) (local $x i32) (local $y i32) (local $a i64)
      (call $read_args (i32.const 1024))
      (local.set $n (i32.load (i32.const 1024)))
      ${names.includes('loads, each address from the last') ? '(call $fill)' : ''}
      ${[...new Set(parts.map((part) => part.before ?? ''))].join('\n')}
      (block $out (loop $next
        (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
        (i32.store (i32.const 28) (i32.or (i32.shl (local.get $i) (i32.const 8)) (i32.shr_u (local.get $i) (i32.const 24))))
        (i32.store8 (i32.const 31) (local.get $i)) (i32.store8 (i32.const 30) (i32.shr_u (local.get $i) (i32.const 8)))
        (i32.store8 (i32.const 29) (i32.shr_u (local.get $i) (i32.const 16)))
        ${bodies.join('\n')}
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
      (i32.store (i32.const 1028) (local.get $x)) (i64.store (i32.const 1032) (local.get $a))
      (i32.const 0)))`
}
