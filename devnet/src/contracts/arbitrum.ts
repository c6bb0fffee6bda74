/**
 * `devnet inspect FILE --for arbitrum`: whether Arbitrum would activate a module, and what it would charge. Its rules are
 * nitro's (crates/prover/src, arbos/programs), with the parameters that the chains start with: the owner of a chain may
 * change sizes, pages and prices.
 */
import { codeOf, type ModuleReport } from '@touchstone/contracts'
import { isWasm } from '@touchstone/node/code-formats'
import { groupDigits } from '../output/groupDigits.ts'
import { formatTable } from '../output/table.ts'
import type { Terminal } from '../output/terminal.ts'
import { greatest, listed } from './judged.ts'
import type { ModuleFile } from './moduleFile.ts'
import type { ModulePrices } from './modulePrices.ts'

export interface ArbitrumRefusal {
  readonly what: string
  /** Where nitro says so: a file, and its function or constant. */
  readonly source: string
}

export interface ArbitrumCharges {
  /** Wei for activating it while nobody else does, by the estimated size of its machine code. */
  readonly dataFee: number
  /**
   * Gas of activating it, from below: nitro counts the instructions of its own metering too, and adds a part the chain sets.
   */
  readonly activationGas: number
  /**
   * Gas of each call before its first instruction, with the program among the 32 that were used last, and without. Pages,
   * which cost as much here, are left out.
   */
  readonly cachedCall: number
  readonly uncachedCall: number
}

export interface ArbitrumReport {
  readonly accepted: boolean
  readonly refusals: readonly ArbitrumRefusal[]
  /** Accounts that hold the code: 1, or the fragments of it and their root. */
  readonly accounts: number
  readonly charges: ArbitrumCharges
}

const BINARY = 'crates/prover/src/binary.rs'
const DEPTH = 'crates/prover/src/programs/depth.rs'
const METER = 'crates/prover/src/programs/meter.rs'

/** params.go: initialMaxWasmSize, initialPageLimit, initialMaxFragmentCount. */
const MAX_MODULE_BYTES = 131_072
const MAX_PAGES = 128
const MAX_FRAGMENTS = 2
/** EIP-170. */
const MAX_ACCOUNT_BYTES = 24_576
/** `EFF00000` before a stream, `EFF001` before a fragment. */
const PREFIX_BYTES = 4
const FRAGMENT_PREFIX_BYTES = 3

/** The instructions of bulk memory that its meter prices; the check of depth refuses the others. */
const TAKEN_BULK: ReadonlySet<string> = new Set(['memory.copy', 'memory.fill'])

/** Nitro's parse_user. */
const MAX_LOCALS = 348
const MAX_INSTRUCTIONS = 65_536
const MAX_ELEMENTS = 4_096
const COUNTS: Readonly<Record<string, readonly [what: string, most: number]>> = {
  dataSegments: ['data segments', 128],
  elementSegments: ['element segments', 128],
  exports: ['exports', 1_024],
  imports: ['imports', 513],
  nameBytes: ['bytes in a name', 512],
}

/** Judges a module that may be one for this chain or not. */
export function judgeForArbitrum({ wasm, stored }: ModuleFile, report: ModuleReport): ArbitrumReport {
  const packed = stored === null || isWasm(stored) ? codeOf(wasm) : stored
  // A module that does not get shorter is stored as it is here; Arbitrum takes streams alone, and some bytes more do
  // not matter.
  const streamBytes = isWasm(packed) ? packed.length : packed.length - PREFIX_BYTES
  const fragments = Math.ceil(streamBytes / (MAX_ACCOUNT_BYTES - FRAGMENT_PREFIX_BYTES))
  const inOne = streamBytes + PREFIX_BYTES <= MAX_ACCOUNT_BYTES
  const refusals = [
    ...ofSizes(report, inOne ? 1 : fragments),
    ...ofNames(report),
    ...ofFeatures(report),
    ...ofMemory(report),
    ...ofCounts(report),
  ]
  return {
    accepted: refusals.length === 0,
    refusals,
    accounts: inOne ? 1 : fragments + 1,
    charges: chargesOf(report),
  }
}

function ofSizes({ byteLength, problems }: ModuleReport, fragments: number): ArbitrumRefusal[] {
  const refusals: ArbitrumRefusal[] = []
  const damaged = problems.find(({ code }) => code.startsWith('malformed:') || code.startsWith('invalid:'))
  if (damaged !== undefined)
    refusals.push({ what: `it is no valid module: ${damaged.problem}`, source: `${BINARY} parse` })
  if (byteLength > MAX_MODULE_BYTES) {
    const what = `its module has ${groupDigits(byteLength)} bytes; at most ${groupDigits(MAX_MODULE_BYTES)} are unpacked`
    refusals.push({ what, source: 'arbos/programs/params.go initialMaxWasmSize' })
  }
  if (fragments > MAX_FRAGMENTS) {
    const what = `its code needs ${fragments} fragments of ${groupDigits(MAX_ACCOUNT_BYTES)} bytes; at most ${MAX_FRAGMENTS} are joined`
    refusals.push({ what, source: 'arbos/programs/params.go initialMaxFragmentCount' })
  }
  return refusals
}

function ofNames({ imports, exports, start, abi }: ModuleReport): ArbitrumRefusal[] {
  const refusals: ArbitrumRefusal[] = []
  if (abi.id !== 'stylus') {
    refusals.push({ what: `it is no contract of vm_hooks: ${abi.reason}`, source: `${BINARY} check_func` })
  }
  const foreign = imports.filter(({ module }) => module !== 'vm_hooks')
  if (foreign.length > 0) {
    const names = listed(foreign.map(({ module, name }) => `${module}.${name}`))
    refusals.push({
      what: `it imports ${names}, which chains that are no test networks lack`,
      source: 'crates/stylus/src/native.rs',
    })
  }
  // Nitro looks at the part of an exported name behind its last two underscores.
  const tails = exports.map(({ name }) => ({ name, tail: name.split('__').at(-1)! }))
  const reserved = [
    ...tails.filter(({ tail }) => tail.startsWith('stylus')),
    ...imports.filter(({ name }) => name.startsWith('stylus')),
  ]
  if (reserved.length > 0) {
    const what = `names that begin with "stylus" are reserved: ${listed(reserved.map(({ name }) => name))}`
    refusals.push({ what, source: `${BINARY} parse` })
  }
  const twice = tails.filter(({ tail }) => imports.some(({ name }) => name === tail))
  if (twice.length > 0) {
    const what = `it exports a name that it imports: ${listed(twice.map(({ name }) => name))}`
    refusals.push({ what, source: `${BINARY} parse` })
  }
  if (start !== null) refusals.push({ what: 'it has a start function', source: `${BINARY} parse_user` })
  return refusals
}

function ofFeatures({ features }: ModuleReport): ArbitrumRefusal[] {
  return features.flatMap(({ name, allowed, instructions }): ArbitrumRefusal[] => {
    const used = instructions.length === 0 ? '' : ` (${listed(instructions)})`
    switch (name) {
      case 'sign-extension':
      case 'mutable-globals':
        return []
      case 'bulk-memory': {
        const refused = instructions.filter((one) => !TAKEN_BULK.has(one))
        return refused.length === 0 ? [] : [{ what: `of bulk memory it uses ${listed(refused)}`, source: DEPTH }]
      }
      case 'multi-value':
        return [
          {
            what: 'functions or blocks have several results, or blocks have parameters (from Stylus version 3 on)',
            source: 'crates/prover/src/programs/mod.rs STYLUS_VERSION_DISABLE_MULTIVALUE',
          },
        ]
      case 'float':
        // Locals and parameters may have the types.
        return instructions.length === 0 ? [] : [{ what: `it computes with floats${used}`, source: METER }]
      case 'extended-const':
        return [{ what: 'a global starts with more than a constant', source: `${BINARY} parse` }]
      default:
        return [
          {
            what: `it uses ${name}${used}${allowed ? '' : ', as is refused here too'}`,
            source: `${BINARY} parse, ${DEPTH}`,
          },
        ]
    }
  })
}

function ofMemory({ memory, imports }: ModuleReport): ArbitrumRefusal[] {
  const source = 'crates/prover/src/programs/heap.rs'
  if (memory === null) return [{ what: 'it has no memory', source: `${BINARY} memory_info` }]
  const refusals: ArbitrumRefusal[] = []
  if (memory.min > MAX_PAGES) {
    refusals.push({ what: `its memory starts with ${memory.min} pages; at most ${MAX_PAGES} may be held`, source })
  }
  const pays = imports.some(({ module, name }) => module === 'vm_hooks' && name === 'pay_for_memory_grow')
  if (memory.max !== memory.min && !pays) {
    const what =
      'its memory can grow (its maximum is not its initial size), and it does not import vm_hooks.pay_for_memory_grow'
    refusals.push({ what, source })
  }
  return refusals
}

function ofCounts({ limits, functions, totals, sections }: ModuleReport): ArbitrumRefusal[] {
  const over: [string, number, number][] = []
  for (const { limit, used } of limits) {
    const bound = COUNTS[limit]
    if (bound !== undefined && used !== null) over.push([bound[0], used, bound[1]])
  }
  over.push(['functions', sections.find(({ id }) => id === 10)?.items ?? 0, 4_096])
  over.push(['elements of tables', totals.tableElements, MAX_ELEMENTS])
  over.push(['elements of segments', totals.segmentElements, MAX_ELEMENTS])
  over.push(['locals of a function', greatest(functions.map(({ locals }) => locals)), MAX_LOCALS])
  // Its metering comes on top.
  over.push(['instructions of a function', greatest(functions.map((one) => one.instructions)), MAX_INSTRUCTIONS])
  return over
    .filter(([, used, most]) => used > most)
    .map(([what, used, most]) => ({
      what: `${groupDigits(used)} ${what}; at most ${groupDigits(most)}`,
      source: `${BINARY} parse_user`,
    }))
}

/** Nitro's instrument, activate, CallProgram and UpdateModel. Whole numbers, rounded down where it does. */
function chargesOf({ byteLength, functions, totals, memory, sections }: ModuleReport): ArbitrumCharges {
  const part = (count: number, times: number, by: number) => Math.floor((count * times) / by)
  const count = functions.length
  const globals = (sections.find(({ id }) => id === 6)?.items ?? 0) + METERING_GLOBALS
  const pages = memory?.min ?? 0
  const data = totals.dataBytes + totals.segmentElements
  const asm =
    512_000 +
    part(count, 996_829, 1_000) +
    part(totals.signatureValues, 11_416, 1_000) +
    part(byteLength, 62_628, 10_000)
  const cached =
    part(count, 13_420, 100_000) +
    part(totals.signatureValues, 89, 100_000) +
    part(byteLength, 122, 100_000) +
    part(globals, 1_628, 1_000) +
    part(data, 75_244, 100_000) +
    5 * pages
  const init = part(count, 8_252, 1_000) + part(totals.signatureValues, 1_059, 1_000) + part(byteLength, 1_286, 10_000)
  const instructions = functions.reduce((sum, one) => sum + one.instructions, 0)
  const microseconds = [
    part(byteLength, 31_733, 100_000),
    part(count, 17_263, 100_000),
    part(totals.dataBytes, 17_376, 100_000),
    part(totals.segmentElements, 17_376, 100_000),
    2_217 * pages,
    part(instructions, 535, 1_000),
  ]
  const cachedCall = MIN_CACHED_GAS + cached
  return {
    dataFee: MIN_WEI_PER_BYTE * asm,
    activationGas: microseconds.reduce((sum, one) => sum + GAS_PER_MICROSECOND * one, 0),
    cachedCall,
    uncachedCall: cachedCall + MIN_INIT_GAS + init,
  }
}

/** Ink left, ink status, stack left and a scratch. */
const METERING_GLOBALS = 4
/** data_pricer.go, initialMinPrice: wei for a byte, where demand has not raised it. */
const MIN_WEI_PER_BYTE = 82_928_201
/** Nitro's us_to_gas: 2 x 7 000 000 gas a second, over half a million microseconds. */
const GAS_PER_MICROSECOND = 28
/** params.go: 11 x 32 and, of version 2, 69 x 128. */
const MIN_CACHED_GAS = 352
const MIN_INIT_GAS = 8_832

/** Line by line. `prices`: of this chain; null for a module that it refuses. */
export function arbitrumText(
  file: string,
  { accepted, refusals, accounts, charges }: ArbitrumReport,
  prices: ModulePrices | null,
  color: Terminal['color'],
): string[] {
  const verdict = accepted
    ? color.green('Arbitrum takes it')
    : color.red(`Arbitrum refuses it: ${refusals.length} ${refusals.length === 1 ? 'reason' : 'reasons'}`)
  const stored = accounts === 1 ? 'in one account' : `in ${accounts - 1} fragments and a root (from ArbOS 60 on)`
  const head = formatTable(
    [],
    [
      ['module', file],
      ['verdict', verdict],
      ['code', stored],
    ],
  )
  const reasons = refusals.map(({ what, source }) => [what, source])
  const gas = (value: bigint | number | null) => (value === null ? '-' : groupDigits(value))
  const calling = prices?.calling ?? null
  const here = (loading: bigint | undefined) =>
    calling === null || loading === undefined ? null : loading + calling.starting
  const rows = [
    ['wei of activating it, at the least', gas(charges.dataFee), '0'],
    ['gas of activating it, at the least', gas(charges.activationGas), '0'],
    ['gas of a call before it runs, used lately', gas(charges.cachedCall), gas(here(calling?.warmLoading))],
    ['gas of a call before it runs, else', gas(charges.uncachedCall), gas(here(calling?.loading))],
  ]
  return [
    ...head,
    ...(reasons.length === 0 ? [] : ['', ...formatTable(['refused because', 'nitro says so in'], reasons)]),
    '',
    ...formatTable(['charged beside the 21,000 and pages', 'Arbitrum', 'here'], rows),
  ]
}
