/** The means to hear an execution: a state and a configuration in place of the usual ones. */
import type { State } from '../../state/state.ts'
import type { Log } from '../../types/log.ts'
import type { Contract } from '../contractHost.ts'
import type { ExecutionConfig } from '../executionConfig.ts'
import { createProgramCache } from '../programCache.ts'
import type { TracedFrame } from './callTree.ts'
import type { FrameTracer } from './frameTracer.ts'
import type { Paid, Profile } from './profile.ts'
import { Profiler } from './profiler.ts'
import { Recorder } from './recorder.ts'
import type { TracedAccount, TracedState } from './tracedState.ts'

/** The parts of a trace besides frames and logs. */
export interface TraceNeeds {
  /** The requests of contracts to the host. */
  readonly hostCalls: boolean
  /** Accounts and slots that were touched. */
  readonly state: boolean
  /** Where gas went, instruction by instruction: the contracts run on the reference engine. */
  readonly profile?: boolean
}

export interface Trace {
  /** Null where no message ran: of operations on a chain in dev mode. */
  readonly root: TracedFrame | null
  /** The same accounts and slots before and after; null where they were not asked for. */
  readonly state: { readonly before: readonly TracedAccount[]; readonly after: readonly TracedAccount[] } | null
  /** Null where it was not asked for. */
  readonly profile: Profile | null
}

/** Of what ran a message. */
export interface RootedTrace extends Trace {
  readonly root: TracedFrame
}

export class Listening<S extends TracedState = TracedState> {
  readonly state: S
  readonly config: ExecutionConfig
  readonly #recorder: Recorder
  readonly #profiler: Profiler | null
  readonly #needs: TraceNeeds

  /** `traced` puts a state that is heard in front of `state`. */
  constructor(state: State, traced: (onLog: (log: Log) => void) => S, config: ExecutionConfig, needs: TraceNeeds) {
    const recorder = new Recorder((address) => state.nonce(address))
    this.#recorder = recorder
    this.#needs = needs
    this.state = traced((log) => recorder.log(log))
    const profiler = needs.profile === true ? new Profiler(() => state.refund()) : null
    this.#profiler = profiler
    const between = (contract: Contract, module: Uint8Array) => {
      const profiled = profiler?.heard(contract, module) ?? contract
      return needs.hostCalls ? recorder.heard(profiled) : profiled
    }
    this.config = {
      ...{ ...config, tracer: profiler === null ? recorder : both(recorder, profiler) },
      ...(needs.hostCalls || profiler !== null ? { between, programs: createProgramCache() } : {}),
    }
  }

  /** Keeps everything that runs from here on. */
  begin(): void {
    this.#recorder.begin()
    this.#profiler?.begin()
    this.state.begin(this.#needs.state)
  }

  /** The trace since {@link begin}; nothing is kept any more. The profile waits for what was paid. */
  take(): Omit<Trace, 'profile'> & { readonly profile: ((paid: Paid) => Profile) | null } {
    return { root: this.#recorder.take(), state: this.state.take(), profile: this.#profiler?.take() ?? null }
  }
}

function both(one: FrameTracer, other: FrameTracer): FrameTracer {
  return {
    enterMessage(message) {
      one.enterMessage(message)
      other.enterMessage(message)
    },
    enterCreation(creation) {
      one.enterCreation(creation)
      other.enterCreation(creation)
    },
    leave(result) {
      one.leave(result)
      other.leave(result)
    },
  }
}
