/** The options of tracers. */

/** Of all tracers together: each looks at its own. */
export interface TracerConfig {
  readonly onlyTopCall?: boolean | undefined
  readonly withLog?: boolean | undefined
  readonly diffMode?: boolean | undefined
  readonly disableCode?: boolean | undefined
  readonly disableStorage?: boolean | undefined
  /** muxTracer's, by name; of others none. */
  readonly tracers: Readonly<Record<string, TracerConfig>>
}

/** The kinds of result of trace_call and trace_replay*. */
export interface TraceTypes {
  readonly trace: boolean
  readonly stateDiff: boolean
}
