/**
 * Runs a function on its machine. The core comes back for whatever it does not do itself (calls of the host and of other
 * instances, memory.grow, tables, segments) and for traps; its frames lie in the machine's memory, so its calls use no
 * native stack.
 */
import { sameFunctionType } from '../../binary/types.ts'
import { TRAP_FRAMES } from '../../limits.ts'
import type { WasmValue } from '../engine.ts'
import { WasmTrap } from '../trap.ts'
import type { InterpreterInstance } from './instance.ts'
import {
  AFTER,
  CALLEE,
  DONE,
  HEADER,
  HEADER_BYTES,
  LEFT_DONE,
  LEFT_FOREIGN,
  LEFT_FRAMES,
  LEFT_FUEL,
  LEFT_IMPORT,
  LEFT_OUTSIDE,
  LEFT_TRAP,
  RECORD_BYTES,
  TRAPS,
} from './layout.ts'
import { frameRoom } from './loadedModule.ts'
import { stackBudget } from './lower.ts'
import { headerAddress } from './lowerOperands.ts'
import type { MachineState } from './machine.ts'
import { RETURN_CALL_INDIRECT } from './opcodes.ts'
import { executeOutside } from './outside.ts'
import { isInterpreterFunction } from './store.ts'

/**
 * @param f counted from the first function defined in the module
 * @param depthIn bytes of stack in use by the callers, by the rule of metering/stackHeight.ts
 * @throws WasmTrap, HostExit, and whatever a host function throws
 */
export function execute(
  instance: InterpreterInstance,
  f: number,
  args: readonly WasmValue[],
  depthIn: number,
): WasmValue[] {
  const { program, loaded } = instance
  const { machine, lowered } = loaded
  const { top, room } = machine
  const budget = stackBudget(program.limits)
  machine.makeRoom(frameRoom(budget, depthIn))
  const fp = machine.top
  if (!loaded.hasCode(f)) loaded.bring(f)
  const { params, results } = instance.functionTypeAt(program.decoded.importedFunctions + f)
  const state = enter(instance, f, fp, depthIn)
  /** Address of the instruction that is under way. */
  let at = state.pc
  try {
    if (state.depth > budget) throw new WasmTrap('stack-exhausted')
    if (state.fuel < 0) throw new WasmTrap('out-of-gas')
    instance.writeValues(params, args, fp)
    for (;;) {
      const left = machine.run(state, budget)
      at = left === LEFT_IMPORT || left === LEFT_OUTSIDE ? state.pc - 4 : state.pc
      switch (left) {
        case LEFT_DONE:
          instance.fuel = state.fuel
          return instance.readValues(results, fp)
        case LEFT_FUEL:
          throw new WasmTrap('out-of-gas')
        case LEFT_IMPORT:
          callImport(instance, state)
          break
        case LEFT_FOREIGN:
          callForeign(instance, state)
          break
        case LEFT_OUTSIDE:
          executeOutside(instance, state)
          break
        case LEFT_FRAMES:
          bringCallee(instance, state)
          break
        default:
          throw new WasmTrap(TRAPS[left - LEFT_TRAP]!)
      }
    }
  } catch (error) {
    if (error instanceof WasmTrap) addFrames(instance, error, at, state.fp)
    throw error
  } finally {
    machine.top = top
    machine.room = room
  }

  /** The first frame, as a call would make it; it returns to the instruction that ends an execution. */
  function enter({ fuel }: InterpreterInstance, index: number, frame: number, depth: number): MachineState {
    const { view, bytes } = machine
    const header = headerAddress(lowered, index)
    const record = frame + view.getUint32(header + HEADER.record, true)
    view.setUint32(record, DONE, true)
    view.setUint32(record + 8, depth, true)
    bytes.fill(0, frame + view.getUint32(header + HEADER.firstLocal, true), record)
    return {
      pc: view.getUint32(header + HEADER.entry, true),
      fp: frame,
      depth: depth + view.getUint32(header + HEADER.stack, true),
      fuel: fuel - Number(view.getBigInt64(header + HEADER.fuel, true)),
    }
  }
}

/** A function is called that this machine does not have yet. */
function bringCallee(instance: InterpreterInstance, state: MachineState): void {
  const { loaded } = instance
  const { machine, lowered } = loaded
  const { view } = machine
  const header = view.getUint32(CALLEE, true)
  const f = (header - lowered.headers) / HEADER_BYTES
  if (loaded.hasCode(f)) throw new RangeError('frames of a contract took more room than the rule of the stack allows')
  loaded.bring(f)
  const after = view.getUint32(AFTER, true)
  // Nothing has happened: it is made again.
  if (after === 0) return
  // The words before where the call comes back to: header, offset of the callee's frame, charge. The core has weighed it.
  const base = state.fp + view.getUint32(after - 8, true)
  const frame = view.getUint32(header + HEADER.frame, true)
  if (base + frame > machine.room.end) throw new RangeError('frames of a contract took more room than there is')
  const fuel = state.fuel - Number(view.getBigInt64(header + HEADER.fuel, true))
  if (fuel < 0) throw new WasmTrap('out-of-gas')
  const record = base + view.getUint32(header + HEADER.record, true)
  view.setUint32(record, after, true)
  view.setUint32(record + 4, state.fp, true)
  view.setUint32(record + 8, state.depth, true)
  machine.bytes.fill(0, base + view.getUint32(header + HEADER.firstLocal, true), record)
  if (lowered.isCounted(f)) state.depth += view.getUint32(header + HEADER.stack, true)
  state.fuel = fuel
  state.fp = base
  state.pc = view.getUint32(header + HEADER.entry, true)
}

function callImport(instance: InterpreterInstance, state: MachineState): void {
  const { machine } = instance.loaded
  const index = machine.view.getUint32(state.pc - 12, true)
  const base = machine.view.getUint32(state.pc - 8, true)
  machine.top = state.fp + machine.view.getUint32(state.pc - 4, true)
  instance.fuel = state.fuel
  instance.callFromSlots(instance.functionAt(index), state.fp + base, state.depth, index)
  state.fuel = instance.fuel
}

/** A call through a table, of a function that is not the module's own. */
function callForeign(instance: InterpreterInstance, state: MachineState): void {
  const { machine } = instance.loaded
  const { view } = machine
  const word = (i: number): number => view.getUint32(state.pc + i * 4, true)
  const index = view.getUint32(state.fp + word(1), true)
  const target = instance.referenceOf(view.getUint32(word(3) + 4 + index * 4, true))
  if (!isInterpreterFunction(target)) throw new Error('a table holds a function of another engine')
  if (!sameFunctionType(target.type, instance.program.decoded.types[word(2)]!)) {
    throw new WasmTrap('indirect-call-type-mismatch')
  }
  const tail = word(0) === RETURN_CALL_INDIRECT
  const record = state.fp + word(6)
  const depth = tail ? view.getUint32(record + 8, true) : state.depth
  machine.top = tail ? record + RECORD_BYTES : state.fp + word(5)
  const charge = tail ? 0 : word(6)
  instance.fuel = state.fuel
  const known = instance.indexOfImport(target)
  instance.callFromSlots(target, state.fp + word(4), depth, known < 0 ? null : known)
  state.fuel = instance.fuel - charge
  if (state.fuel < 0) throw new WasmTrap('out-of-gas')
  state.pc += 7 * 4
}

/** From the innermost frame outwards, as far as this execution goes. */
function addFrames(instance: InterpreterInstance, trap: WasmTrap, innermost: number, frame: number): void {
  const { lowered, machine } = instance.loaded
  const imported = instance.program.decoded.importedFunctions
  let at = innermost
  let fp = frame
  while (trap.frames.length < TRAP_FRAMES) {
    const { f, offset } = lowered.placeAt(at)
    trap.addFrame(instance.trapFrame(imported + f, offset))
    const record = fp + lowered.records[f]!
    const back = machine.view.getUint32(record, true)
    if (back === DONE) return
    fp = machine.view.getUint32(record + 4, true)
    at = back - 4
  }
}
