/** Writes modules of any size and shape, also ones that a text format's parser would not come back from. */
import { Writer } from '../../src/binary/writer.ts'
import { joinSections } from '../mutate/sections.ts'

/** Bytes of code; the closing `end` is added. */
export interface Body {
  readonly type?: number
  /** Runs of locals: how many, and the code of their type. */
  readonly locals?: readonly (readonly [number, number])[]
  readonly code: Uint8Array | readonly number[]
}

export interface Sections {
  /** Parameters and results, by the codes of their types. */
  readonly types?: readonly (readonly [readonly number[], readonly number[]])[]
  readonly bodies?: readonly Body[]
  /** Contents of whole sections, by id. */
  readonly raw?: Readonly<Record<number, Uint8Array>>
}

export const I32 = 0x7f
export const I64 = 0x7e
const ORDER: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11]

/** The first type, unless told, takes and gives nothing; function 0 is exported as `run` unless there are exports. */
export function moduleBytes({ types = [[[], []]], bodies = [], raw = {} }: Sections): Uint8Array {
  const contents: Record<number, Uint8Array> = { ...raw }
  contents[1] ??= vector(types.length, (writer, i) => {
    writer.byte(0x60)
    for (const list of types[i]!) writer.sized(Uint8Array.from(list))
  })
  if (bodies.length > 0) {
    contents[3] ??= vector(bodies.length, (writer, i) => writer.u32(bodies[i]!.type ?? 0))
    contents[10] = vector(bodies.length, (writer, i) => writer.sized(bodyBytes(bodies[i]!)))
    contents[7] ??= vector(1, (writer) => {
      writer.name('run')
      writer.byte(0)
      writer.u32(0)
    })
  }
  return joinSections(
    ORDER.flatMap((id) => (contents[id] === undefined ? [] : [{ id, content: contents[id], sizeError: 0 }])),
  )
}

function bodyBytes({ locals = [], code }: Body): Uint8Array {
  const writer = new Writer()
  writer.u32(locals.length)
  for (const [count, type] of locals) {
    writer.u32(count)
    writer.byte(type)
  }
  writer.raw(Uint8Array.from(code))
  writer.byte(0x0b)
  return writer.finish()
}

export function vector(count: number, item: (writer: Writer, index: number) => void): Uint8Array {
  const writer = new Writer()
  writer.u32(count)
  for (let i = 0; i < count; i++) item(writer, i)
  return writer.finish()
}

export function code(write: (writer: Writer) => void): Uint8Array {
  const writer = new Writer()
  write(writer)
  return writer.finish()
}

export function repeated(count: number, part: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(count * part.length)
  for (let i = 0; i < count; i++) bytes.set(part, i * part.length)
  return bytes
}

/** Bytes of an unsigned LEB128 integer. */
export function leb(value: number): number[] {
  return [...code((writer) => writer.u32(value))]
}
