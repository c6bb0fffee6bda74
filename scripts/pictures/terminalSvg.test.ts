import { expect, it } from 'vitest'
import { TERMINAL_COLUMNS, terminalSvg, textOfSvg } from './terminalSvg.ts'

it('has the words of a command, with their styles, and long lines as a terminal breaks them', () => {
  const long = 'x'.repeat(TERMINAL_COLUMNS + 3)
  const svg = terminalSvg('echo "a & b"', `\u001b[1m\u001b[31mno <way>\u001b[39m\u001b[22m, plain\n\n${long}\n`)
  expect(textOfSvg(svg)).toEqual(['$ echo "a & b"', 'no <way>, plain', '', 'x'.repeat(TERMINAL_COLUMNS), 'xxx'])
  expect(svg).toContain('<tspan class="bold red">no &lt;way&gt;</tspan><tspan>, plain</tspan>')
})

it('goes on with a style in the next line, and ends all of them at 0', () => {
  const svg = terminalSvg('c', '\u001b[2ma\nb\u001b[0mc')
  expect(svg).toContain('<tspan class="dim">b</tspan><tspan>c</tspan>')
})
