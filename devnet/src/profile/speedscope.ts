/** A profile for https://www.speedscope.app, by its file format: `evented`, in gas. */
import { INK_PER_GAS } from './nodeProfile.ts'
import { nameOf } from './profileText.ts'
import type { ProfileReport } from './readProfile.ts'

interface Event {
  readonly type: 'O' | 'C'
  readonly frame: number
  readonly at: number
}

export function speedscopeFile({ calls, gasSpent, gasUsed, refund }: ProfileReport, title: string): object {
  const frames: { name: string }[] = [{ name: title }]
  const places = new Map<string, number>()
  const frameOf = (name: string) => {
    const known = places.get(name)
    if (known !== undefined) return known
    const place = frames.push({ name }) - 1
    places.set(name, place)
    return place
  }
  const events: Event[] = [{ type: 'O', frame: 0, at: 0 }]
  const open: { readonly call: number; readonly frame: number }[] = []
  let ink = 0
  const closeAbove = (parent: number) => {
    for (let last = open.at(-1); last !== undefined && last.call !== parent; last = open.at(-1)) {
      events.push({ type: 'C', frame: last.frame, at: ink / INK_PER_GAS })
      open.pop()
    }
  }
  for (const [place, call] of calls.entries()) {
    closeAbove(call.parent)
    const frame = frameOf(nameOf(call))
    events.push({ type: 'O', frame, at: ink / INK_PER_GAS })
    open.push({ call: place, frame })
    ink += call.ink
  }
  closeAbove(-1)
  events.push({ type: 'C', frame: 0, at: Number(gasSpent) })
  const given = refund === 0n ? '' : `, of which ${refund} were given back: ${gasUsed} used`
  return {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: 'devnet profile',
    name: title,
    activeProfileIndex: 0,
    shared: { frames },
    profiles: [
      {
        ...{ type: 'evented', name: `${gasSpent} gas${given}`, unit: 'none' },
        ...{ startValue: 0, endValue: Number(gasSpent), events },
      },
    ],
  }
}
