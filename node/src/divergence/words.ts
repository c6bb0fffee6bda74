/** The findings about a divergence, in sentences: one line each, the most important first. */
import type { Explanation } from './explain.ts'
import type { EngineValues, EventDifference, Finding } from './finding.ts'
import type { DivergenceRecord } from './record.ts'

function rightWords({ engines: [own, other], right }: Finding): string {
  if (right === 'both') return 'both agree with the header in the end'
  if (right === 'neither') return 'neither agrees with the header'
  return `the ${right} engine agrees with the header, the ${right === own ? other : own} engine does not`
}

/** For a report of its own; every line stands by itself. */
export function findingLines(finding: Finding): string[] {
  const { engines, agree, right, transaction, receipt, state, moreState, instruction, hostCall, remarks } = finding
  if (agree) {
    return [
      right === 'both'
        ? 'all engines of this machine agree with the header: receipts that differ are not those that the header commits to; otherwise the fault does not show again, and the machine (memory, processor) may be to blame'
        : 'all engines of this machine agree with each other and not with the header: other software made the block, or a faulty machine',
    ]
  }
  const lines: string[] = []
  if (transaction !== null) {
    const { index, hash, to } = transaction
    lines.push(
      `the engines part in transaction ${index} (${hash}) ${to === null ? 'that creates a contract' : `to ${to}`}`,
    )
  }
  lines.push(rightWords(finding))
  for (const difference of receipt) lines.push(`${difference.field}: ${sides(difference, engines)}`)
  for (const difference of state) {
    const { account, field, slot, before } = difference
    const what = slot === null ? field : `slot ${slot}`
    lines.push(`account ${account}, ${what}: ${sides(difference, engines)}, before ${before}`)
  }
  if (moreState > 0) lines.push(`and ${moreState} more values of the state`)
  lines.push(...eventLines('first instruction that differs', instruction, engines))
  lines.push(...eventLines('first host call that differs', hostCall, engines))
  lines.push(...remarks)
  return lines
}

function eventLines(what: string, difference: EventDifference | null, engines: Finding['engines']): string[] {
  if (difference === null) return []
  const { place, contract, before } = difference
  const at =
    place === null
      ? ''
      : ` ${place.instruction}, in function ${place.functionIndex}${place.functionName === null ? '' : ` "${place.functionName}"`} at byte 0x${place.offset.toString(16)}`
  return [
    `${what}:${at}${contract === null ? '' : ` of ${contract}`}`,
    ...before.map((text) => `  ${'both'.padEnd(12)}${text}`),
    ...engines.map((engine) => `  ${engine.padEnd(12)}${difference[engine] ?? 'nothing more'}`),
  ]
}

function sides(values: EngineValues, engines: Finding['engines']): string {
  return engines.map((engine) => `${engine} ${values[engine] ?? 'nothing'}`).join(', ')
}

/** "block 3 (0x...): state root: header 0x..., ours 0x..., on the reference engine" */
export function divergenceTitle({ kind, block, hash, engine, reason }: DivergenceRecord): string {
  const what =
    kind === 'certified'
      ? 'more than two thirds of the validators certified it'
      : 'a validator proposed it; this one voted against it'
  return `block ${block} (${hash}) came out otherwise on the ${engine} engine, and ${what}: ${reason}`
}

/** The lines below the title. */
export function explanationLines(explanation: Explanation | null): string[] {
  if (explanation === null) return ['where the engines part is being looked for, or the node ended before it was found']
  const { finding, trouble } = explanation
  return finding === null ? [`where the engines part could not be found out here: ${trouble}`] : findingLines(finding)
}
