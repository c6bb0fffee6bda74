/** From the bytes of a module to a contract that can run: detect its ABI, compile by that ABI's rules, check it. */
import { decode } from '../binary/decode.ts'
import type { Module } from '../binary/module.ts'
import { summarize } from '../binary/summarize.ts'
import { compile, compileDecoded } from '../compile.ts'
import type { EngineName, Program } from '../engine/engine.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { ValidationError } from '../validationError.ts'
import { AbiError, type ContractAbi } from './abi.ts'
import { detectAbi } from './detect.ts'
import { startGas } from './startGas.ts'

export interface Contract {
  readonly program: Program
  readonly abi: ContractAbi
  /** Name of the schedule that prices it, instructions and host functions. */
  readonly schedule: string
  /** The cost of each of its frames before the first instruction, beside memory; in gas. */
  readonly startGas: bigint
}

export interface CompileContractOptions {
  /** Default `compiled`. */
  readonly engine?: EngineName
  /** Name of the instruction schedule; default the one of the ABI. */
  readonly schedule?: string
}

/**
 * @throws ValidationError when the module breaks a rule of the VM or of the ABI's limits, AbiError when it is not a
 * contract, RangeError for an unknown schedule.
 *
 * @example
 * ```ts
 * import { compileContract } from '@touchstone/vm'
 * import { watToWasm } from '@touchstone/vm/testing/wat'
 *
 * const wasm = watToWasm(`(module
 *   (import "vm_hooks" "msg_reentrant" (func $reentrant (result i32)))
 *   (memory (export "memory") 1 1)
 *   (func (export "user_entrypoint") (param $length i32) (result i32) (call $reentrant)))`)
 *
 * const { abi, startGas } = compileContract(wasm)
 * abi.id // => 'stylus'
 * startGas > 0n // => true
 * // abi.execute(program, environment, gas, schedule) runs it; the environment is what the chain offers.
 * ```
 */
export function compileContract(bytes: Uint8Array, options: CompileContractOptions = {}): Contract {
  const { engine = 'compiled' } = options
  const { module, floats } = decodeAny(bytes)
  const summary = summarize(module)
  let abi: ContractAbi
  try {
    abi = detectAbi(summary)
  } catch (error) {
    // A broken rule of the VM tells an author more than that the module is no contract.
    if (error instanceof AbiError && error.code === 'unknown-abi') compile(bytes, { engine })
    throw error
  }
  const schedule = options.schedule ?? abi.schedule
  const settings = { engine, schedule, floats: abi.floats, exports: abi.exports, limits: { memoryPages: abi.maxPages } }
  const program = floats ? compile(bytes, settings) : compileDecoded(module, settings)
  abi.check(program.module, schedule)
  return { program, abi, schedule, startGas: startGas(module) }
}

/**
 * Whether floats are refused is for the ABI to say, which is known only by the module. Nearly all have none, and then
 * what was decoded holds under either policy.
 */
function decodeAny(bytes: Uint8Array): { readonly module: Module; readonly floats: boolean } {
  try {
    return { module: decode(bytes, { floats: 'reject', limits: DEFAULT_LIMITS }), floats: false }
  } catch (error) {
    if (!(error instanceof ValidationError) || error.code !== 'refused:float') throw error
    return { module: decode(bytes, { floats: 'trap', limits: DEFAULT_LIMITS }), floats: true }
  }
}
