/**
 * A search for the shape of recursion that needs the most native stack for what the rule counts: from random shapes on,
 * one change after another, and what is worse is kept.
 */
import type { Random } from '../../testing/random.ts'
import { watToWasm } from '../../testing/wat.ts'
import { countedBytes, MODES, type Mode, NativeStack } from './measure.ts'
import { changed, randomShape, type Shape } from './shape.ts'
import { shapeText } from './shapeText.ts'

export const ALL_MODES = Object.keys(MODES) as Mode[]

/** Changes tried from one random shape on. */
const CHANGES = 24

export interface Measured {
  readonly shape: Shape
  /** Bytes by the rule for one level of the recursion. */
  readonly counted: number
  /** Native bytes for each of those, or why there is no figure. */
  readonly ratios: Readonly<Record<Mode, number | string>>
}

/** Processes for all modes. */
export class StackMeter {
  private readonly natives = ALL_MODES.map((mode) => new NativeStack(mode))

  /** Null for a shape that is no valid module: too large, mostly. */
  async measure(shape: Shape): Promise<Measured | null> {
    const module = watToWasm(shapeText(shape))
    let counted: number
    try {
      counted = countedBytes(module)
    } catch (error) {
      if (error instanceof Error && error.name === 'ValidationError') return null
      throw error
    }
    const answers = await Promise.all(this.natives.map((native) => native.bytes(module)))
    const ratios = Object.fromEntries(
      ALL_MODES.map((mode, i) => {
        const bytes = answers[i]!
        return [mode, typeof bytes === 'number' ? bytes / counted : bytes]
      }),
    ) as Record<Mode, number | string>
    return { shape, counted, ratios }
  }

  close(): void {
    for (const native of this.natives) native.close()
  }
}

export function ratioOf(measured: Measured | null, mode: Mode): number {
  const ratio = measured?.ratios[mode]
  return typeof ratio === 'number' ? ratio : 0
}

/** Measures until told to stop; hands on all it measured. */
export async function search(
  meter: StackMeter,
  random: Random,
  goOn: () => boolean,
  found: (measured: Measured) => void,
): Promise<number> {
  let tried = 0
  const measure = async (shape: Shape): Promise<Measured | null> => {
    tried++
    const measured = await meter.measure(shape)
    if (measured !== null) found(measured)
    return measured
  }
  while (goOn()) {
    let shape = randomShape(random)
    const mode = random.pick(ALL_MODES)
    let worst = ratioOf(await measure(shape), mode)
    for (let i = 0; i < CHANGES && goOn(); i++) {
      const next = changed(shape, random)
      const ratio = ratioOf(await measure(next), mode)
      if (ratio <= worst) continue
      shape = next
      worst = ratio
    }
  }
  return tried
}

/** The kind of the shape: its first part and how it recurs. */
export function kindOf({ pieces, recursion }: Shape): string {
  return `${pieces[0]!.kind}, ${recursion}`
}
