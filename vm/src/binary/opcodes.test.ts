import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { INSTRUCTIONS, OP } from './opcodes.ts'

const sources = join(import.meta.dirname, '..')
const texts = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => [file, readFileSync(join(sources, file), 'utf8')] as const)

/** The code that runs for every instruction of a module that is loaded, or that the interpreter executes. */
const HOT = [
  'binary/decodeCode.ts',
  'binary/module.ts',
  'engine/compiled/rewriteBody.ts',
  'engine/interpreter/lowerBody.ts',
  'engine/interpreter/lowerOperands.ts',
  'engine/reference/int64.ts',
  'engine/reference/interpreter.ts',
  'engine/reference/lower.ts',
  'inspect/scanBody.ts',
  'metering/charges.ts',
  'metering/countedLoops.ts',
  'metering/frameValues.ts',
  'metering/graphBuilder.ts',
  'validate/validateFunction.ts',
]
/** An opcode written as a bare byte, or in a list. */
const WRITTEN = /(?:byte\(|withIndex\(|emit\(|prefixed\(|(?:Uint8Array\.of|new Set)\([^)]*)\b0x[0-9a-f]{2}\b/
/** Bytes that are no opcodes: the format's own, and a code of the chain. */
const NO_WRITERS = ['binary/formatCodes.ts', 'host/testing/fakeEnvironment.ts']
/** A case with a literal, and the comment that has its name: beside it, or first in its block. */
const CASE = /\bcase (0x[0-9a-f]{2}):(?:(?: \{\n)? *\/\/ ([^,\n]*))?/g
/** An op compared with a literal, and the comment that has its name. */
const COMPARED =
  /(?:\b\w*op\)?|\bop\([^()]*\)|\b(?:words|labelOp)\[[^\]\n]*\]!?) *(?:[=!]==|[<>]=?) (0x[0-9a-f]{2})\b(?: \/\* (.*?) \*\/)?/gi
/** Ops that are free for an engine's own instructions. */
const isInternal = (op: number): boolean => op > 0xc4 && op < 0xe0 && INSTRUCTIONS[op] === undefined

describe('the opcodes by name', () => {
  it('are those of the table, each name once', () => {
    const rows = INSTRUCTIONS.flatMap((info) => (info === undefined ? [] : [[info.name, info.op] as const]))
    expect(Object.entries(OP)).toEqual(rows)
    expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length)
  })

  it('are used wherever an instruction is written', () => {
    const bare = texts.flatMap(([file, text]) => (WRITTEN.test(text) ? [file] : []))
    expect(bare.sort()).toEqual(NO_WRITERS)
  })

  it('stand beside every literal that instructions are told from others by', () => {
    const literals = texts.flatMap(([file, text]) =>
      [...text.matchAll(CASE), ...text.matchAll(COMPARED)].map(([found, byte, name]) => ({ file, found, byte, name })),
    )
    const wrong = literals.filter(
      ({ byte, name }) => !isInternal(Number(byte)) && name !== INSTRUCTIONS[Number(byte)]?.name,
    )
    expect(wrong).toEqual([])
    expect([...new Set(literals.map(({ file }) => file))].sort()).toEqual(HOT)
  })

  it('are literals in every switch of the code that runs per instruction', () => {
    const byName = texts
      .filter(([file]) => HOT.includes(file))
      .flatMap(([file, text]) => {
        const opcodes = new Set(
          [...text.matchAll(/const \{([^}]*)\} = OP\b/g)].flatMap(([, names]) => names!.match(/[A-Z][A-Z0-9_]+/g)),
        )
        const cases = [...text.matchAll(/\bcase ([A-Z][A-Z0-9_]+):/g)].filter(([, name]) => opcodes.has(name!))
        return cases.map(([found]) => `${file} ${found}`)
      })
    expect(byName).toEqual([])
  })
})
