/** The compiled engine passes the conformance suite of all engines. */

import { engineSuite } from '../../../test/engineSuite.ts'
import { compile } from '../../compile.ts'

engineSuite((bytes, options) => compile(bytes, { ...options, engine: 'compiled' }))
