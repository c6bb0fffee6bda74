/**
 * Structs with a mapping or an array in storage among their members, which are in storage only, as Solidity has them. An
 * object of one is the place of it: a pointer to the key of its first slot, whose members are read and written there.
 */

import type { Analysis, ClassEntry } from './analyse.ts'
import { fieldsOf, isConstructor, textOf, walk } from './astNodes.ts'
import type { MethodNode, NewNode } from './compiler.ts'
import { parser } from './compiler.ts'
import type { Edit } from './edits.ts'
import { isHandle } from './generateContract.ts'
import { hasPlaces, PLACE_OF } from './generateRecord.ts'
import type { StorageType, StoredMember, StoredStructModel } from './model.ts'
import { isStorable, notStorable, storageTypeOf } from './solidityTypes.ts'
import type { SourceFile } from './sources.ts'
import { placeMembers } from './storageLayout.ts'

const { NodeKind } = parser

/** The model of a class marked @struct that has such members; null for any other class. */
export function storedStructOf(analysis: Analysis, { file, node, role }: ClassEntry): StoredStructModel | null {
  if (role !== 'struct') return null
  const scope = analysis.names.scope(file)
  const fields = fieldsOf(node).flatMap((field) => (field.type === null ? [] : [{ field, type: field.type }]))
  const types = fields.map(({ type }) => storageTypeOf(type, scope, analysis))
  if (!types.some((type) => typeof type !== 'string' && isHandle(type))) return null
  const members: StoredMember[] = []
  const why = 'has a mapping or an array in storage, so it is in storage only'
  const { text: name } = node.name
  if (node.extendsType !== null) analysis.report(file, node.extendsType, 'a class marked @struct cannot extend another')
  for (const [i, { field, type: typeNode }] of fields.entries()) {
    const type = types[i] as StorageType | string
    if (typeof type === 'string') analysis.report(file, typeNode, type)
    else if (!isStorable(type)) analysis.report(file, typeNode, notStorable(type))
    else members.push({ name: field.name.text, typeText: textOf(file, typeNode), type, node: field })
    if (field.initializer !== null) {
      analysis.report(file, field.initializer, `${name} ${why}, where members begin as zeros`, 'leave the value out')
    }
  }
  const written = node.members.find((member) => 'signature' in member && isConstructor(member as MethodNode))
  if (written !== undefined)
    analysis.report(file, written, `${name} ${why}, and is not made`, 'leave the constructor out')
  return { kind: 'stored', name, file, node, members }
}

/** Refuses `new` of such structs. */
export function checkStoredStructs(
  analysis: Analysis,
  files: readonly SourceFile[],
  structs: readonly StoredStructModel[],
): void {
  if (structs.length === 0) return
  for (const file of files) {
    const scope = analysis.names.scope(file)
    for (const statement of file.statements) {
      walk(statement, (node) => {
        if (node.kind !== NodeKind['New']) return
        const meaning = analysis.names.meaning(scope, (node as NewNode).typeName)
        const made = meaning.kind === 'class' ? structs.find((struct) => struct.node === meaning.node) : undefined
        if (made === undefined) return
        const message = `${made.name} has a mapping or an array in storage, so there is none but in storage`
        analysis.report(file, node, message, 'write its members where it is: const p = this.items[id]; p.member = …')
      })
    }
  }
}

/** Edits that make the class what it is for the compiler: accessors for members, and the methods of types in storage. */
export function storedStructEdits({ name, node, members }: StoredStructModel): Edit[] {
  const { places, slots } = placeMembers(members)
  const at = (i: number) => {
    const slot = places[i]?.slot ?? 0
    return slot === 0 ? 'changetype<usize>(this)' : `__ts.addToWord(changetype<usize>(this), ${slot})`
  }
  const edits: Edit[] = (node.decorators ?? []).map(({ range, name: { text } }) => ({
    start: range.start,
    end: range.end,
    text: text === 'struct' ? '@unmanaged' : '',
  }))
  for (const [i, { node: field, name: member, typeText, type }] of members.entries()) {
    const offset = places[i]?.offset ?? 0
    const get = `get ${member}(): ${typeText} { return __ts.loadValue<${typeText}>(${at(i)}, ${offset}); }`
    const set = `set ${member}(value: ${typeText}) { __ts.saveValue<${typeText}>(${at(i)}, ${offset}, value); }`
    const place = hasPlaces(type) ? ` ${PLACE_OF}${member}(): usize { return ${at(i)}; }` : ''
    const { start, end } = field.range
    edits.push({ start, end, text: `${get} ${isHandle(type) ? '' : set}${place}` })
  }
  const clears = members.map(
    ({ typeText }, i) =>
      `__ts.clearValue<${typeText}>(__ts.addToWord(slot, ${places[i]?.slot}), ${places[i]?.offset});`,
  )
  const added = [
    ' private constructor() {}',
    `__slots(): i32 { return ${slots}; }`,
    '__width(): i32 { return 32; }',
    `__load(slot: usize, offset: i32): ${name} { return changetype<${name}>(slot); }`,
    `__clear(slot: usize, offset: i32): void { ${clears.join(' ')} }`,
  ]
  const end = node.range.end - 1
  edits.push({ start: end, end, text: added.join(' ') })
  return edits
}
