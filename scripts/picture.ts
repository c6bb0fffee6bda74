/**
 * `npm run picture`: draws docs/architecture.svg, the packages, their rooms and the arrows between them, from the imports of
 * all source files. devnet/test/picture.test.ts fails while the file in the repository is another.
 */
import { writeFileSync } from 'node:fs'
import { readImports } from './importGraph.ts'
import { readOptions } from './options.ts'
import { drawHouse } from './picture/draw.ts'

readOptions(import.meta.url, { options: {} })
writeFileSync(new URL('../docs/architecture.svg', import.meta.url), drawHouse(readImports()))
