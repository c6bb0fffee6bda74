/** A module prepared for the interpreter: lowered by and by (lower.ts), for the place it has in nearly every machine. */
import type { Module } from '../../binary/module.ts'
import type { ModuleSummary } from '../../binary/moduleSummary.ts'
import type { FunctionNames } from '../../binary/names.ts'
import type { Limits } from '../../limits.ts'
import { callGraph } from '../../metering/callGraph.ts'
import { growthImportOf } from '../../metering/charges.ts'
import { reach } from '../../metering/reach.ts'
import { stackRule } from '../../metering/stackHeight.ts'
import { canBeReset } from '../canBeReset.ts'
import type { InstantiateOptions, Program } from '../engine.ts'
import { idlePool } from '../idlePool.ts'
import type { PreparedModule } from '../reference/program.ts'
import type { InterpreterInstance } from './instance.ts'
import { instantiate } from './instantiate.ts'
import { PROGRAM } from './layout.ts'
import type { LoadedModule } from './loadedModule.ts'
import { LoweredModule, type ModuleFacts } from './lower.ts'

export class InterpreterProgram implements Program {
  readonly engine = 'interpreter'
  readonly module: ModuleSummary
  readonly decoded: Module
  readonly limits: Limits
  readonly #prepared: PreparedModule
  #lazyFacts: ModuleFacts | null = null
  #lazyLowered: LoweredModule | null = null
  #lazyPoolable: boolean | null = null
  #forgotten = false

  constructor(prepared: PreparedModule) {
    this.#prepared = prepared
    this.module = prepared.summary
    this.decoded = prepared.validated.module
    this.limits = prepared.limits
  }

  functionName(index: number): string | null {
    return (this.#prepared.functionNames as FunctionNames)(index)
  }

  get facts(): ModuleFacts {
    if (this.#lazyFacts === null) {
      const { validated, schedule, limits } = this.#prepared
      const { module, functions } = validated
      const graph = callGraph(module, functions, growthImportOf(module, schedule))
      const stack = stackRule(validated, graph)
      this.#lazyFacts = { validated, schedule, limits, graph, reach: reach(validated, graph), stack }
    }
    return this.#lazyFacts
  }

  /** Nothing of it lies in other machines, and it is the first in its own. */
  get standsAlone(): boolean {
    return !this.decoded.imports.some(
      ({ description }) =>
        description.kind === 'table' || (description.kind === 'global' && description.global.mutable),
    )
  }

  /** Lowered for a machine of its own. */
  get lowered(): LoweredModule {
    this.#lazyLowered ??= this.lowerAt(PROGRAM, this.tableRoom(), new Uint8Array(this.decoded.globalTypes.length))
    return this.#lazyLowered
  }

  lowerAt(start: number, tableRoom: readonly number[], foreignGlobals: Uint8Array): LoweredModule {
    return new LoweredModule(this.facts, start, tableRoom, foreignGlobals)
  }

  /** Elements that tables of its own may come to have. */
  tableRoom(): number[] {
    const { tableElements } = this.limits
    const grows =
      this.decoded.exports.some(({ kind }) => kind === 'table') ||
      this.facts.validated.functions.some(({ changesTables }) => changesTables)
    return this.decoded.tables.map(({ min, max }) => (grows ? Math.min(max ?? tableElements, tableElements) : min))
  }

  get poolable(): boolean {
    this.#lazyPoolable ??= !this.facts.reach.open && canBeReset(this.decoded)
    return this.#lazyPoolable
  }

  instantiate(options: InstantiateOptions = {}): InterpreterInstance {
    return instantiate(this, options)
  }

  takeIdle(): LoadedModule | undefined {
    return idlePool.take<LoadedModule>(this)
  }

  giveBack(loaded: LoadedModule): void {
    if (loaded.reusable && !this.#forgotten) idlePool.give(this, loaded)
  }

  forget(): void {
    this.#forgotten = true
    idlePool.forget(this)
  }
}
