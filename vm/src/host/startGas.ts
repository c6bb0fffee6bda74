/**
 * What a frame costs before its first instruction, in gas: the instance, by what the module declares. Its memory is paid
 * by the page, by the ABI. Consensus, and therefore a rule about modules, not about engines: but it follows what an
 * engine can do. Most instances can be made as new and used again, so that all they cost is the binding of imports.
 * Those that cannot are made anew for every frame, and then everything the module declares takes its time.
 */
import { type Module, WORDS } from '../binary/module.ts'

/** Any frame. */
const FRAME_GAS = 2_000
/** Each import, which is bound for every frame. */
const IMPORT_GAS = 30

/** A frame whose instance is made for it alone. */
const RENEWED_GAS = 20_000
/** Each element a table starts with. */
const TABLE_ELEMENT_GAS = 10
/** Each element of an element segment. */
const SEGMENT_ELEMENT_GAS = 40
const EXPORT_GAS = 250
const GLOBAL_GAS = 300
/** Each started 32-byte word of the data segments. */
const DATA_WORD_GAS = 1

/** Memories that start with more pages are dearer to clear than to make. */
const MOST_CLEARED_PAGES = 32
/** table.set, data.drop, table.init, elem.drop, table.copy, table.grow, table.fill: nothing outside can undo them. */
const LASTING: ReadonlySet<number> = new Set([0x26, 0xe9, 0xec, 0xed, 0xee, 0xef, 0xf1])

export function startGas(module: Module): bigint {
  let gas = FRAME_GAS + IMPORT_GAS * module.imports.length
  if (isRenewed(module)) {
    gas += RENEWED_GAS + EXPORT_GAS * module.exports.length + GLOBAL_GAS * module.globalTypes.length
    for (const { min } of module.tables) gas += TABLE_ELEMENT_GAS * min
    for (const { functions, expressions } of module.elements) {
      gas += SEGMENT_ELEMENT_GAS * (functions ?? expressions ?? []).length
    }
    for (const { bytes } of module.data) gas += DATA_WORD_GAS * Math.ceil(bytes.length / 32)
  }
  return BigInt(gas)
}

/** Whether a used instance of the module cannot be made as new. */
function isRenewed(module: Module): boolean {
  const [memory] = module.memories
  if (memory !== undefined && memory.min > MOST_CLEARED_PAGES) return true
  return module.bodies.some(({ code }) => {
    for (let at = 0; at < code.count * WORDS; at += WORDS) if (LASTING.has(code.words[at] ?? 0)) return true
    return false
  })
}
