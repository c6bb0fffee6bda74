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
import { elementPages, openPages, pagesGas, TOO_MANY_PAGES } from './pages.ts'
import { hookPrices, INK_PER_GAS } from './prices.ts'

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

function check(module: ModuleSummary): void {
  for (const rule of rules(module)) rule()
}

function problems(module: ModuleSummary): AbiError[] {
  return rules(module).flatMap((rule) => {
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
function rules(module: ModuleSummary): readonly (() => void)[] {
  return [
    () => checkEntrypoint(module),
    () => checkMemory(module),
    () => checkStart(module),
    ...module.imports.map((item) => () => checkImport(item.module, item.name, item.external)),
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
  const pages = environment.pages ?? { open: 0, ever: 0 }
  const memoryPages = program.module.memory?.min ?? 0
  const ofElements = elementPages(program.module)
  const first = memoryPages + ofElements
  const pageGas = pagesGas(pages, first, true)
  if (pageGas === null || pageGas > gas) return { kind: 'failure', trap: outOfPages(first, pageGas, gas) }
  openPages(pages, first)
  const frame = new HookFrame(environment, pages, memoryPages, ofElements, hookPrices(schedule))
  try {
    return run(program, frame, gas - pageGas)
  } finally {
    frame.close()
  }
}

function run(program: Program, frame: HookFrame, gas: bigint): FrameOutcome {
  const spendable = gas < MAX_FUEL_GAS ? gas : MAX_FUEL_GAS
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

function outOfPages(initialPages: number, pageGas: bigint | null, gas: bigint): Trap {
  const message =
    pageGas === null
      ? TOO_MANY_PAGES
      : `out of gas: ${initialPages} pages of memory and tables cost ${pageGas} gas at the start of the frame, ${gas} left`
  return { code: 'out-of-gas', message, frames: [] }
}

function sameType(a: FunctionType, b: FunctionType): boolean {
  return signature(a) === signature(b)
}

function signature(type: FunctionType): string {
  return `(${type.params.join(', ')}) -> (${type.results.join(', ')})`
}
