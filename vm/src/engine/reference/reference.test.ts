import { describe } from 'vitest'
import { engineSuite } from '../../../test/engineSuite.ts'
import { compile } from '../../compile.ts'

describe('the reference engine', () => {
  engineSuite((bytes, options) => compile(bytes, { ...options, engine: 'reference' }))
})
