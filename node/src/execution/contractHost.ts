/**
 * Where the node meets the VM: stored code to a compiled contract, and the VM's types under one roof. Everything else
 * in the node reaches @touchstone/vm through this folder only.
 */
import { AbiError, type Contract, compileContract as compileModule, ValidationError } from '@touchstone/vm'
import { keyOf } from '../codec/bytes.ts'
import type { CodeError } from './codeError.ts'
import { type CodeSource, unpackWhole } from './codeSource.ts'
import type { ExecutionConfig } from './executionConfig.ts'
import type { ModuleSizes } from './fees.ts'

export type {
  BlockContext,
  CallRequest,
  CallResult,
  Contract,
  CreateRequest,
  CreateResult,
  Environment,
  ExecutedChoice,
  ExecutedLabel,
  ExecutedPlace,
  ExecutionObserver,
  FrameContext,
  FrameOutcome,
  HostCall,
  NamedPlace,
  Priced,
  RecordedProgram,
  StepClock,
  SteppedCode,
  SteppedFunction,
  SteppedValue,
  Trap,
} from '@touchstone/vm'
export {
  boundHostTypes,
  DEFAULT_LIMITS,
  EnvironmentError,
  FREE_PAGES,
  forgetExecutions,
  INK_PER_GAS,
  listenToHostCalls,
  NodeRoom,
  observeContract,
  PAGE_GAS,
  ProfileNode,
  RecordedContract,
  RecordedFrame,
  recordContract,
  SteppedFrame,
  stepContract,
  warmUp,
} from '@touchstone/vm'

export type LoadOutcome =
  | { readonly ok: true; readonly contract: Contract }
  | { readonly ok: false; readonly error: CodeError }

/**
 * The contract whose code is at `source`, from the cache or compiled. It was checked when the account was created. A
 * module of more than `affordableBytes` is refused, cached or not.
 */
export function loadContract(source: CodeSource, config: ExecutionConfig, affordableBytes: number): LoadOutcome {
  const cached = config.programs.get(cacheKey(source.key, config))
  if (cached !== undefined && cached.program.module.byteLength <= affordableBytes) return { ok: true, contract: cached }
  const unpacked = unpackWhole(source.whole(), affordableBytes)
  if (!unpacked.ok) return unpacked
  return compileContract(unpacked.module, source.key, config)
}

/** Validates, compiles and checks a module, and keeps it under the key of the code it was unpacked from. */
export function compileContract(module: Uint8Array, codeKey: Uint8Array, config: ExecutionConfig): LoadOutcome {
  const key = cacheKey(codeKey, config)
  const cached = config.programs.get(key)
  if (cached !== undefined) return { ok: true, contract: cached }
  let contract: Contract
  try {
    contract = compileModule(module, { engine: config.engine, schedule: config.schedule })
  } catch (error) {
    if (error instanceof ValidationError) return refuse('invalid-module', error.message)
    if (error instanceof AbiError) return refuse('not-a-contract', error.message)
    throw error
  }
  if (config.between !== undefined) contract = config.between(contract, module)
  config.programs.set(key, contract)
  return { ok: true, contract }
}

/** The sizes of a contract's module that its loading is priced by. */
export function sizesOf({ program: { module } }: Contract): ModuleSizes {
  const { byteLength, functionCount, memory, loops, controlValues } = module
  return { moduleBytes: byteLength, functions: functionCount, pages: memory?.min ?? 0, loops, controlValues }
}

function refuse(code: CodeError['code'], message: string): LoadOutcome {
  return { ok: false, error: { code, message } }
}

function cacheKey(codeKey: Uint8Array, config: ExecutionConfig): string {
  return `${keyOf(codeKey)}/${config.schedule}/${config.engine}`
}
