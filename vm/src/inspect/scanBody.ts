/**
 * Reads a function body from end to end without keeping it, stepping over what the profile refuses: measures it, adds
 * up its static cost, and lists every refused instruction, where the decoder stops at the first.
 */
import { EMPTY_BLOCK_CODE } from '../binary/formatCodes.ts'
import type { Module } from '../binary/module.ts'
import { INSTRUCTIONS, type InstructionInfo, OP, PREFIX, PREFIXED_BASE, PREFIXED_COUNT } from '../binary/opcodes.ts'
import type { Reader } from '../binary/reader.ts'
import { instructionCost } from '../metering/charges.ts'
import type { Schedule } from '../metering/schedule.ts'
import { isControlPoint } from '../validate/controlPoints.ts'
import type { Findings } from './findings.ts'
import { PathCost } from './pathCost.ts'
import { readRefused, skipMemoryArgument, skipValueType } from './refusedOpcodes.ts'

const { br_table: BR_TABLE, call_indirect: CALL_INDIRECT, return_call_indirect: RETURN_CALL_INDIRECT } = OP

export interface BodyScan {
  locals: number
  instructions: number
  loops: number
  calls: number
  refused: number
  /** Deepest nesting of blocks, and of loops among them. */
  nesting: number
  loopNesting: number
  /** Targets of the largest br_table, the default not counted. */
  branchTableTargets: number
  /** Most `br` and `br_if` to one label. */
  branchesToLabel: number
  /** As validate/controlPoints.ts counts them. */
  controlPoints: number
  complete: boolean
  fuel: number | null
  leastFuel: number | null
}

/**
 * Reads up to the reader's end, which must be the body's.
 * @throws ValidationError where the bytes are no instructions; `scan` then holds what was seen before.
 */
export function scanBody(reader: Reader, module: Module, schedule: Schedule, findings: Findings, scan: BodyScan): void {
  new BodyScanner(reader, module, schedule, findings, scan).run()
}

export function emptyScan(): BodyScan {
  return {
    locals: 0,
    instructions: 0,
    loops: 0,
    calls: 0,
    refused: 0,
    nesting: 0,
    loopNesting: 0,
    branchTableTargets: 0,
    branchesToLabel: 0,
    controlPoints: 0,
    complete: false,
    fuel: null,
    leastFuel: null,
  }
}

class BodyScanner {
  private readonly reader: Reader
  private readonly module: Module
  private readonly schedule: Schedule
  private readonly findings: Findings
  private readonly scan: BodyScan
  private path = new PathCost(0)
  /** Branches to each open label, the function's first. */
  private readonly branches: number[] = [0]
  private fuel = 0
  private priced = true

  constructor(reader: Reader, module: Module, schedule: Schedule, findings: Findings, scan: BodyScan) {
    this.reader = reader
    this.module = module
    this.schedule = schedule
    this.findings = findings
    this.scan = scan
  }

  run(): void {
    const { reader, scan } = this
    this.locals()
    this.fuel = scan.locals * this.schedule.data.local
    this.path = new PathCost(this.fuel)
    let least: number | null = null
    while (least === null) least = this.instruction()
    if (!reader.atEnd) reader.malformed('malformed:body-size', 'a function body has bytes after its end')
    scan.complete = true
    if (!this.priced) return
    scan.fuel = this.fuel
    scan.leastFuel = Number.isFinite(least) ? least : null
  }

  private locals(): void {
    const { reader, scan } = this
    const runs = reader.u32()
    for (let i = 0; i < runs; i++) {
      scan.locals += reader.u32()
      this.valueType()
    }
  }

  private valueType(): void {
    const offset = this.reader.position
    const code = skipValueType(this.reader)
    if (this.findings.valueType(code, this.reader.at(offset))) this.scan.refused++
  }

  /** Reads one; gives the cost of the cheapest way once the function's `end` was read. */
  private instruction(): number | null {
    const { reader, scan } = this
    const offset = reader.position
    const code = reader.byte()
    const info = this.known(code, offset)
    scan.instructions++
    if (info === null) return this.refused(code, offset)
    reader.instruction = info.name
    if (this.findings.instruction(info, reader.at(offset))) scan.refused++
    const [a, b] = this.immediates(info, offset)
    this.charge(info.op, a, b)
    reader.instruction = null
    return this.flow(info.op, a)
  }

  private known(code: number, offset: number): InstructionInfo | null {
    if (code !== PREFIX) return code < PREFIXED_BASE ? (INSTRUCTIONS[code] ?? null) : null
    const sub = this.reader.u32()
    if (sub < PREFIXED_COUNT) return INSTRUCTIONS[PREFIXED_BASE + sub]!
    return this.reader.malformed('malformed:opcode', `0xfc ${sub} is not an instruction`, offset)
  }

  private refused(code: number, offset: number): number | null {
    const { reader, scan, path } = this
    const found = readRefused(reader, code)
    if (found === null) {
      return reader.malformed('malformed:opcode', `0x${code.toString(16)} is not an instruction`, offset)
    }
    this.priced = false
    scan.refused++
    this.findings.refused(found.feature, 'an instruction', { ...reader.at(offset), instruction: found.name })
    if (found.structure === 'opens') this.enter('block')
    else if (found.structure === 'middle') path.middle()
    else if (found.structure === 'closes') return this.end()
    return null
  }

  private charge(op: number, a: number, b: number): void {
    const indirect = op === CALL_INDIRECT || op === RETURN_CALL_INDIRECT
    if (indirect && this.module.types[a] === undefined) {
      this.priced = false
      return
    }
    const cost = instructionCost(this.module, this.schedule, op, a, b)
    this.fuel += cost
    this.path.add(cost)
  }

  /** Blocks and branches, after the instruction's own cost. br_table did its part while its labels were read. */
  private flow(op: number, a: number): number | null {
    const { path, scan } = this
    if (isControlPoint(op)) scan.controlPoints++
    switch (op) {
      case 0x00: // unreachable
        path.stop()
        break
      case 0x02: // block
        this.enter('block')
        break
      case 0x03: // loop
        scan.loops++
        this.enter('loop')
        break
      case 0x04: // if
        this.enter('if')
        break
      case 0x05: // else
        path.middle()
        break
      case 0x0b: // end
        return this.end()
      case 0x0c: // br
        this.countBranch(a)
        path.branch(a)
        path.stop()
        break
      case 0x0d: // br_if
        this.countBranch(a)
        path.branch(a)
        break
      case 0x0e: // br_table
        path.stop()
        break
      case 0x0f: // return
        path.leave()
        break
      case 0x10: // call
      case 0x11: // call_indirect
        scan.calls++
        break
      case 0x12: // return_call
      case 0x13: // return_call_indirect
        scan.calls++
        path.leave()
        break
    }
    return null
  }

  private enter(kind: 'block' | 'loop' | 'if'): void {
    this.path.enter(kind)
    this.branches.push(0)
    this.scan.nesting = Math.max(this.scan.nesting, this.path.depth)
    this.scan.loopNesting = Math.max(this.scan.loopNesting, this.path.loops)
  }

  private end(): number | null {
    this.branches.pop()
    return this.path.end()
  }

  /** `br` and `br_if` alone count, as in the limit. */
  private countBranch(depth: number): void {
    const label = this.branches.length - 1 - depth
    const count = this.branches[label]
    if (count === undefined) return
    this.branches[label] = count + 1
    this.scan.branchesToLabel = Math.max(this.scan.branchesToLabel, count + 1)
  }

  /** The immediates that its price or the flow depends on, as the decoder gives them. */
  private immediates(info: InstructionInfo, offset: number): readonly [a: number, b: number] {
    const { reader } = this
    switch (info.immediates) {
      case 'none':
        return [0, 0]
      case 'block':
        this.blockType()
        return [0, 0]
      case 'label':
      case 'function':
      case 'local':
      case 'global':
      case 'table':
      case 'element':
      case 'data':
        return [reader.u32(), 0]
      case 'labels':
        return [0, this.branchTable()]
      case 'type-table':
      case 'table-table':
      case 'element-table':
        return [reader.u32(), reader.u32()]
      case 'types': {
        const count = reader.u32()
        for (let i = 0; i < count; i++) this.valueType()
        return [0, 0]
      }
      case 'memory-argument':
        this.memoryIndex(skipMemoryArgument(reader), offset)
        return [0, 0]
      case 'memory':
        this.memoryIndex(reader.u32(), offset)
        return [0, 0]
      case 'memory-memory':
        this.memoryIndex(Math.max(reader.u32(), reader.u32()), offset)
        return [0, 0]
      case 'data-memory':
        reader.u32()
        this.memoryIndex(reader.u32(), offset)
        return [0, 0]
      case 'i32':
        return [reader.s32(), 0]
      case 'i64':
        reader.s64()
        return [0, 0]
      case 'f32':
        reader.take(4)
        return [0, 0]
      case 'f64':
        reader.take(8)
        return [0, 0]
      case 'heap-type':
        this.heapType(offset)
        return [0, 0]
    }
  }

  private blockType(): void {
    const { reader } = this
    const first = reader.bytes[reader.position] ?? 0
    if (first === EMPTY_BLOCK_CODE) reader.byte()
    else if ((first & 0xc0) === 0x40) this.valueType()
    else {
      const { params, results } = this.module.types[reader.s33()] ?? { params: [], results: [] }
      if (params.length > 0 || results.length > 1) this.findings.use('multi-value')
    }
  }

  private branchTable(): number {
    const { reader, scan, path } = this
    const count = reader.u32()
    scan.branchTableTargets = Math.max(scan.branchTableTargets, count)
    const cost = instructionCost(this.module, this.schedule, BR_TABLE, 0, count)
    // The labels come before the charge of the instruction itself, which every way through the table pays.
    path.add(cost)
    for (let i = 0; i <= count; i++) path.branch(reader.u32())
    scan.controlPoints += count + 1
    path.add(-cost)
    return count
  }

  private memoryIndex(index: number, offset: number): void {
    if (index === 0) return
    this.scan.refused++
    this.findings.refused('multi-memory', 'an instruction', this.reader.at(offset))
  }

  private heapType(offset: number): void {
    const heapType = this.reader.s33()
    if (heapType === -0x10) return
    this.scan.refused++
    this.findings.refused(heapType === -0x11 ? 'externref' : 'gc', 'ref.null', this.reader.at(offset))
  }
}
