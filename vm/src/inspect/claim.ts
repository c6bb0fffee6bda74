/** Which contract ABI claims a module, and what it finds wrong with its imports and exports: all of it. */
import type { ModuleSummary } from '../binary/moduleSummary.ts'
import { AbiError, type ContractAbi } from '../host/abi.ts'
import { detectAbi, shownNames } from '../host/detect.ts'
import type { AbiReport } from './report.ts'

export interface Claim {
  readonly abi: ContractAbi | null
  readonly report: AbiReport
  readonly errors: readonly AbiError[]
}

/** `typed`: the types in the summary are the module's, so that the ABI can check them. `schedule` is the name of one. */
export function claimModule(summary: ModuleSummary, typed: boolean, schedule: string): Claim {
  const abi = detect(summary)
  if (abi instanceof AbiError) {
    return { abi: null, report: { id: null, reason: withoutHint(abi), hint: abi.hint }, errors: [abi] }
  }
  const reason = `it imports from ${from(summary)} and exports ${exported(summary)}`
  return { abi, report: { id: abi.id, reason, hint: null }, errors: typed ? abi.problems(summary, schedule) : [] }
}

function detect(summary: ModuleSummary): ContractAbi | AbiError {
  try {
    return detectAbi(summary)
  } catch (error) {
    if (error instanceof AbiError) return error
    throw error
  }
}

/** The problem alone: the hint stands at the end of the message, in parentheses. */
export function withoutHint({ message, hint }: AbiError): string {
  return message.endsWith(` (${hint})`) ? message.slice(0, -hint.length - 3) : message
}

function from({ imports }: ModuleSummary): string {
  const modules = [...new Set(imports.map((item) => item.module))]
  return shownNames(modules) ?? 'nothing'
}

function exported({ exports }: ModuleSummary): string {
  const functions = exports.filter(({ external }) => external.kind === 'function')
  return shownNames(functions.map(({ name }) => name)) ?? 'no function'
}
