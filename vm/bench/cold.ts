/**
 * First calls of contracts in a new process: `node vm/bench/cold.ts ENGINE FILE...` compiles, instantiates and calls
 * `run` of one after the other, and prints the milliseconds of the last. With one file the VM itself has never run
 * before; with others ahead it has, as in a node that has executed something. Loading the VM is not counted.
 */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { compile, type EngineName } from '../src/index.ts'
import { timed } from './measure.ts'

const [engine, ...files] = process.argv.slice(2)
const contracts = files.map((file) => new Uint8Array(readFileSync(file)))
const times = contracts.map((bytes) =>
  timed(() => {
    const outcome = compile(bytes, { engine: engine as EngineName })
      .instantiate({ fuel: 10n ** 12n })
      .invoke('run', [3])
    if (outcome.kind !== 'return') throw new Error('the call failed')
  }),
)
console.log(times.at(-1))
