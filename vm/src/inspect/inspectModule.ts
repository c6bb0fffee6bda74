/**
 * Everything a contract's author may want to know about a module, also about one that is damaged or refused: the
 * decoder of the chain stops at the first thing wrong, this goes on to the end.
 */

import type { Module } from '../binary/module.ts'
import type { ExternalType, ModuleSummary } from '../binary/moduleSummary.ts'
import { Reader } from '../binary/reader.ts'
import { decodeAndValidate } from '../compile.ts'
import { AbiError } from '../host/abi.ts'
import { compileContract } from '../host/compileContract.ts'
import type { Limits } from '../limits.ts'
import { callGraph } from '../metering/callGraph.ts'
import { FUEL_PER_GAS, resolveSchedule, type Schedule } from '../metering/schedule.ts'
import { stackRule } from '../metering/stackHeight.ts'
import type { ValidatedModule } from '../validate/validateModule.ts'
import { checkLimit, NOWHERE, ValidationError } from '../validationError.ts'
import { type Claim, claimModule, withoutHint } from './claim.ts'
import { findDeclared } from './declared.ts'
import { exportReports, functionReports, importedFunctionsOf, importReports, namesOf } from './describe.ts'
import { Findings } from './findings.ts'
import { limitsOf, limitsUsed, type MeasuredBody, type Peak } from './limitsUsed.ts'
import { type Outline, readOutline } from './outline.ts'
import {
  MAX_BODY_READ,
  MAX_CODE_READ,
  MAX_INSPECTED_BYTES,
  type ModuleReport,
  type ProblemReport,
  STATIC_GAS_MEANING,
  type TotalsReport,
} from './report.ts'
import { emptyScan, scanBody } from './scanBody.ts'

export interface InspectOptions {
  /** Name of the instruction schedule for the static gas; default `touchstone/1`. */
  readonly schedule?: string
  /** Default: the policy of the ABI that claims the module, `reject` when none does. */
  readonly floats?: 'reject' | 'trap'
}

/**
 * @throws ValidationError `malformed:magic` or `malformed:version` when the bytes are no module at all; RangeError for
 * an unknown schedule or more than {@link MAX_INSPECTED_BYTES}. A module that begins like one always gives a report.
 *
 * @example
 * ```ts
 * import { inspectModule } from '@touchstone/vm'
 * import { watToWasm } from '@touchstone/vm/testing/wat'
 *
 * const report = inspectModule(watToWasm('(module (func (export "f") (result f32) (f32.const 1)))'))
 * report.accepted // => false
 * report.problems[0]?.code // => 'abi:unknown-abi'
 * ```
 */
export function inspectModule(bytes: Uint8Array, options: InspectOptions = {}): ModuleReport {
  if (bytes.length > MAX_INSPECTED_BYTES) {
    throw new RangeError(`${bytes.length} bytes to inspect; at most ${MAX_INSPECTED_BYTES} are`)
  }
  const scheduleName = options.schedule ?? 'touchstone/1'
  const schedule = resolveSchedule(scheduleName)
  // The float policy is the ABI's, which is known from the sections alone; their problems do not depend on it.
  const claim = claimOf(readOutline(bytes, new Findings('trap')), scheduleName)
  const floats = options.floats ?? claim.abi?.floats ?? 'reject'
  const findings = new Findings(floats)
  const outline = readOutline(bytes, findings)
  const limits = limitsOf(claim.abi)
  const names = namesOf(outline)
  const importedFunctions = importedFunctionsOf(outline)

  const bodies = scanBodies(outline, importedFunctions, schedule, findings)
  findDeclared(outline.module, findings)
  const { refusal, startGas, summary } = verdictOf(bytes, scheduleName, options.floats, limits)
  if (refusal instanceof ValidationError) addUnlessKnown(findings, refusal)
  const functionLabel = (index: number): string =>
    `function ${index}${names(index) === null ? '' : ` "${names(index)}"`}`
  const validated = validatedOrNull(bytes, limits, findings)
  const stack = validated === null ? null : deepestStack(validated, functionLabel)
  const controlValues = validated === null ? null : mostControlValues(validated, functionLabel)
  const measured = { outline, bodies, importedFunctions, stack, controlValues, limits, functionLabel }
  const usedLimits = limitsUsed(measured)
  for (const { limit, used, allowed } of usedLimits) {
    if (limit === 'stackBytes' || used === null || findings.has(`limit:${limit}`)) continue
    findings.attempt(() => checkLimit(limit, used, allowed, NOWHERE))
  }

  const { listed, leftOut } = findings.problems(names)
  const { module } = outline
  return {
    accepted: refusal === null && claim.errors.length === 0,
    refusal: refusal?.message ?? claim.errors[0]?.message ?? null,
    problems: [...claim.errors.map(abiProblem), ...listed],
    problemsLeftOut: leftOut,
    abi: claim.report,
    byteLength: bytes.length,
    startGas,
    loops: summary?.loops ?? null,
    controlValues: summary?.controlValues ?? null,
    sections: outline.sections,
    imports: importReports(outline),
    exports: exportReports(outline),
    memory: module.memories[0] === undefined ? null : { ...module.memories[0], imported: module.importedMemories > 0 },
    start:
      module.start === null
        ? null
        : { functionIndex: module.start.functionIndex, functionName: names(module.start.functionIndex) },
    features: findings.features(),
    totals: totalsOf(module),
    limits: usedLimits,
    staticGas: { schedule: schedule.name, fuelPerGas: Number(FUEL_PER_GAS), meaning: STATIC_GAS_MEANING },
    functions: functionReports(outline, bodies, names),
  }
}

function totalsOf(module: Module): TotalsReport {
  const sum = <T>(entries: readonly T[], size: (entry: T) => number) =>
    entries.reduce((total, entry) => total + size(entry), 0)
  return {
    dataBytes: sum(module.data, ({ bytes }) => bytes.length),
    segmentElements: sum(module.elements, ({ functions, expressions }) => (functions ?? expressions ?? []).length),
    tableElements: sum(module.tables, ({ min }) => min),
    signatureValues: sum(module.functionTypes.slice(module.importedFunctions), (index) => {
      const type = module.types[index]
      return type === undefined ? 0 : type.params.length + type.results.length
    }),
  }
}

interface Verdict {
  /** Why the chain refuses the module: its own words, from its own code. Null when it takes it. */
  readonly refusal: ValidationError | AbiError | null
  readonly startGas: number | null
  readonly summary: ModuleSummary | null
}

function verdictOf(bytes: Uint8Array, schedule: string, floats: InspectOptions['floats'], limits: Limits): Verdict {
  try {
    if (floats === undefined) {
      const { startGas, program } = compileContract(bytes, { schedule })
      return { refusal: null, startGas: Number(startGas), summary: program.module }
    }
    decodeAndValidate(bytes, floats, limits)
    return { refusal: null, startGas: null, summary: null }
  } catch (error) {
    if (error instanceof ValidationError || error instanceof AbiError)
      return { refusal: error, startGas: null, summary: null }
    throw error
  }
}

/** The module as validated, also when floats are what it is refused for; null when it is not valid. */
function validatedOrNull(bytes: Uint8Array, limits: Limits, findings: Findings): ValidatedModule | null {
  try {
    return decodeAndValidate(bytes, 'trap', limits)
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    addUnlessKnown(findings, error)
    return null
  }
}

/** The scan finds refusals at the same place; a limit or a truncation it may have told in other words. */
function addUnlessKnown(findings: Findings, error: ValidationError): void {
  const { code } = error
  const retold = code.startsWith('limit:') || code === 'malformed:unexpected-end'
  if (!retold || !findings.has(code)) findings.problem(error)
}

function scanBodies(
  { module, bodies }: Outline,
  importedFunctions: number,
  schedule: Schedule,
  findings: Findings,
): MeasuredBody[] {
  const reader = new Reader(module.bytes)
  let read = 0
  return bodies.map(({ offset, byteLength }, i) => {
    const scan = emptyScan()
    read += byteLength
    // Such a module breaks the limits of bodies or bytes whatever is in it; reading it would take seconds.
    if (byteLength > MAX_BODY_READ || read > MAX_CODE_READ) return { index: importedFunctions + i, byteLength, scan }
    reader.position = offset
    reader.end = offset + byteLength
    reader.functionIndex = importedFunctions + i
    reader.instruction = null
    findings.attempt(() => scanBody(reader, module, schedule, findings, scan))
    return { index: importedFunctions + i, byteLength, scan }
  })
}

function mostControlValues({ module, functions }: ValidatedModule, label: (index: number) => string): Peak {
  let peak: Peak = { used: 0, where: null }
  for (const [i, { controlValues }] of functions.entries()) {
    if (controlValues > peak.used) peak = { used: controlValues, where: label(module.importedFunctions + i) }
  }
  return peak
}

function deepestStack({ module, ...validated }: ValidatedModule, label: (index: number) => string): Peak {
  const { charge } = stackRule({ module, ...validated }, callGraph(module, validated.functions))
  let deepest = -1
  for (let i = 0; i < charge.length; i++) if (deepest < 0 || charge[i]! > charge[deepest]!) deepest = i
  if (deepest < 0) return { used: 0, where: null }
  return { used: charge[deepest]!, where: label(module.importedFunctions + deepest) }
}

/** By names alone when the module does not decode: detection looks at nothing else. */
function claimOf(outline: Outline, schedule: string): Claim {
  const { module } = outline
  const unknown: ExternalType = { kind: 'function', type: { params: [], results: [] } }
  const imports = importReports(outline)
  const exports = exportReports(outline)
  const summary: ModuleSummary = {
    imports: imports.map(({ module: from, name, external }) => ({ module: from, name, external: external ?? unknown })),
    exports: exports.map(({ name, external }) => ({ name, external: external ?? unknown })),
    memory: module.memories[0] === undefined ? null : { ...module.memories[0], imported: module.importedMemories > 0 },
    hasStart: module.start !== null,
    functionCount: outline.bodies.length,
    // No ABI is told by them.
    tableElements: 0,
    segmentElements: 0,
    declaredLocals: 0,
    loops: 0,
    controlValues: 0,
    declarations: 0,
    byteLength: module.bytes.length,
    customSections: module.customs.map(({ name, bytes }) => ({ name, byteLength: bytes.length })),
  }
  return claimModule(
    summary,
    [...imports, ...exports].every(({ external }) => external !== null),
    schedule,
  )
}

function abiProblem(error: AbiError): ProblemReport {
  return {
    code: `abi:${error.code}`,
    problem: withoutHint(error),
    hint: error.hint,
    functionIndex: null,
    functionName: null,
    offset: null,
    instruction: null,
  }
}
