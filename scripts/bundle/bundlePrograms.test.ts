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

it('has one byte for each character, and one file for what a start loads when it runs', async () => {
  const { files } = await bundlePrograms({ programs: ['node/src/main.ts'], urlOf: () => "''" })
  const code = files.filter(([name]) => /\.m?js$/.test(name))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is allowed.
  expect(code.filter(([, text]) => /[^\x00-\xff]/.test(String(text))).map(([name]) => name)).toEqual([])
  const parts = code.filter(([name]) => name.startsWith('node.src.nodeProcess-'))
  expect(parts.length).toBe(1)
  const imported = [...String(parts[0]![1]).matchAll(/^import .* from "(\.\/.*)-.{8}\.mjs";?$/gm)].map(
    ([, name]) => name,
  )
  expect(imported.sort()).toEqual(['./initial', './rolldown-runtime'])
})
