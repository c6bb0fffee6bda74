/**
 * The sources that make blocks and votes must not have these: order that a language leaves open (maps in Go
 * stopped Juno in 2022; objects in JavaScript put keys that look like numbers first), clocks, randomness, floats, locales.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const rooms = ['codec', 'crypto', 'types', 'trie', 'state', 'execution', 'chain', 'consensus'].map(
  (room) => `node/src/${room}`,
)
const folders = [...rooms, 'vm/src']

/** Line by line, by the file and a part of the line: constants of ours, whose order is that of the source. */
const allowed: readonly (readonly [file: string, part: string, why: string])[] = [
  ['node/src/types/genesisCodec.ts', 'Object.entries(objectAt(json, path))', 'sorted by address where it is used'],
  ['node/src/types/genesisCodec.ts', 'Object.keys(object)', 'looks for names that are not known'],
  ['vm/src/metering/schedule.ts', 'Object.keys(SCHEDULES)', 'names for a message'],
  ['vm/src/metering/schedule.ts', 'Object.entries(schedule.classes)', 'a check of each price, of which one must fail'],
  ['vm/src/engine/compiled/hostedModule.ts', 'new WeakRef(this)', 'a cache: without it the module is made again'],
  ['vm/src/engine/compiled/program.ts', 'WeakRef<HostedModule>', 'the type of that'],
  ['vm/src/engine/compiled/programNumbers.ts', 'WeakRef', 'numbers for messages of traps'],
  ['vm/src/engine/compiled/programNumbers.ts', 'FinalizationRegistry', 'takes them out of a table again'],
  ['vm/src/inspect/limitsUsed.ts', 'Object.keys(LIMIT_WORDS)', 'a report for people'],
  ['vm/src/trace/observe.ts', 'Object.entries(DEFAULT_LIMITS)', 'limits by their names, each on its own'],
  [
    'vm/src/trace/mapFunctions.ts',
    'of Object.entries(imports)',
    'a heard module: decides nothing, and imports have names',
  ],
  ['vm/src/trace/mapFunctions.ts', 'of Object.entries(values)', 'the same'],
  ['vm/src/inspect/inspectRewritten.ts', 'Object.keys(DEFAULT_LIMITS)', 'a report for people: limits, each on its own'],
  ['node/src/chain/queryLanes.ts', 'Object.keys(QUERY_LANES)', 'methods by their names, each on its own'],
  ['vm/src/host/vmHooks/hooks.ts', 'Object.entries(', 'into a Map that is only looked up'],
  ['vm/src/host/vmHooks/prices.ts', 'Object.keys(LISTS)', 'names for a message'],
]

const forbidden: readonly (readonly [what: string, pattern: RegExp])[] = [
  [
    'the keys of an object in the order of the engine',
    /\bObject\.(?:keys|entries|values|getOwnPropertyNames)\(|\bReflect\.ownKeys\(/,
  ],
  ['for-in', /\bfor \((?:const|let|var) \w+ in /],
  ['a sort by text', /\.(?:sort|toSorted)\(\)/],
  ['the locale', /\bIntl\.|\.toLocale\w+\(|\.localeCompare\(/],
  ['a clock', /\bDate\.now\b|\bnew Date\b|\bperformance\.|\bhrtime\b/],
  ['a timer', /\bset(?:Timeout|Interval|Immediate)\(/],
  ['randomness', /\bMath\.random\b|\bgetRandomValues\b|\brandom(?:Bytes|UUID|Int|PrivateKey|SecretKey)\(/],
  [
    'floats',
    /\bMath\.(?:sqrt|pow|exp\w*|log\w*|sin\w*|cos\w*|tan\w*|cbrt|hypot)\(|\bparseFloat\(|\bFloat(?:16|32)Array\b|\b[gs]etFloat\d/,
  ],
  ['the machine', /\bprocess\.(?!on\b)|\bnavigator\.|from 'node:os'/],
  ['weak references, which say when memory was collected', /\bWeakRef\b|\bFinalizationRegistry\b/],
]

/** Of `chain/` what talks to its thread or disk decides nothing; tests are no sources. */
const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.split(sep).join('/')}`)
    .filter(
      (name) =>
        name.endsWith('.ts') && !/\.(?:test|fuzz)\.ts$|\/testing\/|\/test[A-Z]\w*\.ts$|\/chain\/worker\//.test(name),
    ),
)

function linesOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  // Comments may name what code may not, and lines keep their numbers.
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .split('\n')
    .map((line) => line.replace(/(^|\s)\/\/.*$/, ''))
}

describe('the sources of consensus', () => {
  it('are found', () => {
    expect(sources.length).toBeGreaterThan(200)
    expect(sources).toEqual(
      expect.arrayContaining(['node/src/consensus/core/tendermint.ts', 'vm/src/engine/reference/interpreter.ts']),
    )
  })

  it.each(forbidden)('have no %s', (_what, pattern) => {
    const found = sources.flatMap((file) =>
      linesOf(file).flatMap((line, index) => {
        if (!pattern.test(line)) return []
        const known = allowed.some(([path, part]) => path === file && line.includes(part))
        return known ? [] : [`${relative(root, join(root, file))}:${index + 1}: ${line.trim()}`]
      }),
    )
    expect(found).toEqual([])
  })

  it('have everything that is allowed', () => {
    for (const [file, part] of allowed)
      expect([file, linesOf(file).some((line) => line.includes(part))]).toEqual([file, true])
  })
})
