/** A node's process that is begun before anybody knows what it is to be. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { beginEarlyNode, endEarlyNode, takeEarlyNode } from './earlyNode.ts'

let child: ChildProcess | null = null

function begun(...line: string[]): ChildProcess | null {
  beginEarlyNode(line)
  child = takeEarlyNode()
  return child
}

afterEach(() => {
  endEarlyNode()
  child?.kill('SIGKILL')
  vi.unstubAllEnvs()
})

describe('is begun', () => {
  it('for a network, once', () => {
    expect(begun('up', '--nodes', '1')?.pid).toBeGreaterThan(0)
    expect(takeEarlyNode()).toBe(null)
  })

  it('for no other command, nor where it would be for nothing, nor where the first node may have another binary', () => {
    expect([begun('status'), begun(), begun('--json', 'up'), begun('up', '--help'), begun('up', '-h')]).toEqual(
      Array.from({ length: 5 }, () => null),
    )
    vi.stubEnv('DEVNET_NODE_BINARIES', '')
    expect(begun('up')).toBe(null)
  })
})

describe('waits, and ends', () => {
  it('when it is told to, having said nothing', async () => {
    const waiting = begun('up')!
    const said: unknown[] = []
    for (const output of [waiting.stdout!, waiting.stderr!]) output.on('data', (text) => said.push(text))
    waiting.send({ kind: 'stop' })
    expect(await once(waiting, 'close')).toEqual([0, null])
    expect(said).toEqual([])
  })

  it('with the command', async () => {
    const waiting = begun('up')!
    waiting.disconnect()
    expect(await once(waiting, 'exit')).toEqual([0, null])
  })

  it('where the command came to nothing, which it does not keep from its end', async () => {
    const module = JSON.stringify(new URL('./earlyNode.ts', import.meta.url).href)
    const command = `import { beginEarlyNode, endEarlyNode } from ${module}
beginEarlyNode(['up'])
if (process.argv[1] === 'drained') endEarlyNode()
else process.exit(7)`
    const codeOf = async (how: string) => {
      const run = spawn(process.execPath, ['--input-type=module', '-e', command, how], { stdio: 'inherit' })
      return (await once(run, 'close'))[0]
    }
    expect([await codeOf('drained'), await codeOf('exit')]).toEqual([0, 7])
  })
})
