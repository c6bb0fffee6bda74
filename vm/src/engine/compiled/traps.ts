/**
 * From what the host throws to a trap of this VM. The host tells what happened in its own words, and where by its call
 * stack, in offsets of the rewritten module; the origins kept by the rewriter lead back.
 */

import { type InstructionList, WORDS } from '../../binary/module.ts'
import { OP } from '../../binary/opcodes.ts'
import { type HostCode, type HostGlobal, type HostTable, hostWebAssembly } from '../hostWebAssembly.ts'
import { type TrapCode, type TrapFrame, WasmTrap } from '../trap.ts'
import { COPIED, FLOAT, FUEL_CHECK, HOST_FAULT, ORIGIN_WORDS, type Origin, STACK_CHECK } from './codeWriter.ts'
import { type HostedModule, HostRefusal } from './hostedModule.ts'
import type { CompiledProgram } from './program.ts'
import { programByNumber } from './programNumbers.ts'
import { LAST_ELEMENT } from './rewriteModule.ts'
import { reasonOfTrap } from './store.ts'

const { call_indirect: CALL_INDIRECT, return_call_indirect: RETURN_CALL_INDIRECT } = OP

/**
 * Words of V8 (Node, Chromium), SpiderMonkey and JavaScriptCore, in lower case. V8 has the same for an empty entry of a
 * table and a function of another type, and others for what is past the end of a table.
 */
const WORDS_OF_HOST: readonly (readonly [RegExp, TrapCode])[] = [
  [/unreachable/, 'unreachable'],
  [/by zero/, 'integer-divide-by-zero'],
  [/unrepresentable|integer overflow/, 'integer-overflow'],
  [/indirect call to null|null table entry/, 'uninitialized-element'],
  [/signature/, 'indirect-call-type-mismatch'],
  [/out of bounds call_indirect/, 'undefined-element'],
  [/table|element segment/, 'out-of-bounds-table'],
  [/memory|data segment|out of bounds/, 'out-of-bounds-memory'],
]

/** Running out of fuel is an `unreachable` of ours, which only its place tells from the contract's. */
const UNREACHABLE_SOMEWHERE = 'unreachable executed, or out of gas: this host does not tell where it was'

/**
 * Calls exported code. The name of this function marks, in the host's call stack, where the execution was entered:
 * frames beyond it belong to another one.
 */
export function enterModule(code: HostCode, args: readonly unknown[]): unknown {
  return code(...args)
}

/** Null for what is no trap: a failure of the host, which must not become a contract's result. */
export function trapOf(error: unknown, hosted: HostedModule): WasmTrap | null {
  const { stackTraceLimit } = Error
  // V8 would take as long again to find the stack of the trap that is made here, which nobody asks for.
  Error.stackTraceLimit = 0
  try {
    return trapFrom(error, hosted)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

function trapFrom(error: unknown, hosted: HostedModule): WasmTrap | null {
  if (error instanceof WasmTrap) return withFrames(error, placesOf(error))
  if (error instanceof HostRefusal) {
    const { refusal, functionIndex } = error
    const trap = new WasmTrap(refusal.code, refusal.message)
    const places = placesOf(error)
    const program = places[0]?.program ?? hosted.program
    trap.addFrame({ functionIndex, functionName: program.functionName(functionIndex), offset: null })
    return withFrames(trap, places)
  }
  if (!(error instanceof hostWebAssembly.RuntimeError)) return null
  const reason = reasonOfTrap.value
  reasonOfTrap.value = 0
  if (reason === HOST_FAULT) return null
  const places = placesOf(error)
  return withFrames(trapByHost(error as Error, reason, places[0], hosted), places)
}

/** The trap of an instantiation that failed. @throws what is no trap. */
export function instantiationTrap(error: unknown): WasmTrap {
  if (!(error instanceof hostWebAssembly.RuntimeError)) throw error
  const { message } = error as Error
  return new WasmTrap(/data segment|memory/i.test(message) ? 'out-of-bounds-memory' : 'out-of-bounds-table')
}

/** A place in a rewritten module, and where it comes from. */
interface Place {
  readonly program: CompiledProgram
  /** Index in the rewritten module. */
  readonly functionIndex: number
  readonly origin: Origin
  /** Offset in the original module. */
  readonly offset: number
}

/**
 * That the frame trapped is told by the error's class and the reason; nothing else decides an outcome. The host's words
 * choose the code shown, and the place refines it where they leave open which instruction it was.
 */
function trapByHost(error: Error, reason: unknown, place: Place | undefined, hosted: HostedModule): WasmTrap {
  if (place?.origin === FUEL_CHECK) return new WasmTrap('out-of-gas')
  if (reason === STACK_CHECK) return new WasmTrap('stack-exhausted')
  if (reason === FLOAT) return new WasmTrap('float')
  const message = error.message.toLowerCase()
  const code = WORDS_OF_HOST.find(([words]) => words.test(message))?.[1]
  if (code === undefined) return new WasmTrap('unreachable', `the host's WebAssembly says "${error.message}"`)
  if (code === 'unreachable' && place === undefined) return new WasmTrap(code, UNREACHABLE_SOMEWHERE)
  const instruction = place === undefined ? null : instructionAt(place)
  if (instruction === null || (instruction.op !== CALL_INDIRECT && instruction.op !== RETURN_CALL_INDIRECT))
    return new WasmTrap(code)
  if (code === 'out-of-bounds-table') return new WasmTrap('undefined-element')
  const empty = code === 'indirect-call-type-mismatch' && wasEmpty(place!, instruction, hosted)
  return new WasmTrap(empty ? 'uninitialized-element' : code)
}

interface IndirectCall {
  readonly op: number
  /** Type and table. */
  readonly a: number
  readonly b: number
}

/** Whether the entry called was empty; else it was a function of another type. */
function wasEmpty({ program }: Place, { a, b }: IndirectCall, hosted: HostedModule): boolean {
  const verdict = program.rewritten.tables.verdict(a, b)
  if (verdict !== 'unknown') return verdict === 'empty'
  const caller = hosted.program === program ? hosted : program.lastOpen?.deref()
  if (caller === undefined) return false
  const { value } = caller.exports[LAST_ELEMENT] as HostGlobal
  return (caller.exports[`t${b}`] as HostTable).get((value as number) >>> 0) === null
}

function instructionAt({ program, functionIndex, offset }: Place): IndirectCall | null {
  const { bodies, importedFunctions } = program.decoded
  const code: InstructionList | undefined = bodies[functionIndex - importedFunctions]?.code
  if (code === undefined) return null
  for (let at = 0; at < code.count * WORDS; at += WORDS) {
    if (code.words[at + 1] === offset) {
      return { op: code.words[at]!, a: code.words[at + 2]!, b: code.words[at + 3]! }
    }
  }
  return null
}

function withFrames(trap: WasmTrap, places: readonly Place[]): WasmTrap {
  for (const [i, place] of places.entries()) {
    const frame = frameOf(place, i === 0 && trap.frames.length === 0)
    if (frame !== null) trap.addFrame(frame)
  }
  return trap
}

/** Functions the rewriter added are not shown, unless the trap is on the way into what they enter. */
function frameOf({ program, functionIndex, offset }: Place, innermost: boolean): TrapFrame | null {
  const original = program.decoded.functionTypes.length
  let index = functionIndex
  if (functionIndex >= original) {
    index = program.rewritten.entered[functionIndex - original]!
    if (!innermost || index < 0) return null
  }
  return { functionIndex: index, functionName: program.functionName(index), offset }
}

const WASM_FRAME = /wasm:\/\/wasm\/t(\d+)-[0-9a-f]+:wasm-function\[(\d+)\]:0x([0-9a-f]+)/

/** The Wasm frames of an error's call stack, innermost first, up to where the execution was entered. */
function placesOf(error: Error): Place[] {
  const places: Place[] = []
  for (const frame of framesOf(error)) {
    if (/\benterModule\b/.test(frame)) break
    const match = WASM_FRAME.exec(frame)
    const program = match === null ? undefined : programByNumber(Number(match[1]))
    if (program !== undefined) places.push(placeIn(program, Number(match![2]), Number.parseInt(match![3]!, 16)))
  }
  return places
}

function framesOf(error: Error): readonly string[] {
  const { prepareStackTrace } = Error
  // The hook that is set formats errors for people; here the frames are wanted as V8 writes them.
  Error.prepareStackTrace = (_error, frames) => frames.map(String)
  try {
    const stack: unknown = error.stack
    return Array.isArray(stack) ? stack : String(stack).split('\n')
  } finally {
    Error.prepareStackTrace = prepareStackTrace
  }
}

function placeIn(program: CompiledProgram, functionIndex: number, offset: number): Place {
  const { bodies, codeStarts, origins } = program.rewritten
  const i = functionIndex - program.decoded.importedFunctions
  const { codeFrom, originsFrom, originsTo } = bodies[i]!
  // Places count from where the rewriter began; so does this one.
  const at = offset - codeStarts[i]! + codeFrom
  let low = originsFrom / ORIGIN_WORDS
  let high = originsTo / ORIGIN_WORDS
  while (low + 1 < high) {
    const middle = (low + high) >> 1
    if (origins[middle * ORIGIN_WORDS]! <= at) low = middle
    else high = middle
  }
  const [start = 0, origin = COPIED, original = 0] = origins.subarray(low * ORIGIN_WORDS, (low + 1) * ORIGIN_WORDS)
  return {
    program,
    functionIndex,
    origin: origin as Origin,
    offset: origin === COPIED ? original + at - start : original,
  }
}
