/** From the bytes of a module to a contract that can run: detect its ABI, compile by that ABI's rules, check it. */
import { decode } from '../binary/decode.ts'
import { summarize } from '../binary/summarize.ts'
import { compile } from '../compile.ts'
import type { EngineName, Program } from '../engine/engine.ts'
import { DEFAULT_LIMITS } from '../limits.ts'
import { AbiError, type ContractAbi } from './abi.ts'
import { detectAbi } from './detect.ts'
import { startGas } from './startGas.ts'

export interface Contract {
  readonly program: Program
  readonly abi: ContractAbi
  /** Name of the schedule that prices it, instructions and host functions. */
  readonly schedule: string
  /** What each of its frames costs before the first instruction, beside memory; in gas. */
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
 */
export function compileContract(bytes: Uint8Array, options: CompileContractOptions = {}): Contract {
  const { engine = 'compiled' } = options
  // Floats are admitted here: their policy belongs to the ABI, which is not known yet.
  const module = decode(bytes, { floats: 'trap', limits: DEFAULT_LIMITS })
  const summary = summarize(module)
  let abi: ContractAbi
  try {
    abi = detectAbi(summary)
  } catch (error) {
    // What breaks the VM's own rules is worth more to an author than that the module is no contract.
    if (error instanceof AbiError && error.code === 'unknown-abi') compile(bytes, { engine })
    throw error
  }
  const schedule = options.schedule ?? abi.schedule
  const program = compile(bytes, {
    engine,
    schedule,
    floats: abi.floats,
    limits: { memoryPages: abi.maxPages },
  })
  abi.check(program.module)
  return { program, abi, schedule, startGas: startGas(module) }
}
