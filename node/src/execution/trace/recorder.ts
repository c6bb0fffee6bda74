/** Makes the tree of what a transaction did while it runs. */
import { equalBytes } from '../../codec/bytes.ts'
import { printable } from '../../codec/visibleText.ts'
import { createAddress } from '../contractAddress.ts'
import { type Contract, type HostCall, listenToHostCalls } from '../contractHost.ts'
import type { Creation } from '../creation.ts'
import { MAX_FAILURE_TEXT, MAX_TRACE_BYTES, MAX_TRACE_VALUES } from '../limits.ts'
import type { Message } from '../message.ts'
import { revertMessage } from '../revertReason.ts'
import type { MessageResult } from '../transactionContext.ts'
import type { Step, TracedFrame, TracedLog } from './callTree.ts'
import type { FrameTracer } from './frameTracer.ts'

/** A trace that would not fit; the execution is given up. */
export class TraceTooLarge extends Error {
  override readonly name = 'TraceTooLarge'
}

/** From, to, input and output. */
const FRAME_VALUES = 4

export const FRAME_KINDS = { call: 'CALL', delegatecall: 'DELEGATECALL', staticcall: 'STATICCALL' } as const

export class Recorder implements FrameTracer {
  readonly #nonce: (address: Uint8Array) => bigint
  readonly #open: TracedFrame[] = []
  #isOn = false
  #root: TracedFrame | null = null
  #bytes = 0
  #values = 0

  /** `nonce`: of an account now, by which CREATE is told from CREATE2. */
  constructor(nonce: (address: Uint8Array) => bigint) {
    this.#nonce = nonce
  }

  /** Keeps everything that runs from here on. The bounds are those of all that is kept together. */
  begin(): void {
    this.#isOn = true
    this.#root = null
  }

  /** The outermost frame since {@link begin}, null if there was none; nothing is kept any more. */
  take(): TracedFrame | null {
    const root = this.#root
    this.#isOn = false
    this.#root = null
    return root
  }

  /** A contract whose host calls are told. */
  heard(contract: Contract): Contract {
    return listenToHostCalls(contract, {
      enter: (inputLength, ink) => {
        const args = new Uint8Array(4)
        new DataView(args.buffer).setUint32(0, inputLength, false)
        this.#host({ name: 'user_entrypoint', args, outs: new Uint8Array(0), startInk: ink, endInk: ink })
      },
      call: (call) => this.#host(call),
      leave: (status, ink) => {
        if (status === null) return
        const outs = Uint8Array.of(0, 0, 0, status)
        this.#host({ name: 'user_returned', args: new Uint8Array(0), outs, startInk: ink, endInk: ink })
      },
    })
  }

  enterMessage({ caller, self, codeAddress, value, input, gas, kind }: Message): void {
    // Of a delegate call the account that acts is the caller.
    const from = kind === 'delegatecall' ? self : caller
    this.#enter({ kind: FRAME_KINDS[kind], from, to: codeAddress, value, input, gas })
  }

  enterCreation({ creator, address, value, initCode, gas }: Creation): void {
    if (!this.#isOn) return
    const nonce = this.#nonce(creator)
    const isPlain = nonce > 0n && equalBytes(address, createAddress(creator, nonce - 1n))
    this.#enter({ kind: isPlain ? 'CREATE' : 'CREATE2', from: creator, to: address, value, input: initCode, gas })
  }

  log(log: TracedLog): void {
    this.#add({ kind: 'log', log }, 2 + log.topics.length, 32 * log.topics.length + log.data.length)
  }

  leave(result: MessageResult): void {
    if (!this.#isOn) return
    const frame = this.#open.pop()
    if (frame === undefined) throw new Error('a frame ended that did not begin')
    frame.gasUsed = frame.gas - result.gasLeft
    // A contract's output may be a view of something larger, which would go along to another thread.
    frame.output = result.output.slice()
    this.#count(0, result.output.length)
    if (result.kind === 'revert') {
      frame.error = { kind: 'revert', message: revertMessage(result.output, frame.value) }
    } else if (result.kind === 'failure') {
      // It may hold names that a stranger chose.
      frame.error = { kind: 'failure', message: printable(result.reason, MAX_FAILURE_TEXT) }
    }
  }

  #enter(begun: Pick<TracedFrame, 'kind' | 'from' | 'to' | 'value' | 'input' | 'gas'>): void {
    if (!this.#isOn) return
    // Data of frames are views of a contract's memory, which goes on changing.
    const input = begun.input.slice()
    const frame: TracedFrame = { ...begun, input, gasUsed: 0n, output: new Uint8Array(0), error: null, steps: [] }
    this.#root ??= frame
    if (this.#open.length > 0) this.#add({ kind: 'frame', frame }, FRAME_VALUES, input.length)
    else this.#count(FRAME_VALUES, input.length)
    this.#open.push(frame)
  }

  #host(call: HostCall): void {
    this.#add({ kind: 'host', call }, 2, call.args.length + call.outs.length)
  }

  #add(step: Step, values: number, bytes: number): void {
    if (!this.#isOn) return
    this.#count(values, bytes)
    this.#open.at(-1)?.steps.push(step)
  }

  #count(values: number, bytes: number): void {
    this.#values += values
    this.#bytes += bytes
    if (this.#bytes <= MAX_TRACE_BYTES && this.#values <= MAX_TRACE_VALUES) return
    throw new TraceTooLarge(
      `the trace has more than ${MAX_TRACE_BYTES} bytes of data (MAX_TRACE_BYTES) or ${MAX_TRACE_VALUES} inputs, outputs, arguments and their like (MAX_TRACE_VALUES), which is what a node keeps; ask for one transaction, or for a tracer that keeps less, such as callTracer`,
    )
  }
}
