/** A module prepared for the reference engine. */

import type { Module } from '../../binary/module.ts'
import type { ModuleSummary } from '../../binary/moduleSummary.ts'
import type { FunctionNames } from '../../binary/names.ts'
import type { Limits } from '../../limits.ts'
import { callGraph } from '../../metering/callGraph.ts'
import type { Schedule } from '../../metering/schedule.ts'
import { type StackRule, stackRule } from '../../metering/stackHeight.ts'
import type { ValidatedModule } from '../../validate/validateModule.ts'
import type { InstantiateOptions, Program } from '../engine.ts'
import type { ReferenceInstance } from './instance.ts'
import { instantiate } from './instantiate.ts'
import { type Heard, type LoweredModule, lower } from './lower.ts'

/** The module that `compile` hands to an engine. */
export interface PreparedModule {
  readonly validated: ValidatedModule
  readonly summary: ModuleSummary
  readonly schedule: Schedule
  readonly limits: Limits
  readonly functionNames: FunctionNames
  /** See {@link InstantiateOptions.recorder} and {@link InstantiateOptions.stepper}. */
  readonly heard: Heard
}

export class ReferenceProgram implements Program {
  readonly engine = 'reference'
  readonly summary: ModuleSummary
  readonly decoded: Module
  readonly limits: Limits
  readonly lowered: LoweredModule
  readonly stack: StackRule
  readonly validated: ValidatedModule
  readonly #names: FunctionNames

  constructor({ validated, summary, schedule, limits, functionNames, heard }: PreparedModule) {
    this.summary = summary
    this.validated = validated
    this.decoded = validated.module
    this.limits = limits
    this.#names = functionNames
    this.lowered = lower(validated, schedule, heard)
    this.stack = stackRule(validated, callGraph(validated.module, validated.functions))
  }

  get module(): ModuleSummary {
    return this.summary
  }

  functionName(index: number): string | null {
    return this.#names(index)
  }

  instantiate(options: InstantiateOptions = {}): ReferenceInstance {
    return instantiate(this, options)
  }

  forget(): void {
    // Nothing is kept.
  }
}
