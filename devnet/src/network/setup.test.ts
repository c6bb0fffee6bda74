/** The prices of a network and its dev mode: given once, in its genesis. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hexToBytes } from 'viem'
import { privateKeyToAddress } from 'viem/accounts'
import { afterAll, describe, expect, it } from 'vitest'
import { CliError } from '../output/errors.ts'
import { networkPaths } from './paths.ts'
import { type PriceSchedule, priceSchedules } from './priceSchedules.ts'
import { setUpNetwork } from './setup.ts'

const folder = mkdtempSync(join(tmpdir(), 'touchstone-setup-'))
afterAll(() => rmSync(folder, { recursive: true }))

const setUp = (name: string, schedule?: PriceSchedule, dev?: boolean) =>
  setUpNetwork(networkPaths(join(folder, name)), { nodes: 1, reset: false, schedule, dev, predeploys: false, now: 1n })

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

describe('the dev mode of a network', () => {
  it('is there unless it is switched off', async () => {
    const { genesis, manifest } = await setUp('new')
    expect(genesis.dev?.controller).toEqual(hexToBytes(privateKeyToAddress(manifest.controllerKey!)))
    const other = await setUp('new too')
    expect(other.manifest.controllerKey).not.toBe(manifest.controllerKey)
    const without = await setUp('off', undefined, false)
    expect([without.genesis.dev, without.manifest.controllerKey]).toEqual([undefined, null])
  })
  it('stays as the folder has it', async () => {
    await setUp('made with', undefined, true)
    await setUp('made without', undefined, false)
    expect(await setUp('made with')).toMatchObject({ created: false, genesis: { dev: expect.anything() } })
    expect(await setUp('made without')).toMatchObject({ created: false, manifest: { controllerKey: null } })
    await expect(setUp('made with', undefined, false)).rejects.toMatchObject({
      message: expect.stringContaining('was made in dev mode, which its genesis says for good'),
      hint: expect.stringContaining('leave out --no-dev'),
    })
    await expect(setUp('made without', undefined, true)).rejects.toMatchObject({
      message: expect.stringContaining('was made without dev mode'),
      hint: expect.stringContaining('leave out --dev'),
    })
  })
  it('is refused where its key is anything but a text of 64 hex digits', async () => {
    await setUp('edited')
    const file = networkPaths(join(folder, 'edited')).manifest
    const manifest = JSON.parse(readFileSync(file, 'utf8'))
    for (const controllerKey of [[manifest.controllerKey], 7, '', '0x', manifest.controllerKey.slice(0, -1), {}]) {
      writeFileSync(file, JSON.stringify({ ...manifest, controllerKey }))
      await expect(setUp('edited')).rejects.toThrow('"controllerKey" must be 0x and 64 hex digits')
    }
  })
})
