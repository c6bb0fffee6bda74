/**
 * The tracers that debug_ methods know, by the names that geth, nitro and this project give them: what each needs, and
 * what it makes of a trace.
 */
import type { Head } from '../../../chain/chainService.ts'
import { quotedText } from '../../../codec/visibleText.ts'
import type { TransactionTrace } from '../../../execution/trace/blockTracer.ts'
import type { RootedTrace, TraceNeeds } from '../../../execution/trace/listening.ts'
import { invalidParams } from '../../errors.ts'
import { SHOWN_LENGTH } from '../../limits.ts'
import type { HexText } from './boundedHex.ts'
import { callTrace } from './callTracer.ts'
import type { TracerConfig } from './config.ts'
import { flatTraces, type TracePlace } from './flatTraces.ts'
import { fourByteTrace } from './fourByteTracer.ts'
import { prestateTrace } from './prestateTracer.ts'
import { profileView } from './profileTracer.ts'
import { stylusTrace } from './stylusTracer.ts'
import { wasmTrace } from './wasmTracer.ts'

export interface Tracer {
  readonly needs: TraceNeeds
  /** `hex`: of all data that its answer shows. */
  readonly view: (trace: RootedTrace, place: TracePlace, hex: HexText) => unknown
}

type TracerOf = (config: TracerConfig) => Tracer

/** Frames and logs, which every trace has. */
export const FRAMES: TraceNeeds = { hostCalls: false, state: false }
const STATE: TraceNeeds = { hostCalls: false, state: true }
const HOST_CALLS: TraceNeeds = { hostCalls: true, state: false }
const PROFILE: TraceNeeds = { hostCalls: false, state: false, profile: true }

const TRACERS: Readonly<Record<string, TracerOf>> = {
  callTracer: (config) => ({ needs: FRAMES, view: ({ root }, _, hex) => callTrace(root, config, hex) }),
  flatCallTracer: () => ({ needs: FRAMES, view: ({ root }, place, hex) => flatTraces(root, place, hex) }),
  '4byteTracer': () => ({ needs: FRAMES, view: ({ root }) => fourByteTrace(root) }),
  prestateTracer: (config) => ({ needs: STATE, view: ({ state }, _, hex) => prestateTrace(state!, config, hex) }),
  muxTracer,
  profileTracer: () => ({ needs: PROFILE, view: ({ profile }) => profileView(profile!) }),
  noopTracer: () => ({ needs: FRAMES, view: () => ({}) }),
  stylusTracer: () => ({ needs: HOST_CALLS, view: ({ root }, _, hex) => stylusTrace(root, hex) }),
  wasmTracer: () => ({ needs: HOST_CALLS, view: ({ root }, _, hex) => wasmTrace(root, hex) }),
}

/** The script of `cargo stylus`, in JavaScript: it asks for host calls and frames, as stylusTracer gives them. */
const STYLUS_SCRIPT = /"hostio"\s*:\s*function/

/** @throws RpcError for a name that is none, with those that are. */
export function tracerOf(name: string | undefined, config: TracerConfig): Tracer {
  if (name === undefined) {
    throw invalidParams(
      `the struct logger steps through EVM instructions, and contracts here are WebAssembly; give a tracer: ${Object.keys(TRACERS).join(', ')}`,
    )
  }
  if (Object.hasOwn(TRACERS, name)) return TRACERS[name]!(config)
  if (STYLUS_SCRIPT.test(name)) return TRACERS['stylusTracer']!(config)
  const what = /[{}\s]/.test(name)
    ? 'tracers in JavaScript are not run'
    : `there is no tracer ${quotedText(name, SHOWN_LENGTH)}`
  throw invalidParams(`${what}; there are: ${Object.keys(TRACERS).join(', ')}`)
}

/** Several at once: `{"callTracer": {...}, "prestateTracer": {...}}`, each with its own configuration. */
function muxTracer(config: TracerConfig): Tracer {
  const tracers = Object.entries(config.tracers).map(([name, inner]) => {
    if (name === 'muxTracer') throw invalidParams('muxTracer does not hold itself')
    return [name, tracerOf(name, inner)] as const
  })
  return {
    needs: {
      hostCalls: tracers.some(([, { needs }]) => needs.hostCalls),
      state: tracers.some(([, { needs }]) => needs.state),
      profile: tracers.some(([, { needs }]) => needs.profile === true),
    },
    view: (trace, place, hex) => Object.fromEntries(tracers.map(([name, { view }]) => [name, view(trace, place, hex)])),
  }
}

/** Where a transaction's trace belongs. */
export function placeOf({ transaction, index }: TransactionTrace, { hash, header }: Head): TracePlace {
  return { block: { hash, number: header.number }, transactionHash: transaction.hash, index }
}

/** Of a call, which is in no block. */
export const NO_PLACE: TracePlace = {
  block: { hash: new Uint8Array(32), number: 0n },
  transactionHash: null,
  index: 0,
}
