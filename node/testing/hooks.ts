/** Host functions in the text format, for modules that tests and measurements write. */

const SIGNATURES: Readonly<Record<string, string>> = {
  read_args: '(param i32)',
  write_result: '(param i32 i32)',
  exit_early: '(param i32)',
  storage_load_bytes32: '(param i32 i32)',
  storage_cache_bytes32: '(param i32 i32)',
  storage_flush_cache: '(param i32)',
  transient_load_bytes32: '(param i32 i32)',
  transient_store_bytes32: '(param i32 i32)',
  call_contract: '(param i32 i32 i32 i32 i64 i32) (result i32)',
  delegate_call_contract: '(param i32 i32 i32 i64 i32) (result i32)',
  static_call_contract: '(param i32 i32 i32 i64 i32) (result i32)',
  create1: '(param i32 i32 i32 i32 i32)',
  create2: '(param i32 i32 i32 i32 i32 i32)',
  read_return_data: '(param i32 i32 i32) (result i32)',
  return_data_size: '(result i32)',
  emit_log: '(param i32 i32 i32)',
  account_balance: '(param i32 i32)',
  account_code: '(param i32 i32 i32 i32) (result i32)',
  account_code_size: '(param i32) (result i32)',
  account_codehash: '(param i32 i32)',
  block_basefee: '(param i32)',
  block_coinbase: '(param i32)',
  block_gas_limit: '(result i64)',
  block_number: '(result i64)',
  block_timestamp: '(result i64)',
  chainid: '(result i64)',
  contract_address: '(param i32)',
  msg_sender: '(param i32)',
  msg_value: '(param i32)',
  msg_reentrant: '(result i32)',
  tx_origin: '(param i32)',
  tx_gas_price: '(param i32)',
  tx_ink_price: '(result i32)',
  evm_gas_left: '(result i64)',
  evm_ink_left: '(result i64)',
  math_div: '(param i32 i32)',
  math_mod: '(param i32 i32)',
  math_pow: '(param i32 i32)',
  math_add_mod: '(param i32 i32 i32)',
  math_mul_mod: '(param i32 i32 i32)',
  native_keccak256: '(param i32 i32 i32)',
  pay_for_memory_grow: '(param i32)',
}

/** The import of a function of `vm_hooks`, under its own name or as told. @throws Error where there is none of that name. */
export function hookImport(name: string, as = name): string {
  const signature = SIGNATURES[name]
  if (signature === undefined) throw new Error(`no signature of the host function ${name}`)
  return `(import "vm_hooks" "${name}" (func $${as} ${signature}))`
}

/** A call of a function imported under its own name, its result dropped. `args` is the text that pushes its arguments. */
export function hookCall(name: string, args: string): string {
  const call = `(call $${name} ${args})`
  return SIGNATURES[name]?.includes('result') ? `(drop ${call})` : call
}
