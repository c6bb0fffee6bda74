/** What a bundle has of its sources besides their code. */
import { expect, it } from 'vitest'
import { bundlePrograms } from './bundlePrograms.ts'

it('has comments with a licence, and no others', async () => {
  // With comments of its own, and of packages.
  const program = 'node/src/runtime/recovery/signatureRecoveryWorker.ts'
  const { files } = await bundlePrograms({ programs: [program], urlOf: () => "''" })
  const code = files.map(([, content]) => String(content)).join('\n')
  expect([code.includes('/*! noble-curves - MIT License'), code.includes('/**')]).toEqual([true, false])
})
