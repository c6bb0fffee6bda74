/** How much of each limit a module uses. */
import { DEFAULT_LIMITS, LIMIT_WORDS, type Limits, type ModuleLimit, SHOWN_NAME_LENGTH } from '../limits.ts'
import { quotedText } from '../visibleText.ts'
import { functionTypeAt } from './describe.ts'
import type { Outline } from './outline.ts'
import type { LimitReport } from './report.ts'
import type { BodyScan } from './scanBody.ts'

/** The largest of something, and what has it. */
export interface Peak {
  readonly used: number
  readonly where: string | null
}

export interface MeasuredBody {
  readonly index: number
  readonly byteLength: number
  readonly scan: BodyScan
}

export interface Measurements {
  readonly outline: Outline
  readonly bodies: readonly MeasuredBody[]
  readonly importedFunctions: number
  /** Greatest stack charge of a function; null when the module does not validate. */
  readonly stack: Peak | null
  /** The same of values at control points, operands and all, of which a scan does not know. */
  readonly controlValues: Peak | null
  readonly limits: Limits
  readonly functionLabel: (index: number) => string
}

const text = new TextEncoder()

/** Fullest first; those that could not be measured come last. */
export function limitsUsed(measured: Measurements): LimitReport[] {
  const { limits, stack } = measured
  const peaks = modulePeaks(measured)
  const rows = (Object.keys(LIMIT_WORDS) as ModuleLimit[]).map((limit): LimitReport => {
    const { used, where } = peaks[limit]
    return { limit, what: LIMIT_WORDS[limit].what, used, allowed: limits[limit], where }
  })
  const what = 'bytes of call stack for one call, recursion aside'
  rows.push({
    limit: 'stackBytes',
    what,
    used: stack?.used ?? null,
    allowed: limits.stackBytes,
    where: stack?.where ?? null,
  })
  const fullness = ({ used, allowed }: LimitReport): number => (used === null ? -1 : used / allowed)
  return rows.sort((left, right) => fullness(right) - fullness(left))
}

function modulePeaks({
  outline,
  bodies,
  importedFunctions,
  functionLabel,
  controlValues,
}: Measurements): Record<ModuleLimit, Peak> {
  const { module, items, imports } = outline
  const total = (used: number): Peak => ({ used, where: null })
  const defined = (id: number, kind: string): Peak =>
    total((items.get(id) ?? 0) + imports.filter((item) => item.kind === kind).length)
  const inBody = (measure: (body: MeasuredBody) => number): Peak => {
    let peak: Peak = total(0)
    for (const body of bodies) {
      const used = measure(body)
      if (used > peak.used) peak = { used, where: functionLabel(body.index) }
    }
    return peak
  }
  const inType = (part: 'params' | 'results'): Peak =>
    greatest(
      module.types,
      (type) => type[part].length,
      (_type, i) => `type ${i}`,
    )
  return {
    moduleBytes: total(module.bytes.length),
    types: total(items.get(1) ?? 0),
    functions: total(importedFunctions + (items.get(3) ?? 0)),
    bodyBytes: inBody(({ byteLength }) => byteLength),
    locals: inBody(({ scan }) => scan.locals),
    moduleLocals: total(bodies.reduce((sum, { scan }) => sum + scan.locals, 0)),
    params: inType('params'),
    results: inType('results'),
    nesting: inBody(({ scan }) => scan.nesting),
    loopNesting: inBody(({ scan }) => scan.loopNesting),
    branchTableTargets: inBody(({ scan }) => scan.branchTableTargets),
    branchesToLabel: inBody(({ scan }) => scan.branchesToLabel),
    controlValues:
      controlValues ??
      inBody(({ index, scan }) => {
        const params = functionTypeAt(outline, index)?.params.length ?? 0
        return scan.controlPoints * (params + scan.locals)
      }),
    globals: defined(6, 'global'),
    tables: defined(4, 'table'),
    tableElements: greatest(
      module.tables,
      ({ min }) => min,
      (_table, i) => `table ${i}`,
    ),
    elementSegments: total(items.get(9) ?? 0),
    segmentElements: greatest(
      module.elements,
      ({ functions, expressions }) => (functions ?? expressions ?? []).length,
      (_segment, i) => `element segment ${i}`,
    ),
    dataSegments: total(items.get(11) ?? 0),
    imports: total(items.get(2) ?? 0),
    exports: total(items.get(7) ?? 0),
    nameBytes: greatest(
      [...imports.flatMap((item) => [item.module, item.name]), ...module.exports.map(({ name }) => name)],
      (name) => text.encode(name).length,
      (name) => quotedText(name, SHOWN_NAME_LENGTH),
    ),
    customSections: total(outline.sections.filter(({ id }) => id === 0).length),
    memoryPages: greatest(
      module.memories,
      ({ min }) => min,
      () => null,
    ),
  }
}

function greatest<T>(
  entries: readonly T[],
  measure: (entry: T) => number,
  where: (entry: T, index: number) => string | null,
): Peak {
  let peak: Peak = { used: 0, where: null }
  for (const [i, entry] of entries.entries()) {
    const used = measure(entry)
    if (used > peak.used) peak = { used, where: where(entry, i) }
  }
  return peak
}

/** The limits a module is held to: the VM's, and the memory of the ABI that claims it. */
export function limitsOf(abi: { readonly maxPages: number } | null): Limits {
  return abi === null ? DEFAULT_LIMITS : { ...DEFAULT_LIMITS, memoryPages: abi.maxPages }
}
