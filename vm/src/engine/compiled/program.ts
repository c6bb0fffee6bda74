/** A module prepared for the compiled engine: rewritten when it is first used, and compiled by the host once. */
import type { Module } from '../../binary/module.ts'
import type { ModuleSummary } from '../../binary/moduleSummary.ts'
import { Writer } from '../../binary/writer.ts'
import type { Limits } from '../../limits.ts'
import { canBeReset } from '../canBeReset.ts'
import type { Instance, InstantiateOptions, Program } from '../engine.ts'
import { type HostModule, hostWebAssembly } from '../hostWebAssembly.ts'
import { idlePool } from '../idlePool.ts'
import { InterpreterProgram } from '../interpreter/program.ts'
import type { PreparedModule } from '../reference/program.ts'
import type { HostedModule } from './hostedModule.ts'
import { takeHostTypes } from './hostTypes.ts'
import { instantiate } from './instance.ts'
import { numberProgram } from './programNumbers.ts'
import { memoryCap, type RewrittenModule, rewriteModule } from './rewriteModule.ts'
import type { CompiledMemory } from './store.ts'

export class CompiledProgram implements Program {
  readonly engine = 'compiled'
  readonly module: ModuleSummary
  readonly decoded: Module
  readonly addressTaken: Uint8Array
  readonly limits: Limits
  readonly memoryCap: number
  readonly #prepared: PreparedModule
  #lazyRewritten: RewrittenModule | null = null
  #lazyHostModule: HostModule | null = null
  /** The program that runs it instead, where the host has no room for its types; undefined until it is first run. */
  #instead: InterpreterProgram | null | undefined
  #lazyPoolable: boolean | null = null
  #image: { readonly start: number; readonly image: Uint8Array } | null = null
  #forgotten = false
  /** The last instance made, where instances share tables: the one a trap in another instance's call is looked up in. */
  lastOpen: WeakRef<HostedModule> | null = null

  constructor(prepared: PreparedModule) {
    const { validated, summary, limits } = prepared
    this.#prepared = prepared
    this.module = summary
    this.decoded = validated.module
    this.addressTaken = validated.addressTaken
    this.limits = limits
    this.memoryCap = memoryCap(this.decoded, limits)
  }

  functionName(index: number): string | null {
    return this.#prepared.functionNames(index)
  }

  get rewritten(): RewrittenModule {
    const { validated, schedule, limits } = this.#prepared
    this.#lazyRewritten ??= rewriteModule(validated, schedule, limits)
    return this.#lazyRewritten
  }

  get open(): boolean {
    return this.rewritten.open
  }

  get hostModule(): HostModule {
    if (this.#lazyHostModule === null) {
      this.#lazyHostModule = new hostWebAssembly.Module(named(this.rewritten.bytes, numberProgram(this)))
    }
    return this.#lazyHostModule
  }

  get poolable(): boolean {
    this.#lazyPoolable ??= !this.open && canBeReset(this.decoded)
    return this.#lazyPoolable
  }

  instantiate(options: InstantiateOptions = {}): Instance {
    // An engine has no influence on any outcome, so this one may take the other's.
    if (this.#instead === undefined) {
      this.#instead = takeHostTypes(this.rewritten.types) ? null : new InterpreterProgram(this.#prepared)
    }
    return this.#instead === null ? instantiate(this, options) : this.#instead.instantiate(options)
  }

  takeIdle(): HostedModule | undefined {
    return idlePool.take<HostedModule>(this)
  }

  giveBack(hosted: HostedModule): void {
    if (hosted.reusable && !this.#forgotten) idlePool.give(this, hosted)
  }

  forget(): void {
    this.#forgotten = true
    idlePool.forget(this)
    this.#instead?.forget()
  }

  /** The bytes in memory after instantiation, from the first word that is not zero on; looked at in a fresh one. */
  initialMemory(memory: CompiledMemory): { readonly start: number; readonly image: Uint8Array } {
    if (this.#image === null) {
      const { bytes } = memory
      // Memories are whole pages, so whole words. By the word it takes a quarter of the time.
      const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
      let start = 0
      while (start < words.length && words[start] === 0) start++
      let end = words.length
      while (end > start && words[end - 1] === 0) end--
      this.#image = { start: start * 4, image: bytes.slice(start * 4, end * 4) }
    }
    return this.#image
  }
}

/** With a name section that puts the program's number in the host's call stacks. */
function named(bytes: Uint8Array, number: number): Uint8Array {
  const name = new Writer()
  name.name(`t${number}`)
  const section = new Writer()
  section.name('name')
  section.byte(0)
  section.sized(name.finish())
  const writer = new Writer()
  writer.raw(bytes)
  writer.byte(0)
  writer.sized(section.finish())
  return writer.finish()
}
