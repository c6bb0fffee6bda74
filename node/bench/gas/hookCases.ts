/** Loops over one host function, with small and large arguments. */
import { hookCall, hookImport } from '../../testing/hooks.ts'

export interface HookCase {
  readonly name: string
  /** Names of the functions of `vm_hooks` it imports. */
  readonly hooks: readonly string[]
  /** Text of a turn. Locals: $i counts from 0. Memory: a word that changes from turn to turn at 0, others below. */
  readonly body: string
  /** Pages of memory. */
  readonly pages?: number
  /** Most turns, where a block has no gas for 2 000. */
  readonly turns?: number
  /** Bytes of calldata. */
  readonly input?: number
}

/** Where things lie: full words at 64, 96 and 128, an address at 160, calldata at 1 024, room from 2 048 on. */
const DATA = `(data (i32.const 64) "${'\\ff'.repeat(31)}\\f1${'\\fe\\dc\\ba\\98'.repeat(8)}${'\\ff'.repeat(30)}\\01\\07")`

type CaseOptions = Partial<HookCase> & { readonly label?: string }

const one = (hook: string, args: string, rest: CaseOptions = {}): HookCase => {
  const { label, ...more } = rest
  return { name: label === undefined ? hook : `${hook}, ${label}`, hooks: [hook], body: hookCall(hook, args), ...more }
}

/** Arguments that are pointers or lengths. */
const at = (...offsets: number[]): string => offsets.map((offset) => `(i32.const ${offset})`).join(' ')

/** Math functions write over their first operand, so each turn copies it to 256 anew. */
const math = (
  hook: string,
  operands: readonly number[],
  { before = '', ...rest }: CaseOptions & { readonly before?: string } = {},
): HookCase => {
  const { body, ...more } = one(hook, at(256, ...operands), rest)
  return { ...more, body: `(memory.copy (i32.const 256) (i32.const 64) (i32.const 32)) ${before} ${body}` }
}

/** A word of 255 at 2 048. */
const smallExponent = '(i32.store8 (i32.const 2079) (i32.const 255))'

export const hookCases: readonly HookCase[] = [
  ...[
    'block_gas_limit',
    'block_number',
    'block_timestamp',
    'chainid',
    'msg_reentrant',
    'tx_ink_price',
    'evm_gas_left',
    'evm_ink_left',
    'return_data_size',
  ].map((hook) => one(hook, '')),
  ...[
    'block_basefee',
    'block_coinbase',
    'contract_address',
    'msg_sender',
    'msg_value',
    'tx_origin',
    'tx_gas_price',
  ].map((hook) => one(hook, at(2048))),
  one('pay_for_memory_grow', at(1)),
  one('read_args', at(2048), { label: '4 bytes' }),
  one('read_args', at(4096), { label: '60 000 bytes', input: 60_000 }),
  one('write_result', at(64, 32), { label: '32 bytes' }),
  one('write_result', at(0, 65_000), { label: '65 000 bytes', turns: 300 }),
  one('native_keccak256', at(64, 0, 256), { label: '0 bytes' }),
  one('native_keccak256', at(64, 32, 256), { label: '32 bytes' }),
  one('native_keccak256', at(64, 64, 256), { label: '64 bytes' }),
  one('native_keccak256', at(64, 4_096, 256), { label: '4 096 bytes' }),
  one('native_keccak256', at(64, 60_000, 256), { label: '60 000 bytes', turns: 100 }),
  math('math_div', [128]),
  math('math_mod', [96]),
  math('math_pow', [64], { label: '32-byte exponent', turns: 500 }),
  math('math_pow', [2048], { label: '1-byte exponent', before: smallExponent }),
  math('math_add_mod', [64, 96]),
  math('math_mul_mod', [64, 96]),
  one('emit_log', at(64, 0, 0), { label: 'empty' }),
  one('emit_log', at(64, 160, 4), { label: '4 topics, 32 bytes' }),
  one('emit_log', at(64, 60_000, 0), { label: '60 000 bytes', turns: 40 }),
  one('storage_load_bytes32', at(64, 256), { label: 'the same slot' }),
  one('storage_cache_bytes32', at(0, 256), { label: 'another slot each time' }),
  one('storage_cache_bytes32', at(64, 256), { label: 'the same slot' }),
  one('storage_flush_cache', at(0), { label: 'nothing to store' }),
  {
    name: 'storage_cache_bytes32 and storage_flush_cache, the same slot',
    hooks: ['storage_cache_bytes32', 'storage_flush_cache'],
    body: `(call $storage_cache_bytes32 ${at(64, 0)}) (call $storage_flush_cache ${at(1)})`,
  },
  one('transient_load_bytes32', at(64, 256)),
  one('transient_store_bytes32', at(64, 0), { label: 'the same slot' }),
  one('transient_store_bytes32', at(0, 64), { label: 'another slot each time' }),
  one('account_balance', at(160, 256), { label: 'warm' }),
  one('account_codehash', at(160, 256), { label: 'warm' }),
  one('account_code_size', at(160), { label: 'warm' }),
  one('account_code', at(160, 0, 60_000, 2048), { label: '60 000 bytes of 120 000', turns: 300 }),
  one('account_code', at(160, 0, 0, 2048), { label: '0 bytes of 120 000', turns: 300 }),
]

/** The contract of a case: its calldata begins with the number of turns, 4 bytes little-endian. */
export function hookText({ hooks, body, pages = 2 }: Pick<HookCase, 'hooks' | 'body' | 'pages'>, data = ''): string {
  const names = [...new Set(['read_args', ...hooks])]
  const imports = names.map((name) => hookImport(name)).join('\n')
  return `(module ${imports} (memory (export "memory") ${pages}) ${DATA} ${data}
    (func (export "user_entrypoint") (param $length i32) (result i32) (local $i i32) (local $n i32)
      (call $read_args (i32.const 1024))
      (local.set $n (i32.load (i32.const 1024)))
      (i32.store (i32.const 28) (i32.const 0))
      (block $out (loop $next
        (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
        (i32.store (i32.const 28) (i32.or (i32.shl (local.get $i) (i32.const 8)) (i32.shr_u (local.get $i) (i32.const 24))))
        (i32.store8 (i32.const 31) (local.get $i)) (i32.store8 (i32.const 30) (i32.shr_u (local.get $i) (i32.const 8)))
        (i32.store8 (i32.const 29) (i32.shr_u (local.get $i) (i32.const 16)))
        ${body}
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
      (i32.const 0)))`
}
