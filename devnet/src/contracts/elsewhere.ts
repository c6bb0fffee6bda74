/**
 * `devnet inspect FILE --for soroban|near|cosmwasm|ink`: where another chain would refuse a module, and why. Of its code,
 * which is a matter of the compiler's options; and of its interface, as each chain has other functions to import and
 * export. The rules are those of the chains' own sources, which are named; what a chain's validators may vote on (sizes of
 * code, prices) is left out.
 */
import type { ModuleReport } from '@touchstone/contracts'
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'
import { formatTable } from '../output/table.ts'
import type { Terminal } from '../output/terminal.ts'
import { greatest, listed } from './judged.ts'

export const OTHER_CHAINS = ['soroban', 'near', 'cosmwasm', 'ink'] as const
export type OtherChain = (typeof OTHER_CHAINS)[number]

export interface ElsewhereRefusal {
  readonly what: string
  /** The chain's own source that says so. */
  readonly source: string
}

export interface ElsewhereReport {
  readonly accepted: boolean
  /** Of its instructions, types and sizes: a compiler with other options, or another source, makes others. */
  readonly code: readonly ElsewhereRefusal[]
  /** Of its imports, exports and memory: it is made for another chain. */
  readonly interface: readonly ElsewhereRefusal[]
}

interface ChainRules {
  readonly title: string
  /** Proposals that it takes, beside the first version of WebAssembly; `float` for its numbers. */
  readonly features: ReadonlySet<string>
  readonly featureSource: string
  /** Of a proposal that one refuses: what to do about it. */
  readonly advice: Readonly<Record<string, string>>
  readonly counts: (report: ModuleReport) => readonly Count[]
  readonly interface: (report: ModuleReport) => readonly ElsewhereRefusal[]
}

/** A bound: of what, how much there is, how much is taken, and where that stands. */
type Count = readonly [what: string, used: number, most: number, source: string]

const SOROBAN = 'soroban-env-host/src/vm'
const WASMI_LIMITS = 'soroban-env-host/src/budget/wasmi_helper.rs'
/** As of protocol version 84, which enables bulk memory and reference types (its 84.yaml, beside the limits). */
const NEAR = 'runtime/near-vm-runner/src'
const NEAR_LIMITS = 'core/parameters/res/runtime_configs/parameters.yaml'
const COSMWASM = 'packages/vm/src/compatibility.rs'
const PALLET = 'substrate/frame/contracts/src/wasm/prepare.rs'

/** A letter for each of its modules of host functions. */
const SOROBAN_MODULES: ReadonlySet<string> = new Set('xilvmdbcapt')
const ENV_META = 'custom "contractenvmetav0"'
/** One of its functions takes. */
const SOROBAN_ARGUMENTS = 32
const SOROBAN_TABLE = 1_000

const COSMWASM_IMPORTS: ReadonlySet<string> = new Set([
  ...[
    'abort',
    'addr_canonicalize',
    'addr_humanize',
    'addr_validate',
    'bls12_381_aggregate_g1',
    'bls12_381_aggregate_g2',
  ],
  ...['bls12_381_hash_to_g1', 'bls12_381_hash_to_g2', 'bls12_381_pairing_equality', 'db_next', 'db_next_key'],
  ...[
    'db_next_value',
    'db_read',
    'db_remove',
    'db_scan',
    'db_write',
    'debug',
    'ed25519_batch_verify',
    'ed25519_verify',
  ],
  ...['query_chain', 'secp256k1_recover_pubkey', 'secp256k1_verify', 'secp256r1_recover_pubkey', 'secp256r1_verify'],
])
const COSMWASM_EXPORTS = ['interface_version_8', 'allocate', 'deallocate']
const COSMWASM_PAGES = 512

/** Pages that its schedule lets a contract have. */
const INK_PAGES = 16
const INK_ENTRIES = ['deploy', 'call']

const NO_BULK_MEMORY = {
  'bulk-memory': 'clang leaves it out with -mno-bulk-memory, wasm-opt with --llvm-memory-copy-fill-lowering',
}

const RULES: Readonly<Record<OtherChain, ChainRules>> = {
  soroban: {
    title: 'Soroban (Stellar)',
    features: new Set(['sign-extension', 'mutable-globals', 'bulk-memory']),
    featureSource: `${SOROBAN}.rs get_wasmi_config`,
    advice: {},
    counts: (report) => [
      ['elements of tables', report.totals.tableElements, SOROBAN_TABLE, WASMI_LIMITS],
      [
        'parameters of an exported function',
        greatest(exportedFunctions(report).map(({ params }) => params.length)),
        ...([SOROBAN_ARGUMENTS, `${SOROBAN}.rs MAX_VM_ARGS`] as const),
      ],
    ],
    interface: (report) => [
      ...foreignImports(
        report,
        ({ module, name }) => SOROBAN_MODULES.has(module) && name.length <= 2,
        'its host functions have letters for names, in modules x, i, l, v, m, d, b, c, a, p and t',
        'soroban-env-common/env.json',
      ),
      ...when(
        !report.sections.some(({ name }) => name === ENV_META),
        'it has no custom section contractenvmetav0, which says for which version of the host it was made',
        `${SOROBAN}/parsed_module.rs check_meta_section`,
      ),
      ...when(report.start !== null, 'it has a start function', `${SOROBAN}/parsed_module.rs`),
    ],
  },
  near: {
    title: 'NEAR',
    features: new Set(['sign-extension', 'mutable-globals', 'float', 'bulk-memory', 'reference-types']),
    featureSource: `${NEAR}/features.rs`,
    advice: {},
    counts: (report) => [
      ['bytes', report.byteLength, 4_194_304, `${NEAR_LIMITS} max_contract_size`],
      ['functions', used(report, 'functions'), 10_000, `${NEAR_LIMITS} max_functions_number_per_contract`],
      [
        'locals of all functions',
        report.functions.reduce((sum, { locals }) => sum + locals, 0),
        ...([1_000_000, `${NEAR_LIMITS} max_locals_per_contract`] as const),
      ],
      ['elements of tables', report.totals.tableElements, 10_000, `${NEAR_LIMITS} max_elements_per_contract_table`],
    ],
    interface: (report) => [
      ...foreignImports(
        report,
        ({ module }) => module === 'env',
        'it offers module env alone',
        `${NEAR}/prepare/prepare_v3.rs`,
      ),
      ...when(
        report.imports.some(({ kind }) => kind !== 'function'),
        'it imports what is no function',
        `${NEAR}/prepare/prepare_v3.rs`,
      ),
      ...when(
        !exportedFunctions(report).some(({ params, results }) => params.length === 0 && results.length === 0),
        'it exports no function without parameters and results, which methods are',
        `${NEAR}/errors.rs MethodInvalidSignature`,
      ),
    ],
  },
  cosmwasm: {
    title: 'CosmWasm',
    features: new Set(['sign-extension', 'mutable-globals', 'float']),
    // Later ones take bulk memory (its pull requests 2679 and 2684).
    featureSource: 'packages/vm/src/parsed_wasm.rs, packages/vm/src/wasm_backend/gatekeeper.rs (3.0)',
    advice: NO_BULK_MEMORY,
    counts: (report) => [
      ['functions', used(report, 'functions'), 20_000, `${COSMWASM} MAX_FUNCTIONS`],
      ['imports', report.imports.length, 100, `${COSMWASM} MAX_IMPORTS`],
      ['parameters of a function', used(report, 'params'), 100, `${COSMWASM} MAX_FUNCTION_PARAMS`],
      ['elements of tables', report.totals.tableElements, 2_500, `${COSMWASM} TABLE_SIZE_LIMIT`],
    ],
    interface: (report) => [
      ...foreignImports(
        report,
        ({ module, name, kind }) => module === 'env' && kind === 'function' && COSMWASM_IMPORTS.has(name),
        'its host functions are 24 of module env',
        `${COSMWASM} SUPPORTED_IMPORTS`,
      ),
      ...missingExports(report, COSMWASM_EXPORTS, `${COSMWASM} REQUIRED_EXPORTS`),
      ...when(report.memory === null, 'it has no memory', `${COSMWASM} check_wasm_memories`),
      ...when(report.memory?.imported === true, 'it imports its memory', `${COSMWASM} check_wasm_memories`),
      ...when(
        (report.memory?.min ?? 0) > COSMWASM_PAGES,
        `its memory starts with ${report.memory?.min} pages; at most ${COSMWASM_PAGES}`,
        `${COSMWASM} MEMORY_LIMIT`,
      ),
      ...when(
        report.memory?.max != null,
        'its memory has a maximum, which the chain sets itself',
        `${COSMWASM} check_wasm_memories`,
      ),
    ],
  },
  ink: {
    title: 'ink! (pallet-contracts)',
    features: new Set(['sign-extension']),
    featureSource: `${PALLET} LoadedModule::new`,
    advice: NO_BULK_MEMORY,
    counts: () => [],
    interface: (report) => [
      ...foreignImports(
        report,
        ({ module, name, kind }) =>
          (/^seal[0-2]$/.test(module) && kind === 'function') || (module === 'env' && name === 'memory'),
        'its host functions are in modules seal0, seal1 and seal2',
        'substrate/frame/contracts/src/wasm/runtime.rs',
      ),
      ...when(
        report.memory?.imported !== true,
        'it imports no memory; it must import env.memory',
        `${PALLET} scan_imports`,
      ),
      ...when(
        (report.memory?.max ?? report.memory?.min ?? 0) > INK_PAGES,
        `its memory may have ${report.memory?.max ?? report.memory?.min} pages; at most ${INK_PAGES}`,
        `${PALLET} scan_imports`,
      ),
      ...missingExports(report, INK_ENTRIES, `${PALLET} scan_exports`),
      ...otherExports(report),
    ],
  },
}

/** Judges a module that may be one for this chain or not. */
export function judgeElsewhere(chain: OtherChain, report: ModuleReport): ElsewhereReport {
  const rules = RULES[chain]
  const code = [...ofValidity(report), ...ofFeatures(report, rules), ...ofCounts(rules.counts(report))]
  const ofInterface = rules.interface(report)
  return { accepted: code.length === 0 && ofInterface.length === 0, code, interface: ofInterface }
}

export function titleOf(chain: OtherChain): string {
  return RULES[chain].title
}

function ofValidity({ problems }: ModuleReport): ElsewhereRefusal[] {
  const damaged = problems.find(({ code }) => code.startsWith('malformed:') || code.startsWith('invalid:'))
  return damaged === undefined
    ? []
    : [{ what: `it is no valid module: ${printable(damaged.problem, 200)}`, source: 'WebAssembly specification' }]
}

function ofFeatures({ features }: ModuleReport, { features: taken, featureSource, advice }: ChainRules) {
  return features
    .filter(({ name, uses }) => uses > 0 && !taken.has(name))
    .map(({ name, instructions }): ElsewhereRefusal => {
      const what = name === 'float' ? 'floats' : name
      const by = instructions.length === 0 ? '' : ` (${listed(instructions)})`
      const hint = advice[name] === undefined ? '' : `: ${advice[name]}`
      return { what: `it uses ${what}${by}${hint}`, source: featureSource }
    })
}

function ofCounts(counts: readonly Count[]): ElsewhereRefusal[] {
  return counts
    .filter(([, has, most]) => has > most)
    .map(([what, has, most, source]) => ({
      what: `${groupDigits(has)} ${what}; at most ${groupDigits(most)}`,
      source,
    }))
}

function foreignImports(
  { imports }: ModuleReport,
  isThere: (one: ModuleReport['imports'][number]) => boolean,
  offers: string,
  source: string,
): ElsewhereRefusal[] {
  const foreign = imports.filter((one) => !isThere(one)).map(({ module, name }) => `${module}.${name}`)
  return foreign.length === 0 ? [] : [{ what: `it imports ${listed(foreign)}; ${offers}`, source }]
}

function missingExports({ exports }: ModuleReport, wanted: readonly string[], source: string): ElsewhereRefusal[] {
  const missing = wanted.filter((name) => !exports.some((one) => one.kind === 'function' && one.name === name))
  return missing.length === 0 ? [] : [{ what: `it does not export ${missing.join(', ')}`, source }]
}

function otherExports({ exports }: ModuleReport): ElsewhereRefusal[] {
  const others = exports.filter(({ kind, name }) => kind !== 'function' || !INK_ENTRIES.includes(name))
  if (others.length === 0) return []
  const names = listed(others.map(({ kind, name }) => `${kind} ${name}`))
  return [{ what: `it exports ${names}; functions deploy and call alone are taken`, source: `${PALLET} scan_exports` }]
}

function when(isSo: boolean, what: string, source: string): ElsewhereRefusal[] {
  return isSo ? [{ what, source }] : []
}

function exportedFunctions({ exports }: ModuleReport) {
  return exports.flatMap(({ external }) => (external?.kind === 'function' ? [external.type] : []))
}

function used({ limits }: ModuleReport, name: string): number {
  return limits.find(({ limit }) => limit === name)?.used ?? 0
}

/** Line by line. */
export function elsewhereText(
  file: string,
  chain: OtherChain,
  { accepted, code, interface: ofInterface }: ElsewhereReport,
  color: Terminal['color'],
): string[] {
  const { title } = RULES[chain]
  const verdict = (refusals: readonly ElsewhereRefusal[]) =>
    refusals.length === 0 ? color.green('taken') : color.red(`refused: ${reasons(refusals.length)}`)
  const rows = (part: string, refusals: readonly ElsewhereRefusal[]) =>
    refusals.map(({ what, source }) => [part, what, source])
  return [
    ...formatTable(
      [],
      [
        ['module', file],
        ['verdict', accepted ? color.green(`${title} takes it`) : color.red(`${title} refuses it`)],
        ['code', verdict(code)],
        ['interface', verdict(ofInterface)],
      ],
    ),
    ...(accepted
      ? []
      : [
          '',
          ...formatTable(
            ['of its', 'refused because', 'its source says so in'],
            [...rows('code', code), ...rows('interface', ofInterface)],
          ),
        ]),
  ]
}

function reasons(count: number): string {
  return `${count} ${count === 1 ? 'reason' : 'reasons'}`
}
