/**
 * The cost of a frame before its first instruction, in gas: the instance, by what the module declares. Its pages are paid
 * by the ABI. Consensus, and therefore a rule about modules, not about engines or about what an engine has kept: any
 * frame may have to be given a new instance, because others of the module are in use, or grew their memory, or because
 * the program was loaded a moment ago. So every frame pays for everything the module declares.
 */
import { LASTING } from '../binary/lastingInstructions.ts'
import { type InstructionList, type Module, WORDS } from '../binary/module.ts'

/** Any frame. */
const FRAME_GAS = 2_000
/** Each import, which is bound for every frame. */
const IMPORT_GAS = 30
/** Each function that the module defines. */
const FUNCTION_GAS = 6
const GLOBAL_GAS = 30
/** Each element a table starts with. */
const TABLE_ELEMENT_GAS = 5
/** Each element of an element segment. */
const SEGMENT_ELEMENT_GAS = 4
/** Each started 32-byte word of the data segments. */
const DATA_WORD_GAS = 1
/** Each data segment that waits for memory.init: an instance keeps where it is. An active one pays by its offset. */
const PASSIVE_SEGMENT_GAS = 4
/** Each instruction of a constant expression, `end` counted: first values, elements, offsets. */
const CONSTANT_INSTRUCTION_GAS = 2

/** Besides, a frame whose instance is made for it alone, whatever the engine keeps. */
const RENEWED_GAS = 20_000
/** Memories that start with more pages are dearer to clear than to make. */
const MOST_CLEARED_PAGES = 32
export function startGas(module: Module): bigint {
  let gas = FRAME_GAS + IMPORT_GAS * module.imports.length + FUNCTION_GAS * module.bodies.length
  gas += GLOBAL_GAS * module.globals.length
  for (const { init } of module.globals) gas += constantGas(init)
  for (const { min } of module.tables) gas += TABLE_ELEMENT_GAS * min
  for (const { mode, functions, expressions } of module.elements) {
    gas += SEGMENT_ELEMENT_GAS * (functions ?? expressions ?? []).length
    for (const expression of expressions ?? []) gas += constantGas(expression)
    if (mode.kind === 'active') gas += constantGas(mode.start)
  }
  for (const { mode, bytes } of module.data) {
    gas += DATA_WORD_GAS * Math.ceil(bytes.length / 32)
    gas += mode.kind === 'active' ? constantGas(mode.start) : PASSIVE_SEGMENT_GAS
  }
  if (isRenewed(module)) gas += RENEWED_GAS
  return BigInt(gas)
}

function constantGas({ count }: InstructionList): number {
  return CONSTANT_INSTRUCTION_GAS * count
}

/** Whether a used instance of the module can never be made as new. */
function isRenewed(module: Module): boolean {
  const [memory] = module.memories
  if (memory !== undefined && memory.min > MOST_CLEARED_PAGES) return true
  return module.bodies.some(({ code }) => {
    for (let at = 0; at < code.count * WORDS; at += WORDS) if (LASTING.has(code.words[at] ?? 0)) return true
    return false
  })
}
