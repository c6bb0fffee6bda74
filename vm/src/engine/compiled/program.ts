/** A module prepared for the compiled engine: rewritten when it is first used, and compiled by the host once. */
import type { Module } from '../../binary/module.ts'
import type { ModuleSummary } from '../../binary/moduleSummary.ts'
import type { FunctionNames } from '../../binary/names.ts'
import { Writer } from '../../binary/writer.ts'
import type { Limits } from '../../limits.ts'
import type { Schedule } from '../../metering/schedule.ts'
import type { ValidatedModule } from '../../validate/validateModule.ts'
import type { InstantiateOptions, Program } from '../engine.ts'
import type { PreparedModule } from '../reference/program.ts'
import { canBeReset, type HostedModule } from './hostedModule.ts'
import { type HostModule, hostWebAssembly } from './hostWebAssembly.ts'
import { idlePool } from './idlePool.ts'
import { type CompiledInstance, instantiate } from './instance.ts'
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
  readonly #validated: ValidatedModule
  readonly #schedule: Schedule
  readonly #names: FunctionNames
  #lazyRewritten: RewrittenModule | null = null
  #lazyHostModule: HostModule | null = null
  #lazyPoolable: boolean | null = null
  #image: { readonly start: number; readonly image: Uint8Array } | null = null
  #forgotten = false
  /** The last instance made, where instances share tables: the one a trap in another instance's call is looked up in. */
  lastOpen: WeakRef<HostedModule> | null = null

  constructor({ validated, summary, schedule, limits, functionNames }: PreparedModule) {
    this.module = summary
    this.#validated = validated
    this.decoded = validated.module
    this.addressTaken = validated.addressTaken
    this.limits = limits
    this.#schedule = schedule
    this.#names = functionNames
    this.memoryCap = memoryCap(this.decoded, limits)
  }

  functionName(index: number): string | null {
    return this.#names(index)
  }

  get rewritten(): RewrittenModule {
    this.#lazyRewritten ??= rewriteModule(this.#validated, this.#schedule, this.limits)
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

  instantiate(options: InstantiateOptions = {}): CompiledInstance {
    return instantiate(this, options)
  }

  takeIdle(): HostedModule | undefined {
    return idlePool.take(this)
  }

  giveBack(hosted: HostedModule): void {
    if (hosted.reusable && !this.#forgotten) idlePool.give(this, hosted)
  }

  forget(): void {
    this.#forgotten = true
    idlePool.forget(this)
  }

  /** What stands in memory after instantiation, from the first word that is not zero on; looked at in a fresh one. */
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
