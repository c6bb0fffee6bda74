/** The options of debug_ methods for tracing (geth, eth/tracers: TraceConfig and TraceCallConfig). */
import type { BlockOverrides } from '../../chain/chainService.ts'
import type { StateOverride } from '../../execution/call.ts'
import { limitExceeded } from '../errors.ts'
import { MAX_MUX_TRACERS, MAX_TRACER_TEXT } from '../limits.ts'
import type { TracerConfig } from '../views/traces/config.ts'
import { blockOverrides } from './blockOverrides.ts'
import { stateOverrides } from './callMessage.ts'
import { asRecord, boolean, type Decoder, decoder, object, optional, wrong } from './decoder.ts'

export interface TraceOptions {
  /** Undefined: the struct logger, which this chain does not have. */
  readonly tracer: string | undefined
  readonly config: TracerConfig
}

export interface TraceCallOptions extends TraceOptions {
  readonly stateOverrides: readonly StateOverride[]
  readonly blockOverrides: BlockOverrides
}

const FLAGS = ['onlyTopCall', 'withLog', 'diffMode', 'disableCode', 'disableStorage'] as const

const flags = object('flags of a tracer', {
  onlyTopCall: optional(boolean),
  withLog: optional(boolean),
  diffMode: optional(boolean),
  disableCode: optional(boolean),
  disableStorage: optional(boolean),
})

const NO_CONFIG: TracerConfig = { tracers: {} }

const tracerName: Decoder<string> = decoder({ type: 'string' }, (value, at) => {
  if (typeof value !== 'string') throw wrong(at, 'the name of a tracer', value)
  if (value.length <= MAX_TRACER_TEXT) return value
  throw limitExceeded(`${at} has ${value.length} characters; at most ${MAX_TRACER_TEXT} are allowed (MAX_TRACER_TEXT)`)
})

/** `isInner`: of a tracer that a muxTracer holds, and that holds no others. */
function tracerConfig(isInner: boolean): Decoder<TracerConfig> {
  return decoder(flags.schema, (value, at) => {
    const record = asRecord(value, at, 'the configuration of a tracer')
    // A value that is neither a flag nor an object means something to another node's tracer.
    const inner = Object.entries(record).filter(
      ([name, entry]) => !(FLAGS as readonly string[]).includes(name) && typeof entry === 'object' && entry !== null,
    )
    if (inner.length > MAX_MUX_TRACERS) {
      throw limitExceeded(`${at} has ${inner.length} tracers; at most ${MAX_MUX_TRACERS} are allowed (MAX_MUX_TRACERS)`)
    }
    const tracers = isInner
      ? {}
      : Object.fromEntries(inner.map(([name, entry]) => [name, tracerConfig(true)(entry, `${at}.${name}`)]))
    return { ...flags(value, at), tracers }
  })
}

const fields = { tracer: optional(tracerName), tracerConfig: optional(tracerConfig(false)) }
const onlyTrace = object('how to trace', fields)
const withOverrides = object('how to trace, and what to run it on', {
  ...fields,
  stateOverrides: optional(stateOverrides),
  blockOverrides: optional(blockOverrides),
})

export const traceOptions: Decoder<TraceOptions> = decoder(onlyTrace.schema, (value, at) => {
  const { tracer, tracerConfig: config } = onlyTrace(value, at)
  return { tracer, config: config ?? NO_CONFIG }
})

export const traceCallOptions: Decoder<TraceCallOptions> = decoder(withOverrides.schema, (value, at) => {
  const given = withOverrides(value, at)
  return {
    tracer: given.tracer,
    config: given.tracerConfig ?? NO_CONFIG,
    stateOverrides: given.stateOverrides ?? [],
    blockOverrides: given.blockOverrides ?? {},
  }
})
