/**
 * Every attack of support/attacks.ts against a real node, shortly; longer with `npm run hostile`. The node has to go on
 * finalising with its honest peer, within bounds, and to throw out whoever is provably wrong.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installCrypto } from '../../src/runtime/installCrypto.ts'
import { ATTACKS } from './support/attacks.ts'
import { faultsOf } from './support/bounds.ts'
import { runAttack } from './support/runAttack.ts'
import { type Scene, startScene } from './support/scene.ts'

/** Milliseconds of each attack. */
const DURATION = 500
const SEED = 20_261_122
let scene: Scene

beforeAll(async () => {
  await installCrypto()
  scene = await startScene()
}, 60_000)
afterAll(() => scene.stop())

describe('a node that is attacked with', () => {
  test.each(ATTACKS.map((attack) => [attack.name, attack] as const))('%s', async (_name, attack) => {
    const report = await runAttack(scene, attack, DURATION, SEED)
    expect(faultsOf(attack, report), JSON.stringify(report)).toEqual([])
  })
})

test('the honest peers have nothing against each other afterwards, and are still connected', async () => {
  expect(scene.quarrels()).toEqual([])
  expect((await scene.measure()).peers).toBeGreaterThanOrEqual(1)
  // All faults were the attackers' and never the node's.
  expect(
    scene.nodes.flatMap((node) => node.output().split('\n')).filter((line) => line.includes('"level":50')),
  ).toEqual([])
})
