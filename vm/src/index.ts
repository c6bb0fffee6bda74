/**
 * The public API of the VM: compile a module, instantiate it, invoke it.
 *
 * ```ts
 * const program = compile(bytes, { schedule: 'touchstone/1' })
 * const instance = program.instantiate({ imports: { env: { f: { type, call } } }, fuel: 10n ** 12n })
 * const outcome = instance.invoke('run', [1000])
 * ```
 */

export type { ExportSummary, ExternalType, ImportSummary, ModuleSummary } from './binary/moduleSummary.ts'
export type { FunctionType, ValueType } from './binary/types.ts'
export { type CompileOptions, compile } from './compile.ts'
export { boundHostTypes } from './engine/compiled/hostTypes.ts'
export {
  ENGINE_NAMES,
  type EngineName,
  type Extern,
  type FunctionReference,
  type HostContext,
  HostExit,
  type HostFunction,
  HostTrap,
  type Imports,
  type ImportValue,
  type Instance,
  type InstantiateOptions,
  InstantiationTrap,
  LinkError,
  type LinkErrorCode,
  type Memory,
  type NewMemory,
  type Outcome,
  type Program,
  type WasmValue,
} from './engine/engine.ts'
export { forgetExecutions } from './engine/recovery.ts'
export type { StepClock } from './engine/reference/stepper.ts'
export type { Trap, TrapCode, TrapFrame } from './engine/trap.ts'
export { AbiError, type AbiErrorCode, type ContractAbi, type FrameOutcome } from './host/abi.ts'
export { type CompileContractOptions, type Contract, compileContract } from './host/compileContract.ts'
export { detectAbi } from './host/detect.ts'
export {
  type BlockContext,
  type CallKind,
  type CallRequest,
  type CallResult,
  type CreateRequest,
  type CreateResult,
  type Environment,
  EnvironmentError,
  type EnvironmentErrorCode,
  type FrameContext,
  type Priced,
} from './host/environment.ts'
export { INK_PER_GAS } from './host/vmHooks/ink.ts'
export { FREE_PAGES, PAGE_GAS } from './host/vmHooks/pages.ts'
export { stylusAbi } from './host/vmHooks/stylusAbi.ts'
export { type InspectOptions, inspectModule } from './inspect/inspectModule.ts'
export {
  type EdgeReport,
  type InspectRewrittenOptions,
  inspectRewritten,
  type NodeReport,
  type RewrittenFunction,
  type RewrittenReport,
} from './inspect/inspectRewritten.ts'
export {
  type AbiReport,
  type ExportReport,
  type FeatureReport,
  type FunctionReport,
  type ImportReport,
  type LimitReport,
  MAX_INSPECTED_BYTES,
  type ModuleReport,
  type ProblemReport,
  type SectionReport,
} from './inspect/report.ts'
export { DEFAULT_LIMITS, type Limits } from './limits.ts'
export {
  FUEL_PER_GAS,
  resolveSchedule,
  SCHEDULES,
  type Schedule,
  type UniformSchedule,
} from './metering/schedule.ts'
export type { ScheduleName } from './metering/scheduleNames.ts'
export { type Executable, executableOf } from './trace/executable.ts'
export { functionsAlike } from './trace/functionsAlike.ts'
export { HOST_CALL_SHAPES } from './trace/hostCallShapes.ts'
export { type HostCall, type HostCallListener, listenToHostCalls } from './trace/hostCalls.ts'
export { type LocalAccess, type LocalGet, LocalVersions, localVersions, NOT_REACHED } from './trace/localVersions.ts'
export { type ExecutionObserver, type NamedPlace, observeContract } from './trace/observe.ts'
export { NodeRoom, ProfileNode } from './trace/profileTree.ts'
export { type ContractRecorder, type RecordedProgram, recordContract } from './trace/recordContract.ts'
export { type ExecutedChoice, type ExecutedPlace, RecordedContract } from './trace/recordedContract.ts'
export { type ExecutedLabel, RecordedFrame } from './trace/recordedFrame.ts'
export { stepContract } from './trace/stepContract.ts'
export { type CodePlace, SteppedCode } from './trace/steppedCode.ts'
export { SteppedFrame, type SteppedFunction, type SteppedValue } from './trace/steppedFrame.ts'
export { type InvalidCode, type MalformedCode, type ValidationCode, ValidationError } from './validationError.ts'
export { warmUp } from './warmUp/warmUp.ts'
