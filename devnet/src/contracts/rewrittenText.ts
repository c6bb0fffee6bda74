/** How the compiled engine charges and rewrites a module's functions, as `devnet inspect --rewritten` prints it. */
import type { RewrittenFunction, RewrittenReport } from '@touchstone/contracts'
import { groupDigits } from '../output/groupDigits.ts'
import { printable } from '../output/printable.ts'

/** Functions shown without `--all`. */
export const MAX_FUNCTIONS_SHOWN = 10

/** Line by line. Amounts are fuel, instructions are numbered from 0. */
export function rewrittenText(report: RewrittenReport): string[] {
  const { functions, added, functionsLeftOut } = report
  const sizes = `${groupDigits(report.originalBytes)} bytes, rewritten ${groupDigits(report.rewrittenBytes)}`
  return [
    `${sizes}; fuel by the schedule ${report.schedule}`,
    ...functions.flatMap(functionLines),
    ...added.flatMap(({ index, enters, head, code }) => [
      '',
      `function ${index} of the rewritten module, ${enters === null ? 'put in' : `by which the host enters function ${enters}`}`,
      ...listing(head, code),
    ]),
    ...(functionsLeftOut > 0 ? ['', `… ${functionsLeftOut} more functions; --all shows them`] : []),
  ]
}

function functionLines(report: RewrittenFunction): string[] {
  const { index, name, original, rewritten, nodes, countedLoops } = report
  const { paidByCaller, entryCharge, entryChecked, entryStack } = report
  const entry = [
    `callers pay ${groupDigits(paidByCaller)}`,
    `entry charges ${groupDigits(entryCharge)}${entryChecked ? ', checked' : ''}`,
    ...(entryStack > 0 ? [`${groupDigits(entryStack)} stack bytes checked`] : []),
  ]
  return [
    '',
    `function ${index}${name === null ? '' : ` ${printable(name, 100)}`}`,
    '',
    'original',
    ...listing(original.head, original.code),
    '',
    `flow graph: ${entry.join('; ')}`,
    ...nodes.flatMap((node, i) => [
      `  node ${i} from ${node.start}: costs ${groupDigits(node.cost)}, ${
        node.paidAhead === null ? 'every way from it traps' : `paid ahead ${groupDigits(node.paidAhead)}`
      }`,
      ...node.edges.map(({ to, place, at, charge, checked }) => {
        const where = place === 'before' ? `before ${at}` : `at ${at}, ${places[place]}`
        return `    to ${to === null ? 'a sink' : `node ${to}`} (${where}): charges ${groupDigits(charge)}${checked ? ', checked' : ''}`
      }),
    ]),
    ...countedLoops.map(
      ({ at, turnCost }) => `  loop ${at} is charged for all its turns: ${groupDigits(turnCost)} each`,
    ),
    '',
    'rewritten',
    ...listing(rewritten.head, rewritten.code),
  ]
}

const places = { branch: 'taken', else: 'its missing else', table: 'through its table' } as const

function listing(head: string, code: readonly string[]): string[] {
  const width = String(code.length).length
  return [...(head === '' ? [] : [`  ${head}`]), ...code.map((line, i) => `  ${String(i).padStart(width)}  ${line}`)]
}
