/**
 * The arguments and results of each host function, as bytes, in the encoding of nitro's tracer
 * (arbitrator/wasm-libraries/user-host-trait, `trace!`): integers big-endian, words and addresses as they are in
 * memory. Order matters: tools read from the front.
 *
 * So `call_contract(address, calldata, length, value, gas, return length)` has as arguments the 20 bytes at the pointer
 * 0, the gas of parameter 4 in 8 bytes, the 32 bytes at the pointer 3, and the calldata at the pointer 1, as long as
 * parameter 2 says; and as results the number that it wrote at the pointer 5 and the status that it returned.
 */

/** A part of arguments or results. `parameter` and `length.parameter` count the function's Wasm parameters from 0. */
export type Piece =
  /** A parameter that is a number, in so many bytes. */
  | { readonly kind: 'parameter'; readonly parameter: number; readonly bytes: 1 | 2 | 4 | 8 }
  /** A flag: 1 if the parameter is not 0. */
  | { readonly kind: 'flag'; readonly parameter: number }
  /** The memory that a parameter points to. */
  | {
      readonly kind: 'memory'
      readonly parameter: number
      readonly length: number | { readonly parameter: number } | 'result' | 'input'
    }
  /** A number that the function wrote to memory little-endian, in 4 bytes. */
  | { readonly kind: 'written'; readonly parameter: number }
  /** The result of the function, in so many bytes. */
  | { readonly kind: 'result'; readonly bytes: 1 | 4 | 8 }
  /** A parameter as decimal digits. */
  | { readonly kind: 'digits'; readonly parameter: number }

export interface HostCallShape {
  /** Nitro's name for the function, where it is another one. */
  readonly name?: string
  /** Read before the function runs, which may overwrite them. */
  readonly args: readonly Piece[]
  readonly outs: readonly Piece[]
}

const number = (parameter: number, bytes: 1 | 2 | 4 | 8): Piece => ({ kind: 'parameter', parameter, bytes })
const u32 = (parameter: number): Piece => number(parameter, 4)
const bytes = (parameter: number, length: (Piece & { kind: 'memory' })['length']): Piece => ({
  kind: 'memory',
  parameter,
  length,
})
const word = (parameter: number): Piece => bytes(parameter, 32)
const address = (parameter: number): Piece => bytes(parameter, 20)
const sized = (parameter: number, length: number): Piece => bytes(parameter, { parameter: length })
const written = (parameter: number): Piece => ({ kind: 'written', parameter })
const result = (length: 1 | 4 | 8): Piece => ({ kind: 'result', bytes: length })
const digits: HostCallShape = { name: 'console_log', args: [{ kind: 'digits', parameter: 0 }], outs: [] }

const gives = (piece: Piece): HostCallShape => ({ args: [], outs: [piece] })
const math = (operands: number): HostCallShape => ({
  args: Array.from({ length: operands }, (_, i) => word(i)),
  outs: [word(0)],
})

export const HOST_CALL_SHAPES: Readonly<Record<string, HostCallShape>> = {
  read_args: gives(bytes(0, 'input')),
  write_result: { args: [sized(0, 1)], outs: [] },
  exit_early: { args: [u32(0)], outs: [] },
  storage_load_bytes32: { args: [word(0)], outs: [word(1)] },
  storage_cache_bytes32: { args: [word(0), word(1)], outs: [] },
  storage_flush_cache: { args: [{ kind: 'flag', parameter: 0 }], outs: [] },
  transient_load_bytes32: { args: [word(0)], outs: [word(1)] },
  transient_store_bytes32: { args: [word(0), word(1)], outs: [] },
  call_contract: { args: [address(0), number(4, 8), word(3), sized(1, 2)], outs: [written(5), result(1)] },
  delegate_call_contract: { args: [address(0), number(3, 8), sized(1, 2)], outs: [written(4), result(1)] },
  static_call_contract: { args: [address(0), number(3, 8), sized(1, 2)], outs: [written(4), result(1)] },
  create1: { args: [word(2), sized(0, 1)], outs: [address(3), written(4)] },
  create2: { args: [word(2), word(3), sized(0, 1)], outs: [address(4), written(5)] },
  read_return_data: { args: [u32(1), u32(2)], outs: [bytes(0, 'result')] },
  return_data_size: gives(result(4)),
  emit_log: { args: [u32(2), sized(0, 1)], outs: [] },
  account_balance: { args: [address(0)], outs: [word(1)] },
  account_code: { args: [address(0), u32(1), u32(2)], outs: [bytes(3, 'result')] },
  account_code_size: { args: [address(0)], outs: [result(4)] },
  account_codehash: { args: [address(0)], outs: [word(1)] },
  block_basefee: gives(word(0)),
  block_coinbase: gives(address(0)),
  block_gas_limit: gives(result(8)),
  block_number: gives(result(8)),
  block_timestamp: gives(result(8)),
  chainid: gives(result(8)),
  contract_address: gives(address(0)),
  evm_gas_left: gives(result(8)),
  evm_ink_left: gives(result(8)),
  math_div: math(2),
  math_mod: math(2),
  math_pow: math(2),
  math_add_mod: math(3),
  math_mul_mod: math(3),
  msg_reentrant: gives(result(4)),
  msg_sender: gives(address(0)),
  msg_value: gives(word(0)),
  native_keccak256: { args: [sized(0, 1)], outs: [word(2)] },
  tx_gas_price: gives(word(0)),
  tx_ink_price: gives(result(4)),
  tx_origin: gives(address(0)),
  pay_for_memory_grow: { args: [number(0, 2)], outs: [] },
  log_txt: { name: 'console_log_text', args: [sized(0, 1)], outs: [] },
  log_i32: digits,
  log_i64: digits,
  tee_i32: digits,
  tee_i64: digits,
}
