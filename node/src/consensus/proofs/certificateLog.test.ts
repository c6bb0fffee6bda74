import { expect, it } from 'vitest'
import type { Certificate } from '../../types/certificate.ts'
import { RECENT_CERTIFICATES } from '../limits.ts'
import { CertificateLog } from './certificateLog.ts'

const certificateOf = (height: bigint): Certificate => ({
  chainId: 1n,
  height,
  round: 0,
  blockHash: new Uint8Array(32).fill(Number(height)),
  signatures: [],
})

it('keeps those of so many heights in memory; older ones are read where they are stored', async () => {
  const read: bigint[] = []
  const log = new CertificateLog({
    chainId: 1n,
    genesisHash: new Uint8Array(32),
    verify: () => false,
    validatorSet: () => null,
    async stored(height) {
      read.push(height)
      return certificateOf(height)
    },
  })
  const newest = BigInt(RECENT_CERTIFICATES) + 2n
  for (let height = 1n; height <= newest; height++) log.add(certificateOf(height))
  const heights = await Promise.all([1n, 2n, 3n, newest].map(async (height) => (await log.of(height))?.height))
  expect(heights).toEqual([1n, 2n, 3n, newest])
  expect(read).toEqual([1n, 2n])
})
