/** The lines that blocks get in the window of `devnet up`: each once, in order, and a word on those that have none. */
import { expect, it, vi } from 'vitest'
import type { Head } from '../network/nodeProcess.ts'
import type { Network } from '../network/runner.ts'
import { createTerminal } from '../output/terminal.ts'
import { watchingOutput } from '../testing/runInProcess.ts'
import { followBlocks } from './follow.ts'

const HANGS_AFTER_MS = 60_000

/** The lines of what nodes tell; those of blocks without their hash, and only of what is printed. */
async function linesOf(told: (tell: (node: number, number: number) => void, add: (node: number) => void) => void) {
  const written = await watchingOutput(async () => {
    const nodes = [1, 2].map((index) => ({ index, rpc: `http://127.0.0.1:${index}` }))
    let onHead: (node: number, head: Head) => void = () => {}
    let onAdd = () => {}
    const network = {
      describe: () => ({ nodes }),
      ready: { accounts: [] },
      paths: { deployments: '/nowhere/deployments.json' },
      onAdd: (listener: () => void) => {
        onAdd = listener
      },
      onHead: (listener: typeof onHead) => {
        onHead = listener
      },
    } as unknown as Network
    const terminal = createTerminal({ json: false, quiet: false, verbose: false, color: 'never' })
    const stop = followBlocks(terminal, network)
    let last = 0
    const tell = (node: number, number: number) => {
      last = Math.max(last, number)
      onHead(node, { number: BigInt(number), hash: `0x${number}`, stateRoot: '0x', gasUsed: 0n })
    }
    told(tell, (node) => {
      nodes.push({ index: node, rpc: `http://127.0.0.1:${node}` })
      onAdd()
    })
    const said = () => vi.mocked(process.stdout.write).mock.calls.join('')
    await vi.waitFor(() => expect(said()).toContain(`block ${last} `), HANGS_AFTER_MS)
    stop()
  })
  expect(written.err).toBe('')
  const lines = written.out.split('\n').slice(0, -1)
  return lines.map((line) => /^block \d+(?= {2})/.exec(line)?.[0] ?? line)
}

it('gives each block one line, also where a node that was away or is new executes them again', async () => {
  const lines = await linesOf((tell, add) => {
    for (let number = 1; number <= 300; number++) for (const node of [1, 2]) tell(node, number)
    add(3)
    // Of these the oldest are not kept any more.
    for (let number = 1; number <= 300; number++) tell(3, number)
    tell(3, 301)
    tell(1, 301)
  })
  expect(lines).toEqual(Array.from({ length: 301 }, (_, at) => `block ${at + 1}`))
})

it('says which blocks nobody told of', async () => {
  const lines = await linesOf((tell) => {
    for (const number of [7, 8, 12, 14]) tell(1, number)
    tell(2, 9)
  })
  const why = 'no line here, since no node could tell of that in time: devnet block'
  expect(lines).toEqual([
    'block 7',
    'block 8',
    `blocks 9 to 11 have ${why} 9 shows one`,
    'block 12',
    `block 13 has ${why} 13 shows one`,
    'block 14',
  ])
})
