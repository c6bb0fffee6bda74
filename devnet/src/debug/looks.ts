/** A look at an execution where it is stopped: its call stack across contracts, values, memory, storage. */
import type { StoppedMachine } from '@touchstone/contracts'
import type { HostCall, Rerun, RerunFrame, SteppedFrame, SteppedFunction, SteppedValue } from '@touchstone/node/rerun'
import { bytesToHex, getAddress, type Hex } from 'viem'
import { groupDigits } from '../output/groupDigits.ts'
import {
  MAX_HOST_CALLS,
  MAX_INSTRUCTIONS,
  MAX_MEMORY_READ,
  MAX_SHOWN_BYTES,
  MAX_STACK_SHOWN,
  MAX_VARIABLES,
} from './limits.ts'
import type { Modules } from './modules.ts'
import { namedVariable } from './namedValues.ts'
import { partNamed } from './partNamed.ts'
import type {
  Answers,
  AnswerTo,
  HostCallShown,
  Place,
  Question,
  ShownInstruction,
  StackEntry,
  Variable,
  VariablesOf,
} from './protocol.ts'

/** Of a variable whose value is in no local, or in none that is certain. */
const NOT_KEPT = { value: 'not kept by the compiler here', isKept: false } as const
/** 10 000 fuel are a gas. */
const FUEL_PER_GAS = 10_000

export class HostCalls {
  #kept: HostCallShown[] = []

  get last(): readonly HostCallShown[] {
    return this.#kept
  }

  clear(): void {
    this.#kept = []
  }

  add(contract: string, { name, args, outs }: HostCall): void {
    this.#kept.push({ contract, name, args: shownBytes(args), outs: shownBytes(outs) })
    if (this.#kept.length > MAX_HOST_CALLS) this.#kept.shift()
  }
}

/** Questions that are answered from where it stands. */
export type Looking = Exclude<Question, { ask: 'breakpoints' | 'hostCalls' | 'summary' }>

/** A function of the call stack: the frame of its contract, and which one of that frame, from the innermost. */
interface Level {
  readonly frame: RerunFrame
  readonly below: number
}

export class Looks {
  readonly #rerun: Rerun
  readonly #modules: Modules
  readonly #label: (address: Hex) => string
  #functions = new Map<number, SteppedFunction | null>()

  constructor(rerun: Rerun, modules: Modules, label: (address: Hex) => string) {
    this.#rerun = rerun
    this.#modules = modules
    this.#label = label
  }

  /** It has moved. */
  begin(): void {
    this.#functions.clear()
  }

  answer(question: Looking): AnswerTo<Looking> {
    switch (question.ask) {
      case 'stack':
        return this.#stack(question.from, Math.min(question.count, MAX_STACK_SHOWN))
      case 'variables':
        return this.#variables(question.index, question.of).slice(0, MAX_VARIABLES)
      case 'value':
        return this.#value(question.index, question.name)
      case 'memory':
        return this.#memory(question.index, question.offset, Math.min(question.count, MAX_MEMORY_READ))
      case 'code':
        return this.#code(question.index, question.before, Math.min(question.count, MAX_INSTRUCTIONS))
      case 'sources':
        return this.#modules.sources()
      case 'text':
        return this.#modules.textOf(question.file)
    }
  }

  /** Null where nothing runs. */
  placeOf(index: number): Place | null {
    const level = this.#level(index)
    return level === null ? null : this.#place(index, level)
  }

  #total(): number {
    return this.#rerun.frames.reduce((sum, frame) => sum + functionsOf(frame), 0)
  }

  #level(index: number): Level | null {
    if (!Number.isSafeInteger(index) || index < 0) return null
    let left = index
    for (const frame of this.#rerun.frames.toReversed()) {
      const count = functionsOf(frame)
      if (left < count) return { frame, below: left }
      left -= count
    }
    return null
  }

  #function(index: number): SteppedFunction | null {
    const known = this.#functions.get(index)
    if (known !== undefined) return known
    const level = this.#level(index)
    const found = level?.frame.stepped?.functions(level.below, 1)[0] ?? null
    this.#functions.set(index, found)
    return found
  }

  #place(index: number, { frame }: Level): Place {
    const contract = this.#label(bytesToHex(frame.codeAddress))
    const found = this.#function(index)
    if (found === null || frame.stepped === null) {
      const none = { file: null, line: null, text: null, inside: null, inlined: [], offset: 0, instruction: '' }
      return { contract, ...none, function: 'no instruction of it has run' }
    }
    const { code } = frame.stepped
    const { lines } = this.#modules.of(code)
    const at = lines.placeAt(found.position)
    return {
      ...{ contract, file: at?.file ?? null, line: at?.line ?? null, text: at?.text ?? null },
      inside: at?.inside ?? null,
      function: lines.functionName(found.functionIndex) ?? `function ${found.functionIndex}`,
      inlined: lines.inlinedAt(found.position),
      offset: code.placeAt(found.position).offset,
      instruction: code.textAt(found.position),
    }
  }

  #stack(from: number, count: number): Answers['stack'] {
    const entries: StackEntry[] = []
    const total = this.#total()
    for (let index = Math.max(0, from); index < Math.min(total, from + count); index++) {
      const level = this.#level(index)!
      const { frame, below } = level
      const root = frame.stepped === null ? null : this.#modules.of(frame.stepped.code).lines.source.root
      const isLast = below === functionsOf(frame) - 1
      entries.push({ ...this.#place(index, level), index, root, called: isLast ? this.#called(frame) : null })
    }
    return { entries, total }
  }

  #called({ kind, caller, self, codeAddress, value }: RerunFrame): string {
    const paid = value === 0n ? '' : ` with ${groupDigits(value)} wei`
    const acting = kind === 'DELEGATECALL' ? `, acting for ${this.#label(bytesToHex(self))}` : ''
    return `${kind} of ${this.#label(bytesToHex(codeAddress))} by ${this.#label(bytesToHex(caller))}${paid}${acting}`
  }

  #variables(index: number, of: VariablesOf): Variable[] {
    const level = this.#level(index)
    if (level === null) return []
    const { stepped } = level.frame
    switch (of) {
      case 'frame':
        return frameValues(level.frame, this.#label)
      case 'storage':
        return this.#storage(level.frame)
      case 'globals':
        return (stepped?.globals() ?? []).map((value, i) => variable(`global ${i}`, value))
      case 'operands':
        // The topmost is the one that the next instruction takes first.
        return (this.#function(index)?.operands.toReversed() ?? []).map((value, i) => variable(`operand ${i}`, value))
      case 'locals': {
        const found = this.#function(index)
        if (found === null || stepped === null) return []
        const locals = this.#locals(found, stepped)
        const { lines } = this.#modules.of(stepped.code)
        const variables = lines.variablesAt(found.position, machineOf(found, stepped))
        const lost = lines.lostAt(found.position).map((one) => {
          const { name, type, constant } = one
          if (constant === undefined) return { name, type, ...NOT_KEPT }
          return namedVariable(one, { type: null, value: BigInt(constant) }, stepped.memory, this.#label)
        })
        return [
          ...variables,
          ...locals.flatMap(({ named }) => named),
          ...lost,
          ...locals.flatMap(({ named, plain }) => (named.length > 0 ? [] : [plain])),
        ]
      }
    }
  }

  /** By their numbers: under the names of the author's variables that each is, and that of the module, or the number. */
  #locals({ functionIndex, position, locals }: SteppedFunction, { code, memory }: SteppedFrame) {
    const names = this.#modules.of(code).lines.localsAt(position)
    return locals.map((value, i) => {
      const named = (names.get(i) ?? []).map((name) => namedVariable(name, value, memory, this.#label))
      return { named, plain: variable(code.localName(functionIndex, i) ?? `$${i}`, value) }
    })
  }

  /** `count`, `account.at.x`, `list[2]`, `*to`, `$2`, `operand 0`, `global 1`, or a slot in hex. */
  #value(index: number, name: string): Variable | null {
    const place = /^\$(\d+)$/.exec(name)
    if (place !== null) {
      const found = this.#function(index)
      const stepped = this.#level(index)?.frame.stepped ?? null
      if (found === null || stepped === null) return null
      const local = this.#locals(found, stepped)[Number(place[1])]
      return local?.named[0] ?? local?.plain ?? null
    }
    for (const group of ['locals', 'operands', 'globals', 'frame'] as const) {
      const all = this.#variables(index, group)
      const found = all.find((one) => one.name === name) ?? partNamed(all, name)
      if (found !== null) return found
    }
    if (!/^0x[0-9a-f]{1,64}$/i.test(name)) return null
    const slot = `0x${name.slice(2).toLowerCase().padStart(64, '0')}`
    return this.#variables(index, 'storage').find((one) => one.name === slot) ?? null
  }

  #storage({ self }: RerunFrame): Variable[] {
    const { state } = this.#rerun
    return this.#rerun.touchedSlots(self).map((key) => ({
      name: bytesToHex(key),
      type: 'bytes32',
      value: bytesToHex(state.storage(self, key)),
    }))
  }

  #memory(index: number, offset: number, count: number): Answers['memory'] {
    const memory = this.#level(index)?.frame.stepped?.memory ?? null
    if (memory === null) return { hex: '0x', size: 0 }
    const from = Math.max(0, Math.min(Math.trunc(offset), memory.size))
    const length = Math.max(0, Math.min(Math.trunc(count), memory.size - from))
    return { hex: bytesToHex(memory.read(from, length)), size: memory.size }
  }

  /** `before` may be negative: then it begins behind the one that comes next. */
  #code(index: number, before: number, count: number): ShownInstruction[] {
    const frame = this.#level(index)?.frame
    const found = this.#function(index)
    if (frame?.stepped == null || found === null) return []
    const { code } = frame.stepped
    const { lines } = this.#modules.of(code)
    const positions = [...code.positions()]
    const at = positions.indexOf(found.position)
    return positions.slice(Math.max(0, at - before), Math.max(0, at - before + count)).map((position) => {
      const { functionIndex, offset } = code.placeAt(position)
      const place = lines.placeAt(position)
      return {
        ...{ functionIndex, function: lines.functionName(functionIndex) ?? `function ${functionIndex}` },
        ...{ offset, text: code.textAt(position), isNext: position === found.position },
        ...{ file: place?.file ?? null, line: place?.line ?? null },
      }
    })
  }
}

/** The function and its frame, as expressions of debug information ask for them. */
function machineOf({ locals, operands }: SteppedFunction, stepped: SteppedFrame): StoppedMachine {
  const number = (found: SteppedValue | undefined) => (found === undefined ? null : BigInt(found.value))
  const { memory } = stepped
  return {
    local: (index) => number(locals[index]),
    global: (index) => number(stepped.globals()[index]),
    operand: (index) => number(operands[index]),
    read: (at, length) => (memory === null || at < 0 || at + length > memory.size ? null : memory.read(at, length)),
  }
}

/** One for what is no contract. */
function functionsOf({ stepped }: RerunFrame): number {
  return stepped === null || !stepped.isStarted ? 1 : stepped.depth + 1
}

function variable(name: string, { type, value }: SteppedValue): Variable {
  return { name, type: type ?? 'i32 or i64', value: valueText({ type, value }) }
}

/** Small numbers are most often numbers, and others addresses of memory, or bits. */
function valueText({ type, value }: SteppedValue): string {
  if (type === 'funcref') return value === 0 ? 'null' : `function ${Number(value) - 1}`
  const bits = typeof value === 'bigint' ? BigInt.asUintN(64, value) : value >>> 0
  return bits < 10n ? String(value) : `${value} (0x${bits.toString(16)})`
}

function frameValues(frame: RerunFrame, label: (address: Hex) => string): Variable[] {
  const address = (bytes: Uint8Array) => label(getAddress(bytesToHex(bytes)))
  const fuel = frame.stepped?.fuel ?? 0
  const values: readonly (readonly [string, string, string])[] = [
    ['kind', 'call', frame.kind],
    ['caller', 'address', address(frame.caller)],
    ['code', 'address', address(frame.codeAddress)],
    ['self', 'address', address(frame.self)],
    ['value', 'wei', groupDigits(frame.value)],
    ['input', 'bytes', shownBytes(frame.input)],
    ['gas', 'gas', groupDigits(frame.gas)],
    ['gas left', 'gas', groupDigits(BigInt(Math.floor(fuel / FUEL_PER_GAS)))],
  ]
  return values.map(([name, type, value]) => ({ name, type, value }))
}

function shownBytes(bytes: Uint8Array): string {
  if (bytes.length <= MAX_SHOWN_BYTES) return bytesToHex(bytes)
  return `${bytesToHex(bytes.subarray(0, MAX_SHOWN_BYTES))}… (${bytes.length} bytes)`
}
