/**
 * The reference interpreter: one loop over lowered code, one case per instruction, in the words of the core
 * specification, 4.4. It keeps frames and operands in arrays of its own, so Wasm calls use no native stack.
 *
 * Every value takes one cell: `low[i]` and `high[i]` are its 32-bit halves, of which an i32 uses the lower one. A
 * reference is a number of the instance's own (see instance.ts). `sp` is the first free cell. Case labels are the ops
 * of opcodes.ts as literals, since only literals make V8 compile the switch to a jump table.
 */

import { sameFunctionType } from '../../binary/types.ts'
import type { WasmValue } from '../engine.ts'
import { WasmTrap } from '../trap.ts'
import { executeBulk } from './bulk.ts'
import { effectiveAddress, moveValues, widen } from './cells.ts'
import type { ReferenceInstance } from './instance.ts'
import { binary64, compare64, populationCount32, trailingZeros32, unary64 } from './int64.ts'
import { type ReferenceMemory, WasmFunction } from './store.ts'

/** Words per saved frame: where to go on, base, depth it was entered with, depth it runs at, function. */
export const FRAME_WORDS = 5

const NO_BYTES = new Uint8Array(0)
const NO_VIEW = new DataView(NO_BYTES.buffer)

/**
 * Runs function `entry`, counted from the first one defined in the module, with its arguments in the instance's
 * representation, on fuel of the instance.
 *
 * @param depthIn bytes of call stack in use by the callers, by the rule of metering/stackHeight.ts
 * @throws WasmTrap, HostExit, and whatever a host function throws
 */
export function execute(
  instance: ReferenceInstance,
  entry: number,
  args: readonly WasmValue[],
  depthIn: number,
): WasmValue[] {
  const { lowered, stack: stackRule, limits } = instance.program
  const { stackBytes } = limits
  const { code, costs, offsets, branchTargets, functions } = lowered
  const { charge, counted } = stackRule
  const imported = instance.program.decoded.importedFunctions
  const { stepper } = instance

  let capacity = Math.max(256, functions.cells[entry]!)
  let low = new Int32Array(capacity)
  let high = new Int32Array(capacity)
  let frames = new Int32Array(16 * FRAME_WORDS)
  let fp = 0
  let current = entry
  let base = 0
  let sp = functions.values[entry]!
  let pc = functions.entry[entry]!
  let depth = depthIn + charge[entry]!
  let fuel = instance.fuel - functions.entryCost[entry]!

  let bytes: Uint8Array = NO_BYTES
  let view: DataView = NO_VIEW
  let size = 0
  const memory: ReferenceMemory | null = instance.linearMemory
  if (memory !== null) ({ bytes, view, size } = memory)

  if (depth > stackBytes) throw instance.trapAt('stack-exhausted', imported + entry, offsets[pc]!)
  if (fuel < 0) throw instance.trapAt('out-of-gas', imported + entry, offsets[pc]!)
  try {
    instance.writeValues(instance.functionTypeAt(imported + entry).params, args, low, high, 0)
    for (;;) {
      const at = pc << 2
      fuel -= costs[pc++]!
      if (fuel < 0) throw new WasmTrap('out-of-gas')
      const op = code[at]!
      let callee: number
      switch (op) {
        case 0x00: // unreachable
          throw new WasmTrap('unreachable')
        case 0xc9: // a floating-point instruction
          throw new WasmTrap('float')
        case 0x04: // if
          if (low[--sp] === 0) pc = code[at + 1]!
          continue
        case 0x05: // else, reached from above
          pc = code[at + 1]!
          continue
        case 0x0d: // br_if
          if (low[--sp] === 0) continue
          sp = moveValues(low, high, sp, base + code[at + 3]!, code[at + 2]!)
          pc = code[at + 1]!
          continue
        case 0x0c: // br
          sp = moveValues(low, high, sp, base + code[at + 3]!, code[at + 2]!)
          pc = code[at + 1]!
          continue
        case 0x0e: {
          // br_table
          const index = Math.min(low[--sp]! >>> 0, code[at + 2]!)
          const target = code[at + 1]! + 3 * index
          sp = moveValues(low, high, sp, base + branchTargets[target + 2]!, branchTargets[target + 1]!)
          pc = branchTargets[target]!
          continue
        }
        case 0x0f: // return
        case 0x0b: // end, of the function
          sp = moveValues(low, high, sp, base, functions.results[current]!)
          if (fp === 0) {
            instance.fuel = fuel
            return instance.readValues(instance.functionTypeAt(imported + current).results, low, high, base)
          }
          fp -= FRAME_WORDS
          pc = frames[fp]!
          base = frames[fp + 1]!
          depthIn = frames[fp + 2]!
          depth = frames[fp + 3]!
          current = frames[fp + 4]!
          continue
        case 0xca: // record a group
          instance.recorder.group(code[at + 1]!, fp / FRAME_WORDS, fuel)
          continue
        case 0xcb: // record a choice
          instance.recorder.choice(pc - 1, low[sp - 1]!)
          continue
        case 0xcc: // a step
          if (++stepper.clock.steps < stepper.clock.next && stepper.marks[pc - 1] === 0) continue
          stepper.step(pc, current, base, sp, fp, frames, low, high, fuel)
          continue
        case 0xc5: // call of an imported function
          instance.fuel = fuel
          sp = instance.callImport(code[at + 1]!, low, high, sp, depth)
          fuel = instance.fuel
          if (memory !== null) ({ bytes, view, size } = memory)
          continue
        case 0x10: // call
        case 0x12: // return_call
          callee = code[at + 1]!
          break
        case 0x11: // call_indirect
        case 0x13: {
          // return_call_indirect
          const element = instance.tables[code[at + 2]!]!.elements[low[--sp]! >>> 0]
          if (element === undefined) throw new WasmTrap('undefined-element')
          if (element === null) throw new WasmTrap('uninitialized-element')
          const type = instance.program.decoded.types[code[at + 1]!]!
          if (!sameFunctionType(element.type, type)) throw new WasmTrap('indirect-call-type-mismatch')
          if (element instanceof WasmFunction && element.instance === instance) {
            callee = element.index - imported
            break
          }
          instance.fuel = fuel
          sp = instance.callForeign(element, low, high, sp, op === 0x11 /* call_indirect */ ? depth : depthIn)
          fuel = instance.fuel
          if (memory !== null) ({ bytes, view, size } = memory)
          // After a tail call comes an end, see lower.ts.
          continue
        }
        case 0x1a: // drop
          sp--
          continue
        case 0x1b: // select
        case 0x1c: // select t
          sp -= 2
          if (low[sp + 1] === 0) {
            low[sp - 1] = low[sp]!
            high[sp - 1] = high[sp]!
          }
          continue
        case 0x20: // local.get
          low[sp] = low[base + code[at + 1]!]!
          high[sp] = high[base + code[at + 1]!]!
          sp++
          continue
        case 0x21: // local.set
          sp--
          low[base + code[at + 1]!] = low[sp]!
          high[base + code[at + 1]!] = high[sp]!
          continue
        case 0x22: // local.tee
          low[base + code[at + 1]!] = low[sp - 1]!
          high[base + code[at + 1]!] = high[sp - 1]!
          continue
        case 0x23: {
          // global.get, of a number
          const global = instance.globals[code[at + 1]!]!
          low[sp] = global.low
          high[sp] = global.high
          sp++
          continue
        }
        case 0x24: {
          // global.set, of a number
          const global = instance.globals[code[at + 1]!]!
          sp--
          global.low = low[sp]!
          global.high = high[sp]!
          continue
        }
        case 0xc7: // global.get of a reference
          low[sp++] = instance.cellOf(instance.globals[code[at + 1]!]!.reference)
          continue
        case 0xc8: // global.set of a reference
          instance.globals[code[at + 1]!]!.reference = instance.referenceOf(low[--sp]!)
          continue

        case 0x28: // i32.load
          low[sp - 1] = view.getInt32(effectiveAddress(low[sp - 1]!, code[at + 1]!, 4, size), true)
          continue
        case 0x29: {
          // i64.load
          const address = effectiveAddress(low[sp - 1]!, code[at + 1]!, 8, size)
          low[sp - 1] = view.getInt32(address, true)
          high[sp - 1] = view.getInt32(address + 4, true)
          continue
        }
        case 0x2c: // i32.load8_s
          low[sp - 1] = view.getInt8(effectiveAddress(low[sp - 1]!, code[at + 1]!, 1, size))
          continue
        case 0x2d: // i32.load8_u
          low[sp - 1] = bytes[effectiveAddress(low[sp - 1]!, code[at + 1]!, 1, size)]!
          continue
        case 0x2e: // i32.load16_s
          low[sp - 1] = view.getInt16(effectiveAddress(low[sp - 1]!, code[at + 1]!, 2, size), true)
          continue
        case 0x2f: // i32.load16_u
          low[sp - 1] = view.getUint16(effectiveAddress(low[sp - 1]!, code[at + 1]!, 2, size), true)
          continue
        case 0x30: // i64.load8_s
          low[sp - 1] = view.getInt8(effectiveAddress(low[sp - 1]!, code[at + 1]!, 1, size))
          high[sp - 1] = low[sp - 1]! >> 31
          continue
        case 0x31: // i64.load8_u
          low[sp - 1] = bytes[effectiveAddress(low[sp - 1]!, code[at + 1]!, 1, size)]!
          high[sp - 1] = 0
          continue
        case 0x32: // i64.load16_s
          low[sp - 1] = view.getInt16(effectiveAddress(low[sp - 1]!, code[at + 1]!, 2, size), true)
          high[sp - 1] = low[sp - 1]! >> 31
          continue
        case 0x33: // i64.load16_u
          low[sp - 1] = view.getUint16(effectiveAddress(low[sp - 1]!, code[at + 1]!, 2, size), true)
          high[sp - 1] = 0
          continue
        case 0x34: // i64.load32_s
          low[sp - 1] = view.getInt32(effectiveAddress(low[sp - 1]!, code[at + 1]!, 4, size), true)
          high[sp - 1] = low[sp - 1]! >> 31
          continue
        case 0x35: // i64.load32_u
          low[sp - 1] = view.getInt32(effectiveAddress(low[sp - 1]!, code[at + 1]!, 4, size), true)
          high[sp - 1] = 0
          continue
        case 0x36: // i32.store
        case 0x3e: // i64.store32
          sp -= 2
          view.setInt32(effectiveAddress(low[sp]!, code[at + 1]!, 4, size), low[sp + 1]!, true)
          continue
        case 0x37: {
          // i64.store
          sp -= 2
          const address = effectiveAddress(low[sp]!, code[at + 1]!, 8, size)
          view.setInt32(address, low[sp + 1]!, true)
          view.setInt32(address + 4, high[sp + 1]!, true)
          continue
        }
        case 0x3a: // i32.store8
        case 0x3c: // i64.store8
          sp -= 2
          bytes[effectiveAddress(low[sp]!, code[at + 1]!, 1, size)] = low[sp + 1]!
          continue
        case 0x3b: // i32.store16
        case 0x3d: // i64.store16
          sp -= 2
          view.setInt16(effectiveAddress(low[sp]!, code[at + 1]!, 2, size), low[sp + 1]!, true)
          continue
        case 0x3f: // memory.size
          low[sp++] = memory!.pages
          continue
        case 0x40: {
          // memory.grow
          const pages = low[sp - 1]! >>> 0
          if (code[at + 1]! >= 0) {
            instance.fuel = fuel
            instance.callImport(code[at + 1]!, low, high, sp, depth)
            fuel = instance.fuel
            ;({ bytes, view, size } = memory!)
          }
          if (!memory!.canGrow(pages)) {
            low[sp - 1] = -1
            continue
          }
          fuel -= pages * code[at + 3]!
          if (fuel < 0) throw new WasmTrap('out-of-gas')
          low[sp - 1] = memory!.grow(pages)
          ;({ bytes, view, size } = memory!)
          continue
        }

        case 0x41: // i32.const
          low[sp++] = code[at + 1]!
          continue
        case 0x42: // i64.const
          low[sp] = code[at + 1]!
          high[sp] = code[at + 2]!
          sp++
          continue

        case 0x45: // i32.eqz
          low[sp - 1] = low[sp - 1] === 0 ? 1 : 0
          continue
        case 0x46: // i32.eq
          sp--
          low[sp - 1] = low[sp - 1] === low[sp] ? 1 : 0
          continue
        case 0x47: // i32.ne
          sp--
          low[sp - 1] = low[sp - 1] !== low[sp] ? 1 : 0
          continue
        case 0x48: // i32.lt_s
          sp--
          low[sp - 1] = low[sp - 1]! < low[sp]! ? 1 : 0
          continue
        case 0x49: // i32.lt_u
          sp--
          low[sp - 1] = low[sp - 1]! >>> 0 < low[sp]! >>> 0 ? 1 : 0
          continue
        case 0x4a: // i32.gt_s
          sp--
          low[sp - 1] = low[sp - 1]! > low[sp]! ? 1 : 0
          continue
        case 0x4b: // i32.gt_u
          sp--
          low[sp - 1] = low[sp - 1]! >>> 0 > low[sp]! >>> 0 ? 1 : 0
          continue
        case 0x4c: // i32.le_s
          sp--
          low[sp - 1] = low[sp - 1]! <= low[sp]! ? 1 : 0
          continue
        case 0x4d: // i32.le_u
          sp--
          low[sp - 1] = low[sp - 1]! >>> 0 <= low[sp]! >>> 0 ? 1 : 0
          continue
        case 0x4e: // i32.ge_s
          sp--
          low[sp - 1] = low[sp - 1]! >= low[sp]! ? 1 : 0
          continue
        case 0x4f: // i32.ge_u
          sp--
          low[sp - 1] = low[sp - 1]! >>> 0 >= low[sp]! >>> 0 ? 1 : 0
          continue
        case 0x50: // i64.eqz
          low[sp - 1] = (low[sp - 1]! | high[sp - 1]!) === 0 ? 1 : 0
          continue
        case 0x51: // i64.eq
        case 0x52: // i64.ne
        case 0x53: // i64.lt_s
        case 0x54: // i64.lt_u
        case 0x55: // i64.gt_s
        case 0x56: // i64.gt_u
        case 0x57: // i64.le_s
        case 0x58: // i64.le_u
        case 0x59: // i64.ge_s
        case 0x5a: // i64.ge_u
          sp--
          compare64(op, low, high, sp - 1)
          continue

        case 0x67: // i32.clz
          low[sp - 1] = Math.clz32(low[sp - 1]!)
          continue
        case 0x68: // i32.ctz
          low[sp - 1] = trailingZeros32(low[sp - 1]!)
          continue
        case 0x69: // i32.popcnt
          low[sp - 1] = populationCount32(low[sp - 1]!)
          continue
        case 0x6a: // i32.add
          sp--
          low[sp - 1] = (low[sp - 1]! + low[sp]!) | 0
          continue
        case 0x6b: // i32.sub
          sp--
          low[sp - 1] = (low[sp - 1]! - low[sp]!) | 0
          continue
        case 0x6c: // i32.mul
          sp--
          low[sp - 1] = Math.imul(low[sp - 1]!, low[sp]!)
          continue
        case 0x6d: // i32.div_s
          sp--
          if (low[sp] === 0) throw new WasmTrap('integer-divide-by-zero')
          if (low[sp] === -1 && low[sp - 1] === -0x80000000) throw new WasmTrap('integer-overflow')
          low[sp - 1] = (low[sp - 1]! / low[sp]!) | 0
          continue
        case 0x6e: // i32.div_u
          sp--
          if (low[sp] === 0) throw new WasmTrap('integer-divide-by-zero')
          low[sp - 1] = ((low[sp - 1]! >>> 0) / (low[sp]! >>> 0)) | 0
          continue
        case 0x6f: // i32.rem_s
          sp--
          if (low[sp] === 0) throw new WasmTrap('integer-divide-by-zero')
          low[sp - 1] = (low[sp - 1]! % low[sp]!) | 0
          continue
        case 0x70: // i32.rem_u
          sp--
          if (low[sp] === 0) throw new WasmTrap('integer-divide-by-zero')
          low[sp - 1] = ((low[sp - 1]! >>> 0) % (low[sp]! >>> 0)) | 0
          continue
        case 0x71: // i32.and
          sp--
          low[sp - 1] = low[sp - 1]! & low[sp]!
          continue
        case 0x72: // i32.or
          sp--
          low[sp - 1] = low[sp - 1]! | low[sp]!
          continue
        case 0x73: // i32.xor
          sp--
          low[sp - 1] = low[sp - 1]! ^ low[sp]!
          continue
        case 0x74: // i32.shl
          sp--
          low[sp - 1] = low[sp - 1]! << low[sp]!
          continue
        case 0x75: // i32.shr_s
          sp--
          low[sp - 1] = low[sp - 1]! >> low[sp]!
          continue
        case 0x76: // i32.shr_u
          sp--
          low[sp - 1] = low[sp - 1]! >>> low[sp]!
          continue
        case 0x77: // i32.rotl
          sp--
          low[sp - 1] = (low[sp - 1]! << low[sp]!) | (low[sp - 1]! >>> -low[sp]!)
          continue
        case 0x78: // i32.rotr
          sp--
          low[sp - 1] = (low[sp - 1]! >>> low[sp]!) | (low[sp - 1]! << -low[sp]!)
          continue

        case 0x79: // i64.clz
        case 0x7a: // i64.ctz
        case 0x7b: // i64.popcnt
        case 0xc2: // i64.extend8_s
        case 0xc3: // i64.extend16_s
        case 0xc4: // i64.extend32_s
          unary64(op, low, high, sp - 1)
          continue
        case 0x7c: // i64.add
        case 0x7d: // i64.sub
        case 0x7e: // i64.mul
        case 0x7f: // i64.div_s
        case 0x80: // i64.div_u
        case 0x81: // i64.rem_s
        case 0x82: // i64.rem_u
        case 0x83: // i64.and
        case 0x84: // i64.or
        case 0x85: // i64.xor
        case 0x86: // i64.shl
        case 0x87: // i64.shr_s
        case 0x88: // i64.shr_u
        case 0x89: // i64.rotl
        case 0x8a: // i64.rotr
          sp--
          binary64(op, low, high, sp - 1)
          continue

        case 0xa7: // i32.wrap_i64, the low half as it is
          continue
        case 0xac: // i64.extend_i32_s
          high[sp - 1] = low[sp - 1]! >> 31
          continue
        case 0xad: // i64.extend_i32_u
          high[sp - 1] = 0
          continue
        case 0xc0: // i32.extend8_s
          low[sp - 1] = (low[sp - 1]! << 24) >> 24
          continue
        case 0xc1: // i32.extend16_s
          low[sp - 1] = (low[sp - 1]! << 16) >> 16
          continue

        case 0xd0: // ref.null
          low[sp++] = 0
          continue
        case 0xd1: // ref.is_null
          low[sp - 1] = low[sp - 1] === 0 ? 1 : 0
          continue
        case 0xd2: // ref.func
          low[sp++] = code[at + 1]! + 1
          continue
        case 0x25: // table.get
          low[sp - 1] = instance.cellOf(instance.tableAt(code[at + 1]!, low[sp - 1]!))
          continue
        case 0x26: // table.set
          sp -= 2
          instance.tableAt(code[at + 1]!, low[sp]!)
          instance.tables[code[at + 1]!]!.elements[low[sp]! >>> 0] = instance.referenceOf(low[sp + 1]!)
          continue
        case 0xf0: // table.size
          low[sp++] = instance.tables[code[at + 1]!]!.elements.length
          continue
        case 0xef: {
          // table.grow
          sp--
          const table = instance.tables[code[at + 1]!]!
          const count = low[sp]! >>> 0
          if (!table.canGrow(count)) {
            low[sp - 1] = -1
            continue
          }
          fuel -= count * code[at + 3]!
          if (fuel < 0) throw new WasmTrap('out-of-gas')
          low[sp - 1] = table.grow(count, instance.referenceOf(low[sp - 1]!))
          continue
        }
        case 0xe9: // data.drop
          instance.droppedData[code[at + 1]!] = 1
          continue
        case 0xed: // elem.drop
          instance.droppedElements[code[at + 1]!] = 1
          continue
        case 0xe8: // memory.init
        case 0xea: // memory.copy
        case 0xeb: // memory.fill
        case 0xec: // table.init
        case 0xee: // table.copy
        case 0xf1: // table.fill
          sp -= 3
          fuel -= (low[sp + 2]! >>> 0) * code[at + 3]!
          if (fuel < 0) throw new WasmTrap('out-of-gas')
          executeBulk(instance, op, code[at + 1]!, code[at + 2]!, low, sp)
          continue
        default:
          throw new Error(`the interpreter has no case for op 0x${op.toString(16)}`)
      }

      // A function of this instance is called; its arguments are the topmost values.
      const tail = op === 0x12 /* return_call */ || op === 0x13 /* return_call_indirect */
      const entered = tail ? depthIn : depth
      const reached = counted[callee] === 1 ? entered + charge[callee]! : depth
      if (reached > stackBytes) throw new WasmTrap('stack-exhausted')
      fuel -= functions.entryCost[callee]!
      if (fuel < 0) throw new WasmTrap('out-of-gas')
      if (tail) sp = moveValues(low, high, sp, base, functions.params[callee]!)
      else {
        if (fp === frames.length) frames = widen(frames, frames.length * 2)
        frames[fp] = pc
        frames[fp + 1] = base
        frames[fp + 2] = depthIn
        frames[fp + 3] = depth
        frames[fp + 4] = current
        fp += FRAME_WORDS
        base = sp - functions.params[callee]!
      }
      depthIn = entered
      depth = reached
      current = callee
      pc = functions.entry[callee]!
      if (base + functions.cells[callee]! > capacity) {
        capacity = Math.max(capacity * 2, base + functions.cells[callee]!)
        low = widen(low, capacity)
        high = widen(high, capacity)
      }
      const end = base + functions.values[callee]!
      while (sp < end) {
        low[sp] = 0
        high[sp] = 0
        sp++
      }
    }
  } catch (error) {
    if (error instanceof WasmTrap) {
      instance.recorder.stop(pc - 1)
      error.addFrame(instance.trapFrame(imported + current, offsets[pc - 1]!))
      for (; fp > 0; fp -= FRAME_WORDS) {
        const caller = imported + frames[fp - 1]!
        error.addFrame(instance.trapFrame(caller, offsets[frames[fp - FRAME_WORDS]! - 1]!))
      }
    }
    throw error
  }
}
