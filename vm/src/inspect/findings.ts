/** Collects what an inspection comes across: what stands against the module, and which proposals it uses. */
import {
  EXTERNREF_CODE,
  F32_CODE,
  F64_CODE,
  FUNCREF_CODE,
  I32_CODE,
  I64_CODE,
  isTypedReference,
  V128_CODE,
} from '../binary/formatCodes.ts'
import type { Feature, InstructionInfo, RefusedFeature } from '../binary/opcodes.ts'
import { type ModulePosition, refuse, ValidationError } from '../validationError.ts'
import { type FeatureReport, MAX_PROBLEMS, type ProblemReport } from './report.ts'

/** Proposals in the order they are shown; the refused ones follow. */
const ALLOWED = [
  'sign-extension',
  'bulk-memory',
  'multi-value',
  'mutable-globals',
  'reference-types',
  'tail-call',
  'extended-const',
] as const

type Proposal = (typeof ALLOWED)[number]

export class Findings {
  readonly #floats: 'reject' | 'trap'
  readonly #uses = new Map<Proposal | RefusedFeature, number>()
  readonly #instructions = new Map<string, Set<string>>()
  readonly #found: ValidationError[] = []
  /** Places that have a problem already: the decoder's own error is often one of those the scan finds. */
  readonly #places = new Set<string>()
  #leftOut = 0

  constructor(floats: 'reject' | 'trap') {
    this.#floats = floats
  }

  use(proposal: Proposal | RefusedFeature, times = 1): void {
    this.#uses.set(proposal, (this.#uses.get(proposal) ?? 0) + times)
  }

  problem(error: ValidationError): void {
    const place = `${error.code} ${error.offset} ${error.functionIndex}`
    if (this.#places.has(place)) return
    if (this.#found.length === MAX_PROBLEMS) {
      this.#leftOut++
      return
    }
    this.#places.add(place)
    this.#found.push(error)
  }

  /** Whether a problem with this code is known. */
  has(code: ValidationError['code']): boolean {
    return this.#found.some((error) => error.code === code)
  }

  /** Runs `work`; a refusal of the module becomes a problem, and `undefined` the result. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      this.problem(error)
      return undefined
    }
  }

  refused(feature: RefusedFeature, subject: string, at: ModulePosition): void {
    this.use(feature)
    // An error is dear, and a module may hold half a million refused instructions.
    if (this.#found.length === MAX_PROBLEMS) this.#leftOut++
    else this.attempt(() => refuse(feature, subject, at))
  }

  /** Notes the instruction's proposal. True when it is refused. */
  instruction({ feature, name }: InstructionInfo, at: ModulePosition): boolean {
    if (feature === 'core') return false
    const names = this.#instructions.get(feature)
    if (names === undefined) this.#instructions.set(feature, new Set([name]))
    else names.add(name)
    if (feature !== 'float') {
      this.use(feature satisfies Exclude<Feature, 'core' | 'float'>)
      return false
    }
    return this.#float('an instruction', at)
  }

  /** Notes what the code of a value type needs. True when it is refused. */
  valueType(code: number, at: ModulePosition): boolean {
    if (code === I32_CODE || code === I64_CODE) return false
    if (code === F32_CODE) return this.#float('type f32', at)
    if (code === F64_CODE) return this.#float('type f64', at)
    if (code === FUNCREF_CODE) {
      this.use('reference-types')
      return false
    }
    if (code === V128_CODE) this.refused('simd', 'type v128', at)
    else if (code === EXTERNREF_CODE) this.refused('externref', 'type externref', at)
    else if (isTypedReference(code)) this.refused('gc', `type 0x${code.toString(16)}`, at)
    else {
      const problem = `0x${code.toString(16)} is not a value type`
      this.problem(new ValidationError('malformed:type', problem, 'the module is damaged', at, null))
    }
    return true
  }

  #float(subject: string, at: ModulePosition): boolean {
    if (this.#floats === 'trap') {
      this.use('float')
      return false
    }
    this.refused('float', subject, at)
    return true
  }

  features(): FeatureReport[] {
    const shown = (name: string, uses: number): FeatureReport => {
      const allowed = (ALLOWED as readonly string[]).includes(name) || (name === 'float' && this.#floats === 'trap')
      return { name, uses, allowed, instructions: [...(this.#instructions.get(name) ?? [])] }
    }
    const known = ALLOWED.flatMap((name) => (this.#uses.has(name) ? [shown(name, this.#uses.get(name)!)] : []))
    const others = [...this.#uses].filter(([name]) => !(ALLOWED as readonly string[]).includes(name))
    return [...known, ...others.map(([name, uses]) => shown(name, uses))]
  }

  /** By place; those without one come first. */
  problems(functionName: (index: number) => string | null): { listed: ProblemReport[]; leftOut: number } {
    const listed = this.#found
      .map(({ code, problem, hint, functionIndex, offset, instruction }) => ({
        code,
        problem,
        hint,
        functionIndex,
        functionName: functionIndex === null ? null : functionName(functionIndex),
        offset,
        instruction,
      }))
      .sort((left, right) => (left.offset ?? -1) - (right.offset ?? -1))
    return { listed, leftOut: this.#leftOut }
  }
}
