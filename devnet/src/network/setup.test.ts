/** The prices of a network: given once, in its genesis. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { CliError } from '../output/errors.ts'
import { networkPaths } from './paths.ts'
import { type PriceSchedule, priceSchedules } from './priceSchedules.ts'
import { setUpNetwork } from './setup.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-setup-'))
afterAll(() => rmSync(folder, { recursive: true }))

const setUp = (name: string, schedule?: PriceSchedule) =>
  setUpNetwork(networkPaths(join(folder, name)), { nodes: 1, reset: false, schedule, predeploys: false, now: 1n })

describe('the prices of a network', () => {
  it('are our own unless another schedule is asked for', async () => {
    expect((await setUp('plain')).genesis.schedule).toBe('touchstone/1')
    for (const schedule of priceSchedules) expect((await setUp(schedule, schedule)).genesis.schedule).toBe(schedule)
  })
  it('stay as they were made', async () => {
    await setUp('kept', 'stylus')
    expect(await setUp('kept')).toMatchObject({ created: false, genesis: { schedule: 'stylus' } })
    expect((await setUp('kept', 'stylus')).created).toBe(false)
    let refusal: unknown = null
    try {
      await setUp('kept', 'touchstone/1')
    } catch (error) {
      refusal = error
    }
    expect(refusal).toBeInstanceOf(CliError)
    expect(refusal).toMatchObject({
      message: expect.stringContaining('has the prices of stylus, which never change'),
      hint: expect.stringContaining('--reset'),
    })
  })
})
