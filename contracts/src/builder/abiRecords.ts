/**
 * The events and errors in a contract's ABI: those of its sources. Where several have one name, as those of two parts in one
 * project, only those that the contract's own code makes.
 */

import type { CallGraph } from './callGraph.ts'
import type { ContractModel, ProgramModel, StructModel } from './model.ts'
import { BuildError, positionAt } from './problem.ts'
import { signatureOf } from './solidityTypes.ts'

/** The methods by which records are logged and thrown: the compiler makes code of those only that something reaches. */
const USES = { event: '__emit', error: '__revert' } as const

/** By name, in the order of code units. */
export function abiRecords(
  program: ProgramModel,
  kind: keyof typeof USES,
  { calls }: CallGraph,
): readonly StructModel[] {
  const byName = new Map<string, StructModel[]>()
  for (const record of program.records.filter((each) => each.kind === kind)) {
    byName.set(record.name, [...(byName.get(record.name) ?? []), record])
  }
  const isUsed = ({ file, name }: StructModel) => calls.has(`${file.path.replace(/\.ts$/, '')}/${name}#${USES[kind]}`)
  const names = [...byName.keys()].sort((a, b) => (a < b ? -1 : 1))
  return names.flatMap((name) => {
    const records = byName.get(name) as StructModel[]
    return records.length === 1 ? records : distinct(records.filter(isUsed))
  })
}

/** Without those that callers cannot tell from an earlier one: of the same types, and topics. */
function distinct(records: readonly StructModel[]): readonly StructModel[] {
  return records.filter((record, i) => !records.slice(0, i).some((earlier) => shapeOf(earlier) === shapeOf(record)))
}

/**
 * @throws BuildError for two events that a reader of logs takes for one: their first topic is the same, and what comes after
 *   it is not.
 */
export function checkEvents(contract: ContractModel, program: ProgramModel, graph: CallGraph): void {
  const seen = new Map<string, StructModel>()
  for (const event of abiRecords(program, 'event', graph)) {
    const signature = signatureText(event)
    const other = seen.get(signature)
    seen.set(signature, event)
    if (other === undefined) continue
    const { file, name, node } = contract
    const message = `${name} logs two events ${signature} that differ in what is Indexed, so that nobody can tell which it is`
    const hint = `rename one, or index the same members: ${placeOf(other)}, ${placeOf(event)}`
    throw new BuildError([{ file: file.path, ...positionAt(file.text, node.name.range.start), message, hint }])
  }
}

function placeOf({ file, node }: StructModel): string {
  return `${file.path}:${positionAt(file.text, node.name.range.start).line}`
}

function signatureText({ name, members }: StructModel): string {
  return signatureOf(
    name,
    members.map(({ type }) => type),
  )
}

function shapeOf(record: StructModel): string {
  return `${signatureText(record)} ${record.members.map(({ indexed }) => (indexed ? 1 : 0)).join('')}`
}
