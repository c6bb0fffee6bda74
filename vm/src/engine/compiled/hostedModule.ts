/**
 * An instance of a rewritten module in the host's WebAssembly. It outlives the instance of the engine that uses it when
 * it can be reset: what a module's code and exports cannot change need not be.
 */

import { LINKED_CALL_DEPTH } from '../../limits.ts'
import { MAX_POOLED_PAGES } from '../canBeReset.ts'
import { HostExit, HostTrap } from '../engine.ts'
import {
  type HostCode,
  type HostExports,
  type HostGlobal,
  type HostMemory,
  hostWebAssembly,
} from '../hostWebAssembly.ts'
import { type Idle, INSTANCE_BYTES, idlePool, TABLE_ELEMENT_BYTES } from '../idlePool.ts'
import { memoryCleaner } from '../memoryCleaner.ts'
import { WasmTrap } from '../trap.ts'
import { checkResults } from '../valueTypes.ts'
import type { Linked } from './linking.ts'
import type { CompiledProgram } from './program.ts'
import { registerReference } from './references.ts'
import { IDENTITY, IMPORT_MODULE, RESET_GLOBALS } from './rewriteModule.ts'
import {
  CallerContext,
  COUNTER_IMPORTS,
  CompiledFunction,
  CompiledGlobal,
  CompiledMemory,
  CompiledTable,
  crossingsCounter,
  insideCounter,
} from './store.ts'
import { fromHost, type HostValue, isCompiledFunction, toHost } from './values.ts'

/** A host function refused; made where it was called, so that it knows the Wasm call stack. */
export class HostRefusal extends Error {
  override readonly name = 'HostRefusal'
  readonly refusal: HostTrap
  readonly functionIndex: number

  constructor(refusal: HostTrap, functionIndex: number) {
    super(refusal.message)
    this.refusal = refusal
    this.functionIndex = functionIndex
  }
}

/** A host function failed as no contract may make it fail; on its way out through Wasm frames. */
export class HostFault {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

let lastIdentity = 0

export class HostedModule implements Idle {
  readonly program: CompiledProgram
  readonly exports: HostExports
  readonly memory: CompiledMemory | null
  /** Imported functions; another list each time the module is used anew. */
  functions: readonly CompiledFunction[]
  /** Tells instances apart that share tables. */
  readonly identity = ++lastIdentity
  /** Something of it was handed out, or a failure of the host went through it. */
  spoiled = false
  /** Imported tables, globals and memory, by kind. */
  readonly linked: readonly Linked[]
  #clean: ((from: number) => void) | null = null
  readonly #context: CallerContext
  readonly #initialPages: number
  readonly #resetGlobals: HostCode | null

  /** @throws an error of the host's when a segment does not fit. */
  constructor(program: CompiledProgram, linked: readonly Linked[]) {
    this.program = program
    this.linked = linked
    this.functions = linked.filter((value) => value instanceof CompiledFunction)
    const { decoded: module } = program
    let made: CompiledMemory | null = null
    const imports: unknown[] = []
    let functionIndex = 0
    for (const value of linked) {
      if (value instanceof CompiledFunction) imports.push(this.#importedCode(functionIndex++))
      else if (value.kind === 'new-memory') {
        made = newMemory(value, program.limits.memoryPages)
        imports.push(made.host)
      } else {
        if (value instanceof CompiledMemory) made = value
        imports.push(value.host)
      }
    }
    imports.push(...COUNTER_IMPORTS)
    const instantiated = () => new hostWebAssembly.Instance(program.hostModule, { [IMPORT_MODULE]: imports })
    this.exports = idlePool.makingRoom(instantiated).exports
    const { memories, importedMemories } = module
    if (memories.length > importedMemories) {
      made = new CompiledMemory(this.exports['m0'] as HostMemory, memories[0]!.max, program.memoryCap)
    }
    this.memory = made
    this.#context = new CallerContext(made)
    this.#initialPages = made?.pages ?? 0
    this.#resetGlobals = (this.exports[RESET_GLOBALS] as HostCode | undefined) ?? null
    if (program.open) {
      program.lastOpen = new WeakRef(this)
      const identity = this.exports[IDENTITY] as HostGlobal
      identity.value = this.identity
      this.#registerReferences()
    }
  }

  /** Whether it can be used again, as far as its use tells. */
  get reusable(): boolean {
    if (this.spoiled || !this.program.poolable) return false
    return (this.memory?.pages ?? 0) === this.#initialPages && this.#initialPages <= MAX_POOLED_PAGES
  }

  get idleBytes(): number {
    return INSTANCE_BYTES + (this.memory?.size ?? 0) + TABLE_ELEMENT_BYTES * this.program.module.tableElements
  }

  /** Whether it has the memory that the host asks for. */
  suits(linked: readonly Linked[]): boolean {
    return linked.every((value, i) => {
      if (value.kind !== 'new-memory') return value.kind === 'function'
      const before = this.linked[i]!
      return before.kind === 'new-memory' && before.min === value.min && before.max === value.max
    })
  }

  /** Makes everything as it was after instantiation, with other imported functions. */
  reset(linked: readonly Linked[]): void {
    this.functions = linked.filter((value) => value instanceof CompiledFunction)
    if (this.memory !== null) {
      const { start, image } = this.program.initialMemory(this.memory)
      this.#clean ??= memoryCleaner(this.memory.host)
      this.#clean(0)
      this.memory.bytes.set(image, start)
    }
    this.#resetGlobals?.()
  }

  #importedCode(index: number): HostCode {
    return (...args: HostValue[]) => this.#callOut(index, args)
  }

  #callOut(index: number, args: readonly HostValue[]): unknown {
    const target = this.functions[index]!
    if (target.call === null) return callLinked(target, args)
    let returned: ReturnType<NonNullable<CompiledFunction['call']>>
    try {
      returned = target.call(...args.map(fromHost), this.#context)
    } catch (error) {
      if (error instanceof HostTrap) throw new HostRefusal(error, index)
      throw error instanceof HostExit ? error : new HostFault(error)
    }
    const { results } = target.type
    const values = returned === undefined ? [] : Array.isArray(returned) ? returned : [returned]
    try {
      checkResults(target.type, values, isCompiledFunction)
    } catch (error) {
      throw new HostFault(error)
    }
    if (results.length === 0) return undefined
    return results.length === 1 ? toHost(values[0]) : values.map(toHost)
  }

  #registerReferences(): void {
    const { decoded: module, addressTaken } = this.program
    for (let i = 0; i < addressTaken.length; i++) {
      if (addressTaken[i] === 0) continue
      const inTables = this.exports[`r${i}`] as HostCode
      const entry = (this.exports[`f${i}`] as HostCode | undefined) ?? null
      const type = module.types[module.functionTypes[i]!]!
      const own = new CompiledFunction(type, { entry, inTables, identity: this.identity })
      registerReference(inTables, this.functions[i] ?? own)
    }
  }

  /** The table of the original index space. */
  table(index: number): CompiledTable {
    return new CompiledTable(
      this.exports[`t${index}`] as CompiledTable['host'],
      this.program.decoded.tables[index]!.max,
    )
  }

  global(index: number): CompiledGlobal {
    const { type, mutable } = this.program.decoded.globalTypes[index]!
    return new CompiledGlobal(this.exports[`g${index}`] as HostGlobal, type, mutable)
  }
}

/** A call of a function of another instance: it goes on with the counters of the caller. */
function callLinked({ entry, identity }: CompiledFunction, args: readonly HostValue[]): unknown {
  const crossings = crossingsCounter.value as number
  if (crossings === LINKED_CALL_DEPTH) throw new WasmTrap('stack-exhausted')
  const inside = insideCounter.value
  crossingsCounter.value = crossings + 1
  insideCounter.value = identity
  try {
    return entry!(...args)
  } finally {
    crossingsCounter.value = crossings
    insideCounter.value = inside
  }
}

function newMemory({ min, max }: { min: number; max: number | null }, limit: number): CompiledMemory {
  const cap = Math.min(max ?? limit, limit)
  const memory = idlePool.makingRoom(() => new hostWebAssembly.Memory({ initial: min, maximum: cap }))
  return new CompiledMemory(memory, max, cap)
}
