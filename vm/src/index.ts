/** The public API of @touchstone/vm. */
export type { ExportSummary, ExternalType, ImportSummary, ModuleSummary } from './binary/moduleSummary.ts'
export type { FunctionType, ValueType } from './binary/types.ts'
export type {
  EngineName,
  HostContext,
  HostFunction,
  Imports,
  Instance,
  InstantiateOptions,
  Memory,
  Outcome,
  Program,
  WasmValue,
} from './engine/engine.ts'
export { HostExit, HostTrap } from './engine/engine.ts'
export type { Trap, TrapCode, TrapFrame } from './engine/trap.ts'
export { AbiError, type AbiErrorCode, type ContractAbi, type FrameOutcome } from './host/abi.ts'
export { detectAbi } from './host/detect.ts'
export type {
  BlockContext,
  CallKind,
  CallRequest,
  CallResult,
  CreateRequest,
  CreateResult,
  Environment,
  EnvironmentErrorCode,
  FrameContext,
  Priced,
} from './host/environment.ts'
export { EnvironmentError } from './host/environment.ts'
export { stylusAbi } from './host/vmHooks/stylusAbi.ts'
export { ValidationError } from './validationError.ts'
