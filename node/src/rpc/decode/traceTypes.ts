/** The kinds of result of trace_call and trace_replay*: `trace`, `stateDiff`, or both. */
import type { TraceNeeds } from '../../execution/trace/listening.ts'
import { invalidParams } from '../errors.ts'
import type { TraceTypes } from '../views/traces/config.ts'
import { arrayOf, type Decoder, decoder, oneOf } from './decoder.ts'

const names = arrayOf(oneOf('trace', 'stateDiff', 'vmTrace'), 8, 'one of each')

export const traceTypes: Decoder<TraceTypes> = decoder(names.schema, (value, at) => {
  const given = names(value, at)
  if (given.includes('vmTrace')) {
    throw invalidParams(
      `${at}: vmTrace steps through EVM instructions, and contracts here are WebAssembly; debug_traceTransaction with wasmTracer shows what they do`,
    )
  }
  return { trace: given.includes('trace'), stateDiff: given.includes('stateDiff') }
})

export function needsOf({ stateDiff }: TraceTypes): TraceNeeds {
  return { hostCalls: false, state: stateDiff }
}
