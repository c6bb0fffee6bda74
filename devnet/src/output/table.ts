/** Plain tables: no borders, columns two spaces apart, colours allowed in cells. */
import Table from 'cli-table3'
import { safeLine } from './styles.ts'

const borderless = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/**
 * A line for each row, and one for the head unless it is empty. A cell is a line: characters that would break it are
 * escaped.
 */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const cells = (row: readonly string[]) => row.map((cell) => safeLine(cell))
  const table = new Table({
    head: cells(head),
    chars: borderless,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  for (const row of rows) table.push(cells(row))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
}
