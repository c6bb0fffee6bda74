/**
 * Cost schedules: what each instruction costs, in fuel. 10 000 fuel are 1 gas. Schedules are data, named in the
 * genesis, and consensus: never change a published one, add the next version.
 *
 * Costs are whole numbers from 0 to {@link MAX_COST}. Structure (block, loop, else, end, nop) is free in every
 * schedule, so that engines may drop it.
 */
import { type CostClass, INSTRUCTIONS } from '../binary/opcodes.ts'
import type { ScheduleName } from './scheduleNames.ts'

export const FUEL_PER_GAS = 10_000n

/** Highest cost of one instruction, so that engines may add costs up in 53 bits. */
export const MAX_COST = 1_000_000_000

/** Costs that come on top of an instruction's own, by size. */
export interface DataCosts {
  /** Per target of a br_table, the default not counted. */
  readonly branchTableTarget: number
  /** Per parameter of the type of a call_indirect. */
  readonly indirectParameter: number
  /** Per declared local of a function, paid when it is entered: locals start as zero, which takes time. */
  readonly local: number
  /** Per page a memory.grow adds; nothing when it fails. */
  readonly memoryPage: number
  /** Per byte of memory.copy, memory.fill and memory.init. */
  readonly memoryByte: number
  /** Per element of table.copy, table.fill and table.init, and per element a table.grow adds. */
  readonly tableElement: number
}

/**
 * An imported function of type (i32) -> () that is called before every `memory.grow`, with its operand, where the module
 * imports it: for prices that follow what a whole transaction holds, which no instruction can see.
 */
export interface GrowthImport {
  readonly module: string
  readonly name: string
}

export interface Schedule {
  readonly name: string
  readonly classes: Readonly<Record<CostClass, number>>
  readonly data: DataCosts
  /** Null: growth costs {@link DataCosts.memoryPage}, and nothing is called. */
  readonly growthImport: GrowthImport | null
}

/** A schedule given by hand: everything that is not named costs `instruction`, sizes nothing. */
export interface UniformSchedule {
  readonly instruction: number
  readonly classes?: Partial<Record<CostClass, number>>
  readonly data?: Partial<DataCosts>
  readonly growthImport?: GrowthImport
}

/**
 * Our own. The unit is the simple instruction at 600 fuel: a block of 30 million gas is half a billion of them. The
 * others follow the time they take in their worst form on the compiled engine (`npm run bench:gas`; docs/protocol/gas.md
 * has the figures): an instruction costs as much as the simple instructions that take a third of its time, at least.
 * Instructions that compilers hardly ever emit (tables, segments) are rounded up. A load is priced for the worst there is,
 * an address out of the load before and in no cache, so that a block of nothing else ends in time; branches, of which a
 * predictor makes the worst a hundred times the usual, are not.
 */
const TOUCHSTONE_1: Schedule = {
  name: 'touchstone/1',
  classes: {
    structure: 0,
    leave: 600,
    constant: 600,
    drop: 600,
    select: 2_400,
    branch: 1_200,
    branchTable: 12_000,
    call: 7_200,
    callIndirect: 30_000,
    localGet: 600,
    localSet: 600,
    globalGet: 600,
    globalSet: 600,
    load32: 20_000,
    load64: 20_000,
    store32: 2_400,
    store64: 2_400,
    memorySize: 600,
    memoryGrow: 1_000_000,
    bulkMemory: 45_000,
    segment: 390_000,
    compare32: 5_400,
    compare64: 5_400,
    count32: 6_000,
    count64: 6_000,
    popcount32: 6_000,
    popcount64: 6_000,
    shift32: 2_400,
    shift64: 2_400,
    simple32: 600,
    simple64: 900,
    multiply32: 5_400,
    multiply64: 5_400,
    divide32: 66_000,
    divide64: 102_000,
    convert: 1_200,
    reference: 240_000,
    tableAccess: 240_000,
    tableSize: 600,
    tableGrow: 270_000,
    bulkTable: 270_000,
    float: 600,
  },
  data: {
    branchTableTarget: 0,
    indirectParameter: 0,
    local: 200,
    memoryPage: 10_000_000,
    memoryByte: 360,
    tableElement: 330_000,
  },
  growthImport: null,
}

/**
 * Arbitrum Stylus, pricing version 1 (ink = fuel). Stylus also charges 2 450 at the start of every basic block; here
 * that is part of the instructions that end one. Instructions that Stylus refuses (tables, references, memory.init) have
 * a price of their own here, since this VM admits them.
 */
const BLOCK_HEADER = 2_450
const STYLUS: Schedule = {
  name: 'stylus',
  classes: {
    structure: 0,
    leave: 1 + BLOCK_HEADER,
    constant: 1,
    drop: 9,
    select: 1_250,
    branch: 765 + BLOCK_HEADER,
    branchTable: 2_400 + BLOCK_HEADER,
    call: 3_800 + BLOCK_HEADER,
    callIndirect: 13_610 + BLOCK_HEADER,
    localGet: 75,
    localSet: 210,
    globalGet: 225,
    globalSet: 575,
    load32: 670,
    load64: 680,
    store32: 825,
    store64: 950,
    memorySize: 3_000,
    memoryGrow: 8_050,
    bulkMemory: 950,
    segment: 950,
    compare32: 170,
    compare64: 225,
    count32: 210,
    count64: 210,
    popcount32: 2_650,
    popcount64: 6_000,
    shift32: 70,
    shift64: 100,
    simple32: 70,
    simple64: 100,
    multiply32: 160,
    multiply64: 160,
    divide32: 1_120,
    divide64: 1_270,
    convert: 100,
    reference: 225,
    tableAccess: 3_000,
    tableSize: 3_000,
    tableGrow: 8_050,
    bulkTable: 3_000,
    float: 1,
  },
  data: {
    branchTableTarget: 325,
    indirectParameter: 650,
    local: 75,
    memoryPage: 0,
    memoryByte: 100,
    tableElement: 1_000,
  },
  growthImport: { module: 'vm_hooks', name: 'pay_for_memory_grow' },
}

export const SCHEDULES: Readonly<Record<ScheduleName, Schedule>> = { 'touchstone/1': TOUCHSTONE_1, stylus: STYLUS }

const NO_DATA_COSTS: DataCosts = {
  branchTableTarget: 0,
  indirectParameter: 0,
  local: 0,
  memoryPage: 0,
  memoryByte: 0,
  tableElement: 0,
}

/**
 * @throws RangeError for an unknown name or a cost that is not a whole number from 0 to {@link MAX_COST}.
 *
 * @example
 * ```ts
 * import { resolveSchedule } from '@touchstone/vm'
 *
 * resolveSchedule('touchstone/1').name // => 'touchstone/1'
 * resolveSchedule({ instruction: 1 }).data.memoryByte // => 0
 * ```
 */
export function resolveSchedule(schedule: string | UniformSchedule | Schedule): Schedule {
  if (typeof schedule === 'string') {
    const known = Object.hasOwn(SCHEDULES, schedule) ? SCHEDULES[schedule as ScheduleName] : undefined
    if (known === undefined) {
      throw new RangeError(`there is no schedule "${schedule}"; there are ${Object.keys(SCHEDULES).join(', ')}`)
    }
    return known
  }
  return checked('instruction' in schedule ? uniform(schedule) : schedule)
}

function uniform({ instruction, classes, data, growthImport }: UniformSchedule): Schedule {
  const all: Partial<Record<CostClass, number>> = {}
  for (const info of INSTRUCTIONS) if (info !== undefined) all[info.cost] = instruction
  return {
    name: 'custom',
    classes: { ...(all as Record<CostClass, number>), ...classes, structure: 0 },
    data: { ...NO_DATA_COSTS, ...data },
    growthImport: growthImport ?? null,
  }
}

function checked(schedule: Schedule): Schedule {
  for (const [key, cost] of [...Object.entries(schedule.classes), ...Object.entries(schedule.data)]) {
    if (!Number.isInteger(cost) || cost < 0 || cost > MAX_COST) {
      throw new RangeError(`schedule ${schedule.name}: ${key} costs ${cost}; costs are whole numbers up to ${MAX_COST}`)
    }
  }
  if (schedule.classes.structure !== 0) {
    throw new RangeError(`schedule ${schedule.name}: structure (block, loop, else, end, nop) must cost 0`)
  }
  return schedule
}
