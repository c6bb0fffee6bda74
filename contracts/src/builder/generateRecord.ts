/** Members the build adds to classes marked @struct, @returns, @event and @error. One line each, in AssemblyScript. */

import type { Member, StorageType, StructModel } from './model.ts'
import { hashText, selectorAsLoaded, storeWordStatements } from './selectors.ts'
import { isStorable, signatureOf, typeText } from './solidityTypes.ts'
import { placeMembers } from './storageLayout.ts'
import { REVERT_END } from './throws.ts'

export function recordMembers(record: StructModel): string {
  const made = record.hasConstructor ? '' : constructorOf(record)
  switch (record.kind) {
    case 'struct':
      return (
        made +
        codecOf(record) +
        zeroOf(record) +
        typedOf(record) +
        (isStorable({ kind: 'struct', struct: record }) ? storageOf(record) : '')
      )
    case 'returns':
      return made + codecOf(record)
    case 'event':
      return made + emitOf(record)
    case 'error':
      return made + revertOf(record)
  }
}

/** Sums over members, as expressions: bytes of all heads, bytes of all tails. */
export function headsOf(members: readonly { typeText: string }[]): string {
  return members.map((m) => `__ts.headSize<${m.typeText}>()`).join(' + ') || '0'
}

export function tailsOf(members: readonly { typeText: string }[], value: (index: number) => string): string {
  return members.map((m, i) => `__ts.tailSize<${m.typeText}>(${value(i)})`).join(' + ') || '0'
}

/** Statements that write values as a tuple at `start`. */
export function putsOf(
  members: readonly { typeText: string }[],
  start: string,
  value: (index: number) => string,
): string {
  if (members.length === 0) return ''
  const puts = members.map(
    (m, i) => `__tail = __ts.putAt<${m.typeText}>(${value(i)}, ${start}, ${at(members, i, start)}, __tail);`,
  )
  return `let __tail: usize = ${start} + <usize>unchecked(${headsOf(members)}); ${puts.join(' ')}`
}

/** Statements that read a tuple at `start`, of bytes up to `end`, into constants. */
export function takesOf(
  members: readonly { typeText: string }[],
  start: string,
  name: (index: number) => string,
): string {
  if (members.length === 0) return ''
  const takes = members.map(
    (m, i) => `const ${name(i)} = __ts.takeAt<${m.typeText}>(${start}, ${at(members, i, start)}, end);`,
  )
  return `__ts.needHeads(${start}, end, <usize>unchecked(${headsOf(members)})); ${takes.join(' ')}`
}

/** Where the head of a value of a tuple is. */
function at(members: readonly { typeText: string }[], index: number, start: string): string {
  return index === 0 ? start : `${start} + <usize>unchecked(${headsOf(members.slice(0, index))})`
}

function constructorOf(record: StructModel): string {
  const parameters = record.members.map((m) => `${m.name}: ${m.typeText}`).join(', ')
  const assignments = record.members.map((m) => `this.${m.name} = ${m.name};`).join(' ')
  return ` constructor(${parameters}) { ${assignments} }`
}

function codecOf({ name, members }: StructModel): string {
  const dynamic = members.map((m) => `__ts.isDynamic<${m.typeText}>()`).join(' || ')
  const takes = takesOf(members, 'at', (i) => `m${i}`)
  const values = members.map((_, i) => `m${i}`).join(', ')
  return [
    ` __dynamic(): bool { return ${dynamic}; }`,
    `__head(): i32 { return unchecked(${headsOf(members)}); }`,
    `__body(): i32 { return unchecked(${headsOf(members)} + ${tailsOf(members, (i) => `this.${members[i]?.name}`)}); }`,
    `__write(at: usize): void { ${putsOf(members, 'at', (i) => `this.${members[i]?.name}`)} }`,
    `__read(at: usize, end: usize): ${name} { ${takes} return new ${name}(${values}); }`,
  ].join(' ')
}

/** One of zeros, as an array of fixed length begins with. */
function zeroOf({ name, members }: StructModel): string {
  const values = members.map((m) => `__ts.zeroOf<${m.typeText}>()`).join(', ')
  return ` __zero(): ${name} { return new ${name}(${values}); }`
}

/** EIP-712's hashStruct, written where the caller says. Of those that nobody calls the compiler makes no code. */
function typedOf(record: StructModel): string {
  const { members } = record
  return [
    ` __typed(out: usize): void { const at = __alloc(${32 * (members.length + 1)});`,
    storeWordStatements(hashText(typeText(record)), 'at'),
    ...members.map((m, i) => `__ts.typedWord<${m.typeText}>(this.${m.name}, at + ${32 * (i + 1)});`),
    `__ts.keccakInto(at, ${32 * (members.length + 1)}, out); }`,
  ].join(' ')
}

function storageOf({ name, members }: StructModel): string {
  const { places, slots } = placeMembers(members)
  const slot = (i: number) => (places[i]?.slot ? `__ts.addToWord(slot, ${places[i].slot})` : 'slot')
  const offset = (i: number) => places[i]?.offset ?? 0
  const loads = members
    .map((m, i) => `const m${i} = __ts.loadValue<${m.typeText}>(${slot(i)}, ${offset(i)});`)
    .join(' ')
  const saves = members
    .map((m, i) => `__ts.saveValue<${m.typeText}>(${slot(i)}, ${offset(i)}, this.${m.name});`)
    .join(' ')
  const clears = members.map((m, i) => `__ts.clearValue<${m.typeText}>(${slot(i)}, ${offset(i)});`).join(' ')
  const values = members.map((_, i) => `m${i}`).join(', ')
  return [
    ` __slots(): i32 { return ${slots}; }`,
    '__width(): i32 { return 32; }',
    `__load(slot: usize, offset: i32): ${name} { ${loads} return new ${name}(${values}); }`,
    `__save(slot: usize, offset: i32): void { ${saves} }`,
    `__clear(slot: usize, offset: i32): void { ${clears} }`,
  ].join(' ')
}

/** Names of the class that stands for a struct in storage, and of the methods that give the place of a field. */
export const STORED_CLASS = '__Stored_'
export const PLACE_OF = '__at_'

/**
 * The class that follows a struct's class: one whose objects are pointers to the key of the struct's first slot. Its
 * members are those in storage, each read and written by itself; `language/places.ts` puts it in the place of the
 * struct.
 */
export function storedClassOf(record: StructModel): string {
  if (record.kind !== 'struct' || !isStorable({ kind: 'struct', struct: record })) return ''
  const { places } = placeMembers(record.members)
  const members = record.members.map((m, i) => {
    const { slot, offset } = places[i] ?? { slot: 0, offset: 0 }
    const at = slot === 0 ? 'changetype<usize>(this)' : `__ts.addToWord(changetype<usize>(this), ${slot})`
    const get = `get ${m.name}(): ${m.typeText} { return __ts.loadValue<${m.typeText}>(${at}, ${offset}); }`
    const set = `set ${m.name}(value: ${m.typeText}) { __ts.saveValue<${m.typeText}>(${at}, ${offset}, value); }`
    return `${get} ${set}${hasPlaces(m.type) ? ` ${PLACE_OF}${m.name}(): usize { return ${at}; }` : ''}`
  })
  return ` @unmanaged class ${STORED_CLASS}${record.name} { ${members.join(' ')} }`
}

/** Whether parts of a value of the type can be read and written where it is in storage. */
export function hasPlaces(type: StorageType): boolean {
  return type.kind === 'bytes' || ((type.kind === 'struct' || type.kind === 'fixedArray') && isStorable(type))
}

function emitOf({ name, members }: StructModel): string {
  const topics = members.filter((m) => m.indexed)
  const data = members.filter((m) => !m.indexed)
  const topicBytes = 32 * (1 + topics.length)
  const signature = signatureOf(
    name,
    members.map((m) => m.type),
  )
  return [
    ` __emit(): void { const h: i32 = unchecked(${headsOf(data)});`,
    `const size = unchecked(${topicBytes} + h + ${tailsOf(data, (i) => `this.${data[i]?.name}`)});`,
    'const at = __alloc(size);',
    storeWordStatements(hashText(signature), 'at'),
    ...topics.map((m: Member, i) => `__ts.writeTopic<${m.typeText}>(this.${m.name}, at + ${32 * (i + 1)});`),
    `const s = at + ${topicBytes};`,
    putsOf(data, 's', (i) => `this.${data[i]?.name}`),
    `__ts.emitLog(at, size, ${1 + topics.length}); }`,
  ].join(' ')
}

function revertOf({ name, members }: StructModel): string {
  const signature = signatureOf(
    name,
    members.map((m) => m.type),
  )
  return [
    ` __revert(): string { const h: i32 = unchecked(${headsOf(members)});`,
    `const size = unchecked(4 + h + ${tailsOf(members, (i) => `this.${members[i]?.name}`)});`,
    `const at = __alloc(size); store<u32>(at, ${selectorAsLoaded(signature)});`,
    'const s = at + 4;',
    putsOf(members, 's', (i) => `this.${members[i]?.name}`),
    REVERT_END,
  ].join(' ')
}
