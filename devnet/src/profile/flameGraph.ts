/**
 * A profile as a flame graph: one SVG file that needs nothing else, without scripts, in light and in dark. Each box is a
 * function, a host call, a frame or a fixed cost; it is as wide as its gas with all that it calls, which stands below it.
 */
import { groupDigits } from '../output/groupDigits.ts'
import { visibleText } from '../output/printable.ts'
import { INK_PER_GAS } from './nodeProfile.ts'
import { gasText, nameOf } from './profileText.ts'
import type { Call, CostKind, ProfileReport } from './readProfile.ts'

const WIDTH = 1200
const ROW = 20
const MARGIN = 12
const HEAD = 44
/** Of the font, about: text is cut to what fits. */
const CHARACTER = 7.3
/** Narrower boxes cannot be seen, and are left out. */
const LEAST_WIDTH = 0.4
/** Deeper ones are left out: functions may call themselves as deep as the stack is. */
const MAX_ROWS = 200

const STYLE = `
  .page { fill: #ffffff } .ink { fill: #1a1a1a } .quiet { fill: #5c5c5c }
  .function { fill: #f0a35e } .host { fill: #7fb2e5 } .frame { fill: #8fce9b } .fixed { fill: #cfcfcf }
  .burnt { fill: #e77f7f } .all { fill: #e6e0d2 } rect.box { stroke: #ffffff; stroke-width: 1 }
  rect.box:hover { stroke: #1a1a1a }
  @media (prefers-color-scheme: dark) {
    .page { fill: #16181c } .ink { fill: #f2f2f2 } .quiet { fill: #a8a8a8 }
    .function { fill: #9c5a1e } .host { fill: #2f5f8f } .frame { fill: #33713f } .fixed { fill: #55585e }
    .burnt { fill: #933636 } .all { fill: #3b3a36 } rect.box { stroke: #16181c } rect.box:hover { stroke: #f2f2f2 }
  }
  text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }`

interface Box {
  readonly kind: CostKind | 'all'
  readonly name: string
  readonly ink: number
  readonly self: number
  readonly row: number
  /** Ink before it. */
  readonly start: number
}

export function flameGraph(report: ProfileReport, title: string): string {
  const boxes = boxesOf(report)
  const { gasSpent, gasUsed, refund, isCut } = report
  const total = Number(gasSpent) * INK_PER_GAS
  const scale = total === 0 ? 0 : (WIDTH - 2 * MARGIN) / total
  const shown = boxes.filter(({ ink, row }) => ink * scale >= LEAST_WIDTH && row < MAX_ROWS)
  const rows = shown.reduce((most, { row }) => Math.max(most, row + 1), 1)
  const height = HEAD + rows * ROW + MARGIN
  const given = refund === 0n ? '' : `, ${groupDigits(refund)} given back: ${groupDigits(gasUsed)} used`
  const cut = isCut ? '; some functions are drawn as part of their callers' : ''
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">
<title>${escaped(title)}</title>
<style>${STYLE}
</style>
<rect class="page" width="${WIDTH}" height="${height}"/>
<text class="ink" x="${MARGIN}" y="18">${escaped(title)}</text>
<text class="quiet" x="${MARGIN}" y="34">${groupDigits(gasSpent)} gas${given}${cut}</text>
${shown.map((box) => boxText(box, scale, total)).join('\n')}
</svg>
`
}

function boxesOf({ calls, gasSpent }: ProfileReport): Box[] {
  const totals = calls.map(({ ink }) => ink)
  for (let place = calls.length - 1; place >= 0; place--) {
    const { parent } = calls[place]!
    if (parent >= 0) totals[parent]! += totals[place]!
  }
  const all = Number(gasSpent) * INK_PER_GAS
  const boxes: Box[] = [{ kind: 'all', name: 'all', ink: all, self: 0, row: 0, start: 0 }]
  /** Where the next child of each begins: behind what is the caller's own. */
  const next: number[] = []
  let nextOfAll = 0
  const rowOf: number[] = []
  for (const [place, call] of calls.entries()) {
    const { parent } = call
    const start = parent < 0 ? nextOfAll : next[parent]!
    if (parent < 0) nextOfAll += totals[place]!
    else next[parent]! += totals[place]!
    next.push(start)
    rowOf.push(parent < 0 ? 1 : rowOf[parent]! + 1)
    boxes.push(boxOf(call, totals[place]!, start, rowOf[place]!))
  }
  return boxes
}

function boxOf(call: Call, total: number, start: number, row: number): Box {
  return { kind: call.kind, name: nameOf(call), ink: total, self: call.ink, row, start }
}

function boxText({ kind, name, ink, self, row, start }: Box, scale: number, total: number): string {
  const x = MARGIN + start * scale
  const y = HEAD + row * ROW
  const width = ink * scale
  const own = self === ink || kind === 'all' ? '' : `, ${gasText(self)} of its own`
  const words = `${name}: ${gasText(ink)} gas (${((100 * ink) / total).toFixed(2)} %)${own}`
  const fits = Math.floor((width - 6) / CHARACTER)
  const label = fits < 3 ? '' : name.length <= fits ? name : `${name.slice(0, fits - 1)}…`
  const text = label === '' ? '' : `<text class="ink" x="${(x + 3).toFixed(1)}" y="${y + 14}">${escaped(label)}</text>`
  const box = `<rect class="box ${kind}" x="${x.toFixed(2)}" y="${y}" width="${width.toFixed(2)}" height="${ROW - 1}" rx="2"/>`
  return `<g><title>${escaped(words)}</title>${box}${text}</g>`
}

/** No document of XML 1.0 may hold these (section 2.2), not even as references: one would make the graph unreadable. */
const NO_XML = /[\ufffe\uffff]/g

/** Names are strangers'. */
function escaped(text: string): string {
  return visibleText(text)
    .replace(NO_XML, '\ufffd')
    .replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`)
}
