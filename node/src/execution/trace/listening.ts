/** What execution runs with so that it is heard: a state and a configuration in place of the usual ones. */
import type { State } from '../../state/state.ts'
import type { ExecutionConfig } from '../executionConfig.ts'
import { createProgramCache } from '../programCache.ts'
import type { TracedFrame } from './callTree.ts'
import { Recorder } from './recorder.ts'
import { type TracedAccount, TracedState } from './tracedState.ts'

/** What a trace keeps besides frames and logs. */
export interface TraceNeeds {
  /** What contracts ask of the host. */
  readonly hostCalls: boolean
  /** Accounts and slots that were touched. */
  readonly state: boolean
}

export interface Trace {
  readonly root: TracedFrame
  /** The same accounts and slots before and after; null where they were not asked for. */
  readonly state: { readonly before: readonly TracedAccount[]; readonly after: readonly TracedAccount[] } | null
}

export class Listening {
  readonly state: State
  readonly config: ExecutionConfig
  readonly #recorder: Recorder
  readonly #traced: TracedState
  readonly #needs: TraceNeeds

  constructor(state: State, config: ExecutionConfig, needs: TraceNeeds) {
    const recorder = new Recorder((address) => state.nonce(address))
    this.#recorder = recorder
    this.#needs = needs
    this.#traced = new TracedState(state, (log) => recorder.log(log))
    this.state = this.#traced
    const heard: Partial<ExecutionConfig> = needs.hostCalls
      ? { between: (contract) => recorder.heard(contract), programs: createProgramCache() }
      : {}
    this.config = { ...config, tracer: recorder, ...heard }
  }

  /** What runs from here on is kept. */
  begin(): void {
    this.#recorder.begin()
    this.#traced.begin(this.#needs.state)
  }

  /** What was kept since {@link begin}; nothing is kept any more. */
  take(): Trace {
    return { root: this.#recorder.take(), state: this.#traced.take() }
  }
}
