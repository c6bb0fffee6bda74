/**
 * Modules on which engines differed once, or that stand at a boundary where they easily could, as files: each is run
 * again by vectors.test.ts. The fuzzer writes a file for what it finds.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CompileOptions, WasmValue } from '../../src/index.ts'
import { watToWasm } from '../../testing/wat.ts'
import type { Plan } from './compareEngines.ts'

export const VECTORS = join(import.meta.dirname, '../vectors/differences')

/** 64-bit numbers are strings of decimal digits that end in `n`. */
interface VectorFile {
  /** The matter that differed, or could. */
  readonly about: string
  readonly seed?: number
  /** The module: text of the text format, or bytes in hexadecimal. */
  readonly text?: string
  readonly hex?: string
  readonly options?: CompileOptions
  readonly args?: readonly (number | string)[]
  readonly fuel?: string
}

export interface Vector {
  readonly name: string
  readonly about: string
  readonly bytes: Uint8Array
  readonly plan: Plan
}

export function loadVectors(): Vector[] {
  return readdirSync(VECTORS)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const { about, text, hex, options, args, fuel } = JSON.parse(
        readFileSync(join(VECTORS, file), 'utf8'),
      ) as VectorFile
      const bytes = text === undefined ? Uint8Array.from(Buffer.from(hex!, 'hex')) : watToWasm(text, { names: true })
      const plan = { options: options ?? {}, args: (args ?? []).map(value), fuel: big(fuel ?? '20000n') }
      return { name: file.replace(/\.json$/, ''), about, bytes, plan }
    })
}

/** Where it was written. */
export function saveVector(
  name: string,
  about: string,
  seed: number,
  module: string | Uint8Array,
  plan?: Plan,
): string {
  const file: VectorFile = {
    about,
    seed,
    ...(typeof module === 'string' ? { text: module } : { hex: Buffer.from(module).toString('hex') }),
    ...(plan === undefined
      ? {}
      : {
          options: plan.options,
          args: plan.args.map((arg) => (typeof arg === 'bigint' ? `${arg}n` : Number(arg))),
          fuel: `${plan.fuel}n`,
        }),
  }
  mkdirSync(VECTORS, { recursive: true })
  const path = join(VECTORS, `${name}.json`)
  writeFileSync(path, `${JSON.stringify(file, null, 2)}\n`)
  return path
}

function value(arg: number | string): WasmValue {
  return typeof arg === 'string' ? big(arg) : arg
}

function big(text: string): bigint {
  return BigInt(text.replace(/n$/, ''))
}
