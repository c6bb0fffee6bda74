/**
 * Chooses which chains of instructions the core gets a handler for: lowers contracts (Rust's and C's in contracts/foreign,
 * and the examples that are built), and again and again adds the pair that is met most often, after the ones chosen before.
 * Loops count four times for each around them, up to three; contracts count alike whatever their length. The kernels of the
 * benchmark have no part in it.
 *
 *   node vm/core/chooseFused.ts [COUNT]      prints names, to be put into vm/src/engine/interpreter/fused.ts
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile } from '../src/compile.ts'
import { Emitter } from '../src/engine/interpreter/emitter.ts'
import { FUSED_BRANCHES } from '../src/engine/interpreter/fused.ts'
import { BodyLowerer } from '../src/engine/interpreter/lowerBody.ts'
import { oppositeName, PLAIN } from '../src/engine/interpreter/operations.ts'
import type { InterpreterProgram } from '../src/engine/interpreter/program.ts'

const ROOT = join(import.meta.dirname, '../..')
const CORPUS = ['contracts/foreign/*.wasm', 'contracts/examples/*/build/*.wasm']
const COUNT = 140
const MOST_MEMBERS = 4
/** Chosen at once, before all is counted again. */
const BATCH = 6
/** A value that needs no slot saves more than a dispatch. */
const PASSED = 1.7

/** Leave for JavaScript, which reads their words, or end a stretch. */
const NOT_SECOND =
  /^(call_indirect|return_call|call\.import|outside|br_table|trap|charge|done|exit|return\.values|memory\.[cf])/
const NOT_FIRST = /(^|>)(br|br_nez|br_table|return|return_call|call|trap|charge|outside|memory\.(copy|fill))([.:]|$)/
/** Instructions that follow each other with no label between: names, and which input of each the one before computes. */
interface Stretch {
  weight: number
  readonly members: (readonly [name: string, from: number | null])[]
}

function stretchesOf(bytes: Uint8Array): Stretch[] {
  const stretches: Stretch[] = []
  let lowerer: { labels: readonly { op: number }[] } | null = null
  let current: Stretch | null = null
  const { lower } = BodyLowerer.prototype
  const { act } = Emitter.prototype
  BodyLowerer.prototype.lower = function (f, base) {
    lowerer = this as unknown as typeof lowerer
    current = null
    return lower.call(this, f, base)
  }
  Emitter.prototype.act = function (op, slots, inputs) {
    const { last, passing } = this as unknown as { last: number; passing: number }
    if (last < 0 || current === null) {
      const loops = lowerer!.labels.filter((label) => label.op === 0x03).length
      current = { weight: 4 ** Math.min(3, loops), members: [] }
      stretches.push(current)
    }
    const from =
      current.members.length === 0 ? -1 : inputs.slice(0, slots).findIndex((slot) => passing >= 0 && slot === passing)
    current.members.push([PLAIN[op]!.name, from < 0 ? null : from])
    act.call(this, op, slots, inputs)
  }
  const program = compile(bytes, { engine: 'interpreter', floats: 'trap' }) as InterpreterProgram
  program.lowered.lowerAll()
  BodyLowerer.prototype.lower = lower
  Emitter.prototype.act = act
  const all = stretches.reduce((sum, { weight, members }) => sum + weight * members.length, 0)
  for (const stretch of stretches) stretch.weight /= Math.sqrt(all)
  return stretches
}

/** How often each pair is met that is not fused yet. */
function countPairs(stretches: readonly Stretch[], chosen: ReadonlySet<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { weight, members } of stretches) {
    let before: string | null = null
    for (const [name, from] of members) {
      const following: string = `${before}>${name}:-`
      const passing: string = `${before}>${name}:${from}`
      if (from !== null && chosen.has(passing)) before = passing
      else if (chosen.has(following)) before = following
      else {
        if (before !== null && canFuse(before, name)) {
          const [pair, gain] = from === null ? [following, weight] : [passing, weight * PASSED]
          counts.set(pair, (counts.get(pair) ?? 0) + gain)
        }
        before = name
      }
    }
  }
  return counts
}

function canFuse(first: string, second: string): boolean {
  return !NOT_FIRST.test(first) && !NOT_SECOND.test(second) && first.split('>').length < MOST_MEMBERS
}

const files = CORPUS.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).sort()
const stretches = files.flatMap((file) => stretchesOf(readFileSync(join(ROOT, file))))
const chosen = new Set(FUSED_BRANCHES)
const most = FUSED_BRANCHES.length + Number(process.argv[2] ?? COUNT)
while (chosen.size < most) {
  const best = [...countPairs(stretches, chosen)].sort(([, left], [, right]) => right - left).slice(0, BATCH)
  if (best.length === 0) break
  for (const [name] of best) {
    chosen.add(name)
    const opposite = oppositeName(name)
    if (opposite !== null) chosen.add(opposite)
  }
}
for (const name of [...chosen].slice(FUSED_BRANCHES.length)) console.log(`  '${name}',`)
console.error(`from ${files.join(', ')}`)
