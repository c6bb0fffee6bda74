import { expect, it } from 'vitest'
import { CORE_BASE64 } from '../src/engine/interpreter/core.ts'
import { compileCore, coreSource } from './build.ts'

it('the core that is checked in is what its source makes', async () => {
  const bytes = await compileCore(coreSource())
  expect(Buffer.from(bytes).toString('base64'), 'make it again: node vm/core/build.ts').toBe(CORE_BASE64)
}, 120_000)
