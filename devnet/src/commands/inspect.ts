/** `devnet inspect FILE`: everything about a module, without a network; exit code 1 when the chain would refuse it. */
import {
  codeOf,
  inspectModule,
  inspectRewritten,
  MAX_INSPECTED_BYTES,
  type ModuleReport,
  ValidationError,
} from '@touchstone/contracts'
import { MAX_CODE_BYTES } from '@touchstone/node/code-formats'
import { arbitrumText, judgeForArbitrum } from '../contracts/arbitrum.ts'
import { elsewhereText, judgeElsewhere, type OtherChain, titleOf } from '../contracts/elsewhere.ts'
import { type ModuleFile, readModuleFile } from '../contracts/moduleFile.ts'
import { modulePrices } from '../contracts/modulePrices.ts'
import { moduleText } from '../contracts/moduleText.ts'
import { MAX_FUNCTIONS_SHOWN, rewrittenText } from '../contracts/rewrittenText.ts'
import { CliError, usageError } from '../output/errors.ts'
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import type { CommandContext } from './context.ts'

export interface InspectOptions {
  /** Name of the schedule for the static gas. */
  readonly schedule: string
  /** Every row of every table. */
  readonly all: boolean
  /** How each function is charged and rewritten, in place of the report. */
  readonly rewritten: boolean
  /** Another chain to judge the module by, in place of the report. */
  readonly for?: 'arbitrum' | OtherChain
}

export function inspectCommand(
  { terminal }: Pick<CommandContext, 'terminal'>,
  file: string,
  options: InspectOptions,
): void {
  const source = readModuleFile(file, MAX_INSPECTED_BYTES)
  const report = inspect(file, source, options.schedule)
  if (options.rewritten) {
    printRewritten(terminal, file, source, report, options)
    return
  }
  if (options.for === 'arbitrum') {
    printForArbitrum(terminal, file, source, report)
    return
  }
  if (options.for !== undefined) {
    printElsewhere(terminal, file, report, options.for)
    return
  }
  const code = { used: storedBytes(source, report), allowed: MAX_CODE_BYTES }
  const prices = modulePrices(source, report)
  if (terminal.json) {
    const { contractName, source: found, remark } = source
    terminal.printJson({ file, contractName, source: found, remark, code, prices, ...report })
  } else terminal.printLines(moduleText({ file, source, report, code, prices, all: options.all }, terminal.color))
  if (!report.accepted) {
    throw new CliError(`the chain would refuse ${file}: ${printable(report.refusal ?? 'see the problems', 600)}`)
  }
  if (code.used !== null && code.used > code.allowed) {
    const sizes = `${groupDigits(code.used)} bytes as stored; an account may hold ${groupDigits(code.allowed)}`
    throw new CliError(`the chain would refuse ${file}: its code has ${sizes}`, {
      hint: 'optimise for size (-Oz, wasm-opt) and strip debug sections',
    })
  }
}

function printForArbitrum(
  terminal: CommandContext['terminal'],
  file: string,
  source: ModuleFile,
  report: ModuleReport,
): void {
  const judged = judgeForArbitrum(source, report)
  const prices = modulePrices(source, report)
  if (terminal.json) terminal.printJson({ file, for: 'arbitrum', ...judged, prices })
  else terminal.printLines(arbitrumText(file, judged, prices, terminal.color))
  if (!judged.accepted) {
    throw new CliError(`Arbitrum would refuse ${file}: ${printable(judged.refusals[0]!.what, 200)}`)
  }
}

function printElsewhere(
  terminal: CommandContext['terminal'],
  file: string,
  report: ModuleReport,
  chain: OtherChain,
): void {
  const judged = judgeElsewhere(chain, report)
  if (terminal.json) terminal.printJson({ file, for: chain, ...judged })
  else terminal.printLines(elsewhereText(file, chain, judged, terminal.color))
  const [first] = [...judged.code, ...judged.interface]
  if (first !== undefined) throw new CliError(`${titleOf(chain)} would refuse ${file}: ${printable(first.what, 200)}`)
}

/** A module that the chain refuses is not rewritten, and its report says why. */
function printRewritten(
  terminal: CommandContext['terminal'],
  file: string,
  { wasm }: ModuleFile,
  report: ModuleReport,
  { schedule, all }: InspectOptions,
): void {
  if (!report.accepted) {
    throw new CliError(`the chain would refuse ${file}: ${printable(report.refusal ?? 'see the problems', 600)}`, {
      hint: 'only a module that the chain takes is rewritten; devnet inspect without --rewritten shows all its problems',
    })
  }
  const rewritten = inspectRewritten(wasm, all ? { schedule } : { schedule, functions: MAX_FUNCTIONS_SHOWN })
  if (terminal.json) terminal.printJson({ file, ...rewritten })
  else terminal.printLines(rewrittenText(rewritten))
}

/** Null for a module that is too large anyway: compressing tens of megabytes takes minutes. */
function storedBytes({ wasm, stored }: ModuleFile, { limits }: ModuleReport): number | null {
  if (stored !== null) return stored.length
  const tooLarge = limits.some(({ limit, used, allowed }) => limit === 'moduleBytes' && used !== null && used > allowed)
  return tooLarge ? null : codeOf(wasm).length
}

function inspect(file: string, { wasm }: ModuleFile, schedule: string): ModuleReport {
  try {
    return inspectModule(wasm, { schedule })
  } catch (error) {
    if (error instanceof RangeError) throw usageError(error.message)
    if (!(error instanceof ValidationError)) throw error
    // Only bytes that do not begin like a module of version 1 give no report.
    throw new CliError(`${file}: ${error.problem} at byte ${error.offset ?? 0}`, { hint: error.hint })
  }
}
