/**
 * Recording what a contract executes, on the reference engine: how often each instruction ran, which way each choice went,
 * and where its fuel went, by function and caller. A contract that is recorded does the same and costs the same.
 */
import type { Instance, InstantiateOptions, Program } from '../engine/engine.ts'
import type { ReferenceProgram } from '../engine/reference/program.ts'
import type { ContractAbi, FrameOutcome } from '../host/abi.ts'
import type { Contract } from '../host/compileContract.ts'
import type { FrameContext } from '../host/environment.ts'
import { compileHeard } from './compileHeard.ts'
import type { RecordedFrame } from './recordedFrame.ts'

/** A program whose instances tell what they execute. */
export type RecordedProgram = ReferenceProgram

export interface ContractRecorder<Label> {
  /** A frame of the contract begins with so much gas; what hears it, and null for nothing. */
  begin(program: () => RecordedProgram, frame: FrameContext, gas: bigint): RecordedFrame<Label> | null
  /** The contract is instantiated on so much fuel. */
  start(frame: RecordedFrame<Label>, fuel: bigint): void
}

/**
 * The same contract, whose frames are heard by what `recorder` makes. `module`: its bytes, which are compiled anew when the
 * first frame is to be heard.
 *
 * @example
 * ```ts
 * import { compileContract, NodeRoom, ProfileNode, recordContract, RecordedContract, RecordedFrame } from '@touchstone/vm'
 * import { watToWasm } from '@touchstone/vm/testing/wat'
 *
 * const wasm = watToWasm(`(module
 *   (memory (export "memory") 1 1)
 *   (func (export "user_entrypoint") (param $length i32) (result i32) (i32.mul (local.get $length) (i32.const 0))))`)
 *
 * const root = new ProfileNode({ kind: 'root' }, null, new NodeRoom(100))
 * const recorded = recordContract(compileContract(wasm), wasm, {
 *   begin: (program) => new RecordedFrame(new RecordedContract(program()), root),
 *   start() {},
 * })
 * // After recorded.abi.execute(recorded.program, ...), `root` has the fuel of each function below it.
 * ```
 */
export function recordContract<Label>(
  contract: Contract,
  module: Uint8Array,
  recorder: ContractRecorder<Label>,
): Contract {
  const { program, abi } = contract
  let compiled: RecordedProgram | null = null
  const recorded = () => {
    compiled ??= compileHeard(contract, module, { recorded: true })
    return compiled
  }
  const heard = new HeardProgram(program, recorded, recorder)
  const recordedAbi: ContractAbi = {
    ...abi,
    execute(given, environment, gas, schedule): FrameOutcome {
      heard.next = recorder.begin(recorded, environment.frame, gas)
      return abi.execute(given, environment, gas, schedule)
    },
  }
  return { ...contract, program: heard, abi: recordedAbi }
}

class HeardProgram<Label> implements Program {
  readonly engine: Program['engine']
  readonly module: Program['module']
  /** Hears the frame that begins: its instance is the next that is made. */
  next: RecordedFrame<Label> | null = null
  readonly #program: Program
  readonly #recorded: () => RecordedProgram
  readonly #recorder: ContractRecorder<Label>

  constructor(program: Program, recorded: () => RecordedProgram, recorder: ContractRecorder<Label>) {
    this.engine = program.engine
    this.module = program.module
    this.#program = program
    this.#recorded = recorded
    this.#recorder = recorder
  }

  instantiate(options: InstantiateOptions = {}): Instance {
    const frame = this.next
    this.next = null
    if (frame === null) return this.#program.instantiate(options)
    this.#recorder.start(frame, options.fuel ?? 0n)
    return this.#recorded().instantiate({ ...options, recorder: frame })
  }

  forget(): void {
    this.#program.forget()
  }
}
