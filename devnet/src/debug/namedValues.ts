/** Values of the author's variables, by what they are: read from the memory of the contract, which may hold anything. */
import type { NamedLocal } from '@touchstone/contracts'
import type { SteppedFrame, SteppedValue } from '@touchstone/node/rerun'
import { bytesToHex, type Hex } from 'viem'
import { groupDigits } from '../output/groupDigits.ts'
import { MAX_SHOWN_BYTES, MAX_SHOWN_UNITS } from './limits.ts'
import type { Variable } from './protocol.ts'

type Memory = SteppedFrame['memory']

/** Of integers that AssemblyScript has in 32 bits and 64. */
const INTEGER = /^(?:([iu])(8|16|32|64)|([iu])size)$/
const FIXED_BYTES = /^Bytes(\d{1,2})$/
/** Where the length of a string stands before it, in bytes. */
const LENGTH_BEFORE = 4

export function namedVariable(
  { name, type, form }: NamedLocal,
  value: SteppedValue,
  memory: Memory,
  label: (address: Hex) => string,
): Variable {
  return { name, type, value: namedText(form, value, memory, label) }
}

function namedText(form: string, { value }: SteppedValue, memory: Memory, label: (address: Hex) => string): string {
  if (form === 'bool') return BigInt(value) === 0n ? 'false' : 'true'
  const asInteger = INTEGER.exec(form)
  if (asInteger !== null) {
    const bits = Number(asInteger[2] ?? 32)
    const digits = BigInt(value)
    return String((asInteger[1] ?? asInteger[3]) === 'i' ? BigInt.asIntN(bits, digits) : BigInt.asUintN(bits, digits))
  }
  const at = Number(value) >>> 0
  if (at === 0) return 'null'
  return objectAt(form, at, memory, label) ?? `at 0x${at.toString(16)}`
}

/** Null of what is shown by its place alone, or is not whole in the memory. */
function objectAt(form: string, at: number, memory: Memory, label: (address: Hex) => string): string | null {
  const read = (from: number, length: number) => readWhole(memory, from, length)
  switch (form) {
    case 'U256':
    case 'I256': {
      const bytes = read(at, 32)
      if (bytes === null) return null
      const whole = BigInt(bytesToHex(bytes.slice().reverse()))
      const signed = form === 'I256' ? BigInt.asIntN(256, whole) : whole
      return signed < 0n ? `-${groupDigits(-signed)}` : groupDigits(signed)
    }
    case 'Address': {
      const bytes = read(at, 20)
      return bytes === null ? null : label(bytesToHex(bytes))
    }
    case 'string': {
      const units = readNumber(memory, at - LENGTH_BEFORE)
      return units === null ? null : textAt(memory, at, units >>> 1)
    }
    case 'Bytes': {
      const [start, length] = [readNumber(memory, at), readNumber(memory, at + 4)]
      return start === null || length === null ? null : bytesText(memory, start, length)
    }
  }
  const size = Number(FIXED_BYTES.exec(form)?.[1] ?? 0)
  const bytes = size === 0 ? null : read(at, size)
  return bytes === null ? null : bytesToHex(bytes)
}

function textAt(memory: Memory, at: number, units: number): string | null {
  const bytes = readWhole(memory, at, 2 * Math.min(units, MAX_SHOWN_UNITS))
  if (bytes === null) return null
  const text = JSON.stringify(new TextDecoder('utf-16le').decode(bytes))
  return units > MAX_SHOWN_UNITS ? `${text}… (${units} units)` : text
}

function bytesText(memory: Memory, at: number, length: number): string | null {
  const bytes = readWhole(memory, at, Math.min(length, MAX_SHOWN_BYTES))
  if (bytes === null) return null
  return length > MAX_SHOWN_BYTES ? `${bytesToHex(bytes)}… (${length} bytes)` : bytesToHex(bytes)
}

function readNumber(memory: Memory, at: number): number | null {
  const bytes = readWhole(memory, at, 4)
  return bytes === null ? null : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
}

function readWhole(memory: Memory, at: number, length: number): Uint8Array | null {
  return memory === null || at < 0 || at + length > memory.size ? null : memory.read(at, length)
}
