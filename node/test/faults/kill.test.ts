/** kill -9 at random moments of commits, a few times; 200 times with `npm run faults:kill`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { concatBytes } from '../../src/codec/bytes.ts'
import { encodeVotes } from '../../src/consensus/wire/messages.ts'
import { encodeInitCode } from '../../src/execution/initCode.ts'
import { PUPPET_CODE } from '../../src/execution/testing/puppet.ts'
import { installCrypto } from '../../src/runtime/installCrypto.ts'
import { runKills } from './kill/killLoop.ts'
import { Promises } from './kill/promises.ts'

const SEED = 20_261_122
const directory = mkdtempSync(join(tmpdir(), 'touchstone-kills-'))
beforeAll(installCrypto)
afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('a validator killed eight times finds every block whole, keeps what it promised and signs nothing twice', async () => {
  const report = await runKills({ directory, initCode: encodeInitCode(PUPPET_CODE, null), times: 8, seed: SEED })
  expect(report).toMatchObject({ kills: 8 })
  expect(report.height).toBeGreaterThan(0n)
})

describe('the check of what was promised', () => {
  const vote = (blockHash: Uint8Array | null, signature: number) =>
    encodeVotes({
      kind: 'votes',
      attempt: 0,
      height: 7n,
      round: 1,
      wantsProposal: false,
      votes: [{ type: 'prevote', round: 1, blockHash, index: 0, signature: new Uint8Array(64).fill(signature) }],
    })

  test('sees a vote that contradicts one of an earlier life', () => {
    const promises = new Promises()
    promises.sent(vote(new Uint8Array(32).fill(1), 1))
    promises.sent(vote(new Uint8Array(32).fill(1), 1))
    expect(() => promises.sent(vote(null, 2))).toThrow('two different messages were signed: prevote 7/1')
  })

  test('sees a block that took the place of a final one', () => {
    const promises = new Promises()
    const hash = new Uint8Array(32).fill(1)
    promises.final(3n, hash)
    promises.final(3n, concatBytes(hash))
    expect(() => promises.final(3n, new Uint8Array(32).fill(2))).toThrow('block 3 was final')
  })
})
