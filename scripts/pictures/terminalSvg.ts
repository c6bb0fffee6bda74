/** What a command wrote to a terminal as SVG, with its colours: text that can be searched and read aloud, light and dark. */

const CHARACTER = 7.83
const LINE = 18
const MARGIN = 16
const BAR = 30
/** Longer lines go on in the next one, as in a terminal. */
export const TERMINAL_COLUMNS = 118

const STYLE = `
  text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; white-space: pre; fill: #1f2328; }
  .window { fill: #f6f8fa; stroke: #d0d7de; } .bar { fill: #d0d7de; } .prompt, .dim { fill: #59636e; } .bold { font-weight: 600; }
  .red { fill: #cf222e; } .green { fill: #1a7f37; } .yellow { fill: #9a6700; } .cyan { fill: #1b7c83; }
  @media (prefers-color-scheme: dark) {
    text { fill: #d1d7e0; } .window { fill: #0d1117; stroke: #3d444d; } .bar { fill: #3d444d; } .prompt, .dim { fill: #9198a1; }
    .red { fill: #ff7b72; } .green { fill: #56d364; } .yellow { fill: #e3b341; } .cyan { fill: #56d4dd; }
  }`

/** Parameters of SGR (ECMA-48, 8.3.117) that the command writes: which style they begin, or which of them end. */
const BEGIN: Readonly<Record<number, string>> = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
  36: 'cyan',
}
const END: Readonly<Record<number, readonly string[]>> = {
  0: Object.values(BEGIN),
  22: ['bold', 'dim'],
  39: ['red', 'green', 'yellow', 'cyan'],
}

const ESCAPE = '\u001b'
const STYLE_SEQUENCE = new RegExp(`${ESCAPE}\\[(\\d{1,2})m`)

interface Piece {
  readonly text: string
  readonly styles: readonly string[]
}

/** @param output of the command, with its escape sequences */
export function terminalSvg(command: string, output: string): string {
  const lines = [
    [
      { text: '$ ', styles: ['prompt'] },
      { text: command, styles: ['bold'] },
    ],
    ...linesOf(output),
  ]
  const rows = lines.flatMap(wrapped)
  const width = Math.ceil(2 * MARGIN + CHARACTER * Math.max(...rows.map(lengthOf), 60))
  const height = BAR + rows.length * LINE + MARGIN
  const texts = rows.map((row, at) => {
    const spans = row.map(({ text, styles }) => {
      const known = styles.length === 0 ? '' : ` class="${styles.join(' ')}"`
      return `<tspan${known}>${escaped(text)}</tspan>`
    })
    return `  <text x="${MARGIN}" y="${BAR + (at + 1) * LINE - 6}">${spans.join('')}</text>`
  })
  const dots = [0, 1, 2].map((at) => `<circle class="bar" cx="${MARGIN + 4 + at * 16}" cy="16" r="5"/>`).join('')
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
  <title>${escaped(command)}</title>
  <style>${STYLE}
  </style>
  <rect class="window" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
  ${dots}
${texts.join('\n')}
</svg>
`
}

/** The lines of such a picture as they were written, the command first. */
export function textOfSvg(svg: string): string[] {
  return [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, line]) =>
    line!
      .replace(/<[^>]*>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&quot;', '"')
      .replaceAll('&amp;', '&'),
  )
}

function linesOf(output: string): Piece[][] {
  const styles = new Set<string>()
  return output
    .trimEnd()
    .split('\n')
    .map((line) => {
      const pieces: Piece[] = []
      // Every second part is the parameter of an escape sequence.
      for (const [at, part] of line.split(STYLE_SEQUENCE).entries()) {
        if (at % 2 === 0) {
          if (part !== '') pieces.push({ text: part, styles: [...styles] })
          continue
        }
        for (const style of END[Number(part)] ?? []) styles.delete(style)
        const begun = BEGIN[Number(part)]
        if (begun !== undefined) styles.add(begun)
      }
      return pieces
    })
}

function wrapped(line: readonly Piece[]): Piece[][] {
  const rows: Piece[][] = [[]]
  for (const { text, styles } of line) {
    for (let rest = text; rest !== ''; ) {
      const room = TERMINAL_COLUMNS - lengthOf(rows.at(-1)!)
      if (room === 0) rows.push([])
      else {
        rows.at(-1)!.push({ text: rest.slice(0, room), styles })
        rest = rest.slice(room)
      }
    }
  }
  return rows
}

const lengthOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { text }) => sum + text.length, 0)

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
