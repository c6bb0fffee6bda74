import { expect, test } from 'vitest'
import { describeVectors } from '../../test/support/vectorFiles.ts'
import { fromHex } from '../codec/hex.ts'
import { ed25519Verify } from './ed25519.ts'
import { nobleProvider } from './nobleProvider.ts'
import { nodeProvider } from './nodeProvider.ts'
import { setCryptoProvider } from './provider.ts'

interface File {
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string }
    readonly tests: readonly {
      readonly tcId: number
      readonly msg: string
      readonly sig: string
      readonly result: string
    }[]
  }[]
}

describeVectors('wycheproof', (files) => {
  test.each([
    ['noble', nobleProvider],
    ['node', { ...nobleProvider, ...nodeProvider }],
  ])('ed25519_test.json, every case, with the %s provider', (_, provider) => {
    setCryptoProvider(provider)
    let cases = 0
    for (const group of files.json<File>('ed25519_test.json').testGroups) {
      const publicKey = fromHex(`0x${group.publicKey.pk}`)
      for (const { tcId, msg, sig, result } of group.tests) {
        const valid = ed25519Verify(fromHex(`0x${sig}`), fromHex(`0x${msg}`), publicKey)
        expect(valid, `tcId ${tcId}`).toBe(result === 'valid')
        cases++
      }
    }
    setCryptoProvider(nobleProvider)
    expect(cases).toBe(151)
  })
})
