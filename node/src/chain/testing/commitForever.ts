/**
 * For crash tests: a process that commits block after block to the directory given, and says each number when it is final.
 */
import { openLevelStore } from '../../runtime/levelStore.ts'
import { openChain } from '../chain.ts'
import { appendBlock, genesis, transaction } from './fixtures.ts'

const directory = process.argv[2]
if (directory === undefined) throw new Error('usage: commitForever DIRECTORY')
const chain = await openChain({ store: await openLevelStore(directory), genesis, engine: 'reference', keepStates: 2 })
for (;;) {
  const nonce = Number(chain.head.header.number)
  await appendBlock(chain, [transaction(0, nonce), transaction(1, nonce)])
  // So that half of its writes let states go.
  await chain.pruneStates()
  process.stdout.write(`${chain.head.header.number}\n`)
}
