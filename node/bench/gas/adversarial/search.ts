/**
 * The worst blocks: the known attacks, then for a named time whatever changes of the worst of them find, by processor
 * time per gas. Cases are tried with a part of a block; the worst of each family are run again as whole blocks, cold and
 * warm, on both engines.
 */
import { seededRandom } from '@touchstone/vm/testing/random'
import type { EngineName } from '../../../src/execution/executionConfig.ts'
import { BLOCK_GAS, openWorld, type World } from '../world.ts'
import { type Attack, caseLine, family, parseCase } from './attack.ts'
import { type BlockTime, blockTime } from './block.ts'
import { KNOWN } from './known.ts'
import { mutate, randomAttack } from './mutate.ts'

/** Gas of a try. */
const TRY_GAS = BLOCK_GAS / 20n
/** Families whose worst is kept to be changed further. */
const KEPT = 24
/** One try in so many starts from nothing. */
const FRESH = 4
/** Whole blocks of a case that is reported; the least time counts. */
const ROUNDS = 2
/** Part of a block for the reference engine, which takes a hundred times as long for most. */
const REFERENCE_PART = 100n

export interface Found {
  readonly attack: Attack
  /** Seconds that a whole block takes, on processors. */
  readonly cold: number | null
  readonly warm: number | null
  readonly reference: number | null
  readonly gas: number
}

export interface SearchOptions {
  readonly schedule: string
  /** Of the search; the known attacks come before it, and the whole blocks of the worst after. */
  readonly seconds: number
  readonly seed: number
  readonly size: number
  readonly log: (line: string) => void
}

const secondsOfBlock = ({ gas, nanoseconds }: BlockTime): number => ((nanoseconds / gas) * Number(BLOCK_GAS)) / 1e9

interface Tried {
  readonly attack: Attack
  readonly seconds: number
}

export async function searchWorst({ schedule, seconds, seed, size, log }: SearchOptions): Promise<Found[]> {
  const world = await openWorld('compiled', schedule, size)
  try {
    const best = await tryAll(world, { seconds, seed, log })
    const worst = [...best.values()].sort((a, b) => b.seconds - a.seconds).slice(0, 10)
    const found: Found[] = []
    for (const { attack, seconds: expected } of worst) {
      const whole = await wholeBlocks(world, attack)
      found.push(whole)
      log(
        `whole: ${whole.cold?.toFixed(2) ?? '-'} s cold, ${whole.warm?.toFixed(2) ?? '-'} s warm (expected ${expected.toFixed(2)})  ${caseLine(attack)}`,
      )
    }
    return await withReference(found, schedule, size)
  } finally {
    await world.close()
  }
}

async function tryAll(
  world: World,
  { seconds, seed, log }: Pick<SearchOptions, 'seconds' | 'seed' | 'log'>,
): Promise<Map<string, Tried>> {
  const random = seededRandom(seed)
  const best = new Map<string, Tried>()
  let tries = 0
  const attempt = async (attack: Attack): Promise<void> => {
    tries++
    const time = await worstTime(world, attack, TRY_GAS)
    if (time === null) return
    const key = family(attack)
    const before = best.get(key)
    if (before !== undefined && before.seconds >= time) return
    // A disturbance makes a measurement longer: only one that is as long twice counts.
    const again = await worstTime(world, attack, TRY_GAS)
    const least = Math.min(time, again ?? 0)
    if (before !== undefined && before.seconds >= least) return
    best.set(key, { attack, seconds: least })
    log(`${least.toFixed(2).padStart(6)} s a block  ${caseLine(attack)}`)
  }
  // The node's own code is compiled by then: a node that has run for a while is measured, not one that starts.
  for (const attack of KNOWN.filter(({ kind }) => kind === 'loads')) await worstTime(world, attack, TRY_GAS)
  for (const attack of KNOWN) await attempt(attack)
  const end = process.hrtime.bigint() + BigInt(Math.round(seconds * 1e9))
  while (process.hrtime.bigint() < end) {
    const worst = [...best.values()].sort((a, b) => b.seconds - a.seconds).slice(0, KEPT)
    // The worse, the likelier.
    const parent = worst[Math.min(random.below(worst.length), random.below(worst.length))]
    await attempt(
      parent === undefined || random.below(FRESH) === 0 ? randomAttack(random) : mutate(random, parent.attack),
    )
  }
  log(`${tries} cases tried, ${best.size} families`)
  return best
}

/** Attacks whose every transaction brings code of its own: a part of a block takes its part of the time. */
const BRINGS_CODE: ReadonlySet<Attack['kind']> = new Set(['loads', 'creations', 'transactions'])

/**
 * Seconds that a whole block would take with no program in a cache, from a part of one; null for a case that does not work.
 * A program that is compiled once counts once: the first part is cold, and the rest of the block goes on as a warm part
 * does.
 */
async function worstTime(world: World, attack: Attack, gas: bigint): Promise<number | null> {
  const cold = await blockTime(world, attack, { gas, cold: true })
  if (cold === null || BRINGS_CODE.has(attack.kind)) return cold === null ? null : secondsOfBlock(cold)
  const warm = await blockTime(world, attack, { gas, cold: false })
  if (warm === null) return null
  return cold.nanoseconds / 1e9 + (secondsOfBlock(warm) * (Number(BLOCK_GAS) - cold.gas)) / Number(BLOCK_GAS)
}

/** One case as whole blocks on the compiled engine. */
async function wholeBlocks(world: World, attack: Attack): Promise<Found> {
  const least = async (cold: boolean): Promise<BlockTime | null> => {
    let best: BlockTime | null = null
    for (let round = 0; round < ROUNDS; round++) {
      const time = await blockTime(world, attack, { gas: BLOCK_GAS, cold })
      if (time !== null && (best === null || secondsOfBlock(time) < secondsOfBlock(best))) best = time
    }
    return best
  }
  const [cold, warm] = [await least(true), await least(false)]
  return {
    attack,
    cold: cold === null ? null : secondsOfBlock(cold),
    warm: warm === null ? null : secondsOfBlock(warm),
    reference: null,
    gas: (cold ?? warm)?.gas ?? 0,
  }
}

async function withReference(found: readonly Found[], schedule: string, size: number): Promise<Found[]> {
  const world = await openWorld('reference', schedule, size)
  try {
    const all: Found[] = []
    for (const item of found) {
      const time = await blockTime(world, item.attack, { gas: BLOCK_GAS / REFERENCE_PART, cold: true })
      all.push({ ...item, reference: time === null ? null : secondsOfBlock(time) })
    }
    return all
  } finally {
    await world.close()
  }
}

/** One case, given as a line of JSON. */
export async function runCase(line: string, schedule: string, size: number): Promise<Found[]> {
  const attack = parseCase(line)
  const world = await openWorld('compiled', schedule, size)
  try {
    return await withReference([await wholeBlocks(world, attack)], schedule, size)
  } finally {
    await world.close()
  }
}

export function printFound(
  found: readonly Found[],
  engineNames: readonly EngineName[] = ['compiled', 'reference'],
): void {
  console.log(
    `\nseconds on two processors for a block of ${BLOCK_GAS} gas: ${engineNames[0]} cold, warm; ${engineNames[1]}`,
  )
  const cell = (seconds: number | null): string => (seconds === null ? '-' : seconds.toFixed(2)).padStart(8)
  for (const { attack, cold, warm, reference } of found) {
    console.log(`${cell(cold)}${cell(warm)}${cell(reference)}  ${caseLine(attack)}`)
  }
}
