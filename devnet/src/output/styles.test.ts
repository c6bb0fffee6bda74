import { expect, it } from 'vitest'
import { createStyles, safeLine, terminalLine } from './styles.ts'
import { formatTable } from './table.ts'

const { red, bold } = createStyles(true)

it('are the usual sequences, for our own words alone', () => {
  expect(terminalLine(`${red('no')} ${bold('x')}`)).toBe('\u001b[31mno\u001b[39m \u001b[1mx\u001b[22m')
  expect(terminalLine(red('\u001b[1mtheirs\n'))).toBe('\u001b[31m\\u{1b}[1mtheirs\\u{a}\u001b[39m')
  expect(terminalLine(`\u001b[31mtheirs\u001b[0m ${red('ours')}`)).toBe(
    '\\u{1b}[31mtheirs\\u{1b}[0m \u001b[31mours\u001b[39m',
  )
  expect(createStyles(false).red('x')).toBe('x')
})

it('are kept by a table, which knows their width, and holds each cell to a line', () => {
  const table = formatTable(
    ['a', 'b'],
    [
      [red('xyz'), '1\n2'],
      ['\u001b[31mv', '3'],
    ],
  )
  expect(table.map(terminalLine)).toEqual([
    'a            b',
    '\u001b[31mxyz\u001b[39m          1\\u{a}2',
    '\\u{1b}[31mv  3',
  ])
  expect(safeLine(red('x'))).toBe(red('x'))
})
