/**
 * One first call of a contract in a process that has run none: `node vm/bench/cold.ts FILE` compiles, instantiates and
 * calls `run`, and prints the milliseconds this took. Loading the VM itself is not counted, warming it up is.
 */
import { readFileSync } from 'node:fs'
import { compile } from '../src/index.ts'
import { timed } from './measure.ts'

const bytes = new Uint8Array(readFileSync(process.argv[2]!))
const milliseconds = timed(() => {
  const outcome = compile(bytes)
    .instantiate({ fuel: 10n ** 12n })
    .invoke('run', [3])
  if (outcome.kind !== 'return') throw new Error('the call failed')
})
console.log(milliseconds)
