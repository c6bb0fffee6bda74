import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { INSTRUCTIONS, OP } from './opcodes.ts'

const sources = join(import.meta.dirname, '..')
/** The interpreter's dense switches, whose cases are literals with the name beside them. */
const DENSE = ['engine/reference/interpreter.ts', 'engine/reference/int64.ts']
/** An opcode written or compared as a bare byte. */
const BARE = /case 0x[0-9a-f]{2}:|(?:byte|withIndex|emit|prefixed)\(0x[0-9a-f]{2}\b|\bop\)? *[=!<>]==? *0x[0-9a-f]{2}\b/

describe('the opcodes by name', () => {
  it('are those of the table, each name once', () => {
    const rows = INSTRUCTIONS.flatMap((info) => (info === undefined ? [] : [[info.name, info.op] as const]))
    expect(Object.entries(OP)).toEqual(rows)
    expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length)
  })

  it('are used wherever an instruction is written or told from others', () => {
    const bare = readdirSync(sources, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !DENSE.includes(file))
      .flatMap((file) =>
        readFileSync(join(sources, file), 'utf8')
          .split('\n')
          .flatMap((line, i) => (BARE.test(line) ? [`${file}:${i + 1} ${line.trim()}`] : [])),
      )
    // The form of a function type, which is no instruction.
    expect(bare).toEqual([expect.stringMatching(/^binary\/encode\.ts:\d+ writer\.byte\(0x60\)$/)])
  })
})
