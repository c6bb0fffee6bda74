import { OP } from './opcodes.ts'

/** Instructions that change tables or use segments up: nothing outside an instance can undo them. */
export const LASTING: ReadonlySet<number> = new Set([
  OP['table.set'],
  OP['data.drop'],
  OP['table.init'],
  OP['elem.drop'],
  OP['table.copy'],
  OP['table.grow'],
  OP['table.fill'],
])
