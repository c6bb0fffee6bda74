/**
 * Listening to what a contract asks of the host, call by call with arguments and results, for traces. A
 * contract that is listened to does the same and costs the same.
 */
import {
  type HostContext,
  HostExit,
  type HostFunction,
  type Instance,
  type InstantiateOptions,
  type Memory,
  type Program,
} from '../engine/engine.ts'
import type { ContractAbi, FrameOutcome } from '../host/abi.ts'
import type { Contract } from '../host/compileContract.ts'
import { INK_PER_GAS } from '../host/vmHooks/ink.ts'
import { HOST_CALL_SHAPES, type HostCallShape, type Piece } from './hostCallShapes.ts'
import { mapFunctions } from './mapFunctions.ts'

export interface HostCall {
  /** As nitro's tracer calls it. */
  readonly name: string
  /** {@link HOST_CALL_SHAPES} */
  readonly args: Uint8Array
  readonly outs: Uint8Array
  /** Fuel before and after, which is ink. */
  readonly startInk: bigint
  readonly endInk: bigint
}

/** An exception of it ends the execution as a fault of the host. It must change nothing. */
export interface HostCallListener {
  /** A frame of the contract begins with so much input. */
  enter(inputLength: number, ink: bigint): void
  /** A host function has done what it was called for. One that refuses, or runs out of gas, is not told. */
  call(call: HostCall): void
  /** The innermost frame ends: the entry point's status, or null when it trapped. */
  leave(status: 0 | 1 | null, ink: bigint): void
}

const NO_BYTES = new Uint8Array(0)

/**
 * The same contract, with a listener that is told of each call.
 *
 * @example
 * ```ts
 * import { compileContract, type HostCall, listenToHostCalls } from '@touchstone/vm'
 * import { watToWasm } from '@touchstone/vm/testing/wat'
 *
 * const wasm = watToWasm(`(module
 *   (import "vm_hooks" "msg_reentrant" (func $reentrant (result i32)))
 *   (memory (export "memory") 1 1)
 *   (func (export "user_entrypoint") (param $length i32) (result i32) (call $reentrant)))`)
 *
 * const calls: HostCall[] = []
 * const heard = listenToHostCalls(compileContract(wasm), { enter() {}, call: (call) => calls.push(call), leave() {} })
 * // After heard.abi.execute(heard.program, ...), `calls` has msg_reentrant with its result and its price.
 * ```
 */
export function listenToHostCalls(contract: Contract, listener: HostCallListener): Contract {
  const { program, abi, schedule } = contract
  const heardAbi: ContractAbi = {
    ...abi,
    execute(_program, environment, gas): FrameOutcome {
      const { input } = environment.frame
      listener.enter(input.length, gas * INK_PER_GAS)
      const outcome = abi.execute(new HeardProgram(program, input.length, listener), environment, gas, schedule)
      if (outcome.kind === 'failure') listener.leave(null, 0n)
      else listener.leave(outcome.kind === 'success' ? 0 : 1, outcome.gasLeft * INK_PER_GAS)
      return outcome
    },
  }
  return { ...contract, abi: heardAbi }
}

class HeardProgram implements Program {
  readonly engine: Program['engine']
  readonly module: Program['module']
  readonly #program: Program
  readonly #inputLength: number
  readonly #listener: HostCallListener

  constructor(program: Program, inputLength: number, listener: HostCallListener) {
    this.engine = program.engine
    this.module = program.module
    this.#program = program
    this.#inputLength = inputLength
    this.#listener = listener
  }

  instantiate(options: InstantiateOptions = {}): Instance {
    const imports = mapFunctions(options.imports ?? {}, (name, hook) => {
      const shape = HOST_CALL_SHAPES[name]
      return shape === undefined
        ? hook
        : heardFunction(shape.name ?? name, shape, hook, this.#inputLength, this.#listener)
    })
    return this.#program.instantiate({ ...options, imports })
  }

  forget(): void {
    this.#program.forget()
  }
}

function heardFunction(
  name: string,
  shape: HostCallShape,
  { type, call }: HostFunction,
  inputLength: number,
  listener: HostCallListener,
): HostFunction {
  const arity = type.params.length
  return {
    type,
    call: (...all) => {
      const parameters = all.slice(0, arity) as (number | bigint)[]
      const host = all[arity] as HostContext
      const { memory } = host
      const startInk = host.fuelLeft()
      const args = encode(shape.args, { parameters, memory, inputLength, result: 0n })
      const tell = (outs: Uint8Array) => listener.call({ name, args, outs, startInk, endInk: host.fuelLeft() })
      let returned: ReturnType<HostFunction['call']>
      try {
        returned = call(...all)
      } catch (error) {
        // The frame ends in order: it was called for that.
        if (error instanceof HostExit) tell(NO_BYTES)
        throw error
      }
      const value = typeof returned === 'number' || typeof returned === 'bigint' ? BigInt(returned) : 0n
      tell(encode(shape.outs, { parameters, memory, inputLength, result: value }))
      return returned
    },
  }
}

interface Values {
  readonly parameters: readonly (number | bigint)[]
  readonly memory: Memory | null
  readonly inputLength: number
  readonly result: bigint
}

function encode(pieces: readonly Piece[], values: Values): Uint8Array {
  if (pieces.length === 1) return encodePiece(pieces[0]!, values)
  const parts = pieces.map((piece) => encodePiece(piece, values))
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

function encodePiece(piece: Piece, values: Values): Uint8Array {
  const parameter = (place: number) => values.parameters[place] ?? 0
  switch (piece.kind) {
    case 'parameter':
      return bigEndian(BigInt(parameter(piece.parameter)), piece.bytes)
    case 'flag':
      return Uint8Array.of(BigInt(parameter(piece.parameter)) === 0n ? 0 : 1)
    case 'result':
      return bigEndian(values.result, piece.bytes)
    case 'digits':
      return new TextEncoder().encode(String(parameter(piece.parameter)))
    case 'written':
      return memoryAt(values.memory, parameter(piece.parameter), 4).reverse()
    case 'memory': {
      const { length } = piece
      const size =
        typeof length === 'number'
          ? length
          : length === 'result'
            ? Number(values.result)
            : length === 'input'
              ? values.inputLength
              : Number(parameter(length.parameter)) >>> 0
      return memoryAt(values.memory, parameter(piece.parameter), size)
    }
  }
}

/** A copy; nothing where the memory does not reach, which the host function itself refuses. */
function memoryAt(memory: Memory | null, pointer: number | bigint, length: number): Uint8Array {
  const offset = Number(pointer) >>> 0
  return memory === null || offset + length > memory.size ? NO_BYTES : memory.read(offset, length)
}

function bigEndian(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let rest = BigInt.asUintN(8 * length, value)
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return bytes
}
