/** Stretches of a module's code in which a local keeps its value: what tells from where to where a name is true. */
import { decode } from '../binary/decode.ts'
import { type FunctionBody, functionTypeOf, WORDS } from '../binary/module.ts'
import { OP } from '../binary/opcodes.ts'
import { DEFAULT_LIMITS } from '../limits.ts'

export interface LocalStretch {
  readonly local: number
  /** Byte offsets in the module of the first and the last instruction before which the local has the value. */
  readonly from: number
  readonly to: number
  /** Byte offsets of the instructions in it that read the local, without those of which only truth is asked. */
  readonly gets: readonly number[]
}

export interface FunctionStretches {
  readonly functionIndex: number
  readonly stretches: readonly LocalStretch[]
}

/** An optimiser may have turned their operands round: it keeps whether one is zero, and not what it is. */
const ASK_TRUTH: ReadonlySet<number> = new Set([OP.if, OP.br_if, OP.select, OP['i32.eqz'], OP['i64.eqz']])

/**
 * Each stretch begins behind the instruction that sets the local, or of a parameter at the beginning, and ends with the
 * block, the loop or the arm that this stands in: all of it is reached through the setting alone. It ends before another
 * setting; when that is in a loop which begins in the stretch, before the loop, whose beginning is reached from there.
 *
 * @throws ValidationError when it is no module that the VM takes
 */
export function localStretches(bytes: Uint8Array): readonly FunctionStretches[] {
  const module = decode(bytes, { floats: 'trap', limits: DEFAULT_LIMITS })
  return module.bodies.map((body, i) => {
    const functionIndex = module.importedFunctions + i
    return { functionIndex, stretches: stretchesOf(body, functionTypeOf(module, functionIndex).params.length) }
  })
}

interface Setting {
  readonly local: number
  /** Positions: of the instruction; -1 is the beginning. */
  readonly at: number
  /** Of the end of what it stands in. */
  end: number
  /** Of the loops around it, the outermost first. */
  readonly loops: readonly number[]
}

function stretchesOf({ code: { words, count } }: FunctionBody, parameters: number): LocalStretch[] {
  const settings = settingsOf(words, count, parameters)
  const byLocal = new Map<number, Setting[]>()
  for (const setting of settings) {
    const list = byLocal.get(setting.local)
    if (list === undefined) byLocal.set(setting.local, [setting])
    else list.push(setting)
  }
  const gets = getsOf(words, count)
  const offset = (position: number) => words[position * WORDS + 1]!
  const stretches: LocalStretch[] = []
  for (const [local, list] of byLocal) {
    for (const [i, { at, end }] of list.entries()) {
      const first = at + 1
      const next = list[i + 1]
      let last = Math.min(end, count - 1)
      if (next !== undefined && next.at <= last) last = next.loops.find((loop) => loop > at) ?? next.at
      if (last < first) continue
      const inside = (gets.get(local) ?? []).filter((position) => position >= first && position <= last)
      stretches.push({ local, from: offset(first), to: offset(last), gets: inside.map(offset) })
    }
  }
  return stretches
}

function settingsOf(words: Int32Array, count: number, parameters: number): Setting[] {
  const settings: Setting[] = Array.from({ length: parameters }, (_, local) => ({
    ...{ local, at: -1, end: count - 1, loops: [] },
  }))
  /** Blocks that are open, with the settings in each that wait for its end. */
  const open: { readonly loop: number | null; waiting: Setting[] }[] = [{ loop: null, waiting: [] }]
  const close = (position: number) => {
    for (const setting of open.pop()?.waiting ?? []) setting.end = position
  }
  for (let at = 0; at < count; at++) {
    const op = words[at * WORDS]
    if (op === OP.block || op === OP.if || op === OP.loop) open.push({ loop: op === OP.loop ? at : null, waiting: [] })
    else if (op === OP.else) {
      close(at)
      open.push({ loop: null, waiting: [] })
    } else if (op === OP.end) close(at)
    else if (op === OP['local.set'] || op === OP['local.tee']) {
      const loops = open.flatMap(({ loop }) => (loop === null ? [] : [loop]))
      const setting = { local: words[at * WORDS + 2]!, at, end: count - 1, loops }
      settings.push(setting)
      open.at(-1)?.waiting.push(setting)
    }
  }
  return settings
}

/** Positions by local. */
function getsOf(words: Int32Array, count: number): ReadonlyMap<number, readonly number[]> {
  const gets = new Map<number, number[]>()
  for (let at = 0; at < count; at++) {
    if (words[at * WORDS] !== OP['local.get'] || ASK_TRUTH.has(words[(at + 1) * WORDS] ?? 0)) continue
    const local = words[at * WORDS + 2]!
    const list = gets.get(local)
    if (list === undefined) gets.set(local, [at])
    else list.push(at)
  }
  return gets
}
