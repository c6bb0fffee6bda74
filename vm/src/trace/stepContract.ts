/**
 * Stepping over a contract, on the reference engine: its frames can be stopped between two instructions and looked at. A
 * contract that is stepped over does the same and costs the same.
 */
import type { Instance, InstantiateOptions, Program } from '../engine/engine.ts'
import type { ReferenceProgram } from '../engine/reference/program.ts'
import type { ContractAbi, FrameOutcome } from '../host/abi.ts'
import type { Contract } from '../host/compileContract.ts'
import type { FrameContext } from '../host/environment.ts'
import { compileHeard } from './compileHeard.ts'
import { SteppedCode } from './steppedCode.ts'
import type { SteppedFrame } from './steppedFrame.ts'

/**
 * The same contract, of which each frame is given to what `begin` makes. `module`: its bytes, which are compiled anew.
 *
 * @example
 * ```ts
 * import { compileContract, stepContract, SteppedFrame } from '@touchstone/vm'
 * import { watToWasm } from '@touchstone/vm/testing/wat'
 *
 * const wasm = watToWasm(`(module
 *   (memory (export "memory") 1 1)
 *   (func (export "user_entrypoint") (param $length i32) (result i32) (i32.mul (local.get $length) (i32.const 0))))`)
 *
 * const clock = { steps: 0, next: 3 }
 * const operands: unknown[] = []
 * const stepped = stepContract(compileContract(wasm), wasm, (code) => {
 *   return new SteppedFrame(code, clock, (frame) => operands.push(frame.functions()[0].operands))
 * })
 * // After stepped.abi.execute(stepped.program, ...), `operands` begins with the two that `i32.mul` takes.
 * ```
 */
export function stepContract(
  contract: Contract,
  module: Uint8Array,
  begin: (code: SteppedCode, frame: FrameContext) => SteppedFrame,
): Contract {
  const code = new SteppedCode(compileHeard(contract, module, { stepped: true }))
  const program = new SteppedProgram(contract.program, code.program)
  const { abi } = contract
  const steppedAbi: ContractAbi = {
    ...abi,
    execute(given, environment, gas, schedule): FrameOutcome {
      program.next = begin(code, environment.frame)
      return abi.execute(given, environment, gas, schedule)
    },
  }
  return { ...contract, program, abi: steppedAbi }
}

class SteppedProgram implements Program {
  readonly engine: Program['engine']
  readonly module: Program['module']
  /** The frame that begins: its instance is the next that is made. */
  next: SteppedFrame | null = null
  readonly #program: Program
  readonly #stepped: ReferenceProgram

  constructor(program: Program, stepped: ReferenceProgram) {
    this.engine = program.engine
    this.module = program.module
    this.#program = program
    this.#stepped = stepped
  }

  instantiate(options: InstantiateOptions = {}): Instance {
    const stepper = this.next
    this.next = null
    if (stepper === null) throw new Error('a stepped contract is instantiated without a frame')
    return this.#stepped.instantiate({ ...options, stepper })
  }

  forget(): void {
    this.#program.forget()
  }
}
