/**
 * The contract ABI of Arbitrum Stylus: imports from `vm_hooks`, one entry point `user_entrypoint(length) -> status`,
 * an exported memory. Status 0 is success and any other a revert; the output is the last `write_result`; a trap is a
 * failure without output. Described in docs/protocol/vm_hooks.md.
 */

import type { ModuleSummary } from '../../binary/moduleSummary.ts'
import type { FunctionType } from '../../binary/types.ts'
import { type HostFunction, type Instance, InstantiationTrap, type Outcome, type Program } from '../../engine/engine.ts'
import type { Trap } from '../../engine/trap.ts'
import { SHOWN_NAME_LENGTH } from '../../limits.ts'
import { quotedText } from '../../visibleText.ts'
import { AbiError, type ContractAbi, type FrameOutcome } from '../abi.ts'
import type { Environment } from '../environment.ts'
import { bindHook } from './hook.ts'
import { HookFrame } from './hookFrame.ts'
import { findHook, hookModules, hookNames } from './hooks.ts'
import { INK_PER_GAS } from './ink.ts'
import {
  elementPages,
  heldGas,
  holdPages,
  openPages,
  type PageRule,
  pagesGas,
  type TransactionPages,
  tooManyPages,
} from './pages.ts'
import { evmMemoryGas, hookPrices } from './prices.ts'

const ENTRYPOINT = 'user_entrypoint'
const ENTRYPOINT_TYPE: FunctionType = { params: ['i32'], results: ['i32'] }
/** Pages of one contract's memory: the VM's default. */
const MAX_PAGES = 256
/** The most fuel an instance takes (engine.ts); gas beyond it is kept aside and given back. */
const MAX_FUEL_GAS = (2n ** 53n - 1n) / INK_PER_GAS

export const stylusAbi: ContractAbi = {
  id: 'stylus',
  schedule: 'stylus',
  floats: 'reject',
  maxPages: MAX_PAGES,
  exports: [ENTRYPOINT],
  detects,
  check,
  problems,
  execute,
}

function detects(module: ModuleSummary): boolean {
  if (module.imports.some((item) => item.module === 'vm_hooks')) return true
  const onlyKnownModules = module.imports.every((item) => hookModules.includes(item.module))
  return onlyKnownModules && module.exports.some((item) => item.name === ENTRYPOINT)
}

function check(module: ModuleSummary, schedule: string): void {
  for (const rule of rules(module, schedule)) rule()
}

function problems(module: ModuleSummary, schedule: string): AbiError[] {
  return rules(module, schedule).flatMap((rule) => {
    try {
      rule()
      return []
    } catch (error) {
      if (error instanceof AbiError) return [error]
      throw error
    }
  })
}

/** Each throws an AbiError when it is broken. */
function rules(module: ModuleSummary, schedule: string): readonly (() => void)[] {
  return [
    () => checkEntrypoint(module),
    () => checkMemory(module),
    () => checkStart(module),
    ...module.imports.map((item) => () => checkImport(item.module, item.name, item.external)),
    () => checkGrowth(module, schedule),
  ]
}

function checkStart(module: ModuleSummary): void {
  if (!module.hasStart) return
  throw new AbiError(
    'start-section',
    'the module has a start section, which a Stylus contract must not have',
    `move that code into ${ENTRYPOINT}`,
  )
}

function checkEntrypoint(module: ModuleSummary): void {
  const entrypoint = module.exports.find((item) => item.name === ENTRYPOINT)
  if (entrypoint === undefined) {
    throw new AbiError(
      'missing-export',
      `the module does not export "${ENTRYPOINT}"`,
      `export a function ${ENTRYPOINT}: ${signature(ENTRYPOINT_TYPE)} that takes the length of the calldata and returns 0 for success`,
    )
  }
  const { external } = entrypoint
  if (external.kind !== 'function' || !sameType(external.type, ENTRYPOINT_TYPE)) {
    const have = external.kind === 'function' ? signature(external.type) : `a ${external.kind}`
    throw new AbiError(
      'wrong-export',
      `the export "${ENTRYPOINT}" is ${have}`,
      `it must be a function ${signature(ENTRYPOINT_TYPE)}`,
    )
  }
}

function checkMemory(module: ModuleSummary): void {
  if (module.memory === null) {
    throw new AbiError(
      'memory',
      'the module has no memory',
      'a Stylus contract has one memory and exports it as "memory"',
    )
  }
  if (module.memory.imported) {
    throw new AbiError('memory', 'the module imports its memory', 'define it in the module and export it as "memory"')
  }
  const exported = module.exports.find((item) => item.name === 'memory')
  if (exported === undefined) {
    throw new AbiError('missing-export', 'the module does not export its memory', 'export it under the name "memory"')
  }
  if (exported.external.kind !== 'memory') {
    throw new AbiError(
      'wrong-export',
      `the export "memory" is a ${exported.external.kind}`,
      "it must be the module's memory",
    )
  }
  if (module.memory.min > MAX_PAGES) {
    throw new AbiError(
      'memory',
      `the module starts with ${module.memory.min} memory pages`,
      `a contract may have ${MAX_PAGES} pages of 64 KiB; lower the initial memory or the linker's stack size`,
    )
  }
}

/** Without the import nothing would pay for the pages (metering/schedule.ts). */
function checkGrowth({ memory, imports }: ModuleSummary, schedule: string): void {
  if (!hookPrices(schedule).pages.paysForGrowth || memory === null || memory.min === memory.max) return
  if (imports.some(({ module, name }) => module === 'vm_hooks' && name === 'pay_for_memory_grow')) return
  throw new AbiError(
    'missing-import',
    `the module's memory can grow, and it does not import "vm_hooks"."pay_for_memory_grow", which schedule "${schedule}" charges growth by, as Stylus does`,
    'import it and call it once with 0, as the SDKs do, or give the memory a maximum that is its initial size',
  )
}

/** Host functions that stylus-sdk before 0.5 imports, and that were renamed before Arbitrum One had Stylus. */
const TESTNET_NAMES: ReadonlySet<string> = new Set(['memory_grow', 'storage_store_bytes32'])

function checkImport(module: string, name: string, external: ModuleSummary['imports'][number]['external']): void {
  const full = [module, name].map((text) => quotedText(text, SHOWN_NAME_LENGTH)).join('.')
  if (!hookModules.includes(module)) {
    throw new AbiError(
      'unknown-import',
      `the module imports ${full}, but a Stylus contract imports only from ${hookModules.join(', ')}`,
      module.startsWith('wasi') ? 'there is no operating system here; build for wasm32-unknown-unknown' : 'remove it',
    )
  }
  const hook = findHook(module, name)
  if (hook === undefined) {
    const float = /_f(32|64)$/.test(name) ? 'floats are not available; print an integer' : ''
    const isOld = TESTNET_NAMES.has(name)
    const old = isOld
      ? 'the module was made for the Stylus testnet of 2023; rebuild it with stylus-sdk 0.5 or later'
      : ''
    throw new AbiError(
      'unknown-import',
      `the module imports ${full}, which does not exist`,
      float || old || `"${module}" has: ${hookNames(module).join(', ')}`,
    )
  }
  if (external.kind !== 'function' || !sameType(external.type, hook.type)) {
    const have = external.kind === 'function' ? signature(external.type) : `a ${external.kind}`
    throw new AbiError('wrong-import-type', `the module imports ${full} as ${have}`, `it is ${signature(hook.type)}`)
  }
}

function execute(program: Program, environment: Environment, gas: bigint, schedule: string): FrameOutcome {
  const prices = hookPrices(schedule)
  const pages = environment.pages ?? { open: 0, ever: 0, held: 0 }
  const memoryPages = program.module.memory?.min ?? 0
  const ofElements = elementPages(program.module)
  const pageGas = firstPagesGas(prices.pages, pages, memoryPages, ofElements)
  if (pageGas === null || pageGas > gas) {
    return { kind: 'failure', trap: outOfPages(prices.pages, memoryPages + ofElements, pageGas, gas) }
  }
  openPages(pages, memoryPages)
  holdPages(prices.pages, pages, ofElements)
  const frame = new HookFrame(environment, pages, memoryPages, ofElements, prices)
  let outcome: FrameOutcome
  try {
    outcome = run(program, frame, gas - pageGas)
  } finally {
    frame.close()
  }
  return prices.pricesOutput ? outputPaid(outcome, gas) : outcome
}

/** The price of the pages a frame starts with; those of tables are the last, and like the others where they have a price. */
function firstPagesGas(
  rule: PageRule,
  pages: Readonly<TransactionPages>,
  ofMemory: number,
  ofElements: number,
): bigint | null {
  if (rule.pricesHeld) return pagesGas(rule, pages, ofMemory + ofElements, true)
  const gas = pagesGas(rule, pages, ofMemory, true)
  return heldGas(rule, { ...pages, open: pages.open + ofMemory }, ofElements) === null ? null : gas
}

/** As nitro since ArbOS 31: of the gas a frame began with, output takes at least what the EVM's memory would have cost. */
function outputPaid(outcome: FrameOutcome, gas: bigint): FrameOutcome {
  if (outcome.kind === 'failure') return outcome
  const least = evmMemoryGas(outcome.output.length)
  if (gas < least) {
    const message = `out of gas: ${outcome.output.length} bytes of output cost at least ${least} gas, the frame had ${gas}`
    return { kind: 'failure', trap: { code: 'out-of-gas', message, frames: [] } }
  }
  return outcome.gasLeft <= gas - least ? outcome : { ...outcome, gasLeft: gas - least }
}

function run(program: Program, frame: HookFrame, gas: bigint): FrameOutcome {
  const spendable = gas < MAX_FUEL_GAS ? gas : MAX_FUEL_GAS
  // Its host functions then find less than there is.
  if (spendable < gas) frame.environment.gasLooked?.(null)
  const fuel = spendable * INK_PER_GAS
  let instance: Instance
  try {
    instance = program.instantiate({ imports: bindImports(program.module, frame), fuel })
  } catch (error) {
    // A segment that does not fit traps before anything runs; anything else is a fault of ours.
    if (!(error instanceof InstantiationTrap)) throw error
    return { kind: 'failure', trap: error.trap }
  }
  let outcome: Outcome
  try {
    outcome = instance.invoke(ENTRYPOINT, [frame.environment.frame.input.length])
  } finally {
    instance.release()
  }
  if (outcome.kind === 'trap') return { kind: 'failure', trap: outcome.trap }
  const status = outcome.kind === 'exit' ? outcome.status : outcome.values[0]
  const gasLeft = (fuel - outcome.fuelUsed) / INK_PER_GAS + (gas - spendable)
  return { kind: status === 0 ? 'success' : 'revert', output: frame.output, gasLeft }
}

function bindImports(module: ModuleSummary, frame: HookFrame): Record<string, Record<string, HostFunction>> {
  const imports: Record<string, Record<string, HostFunction>> = {}
  for (const { module: from, name } of module.imports) {
    const hook = findHook(from, name)
    if (hook === undefined) throw new Error(`import "${from}"."${name}" passed the ABI check but does not exist`)
    imports[from] ??= {}
    imports[from][name] ??= bindHook(hook, frame)
  }
  return imports
}

function outOfPages(rule: PageRule, initialPages: number, pageGas: bigint | null, gas: bigint): Trap {
  const message =
    pageGas === null
      ? tooManyPages(rule)
      : `out of gas: ${initialPages} pages of memory and tables cost ${pageGas} gas at the start of the frame, ${gas} left`
  return { code: 'out-of-gas', message, frames: [] }
}

function sameType(a: FunctionType, b: FunctionType): boolean {
  return signature(a) === signature(b)
}

function signature(type: FunctionType): string {
  return `(${type.params.join(', ')}) -> (${type.results.join(', ')})`
}
