/**
 * The figures of docs/protocol are the constants of the code. A figure is compared where the page says which constant it
 * is: "at most 100 validators (`MAX_VALIDATORS`)", or a table with the name in the next column. Prices are compared cell
 * by cell. The tables of bounds in network.md and rpc.md are compared beside their limits.ts.
 */
import { join } from 'node:path'
import { SCHEDULES, type Schedule } from '@touchstone/vm'
import { describe, expect, it } from 'vitest'
import { isPrecompile } from '../../node/src/execution/precompiles/precompileNames.ts'
import { type PrecompilePrices, precompilePrices } from '../../node/src/execution/precompiles/prices.ts'
import { constantOf, constantsIn, figuresIn, inItsUnit, readFigure, unnamedBoundsIn } from './documents/constants.ts'
import { limitsPage } from './documents/limitsPage.ts'
import { pages, root, textOf } from './documents/repository.ts'

/** Made from the code as a whole. */
const LIMITS = 'docs/protocol/limits.md'
const protocol = pages.filter((page) => page.startsWith('docs/protocol/') && page !== LIMITS)

/** Bounds that are no one constant of the code: they follow from others, or belong to a library. */
const FACTS: Readonly<Record<string, readonly string[]>> = {
  'docs/protocol/genesis.md': ['at most 2^53 - 1'],
  'docs/protocol/network.md': [
    'at most 256 bytes',
    'at most 512 bytes',
    'at most 4 MiB and 64',
    'at most 240 000 of strangers',
  ],
  'docs/protocol/txpool.md': ['at most 1 428 transactions'],
  'docs/protocol/vm.md': ['at most 5 461 frames', 'at most 8 bytes in a'],
  'docs/protocol/vm_hooks.md': ['at most 32 MiB'],
}

describe.each(protocol)('%s', (page) => {
  const text = textOf(page)
  const figures = figuresIn(text)

  it('gives each constant that it names the figure that it has', async () => {
    const wrong: string[] = []
    for (const figure of figures) {
      const value = inItsUnit(figure.name, await constantOf(figure.name, text))
      if (readFigure(figure) !== value) wrong.push(`${figure.text} (${figure.name}): it is ${value}`)
    }
    expect(wrong).toEqual([])
  })

  it('says of each "at most" which constant it is, unless it is a fact', () => {
    expect(unnamedBoundsIn(text)).toEqual(FACTS[page] ?? [])
  })

  it('names no constant without its figure', () => {
    const withFigure = new Set(figures.map(({ name }) => name))
    expect(constantsIn(text).filter((name) => !withFigure.has(name))).toEqual([])
  })
})

/** Rows of the first table below a heading, by their first cell. */
function tableBelow(heading: string): Map<string, string[]> {
  const page = textOf('docs/protocol/gas.md')
  const section = page.slice(page.indexOf(`\n${heading}\n`)).split(/\n## /, 2)[1] ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('| '))
  return new Map(
    lines.slice(1).map((line) => {
      const [label, ...cells] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
      return [label!, cells]
    }),
  )
}

/** All numbers of a cell, in their order. */
function numbersIn(cell: string): number[] {
  return [...cell.matchAll(/(?<![\w^])\d+(?: \d{3})*/g)].map(([digits]) => Number(digits.replaceAll(' ', '')))
}

/** Prices as a cell gives them: an addition of nothing is left out. */
const summed = (first: number, ...others: number[]) => [first, ...others.filter((other) => other !== 0)]

const INSTRUCTIONS: Readonly<Record<string, (schedule: Schedule) => number[]>> = {
  'block, loop, else, end, nop': ({ classes }) => [classes.structure],
  'unreachable, return': ({ classes }) => [classes.leave],
  constants: ({ classes }) => [classes.constant],
  drop: ({ classes }) => [classes.drop],
  select: ({ classes }) => [classes.select],
  'if, br, br_if': ({ classes }) => [classes.branch],
  br_table: ({ classes, data }) => summed(classes.branchTable, data.branchTableTarget),
  'call, return_call': ({ classes }) => [classes.call],
  'call_indirect, return_call_indirect': ({ classes, data }) => summed(classes.callIndirect, data.indirectParameter),
  'local.get, local.tee / local.set': ({ classes }) => [classes.localGet, classes.localSet],
  'global.get / global.set': ({ classes }) => [classes.globalGet, classes.globalSet],
  'loads of i32 / i64': ({ classes }) => [classes.load32, classes.load64],
  'stores of i32 / i64': ({ classes }) => [classes.store32, classes.store64],
  'memory.size': ({ classes }) => [classes.memorySize],
  'memory.grow': ({ classes, data }) => summed(classes.memoryGrow, data.memoryPage),
  'memory.copy, memory.fill': ({ classes, data }) => summed(classes.bulkMemory, data.memoryByte),
  'memory.init': ({ classes, data }) => summed(classes.segment, data.memoryByte),
  'data.drop, elem.drop': ({ classes }) => [classes.segment],
  'comparisons, eqz, i32 / i64': ({ classes }) => [classes.compare32, classes.compare64],
  'clz, ctz, i32 / i64': ({ classes }) => [classes.count32, classes.count64],
  'popcnt, i32 / i64': ({ classes }) => [classes.popcount32, classes.popcount64],
  'add, sub, and, or, xor, i32 / i64': ({ classes }) => [classes.simple32, classes.simple64],
  'shifts, rotations, i32 / i64': ({ classes }) => [classes.shift32, classes.shift64],
  'mul, i32 / i64': ({ classes }) => [classes.multiply32, classes.multiply64],
  'div, rem, i32 / i64': ({ classes }) => [classes.divide32, classes.divide64],
  'wrap, extend': ({ classes }) => [classes.convert],
  'ref.null, ref.is_null, ref.func': ({ classes }) => [classes.reference],
  'table.get, table.set': ({ classes }) => [classes.tableAccess],
  'table.size': ({ classes }) => [classes.tableSize],
  'table.grow': ({ classes, data }) => summed(classes.tableGrow, data.tableElement),
  'table.copy, table.fill, table.init': ({ classes, data }) => summed(classes.bulkTable, data.tableElement),
  'each declared local, when its function is entered': ({ data }) => [data.local],
}

const PRECOMPILES: Readonly<Record<string, (prices: PrecompilePrices) => bigint[]>> = {
  '1 ecrecover': ({ ecrecover }) => [ecrecover],
  '2 sha256': ({ sha256 }) => [sha256.base, sha256.perWord],
  '3 ripemd160': ({ ripemd160 }) => [ripemd160.base, ripemd160.perWord],
  '4 identity': ({ identity }) => [identity.base, identity.perWord],
  '6, 7 bn254 add, mul': ({ bn254Add, bn254Mul }) => [bn254Add, bn254Mul],
  '8 bn254 pairing': ({ bn254Pairing }) => [bn254Pairing.base, bn254Pairing.perPair],
  '9 blake2f': ({ blake2f }) => [blake2f.base, blake2f.perRound].filter((part) => part !== 0n),
}

describe('docs/protocol/gas.md', () => {
  it.each(Object.entries(INSTRUCTIONS))('has the price of %s, of both schedules', (label, prices) => {
    const cells = tableBelow('## Instructions, in fuel').get(label)
    expect(cells?.map(numbersIn)).toEqual([prices(SCHEDULES['touchstone/1']), prices(SCHEDULES.stylus)])
  })

  it('has no other instruction', () => {
    expect([...tableBelow('## Instructions, in fuel').keys()]).toEqual(Object.keys(INSTRUCTIONS))
  })

  it('has a price of every precompile', () => {
    const labels = [...tableBelow('## Precompiles, in gas').keys()]
    const numbers = labels.flatMap((label) => /^[\d, ]+/.exec(label)![0].split(',').map(Number))
    const addresses = Array.from({ length: 256 }, (_, last) => new Uint8Array(20).with(19, last))
    expect(numbers).toEqual(addresses.filter(isPrecompile).map((address) => address[19]))
  })

  it('has no price of a precompile that is not compared, but that of modexp, which is a formula', () => {
    const labels = [...tableBelow('## Precompiles, in gas').keys()]
    expect(labels.filter((label) => !label.startsWith('5 modexp:'))).toEqual(Object.keys(PRECOMPILES))
  })

  it.each(Object.entries(PRECOMPILES))('has the price of precompile %s, of both schedules', (label, prices) => {
    const cells = tableBelow('## Precompiles, in gas').get(label)
    const of = (name: string) => prices(precompilePrices(name)).map(Number)
    expect(cells?.map(numbersIn)).toEqual([of('touchstone/1'), of('stylus')])
  })
})

it('docs/protocol/execution.md says what each precompile does with every input', () => {
  const section = /^\*\*Precompiles\*\*[\s\S]*?^A failure burns/m.exec(textOf('docs/protocol/execution.md'))![0]
  const labels = [...section.matchAll(/^\| (\d+(?:, \d+)*) /gm)].map(([, numbers]) => numbers!)
  const addresses = Array.from({ length: 256 }, (_, last) => new Uint8Array(20).with(19, last))
  expect(labels.flatMap((label) => label.split(', ').map(Number))).toEqual(
    addresses.filter(isPrecompile).map((address) => address[19]),
  )
})

it('docs/protocol/limits.md has every limit of every room (-u writes it)', async () => {
  await expect(await limitsPage()).toMatchFileSnapshot(join(root, LIMITS))
})
