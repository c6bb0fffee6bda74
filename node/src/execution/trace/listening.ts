/** The means to hear an execution: a state and a configuration in place of the usual ones. */
import type { State } from '../../state/state.ts'
import type { Log } from '../../types/log.ts'
import type { ExecutionConfig } from '../executionConfig.ts'
import { createProgramCache } from '../programCache.ts'
import type { TracedFrame } from './callTree.ts'
import { Recorder } from './recorder.ts'
import type { TracedAccount, TracedState } from './tracedState.ts'

/** The parts of a trace besides frames and logs. */
export interface TraceNeeds {
  /** The requests of contracts to the host. */
  readonly hostCalls: boolean
  /** Accounts and slots that were touched. */
  readonly state: boolean
}

export interface Trace {
  /** Null where no message ran: of operations on a chain in dev mode. */
  readonly root: TracedFrame | null
  /** The same accounts and slots before and after; null where they were not asked for. */
  readonly state: { readonly before: readonly TracedAccount[]; readonly after: readonly TracedAccount[] } | null
}

/** Of what ran a message. */
export interface RootedTrace extends Trace {
  readonly root: TracedFrame
}

export class Listening<S extends TracedState = TracedState> {
  readonly state: S
  readonly config: ExecutionConfig
  readonly #recorder: Recorder
  readonly #needs: TraceNeeds

  /** `traced` puts a state that is heard in front of `state`. */
  constructor(state: State, traced: (onLog: (log: Log) => void) => S, config: ExecutionConfig, needs: TraceNeeds) {
    const recorder = new Recorder((address) => state.nonce(address))
    this.#recorder = recorder
    this.#needs = needs
    this.state = traced((log) => recorder.log(log))
    const heard: Partial<ExecutionConfig> = needs.hostCalls
      ? { between: (contract) => recorder.heard(contract), programs: createProgramCache() }
      : {}
    this.config = { ...config, tracer: recorder, ...heard }
  }

  /** Keeps everything that runs from here on. */
  begin(): void {
    this.#recorder.begin()
    this.state.begin(this.#needs.state)
  }

  /** The trace since {@link begin}; nothing is kept any more. */
  take(): Trace {
    return { root: this.#recorder.take(), state: this.state.take() }
  }
}
