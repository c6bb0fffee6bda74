/** The settings of execution besides state and block: the same for every block of a chain on a node. */
import type { State } from '../state/state.ts'
import type { Contract } from './contractHost.ts'
import type { EngineName } from './engineNames.ts'
import type { Precompile } from './precompiles/precompile.ts'
import type { ProgramCache } from './programCache.ts'
import type { FrameTracer } from './trace/frameTracer.ts'

export { ENGINE_NAMES, type EngineName } from './engineNames.ts'

export interface ExecutionConfig {
  readonly chainId: bigint
  /** Name of the instruction schedule, from the genesis. */
  readonly schedule: string
  /** Which engine runs contracts. No influence on any result. */
  readonly engine: EngineName
  /** Receives what contracts print; `contract` is the 20-byte account that ran. */
  readonly debug?: (text: string, contract: Uint8Array) => void
  readonly programs: ProgramCache
  /**
   * Which precompile is at an address, for calls with overrides; those of the chain unless said. Never set where blocks
   * are decided.
   */
  readonly precompileAt?: (address: Uint8Array) => Precompile | undefined
  /**
   * Every code is loaded as if it were not warm: for estimates, which no load of others may make too low, and for calls that
   * override what is warm. Never set where blocks are decided.
   */
  readonly loadsCold?: boolean
  /** Told after each transfer of value, whose log may be added to `state` then. Never set where blocks are decided. */
  readonly onTransfer?: (state: State, from: Uint8Array, to: Uint8Array, value: bigint) => void
  /**
   * Puts something between the chain and each contract that is compiled, which `module` are the bytes of, such as what
   * listens to it. Set it with a cache of its own, as the cache keeps what comes out. Never set where blocks are decided.
   */
  readonly between?: (contract: Contract, module: Uint8Array) => Contract
  /** Hears the frames of what runs. Never set where blocks are decided. */
  readonly tracer?: FrameTracer
}
