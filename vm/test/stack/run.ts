/**
 * `npm run fuzz:stack -- [--seconds N] [--seed S] [--shape JSON]`: searches for modules that need the most native stack
 * for what the stack rule counts, in the baseline compiler, the optimising one and what becomes of warm code. Prints the
 * worst of each kind, and ends with 1 when one is above what the rule promises (NATIVE_STACK_RATIO of vm/src/limits.ts),
 * with the command that measures it again.
 */
import { readOptions } from '../../../scripts/options.ts'
import { NATIVE_STACK_RATIO } from '../../src/limits.ts'
import { seededRandom } from '../../testing/random.ts'
import type { Mode } from './measure.ts'
import { ALL_MODES, kindOf, type Measured, ratioOf, StackMeter, search } from './search.ts'
import type { Shape } from './shape.ts'

const { values } = readOptions(import.meta.url, {
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    shape: { type: 'string' },
  },
})

const meter = new StackMeter()
const worst = new Map<string, Map<Mode, Measured>>()
const failures = new Set<string>()
const end = performance.now() + Number(values.seconds) * 1000

function note(measured: Measured): void {
  const kind = kindOf(measured.shape)
  const rows = worst.get(kind) ?? new Map<Mode, Measured>()
  worst.set(kind, rows)
  for (const mode of ALL_MODES) {
    const ratio = measured.ratios[mode]
    if (typeof ratio === 'string') failures.add(`${mode}: ${ratio}: ${again(measured.shape)}`)
    else if (!rows.has(mode) || ratio > ratioOf(rows.get(mode)!, mode)) rows.set(mode, measured)
  }
}

let tried = 1
if (values.shape === undefined) {
  tried = await search(meter, seededRandom(Number(values.seed)), () => performance.now() < end, note)
} else {
  const measured = await meter.measure(JSON.parse(values.shape) as Shape)
  if (measured === null) throw new Error('this shape is no valid module')
  note(measured)
}
meter.close()
print()

function print(): void {
  console.log(`native bytes for a counted byte, the worst of ${tried} modules from seed ${values.seed} on`)
  console.log(`${'kind'.padEnd(24)}${ALL_MODES.map((mode) => mode.padStart(11)).join('')}`)
  for (const [kind, rows] of [...worst].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const cells = ALL_MODES.map((mode) =>
      ratioOf(rows.get(mode) ?? null, mode)
        .toFixed(3)
        .padStart(11),
    )
    console.log(`${kind.padEnd(24)}${cells.join('')}`)
  }
  const all = [...worst.values()].flatMap((rows) => [...rows].map(([mode, found]) => ({ mode, found })))
  const [top] = all.sort((left, right) => ratioOf(right.found, right.mode) - ratioOf(left.found, left.mode))
  if (top === undefined) throw new Error('nothing was measured')
  const ratio = ratioOf(top.found, top.mode)
  console.log(`worst: ${ratio.toFixed(3)} (${top.mode}); the rule promises ${NATIVE_STACK_RATIO}`)
  console.log(`again: ${again(top.found.shape)}`)
  for (const failure of failures) console.error(failure)
  if (ratio > NATIVE_STACK_RATIO || failures.size > 0) process.exitCode = 1
}

function again(shape: Shape): string {
  return `npm run fuzz:stack -- --shape '${JSON.stringify(shape)}'`
}
