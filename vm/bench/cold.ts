/**
 * First calls of contracts in a new process: `node vm/bench/cold.ts ENGINE STATE FILE...` compiles, instantiates and calls
 * `run` of one after the other, and prints the milliseconds of the last, and those of the processor. With one file and the
 * state `new` the VM itself has never run before; with other files ahead it has, as in a node that has executed something;
 * `practised` is the state of a worker of a node that has started and waits. Loading the VM is not counted.
 */
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { compile, type EngineName, warmUp } from '../src/index.ts'
import { processorTimed, timed } from './measure.ts'

/** Milliseconds, as in node/src/chain/worker/practise.ts; and after it, in which V8's other threads finish their work. */
const PAUSE = 20
const WAIT = 500

const [name, state, ...files] = process.argv.slice(2)
const engine = name as EngineName
const contracts = files.map((file) => new Uint8Array(readFileSync(file)))
if (state === 'practised') {
  for (const _ of warmUp({ engine })) await setTimeout(PAUSE)
  await setTimeout(WAIT)
}
const times = contracts.map((bytes) => {
  let wall = 0
  const processor = processorTimed(() => {
    wall = timed(() => {
      const outcome = compile(bytes, { engine })
        .instantiate({ fuel: 10n ** 12n })
        .invoke('run', [3])
      if (outcome.kind !== 'return') throw new Error('the call failed')
    })
  })
  return [wall, processor]
})
console.log(times.at(-1)!.join(' '))
