/**
 * One transaction, or one call, executed again from the accounts that it touches, as often as it is wanted, on the
 * reference engine: each of its contracts is stepped over (docs/rationale/devnet.md, "Why does devnet debug ...").
 */
import { keyOf } from '../codec/bytes.ts'
import { keccak256 } from '../crypto/keccak.ts'
import { applyMessage } from '../execution/applyMessage.ts'
import type { CallMessage } from '../execution/call.ts'
import { prepareCall } from '../execution/callMessage.ts'
import {
  type Contract,
  forgetExecutions,
  type HostCall,
  listenToHostCalls,
  type StepClock,
  type SteppedCode,
  SteppedFrame,
  stepContract,
} from '../execution/contractHost.ts'
import type { Creation } from '../execution/creation.ts'
import { signerOf } from '../execution/dev/devStorage.ts'
import { blockContextOf, type ExecutedHeader } from '../execution/executeBlock.ts'
import { executeTransaction } from '../execution/executeTransaction.ts'
import type { ExecutionConfig } from '../execution/executionConfig.ts'
import type { Message } from '../execution/message.ts'
import { createProgramCache } from '../execution/programCache.ts'
import type { FrameKind } from '../execution/trace/callTree.ts'
import { FRAME_KINDS } from '../execution/trace/recorder.ts'
import type { MessageResult } from '../execution/transactionContext.ts'
import type { State } from '../state/state.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { type PrestateAccount, prestateOf } from './prestate.ts'

export interface RerunTask {
  readonly chainId: bigint
  readonly schedule: string
  readonly block: ExecutedHeader
  /** All that is touched, as it is before. */
  readonly accounts: readonly PrestateAccount[]
  /** A transaction of the sender that its receipt names, or a call with its gas. */
  readonly subject:
    | { readonly kind: 'transaction'; readonly transaction: SenderTransaction }
    | { readonly kind: 'call'; readonly message: CallMessage & { readonly gas: bigint } }
}

/** A frame that is open. */
export interface RerunFrame {
  /** Frames are counted as they begin, from 0. */
  readonly id: number
  readonly kind: FrameKind
  readonly caller: Uint8Array
  /** Whose code runs. */
  readonly codeAddress: Uint8Array
  /** Whose storage and balance it acts on. */
  readonly self: Uint8Array
  readonly value: bigint
  readonly input: Uint8Array
  readonly gas: bigint
  /** Null of what is no contract, or has not begun. */
  stepped: SteppedFrame | null
}

export interface RerunResult {
  readonly kind: MessageResult['kind']
  readonly gasUsed: bigint
  /** Of a failure the reason, for people. */
  readonly message: string | null
}

export interface RerunListener {
  /** A module runs for the first time at this address, before its first instruction. */
  code(code: SteppedCode, moduleHash: Uint8Array, codeAddress: Uint8Array): void
  /** The innermost frame is about to execute an instruction. An exception ends the execution. */
  step(frame: RerunFrame): void
  /** A host function has done what it was called for. */
  hostCall(frame: RerunFrame, call: HostCall): void
  leave(frame: RerunFrame, result: MessageResult): void
}

/** It cannot run again: what the node told of it does not fit. */
export class RerunError extends Error {
  override readonly name = 'RerunError'
}

export class Rerun {
  readonly clock: StepClock = { steps: 0, next: 0 }
  /** Those that are open, the outermost first. */
  readonly frames: RerunFrame[] = []
  readonly #task: RerunTask
  readonly #listener: RerunListener
  readonly #open: () => State & Parameters<typeof executeTransaction>[0]
  readonly #config: ExecutionConfig
  readonly #seen = new Map<SteppedCode, Set<string>>()
  #state: State | null = null
  #frames = 0

  constructor(task: RerunTask, listener: RerunListener) {
    this.#task = task
    this.#listener = listener
    this.#open = prestateOf(task.accounts)
    this.#config = {
      ...{ chainId: task.chainId, schedule: task.schedule, engine: 'reference', programs: createProgramCache() },
      between: (contract, module) => this.#between(contract, module),
      tracer: {
        enterMessage: (message) => this.#enterMessage(message),
        enterCreation: (creation) => this.#enterCreation(creation),
        leave: (result) => this.#leave(result),
      },
    }
  }

  /** As it is now, in the middle of what runs. */
  get state(): State {
    if (this.#state === null) throw new Error('nothing runs')
    return this.#state
  }

  /** Keys of the slots that it touches at all, of one account. */
  touchedSlots(address: Uint8Array): readonly Uint8Array[] {
    const name = keyOf(address)
    return this.#task.accounts.flatMap((account) =>
      keyOf(account.address) === name ? account.storage.map(([key]) => key) : [],
    )
  }

  /** From its beginning to its end, or to an exception of the listener. @throws RerunError. */
  run(): RerunResult {
    this.clock.steps = 0
    this.frames.length = 0
    this.#frames = 0
    const state = this.#open()
    this.#state = state
    try {
      return this.#task.subject.kind === 'call' ? this.#runCall(state) : this.#runTransaction(state)
    } catch (error) {
      // It was thrown through the engine in the middle of contracts, which go on being used.
      forgetExecutions()
      throw error
    } finally {
      this.frames.length = 0
      this.#state = null
    }
  }

  #runTransaction(state: Parameters<typeof executeTransaction>[0]): RerunResult {
    const { block, subject } = this.#task
    if (subject.kind !== 'transaction') throw new Error('it is a call')
    const context = blockContextOf(block)
    const { transaction, sender } = subject.transaction
    const signed = { ...subject.transaction, sender: signerOf(state, transaction, sender) }
    const outcome = executeTransaction(state, signed, context, block.gasLimit, this.#config)
    if (!outcome.ok) throw new RerunError(`the transaction cannot be executed again: ${outcome.error.message}`)
    const { receipt, gasUsed, failure } = outcome.receipt
    const kind = receipt.status === 1 ? 'success' : failure?.revertData == null ? 'failure' : 'revert'
    return { kind, gasUsed, message: failure?.message ?? null }
  }

  #runCall(state: State): RerunResult {
    const { block, subject } = this.#task
    if (subject.kind !== 'call') throw new Error('it is a transaction')
    const context = blockContextOf(block)
    const outer = prepareCall(state, subject.message, context, subject.message.gas)
    const { kind, gasUsed, message } = applyMessage(state, outer, context, this.#config)
    return { kind, gasUsed, message }
  }

  #between(contract: Contract, module: Uint8Array): Contract {
    const moduleHash = keccak256(module)
    const stepped = stepContract(contract, module, (code, { codeAddress }) => {
      const frame = this.#innermost()
      const seen = this.#seen.get(code) ?? new Set()
      this.#seen.set(code, seen)
      const name = keyOf(codeAddress)
      if (!seen.has(name)) {
        seen.add(name)
        this.#listener.code(code, moduleHash, codeAddress.slice())
      }
      const made = new SteppedFrame(code, this.clock, () => this.#listener.step(frame))
      frame.stepped = made
      return made
    })
    return listenToHostCalls(stepped, {
      enter() {},
      call: (call) => this.#listener.hostCall(this.#innermost(), call),
      leave() {},
    })
  }

  #enterMessage({ kind, caller, codeAddress, self, value, input, gas }: Message): void {
    this.#enter({ kind: FRAME_KINDS[kind], caller, codeAddress, self, value, input, gas })
  }

  #enterCreation({ creator, address, value, initCode, gas }: Creation): void {
    const ofContract = { codeAddress: address, self: address, value, input: initCode, gas }
    this.#enter({ kind: 'CREATE', caller: creator, ...ofContract })
  }

  #enter(begun: Omit<RerunFrame, 'id' | 'stepped'>): void {
    // Data of frames are views of a contract's memory, which goes on changing.
    this.frames.push({ ...begun, input: begun.input.slice(), id: this.#frames++, stepped: null })
  }

  #leave(result: MessageResult): void {
    this.#listener.leave(this.#innermost(), result)
    this.frames.pop()
  }

  #innermost(): RerunFrame {
    const frame = this.frames.at(-1)
    if (frame === undefined) throw new Error('a contract runs without a frame')
    return frame
  }
}
