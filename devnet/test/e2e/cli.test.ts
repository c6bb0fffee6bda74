/**
 * The devnet command as a user types it, on a network of real processes. Where it matters that the command is a process
 * (signals, several at once, what `devnet up` suggests, the chain's files and engines) it is one; else its command line
 * runs in this one, as starting a process takes longer than most commands.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ENGINE_NAMES } from '@touchstone/vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePortRange, type ReadyFile } from '../../src/index.ts'
import { cli, devnet, devnetProcess, ended, type Result, root } from './commandLine.ts'
import { E2E_TIMEOUT_MS, until } from './harness.ts'

const tokenArtifact = 'contracts/examples/token/build/Token.json'
const folder = mkdtempSync(join(tmpdir(), 'touchstone-cli-'))
const dataDir = join(folder, 'net')
const configOut = join(folder, 'ready.json')
const port = await freePortRange('127.0.0.1', 4)

let up: ChildProcess
let upOutput = ''

function startUp(...extra: string[]): ChildProcess {
  return startUpWith(process.env, ...extra)
}

function startUpWith(env: NodeJS.ProcessEnv, ...extra: string[]): ChildProcess {
  upOutput = ''
  rmSync(configOut, { force: true })
  const child = spawn(
    process.execPath,
    [cli, 'up', '--data', dataDir, '--port', String(port), '--config-out', configOut, ...extra],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env },
  )
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Uint8Array) => {
      upOutput += new TextDecoder().decode(chunk)
    })
  }
  return child
}

async function untilReady(): Promise<ReadyFile> {
  await until('the ready file', async () => existsSync(configOut) || up.exitCode !== null, E2E_TIMEOUT_MS)
  if (up.exitCode !== null) throw new Error(`devnet up ended with exit code ${up.exitCode}:\n${upOutput}`)
  return JSON.parse(readFileSync(configOut, 'utf8')) as ReadyFile
}

const home = process.cwd()
beforeAll(async () => {
  process.chdir(root)
  // This network runs the sources, as it does at its users'; other processes of tests are bundled (scripts/bundle).
  up = startUpWith({ ...process.env, TOUCHSTONE_TEST_BUNDLE: '' }, '--nodes', '4')
  await untilReady()
}, E2E_TIMEOUT_MS)

afterAll(async () => {
  up.kill('SIGTERM')
  await ended(up)
  rmSync(folder, { recursive: true, force: true })
  process.chdir(home)
})

describe('devnet up', () => {
  it('writes the ready file with everything a script needs', async () => {
    const ready = await untilReady()
    expect(ready.chainId).toBe(31337)
    expect(ready.genesisHash).toMatch(/^0x[0-9a-f]{64}$/)
    expect(ready.accounts).toHaveLength(10)
    expect(ready.dev).toBe(true)
    expect(ready.nodes.map(({ index }) => index)).toEqual([1, 2, 3, 4])
    for (const node of ready.nodes) {
      expect(node.rpc).toBe(`http://127.0.0.1:${port + node.index - 1}`)
      expect(node.p2p).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/12D3Koo/)
      expect(existsSync(node.logFile)).toBe(true)
      expect(() => process.kill(node.pid!, 0)).not.toThrow()
    }
  })

  it(
    'shows accounts, nodes, and three commands that work as they stand',
    async () => {
      await until('the banner', async () => upOutput.includes('balanceOf'))
      expect(upOutput).toContain('0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')
      expect(upOutput).toContain('\ndev mode: test clients may set balances')
      const commands = upOutput.split('\n').flatMap((line) => /^ {2}npx devnet (.*)$/.exec(line)?.[1] ?? [])
      expect(commands).toHaveLength(3)
      const results: Result[] = []
      for (const command of commands) results.push(await devnetProcess(...words(command)))
      expect(results.map(({ code, stderr }) => ({ code, stderr: code === 0 ? '' : stderr }))).toEqual(
        [0, 0, 0].map((code) => ({ code, stderr: '' })),
      )
      expect(results[0]!.stdout).toMatch(/Token.* is at .*0x[0-9a-fA-F]{40}/)
      expect(results[1]!.stdout).toContain('Transfer')
      expect(results[2]!.stdout.trim()).toBe('25000000000000000000')
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'refuses a second network in the same folder and says where the first one is',
    async () => {
      const { code, stderr } = await devnetProcess('up', '--data', dataDir, '--port', String(port + 100))
      expect(code).toBe(1)
      expect(stderr).toMatch(/a network is running in .* already/)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'refuses ports that are taken',
    async () => {
      const { code, stderr } = await devnetProcess('up', '--data', join(folder, 'other'), '--port', String(port))
      expect(code).toBe(1)
      expect(stderr).toContain(`port ${port} on 127.0.0.1 is in use`)
    },
    E2E_TIMEOUT_MS,
  )
})

describe('devnet deploy, send and call', () => {
  it(
    'speak JSON to scripts',
    async () => {
      const deployed = await devnet(
        'deploy',
        '--data',
        dataDir,
        '--json',
        '--name',
        'Second',
        tokenArtifact,
        'Second',
        'SEC',
        '1000',
      )
      const { name, status, hash, events } = JSON.parse(deployed.stdout)
      expect([name, status]).toEqual(['Second', 'success'])
      expect(events.map((log: { event: string; contract: string }) => `${log.contract}.${log.event}`)).toEqual([
        'Second.OwnershipTransferred',
        'Second.Transfer',
      ])
      expect(deployed.stderr).toBe(`transaction ${hash}\n`)
      // Node 3 may have the block a moment after node 1, which was asked to deploy.
      await until('the balance on node 3', async () => {
        const words = ['call', '--data', dataDir, '--json', '--node', '3', 'Second', 'balanceOf(address)', '@0']
        return JSON.parse((await devnet(...words)).stdout) === '1000'
      })
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'take modules that the compilers of Rust and C made, with an interface as Stylus prints it',
    async () => {
      const data = ['--data', dataDir]
      const abi = ['--abi', 'contracts/foreign/ICounter.sol']
      const output = async (...args: string[]) => {
        const { code, stdout, stderr } = await devnet(...args, ...data)
        expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
        return stdout.trim()
      }
      await output('deploy', 'contracts/foreign/counter.wasm', '--name', 'Rust', ...abi)
      expect(await output('send', 'Rust', 'setNumber', '41')).toMatch(
        /^transaction {2}0x\w{64}\nblock .*\nevent +NumberChanged\(by: @0 0xf39F\w+, number: 41\)$/,
      )
      await output('send', 'Rust', 'increment')
      // Node 4 may have the block a moment after node 1, which was asked to send.
      await until('the greeting on node 4', async () => {
        const greeting = await output('call', 'Rust', 'greet', 'wörld', '--node', '4')
        return greeting === '"Hello, wörld! The number is 42."'
      })
      expect((await devnet('send', 'Rust', 'setNumber', '2000000', ...data)).stderr).toContain(
        '2000000 is more than 1000000',
      )
      const bare = await devnet('deploy', 'contracts/foreign/counter-c.wasm', ...data)
      expect(bare).toMatchObject({ code: 0, stderr: expect.stringContaining('is deployed without an ABI') })
      await output('send', 'counter-c', 'increment', ...abi)
      expect(await output('call', 'counter-c', 'number', ...abi)).toBe('1')
      expect((await devnet('call', 'counter-c', 'number', ...data)).stderr).toContain('with --abi FILE')
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'construct a module whose interface has a constructor',
    async () => {
      const data = ['--data', dataDir]
      const wasm = tokenArtifact.replace(/json$/, 'wasm')
      const deployed = await devnet(
        ...['deploy', ...data, wasm, '--abi', tokenArtifact, '--name', 'Module', 'Third', 'THI', '77'],
      )
      expect(deployed).toMatchObject({ code: 0, stderr: '' })
      expect((await devnet('call', ...data, 'Module', 'totalSupply')).stdout.trim()).toBe('77')
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'fail with the contract’s own error',
    async () => {
      const { code, stderr } = await devnet('send', '--data', dataDir, 'Second', 'transfer', '@1', '1001')
      expect(code).toBe(1)
      expect(stderr).toMatch(/ERC20InsufficientBalance\(sender: @0 0xf39F\w+, balance: 1000, needed: 1001\)\n/)
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'read an error of another contract by its ABI, and name the call that it comes from',
    async () => {
      const data = ['--data', dataDir]
      const exchange = tokenArtifact.replace('token', 'exchange').replace('Token', 'Exchange')
      const deployed = await devnet('deploy', ...data, exchange, 'Second', 'Token')
      expect(deployed).toMatchObject({ code: 0, stderr: '' })
      const { code, stderr } = await devnet(
        'send',
        ...data,
        'Exchange',
        'addLiquidity',
        '5000',
        '5000',
        '0',
        '0',
        '9999999999',
      )
      expect(code).toBe(1)
      expect(stderr).toMatch(
        /^error: Exchange\.addLiquidity failed: ERC20InsufficientAllowance\(spender: Exchange 0x\w{40}, allowance: 0, needed: 5000\) \(from the call to (Second|Token) 0x\w{40}\)\n$/,
      )
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'send from one account at once, and ether without a function',
    async () => {
      const data = ['--data', dataDir, '--from', '7']
      const sent = await Promise.all(
        Array.from({ length: 4 }, () => devnetProcess('send', ...data, '@8', '--value', '1ether', '--json', '-q')),
      )
      expect(sent.map(({ code, stderr }) => [code, stderr])).toEqual(sent.map(() => [0, '']))
      expect(new Set(sent.map(({ stdout }) => JSON.parse(stdout).hash)).size).toBe(4)
      const { stdout } = await devnet('receipt', JSON.parse(sent[0]!.stdout).hash, '--data', dataDir)
      expect(stdout).toMatch(
        /^transaction .*\nfrom +@7 0x\w+\nto +@8 0x\w+, ether alone, with 1000000000000000000 wei\nblock /,
      )
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'tell what is nothing from what answers, and give no name away',
    async () => {
      const data = ['--data', dataDir]
      const cases: [string[], number, RegExp][] = [
        [['call', 'Second', 'totalSupply', '--block', '0'], 1, /Second: there is no contract at 0x\w+ at block 0 yet/],
        [
          ['call', `0x${'12'.repeat(20)}`, 'name', '--abi', tokenArtifact],
          1,
          /there is no contract at 0x1212\w+ on this/,
        ],
        [['send', 'Second', 'transfer', '@1', '1', '--value', '5'], 1, /transfer is not payable and refuses the 5 wei/],
        [['send', 'Second', '--value', '5'], 1, /Second has no receive function/],
        [['deploy', tokenArtifact, 'S', 'S', '1', '--name', 'Second'], 2, /Second is the name of [\s\S]*--replace/],
        [['deploy', tokenArtifact, 'S', 'S', '1', '--name', 'Validators'], 2, /that networks have at 0x/],
      ]
      for (const [args, code, words] of cases) {
        const ran = await devnet(...args, ...data)
        expect({ args, code: ran.code, stdout: ran.stdout }).toEqual({ args, code, stdout: '' })
        expect(ran.stderr).toMatch(words)
      }
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'name what is wrong with the command line',
    async () => {
      const cases: [string[], RegExp][] = [
        [['call', 'second', 'balanceOf', '@0'], /did you mean Second\?/],
        [['call', 'Second', 'balanceOff', '@0'], /did you mean balanceOf\?/],
        [['call', 'Second', 'balanceOf'], /balanceOf takes 1 argument/],
        [['call', 'Third', 'balanceOf', '@0'], /neither an address nor the name/],
        [['call', 'Second', 'balanceOf', '0x12'], /is not an address/],
        [['deploy', tokenArtifact, 'a'], /takes 3 arguments/],
        [['deploy', tokenArtifact, '--abi', tokenArtifact], /--abi goes with a \.wasm file/],
        [['frobnicate'], /unknown command/],
        [['up', '--nodes', '0'], /whole number from 1 to 20/],
      ]
      for (const [args, words] of cases) {
        const { code, stdout, stderr } = await devnet(...args, ...(args[0] === 'frobnicate' ? [] : ['--data', dataDir]))
        expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' })
        expect(stderr).toMatch(words)
      }
    },
    E2E_TIMEOUT_MS,
  )
})

describe('the validator registry', () => {
  it(
    'is called by its name: operators of more than two thirds schedule a change',
    async () => {
      const say = (from: number, ...args: string[]) =>
        devnet('send', '--data', dataDir, '--json', '--from', String(from), 'Validators', ...args)
      const ask = async (name: string) =>
        JSON.parse((await devnet('call', '--data', dataDir, '--json', 'Validators', name)).stdout)
      const [, , , { publicKey, feeRecipient, operator }] = await ask('validators')
      const proposed = await say(0, 'propose', publicKey, '2', feeRecipient, operator, '500000')
      expect(JSON.parse(proposed.stdout).status).toBe('success')
      const stranger = await say(9, 'approve', '1')
      expect([stranger.code, stranger.stderr]).toEqual([
        1,
        'error: Validators.approve failed: only the operator of a validator may approve\n',
      ])
      for (const from of [1, 2]) expect((await say(from, 'approve', '1')).code).toBe(0)
      expect(await ask('changes')).toMatchObject([{ publicKey, power: '2', height: '500000', isScheduled: true }])
    },
    E2E_TIMEOUT_MS,
  )
})

describe('devnet status and accounts', () => {
  it(
    'show that all nodes agree',
    async () => {
      const { code, stdout } = await devnet('status', '--data', dataDir, '--json')
      expect(code).toBe(0)
      const status = JSON.parse(stdout)
      expect([status.agree, status.standstill, status.health]).toEqual([true, null, 'healthy'])
      expect(status.nodes).toHaveLength(4)
      for (const node of status.nodes) {
        expect(Object.keys(node)).toEqual([
          'index',
          'height',
          'hash',
          'stateRoot',
          'peers',
          'round',
          'timestamp',
          'clock',
          'timeAhead',
          'pending',
          'wantsBlock',
          'deciding',
          'evidence',
          'abstaining',
          'hasVote',
          'twin',
          'setAside',
          'halted',
          'divergence',
          'state',
          'validator',
          'engine',
        ])
        expect(node.peers).toBe(3)
      }
      expect((await devnet('status', '--data', dataDir)).stdout).toContain('all 4 nodes agree')
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'list the accounts',
    async () => {
      const accounts = JSON.parse((await devnet('accounts', '--data', dataDir, '--json')).stdout)
      expect(accounts).toHaveLength(10)
      expect(BigInt(accounts[9].balance)).toBe(10_000n * 10n ** 18n)
    },
    E2E_TIMEOUT_MS,
  )
})

describe('devnet node, partition, heal and link', () => {
  it(
    'steer the network, and the runner says what happened and who did it',
    async () => {
      const killed = await devnet('node', 'kill', '4', '--data', dataDir)
      expect(killed).toEqual({ code: 0, stdout: 'node 4 killed\n', stderr: '' })
      await until('the runner’s line', async () => upOutput.includes('node 4 killed (by devnet node kill 4)'))
      const again = await devnet('node', 'kill', '4', '--data', dataDir)
      expect([again.code, again.stdout]).toEqual([1, ''])
      expect(again.stderr).toBe('error: node 4 is killed\nhint:  devnet node start 4 starts it\n')
      const started = await devnet('node', 'start', '4', '--data', dataDir, '--json')
      expect(JSON.parse(started.stdout)).toMatchObject({ node: 4, state: 'running' })
      const link = await devnet('link', '1-2', '--delay', '5ms', '--data', dataDir, '--json')
      expect(JSON.parse(link.stdout).links).toHaveLength(2)
      expect((await devnet('links', '--data', dataDir)).stdout).toContain('delay 5 ms')
      expect((await devnet('link', 'all', '--reset', '--data', dataDir)).stdout).toBe(
        'all links (12 directions): open\n',
      )
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'name what is wrong with the command line',
    async () => {
      const cases: [string[], RegExp][] = [
        [['node', 'kill'], /kill which node\?/],
        [['node', 'melt', '1'], /Allowed choices are kill, stop/],
        [['node', 'kill', 'one'], /"one" is not a node/],
        [['node', 'kill', '1', '--signer'], /belong to devnet node wipe/],
        [['node', 'add', '--sync', 'fast'], /Allowed choices are blocks, snapshot/],
        [['node', 'start', '1', '--sync', 'blocks'], /belongs to devnet node add/],
        [['partition', '1,1'], /names node 1 twice/],
        [['link', '1-2'], /no change is given for link 1-2\n/],
        [['link', '1-2', '--loss', '200%'], /is not a share/],
        [['chaos', '--minutes', '0'], /must be a number of minutes/],
      ]
      for (const [args, words] of cases) {
        const { code, stderr } = await devnet(...args)
        expect({ args, code }).toEqual({ args, code: 2 })
        expect(stderr).toMatch(words)
      }
    },
    E2E_TIMEOUT_MS,
  )
})

describe('a chain that stands', () => {
  it(
    'is told to who waits for it, who can stop waiting and look later',
    async () => {
      const data = ['--data', dataDir]
      await devnet('partition', '1,2/3,4', ...data)
      const child = spawn(process.execPath, [cli, 'send', 'Second', 'transfer', '@1', '1', ...data, '--node', '3'], {
        cwd: root,
      })
      let [out, err] = ['', '']
      child.stdout.on('data', (chunk: Uint8Array) => {
        out += new TextDecoder().decode(chunk)
      })
      child.stderr.on('data', (chunk: Uint8Array) => {
        err += new TextDecoder().decode(chunk)
      })
      await until('the reason', async () => err.includes('\n'))
      expect(out).toMatch(/^transaction {2}0x\w{64}\n$/)
      expect(err).toMatch(
        /^waiting for \d+ s: the chain stands at height \d+\. 2 of 4 validators can vote together, and 3 have to: the network is split: 1,2 \/ 3,4\n/,
      )
      child.kill('SIGINT')
      expect(await ended(child)).toBe(130)
      const hash = out.trim().slice(-66)
      expect(err).toContain(`waiting for transaction ${hash}, which is sent`)
      const later = /hint: {2}look later with: npx devnet (receipt .*)\n/.exec(err)![1]!
      // On the side of the partition that has it.
      expect((await devnet(...later.split(' '), '--wait', '0')).stderr).toContain('is not in a block after 0 s')
      await devnet('heal', ...data)
      const receipt = await devnet(...later.split(' '), '--json')
      expect({ code: receipt.code, ...JSON.parse(receipt.stdout) }).toMatchObject({ code: 0, hash, status: 'success' })
    },
    E2E_TIMEOUT_MS,
  )
})

describe('devnet export', () => {
  it(
    'writes the chain that all engines execute again to the same result, with its failed transactions',
    async () => {
      const file = join(folder, 'running.export')
      await devnet('send', '--data', dataDir, 'Second', 'transfer', '@1', '1001', '--gas', '1000000')
      const { code, stdout, stderr } = await devnetProcess(
        'export',
        file,
        '--data',
        dataDir,
        '--node',
        '2',
        '--json',
        '-q',
      )
      expect([code, stderr]).toEqual([0, ''])
      const { height } = JSON.parse((await devnet('status', '--data', dataDir, '--json')).stdout).nodes[1]
      expect(JSON.parse(stdout)).toMatchObject({ file, blocks: String(height), bytes: readFileSync(file).length })
      const replays = await Promise.all(
        ENGINE_NAMES.map((engine) => devnetProcess('replay', file, '--engine', engine, '--json', '-q')),
      )
      const [first, ...others] = replays.map((result) => JSON.parse(result.stdout))
      expect(first).toMatchObject({ ok: true, blocks: String(height), certificates: true })
      expect(first.transactions).toBeGreaterThan(3)
      for (const other of others) expect(other.digest).toBe(first.digest)
    },
    E2E_TIMEOUT_MS,
  )
})

describe('a stopped network', () => {
  it(
    'keeps its chain and goes on with it',
    async () => {
      const before = JSON.parse((await devnet('status', '--data', dataDir, '--json')).stdout)
      up.kill('SIGINT')
      expect(await ended(up)).toBe(0)
      expect((await devnet('status', '--data', dataDir)).stderr).toContain('no network runs')

      const file = join(folder, 'stopped.export')
      const exported = await devnetProcess('export', file, '--data', dataDir, '--node', '2', '--json', '-q')
      expect(JSON.parse(exported.stdout).blocks).toBe(String(before.nodes[0].height))
      expect(readFileSync(file).equals(readFileSync(join(folder, 'running.export')))).toBe(true)

      const wrong = await devnetProcess('up', '--data', dataDir, '--nodes', '3')
      expect(wrong.code).toBe(1)
      expect(wrong.stderr).toContain('holds a network of 4 nodes, not 3')

      const without = await devnetProcess('up', '--data', dataDir, '--no-dev')
      expect(without.code).toBe(1)
      expect(without.stderr).toContain('was made in dev mode, which its genesis says for good')

      up = startUp()
      await untilReady()
      const after = JSON.parse((await devnet('status', '--data', dataDir, '--json')).stdout)
      expect(after.nodes[0].height).toBeGreaterThanOrEqual(before.nodes[0].height)
      expect((await devnet('call', '--data', dataDir, 'Second', 'totalSupply')).stdout.trim()).toBe('1000')
    },
    E2E_TIMEOUT_MS,
  )
})

describe('what is interrupted', () => {
  it(
    'leaves no process and no file: a network that is ended twice',
    async () => {
      const { nodes } = await untilReady()
      // It has to wait for one that does not end, and the system may deliver two signals at once in either order.
      process.kill(nodes[0]!.pid!, 'SIGSTOP')
      up.kill('SIGINT')
      await until('the end of another node', async () => !isAlive(nodes[1]!.pid!))
      up.kill('SIGTERM')
      expect(await ended(up)).toBe(143)
      expect(['running.json', 'control.json'].filter((name) => existsSync(join(dataDir, name)))).toEqual([])
      await until('the end of the nodes', async () => nodes.every(({ pid }) => !isAlive(pid!)))
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'says what it was doing: a network that starts',
    async () => {
      up = startUp()
      await until('the start', async () => upOutput.includes('starting 4 nodes'))
      up.kill('SIGINT')
      expect(await ended(up)).toBe(130)
      expect(upOutput).toContain('error: interrupted (SIGINT) while starting the nodes\n')
      expect(['running.json', 'control.json'].filter((name) => existsSync(join(dataDir, name)))).toEqual([])
    },
    E2E_TIMEOUT_MS,
  )

  it(
    'leaves no process and no file: chaos',
    async () => {
      const temporary = mkdtempSync(join(folder, 'tmp-'))
      const env = { ...process.env, TMPDIR: temporary }
      const child = spawn(process.execPath, [cli, 'chaos', '--nodes', '1', '--seed', '5'], { cwd: root, env })
      let said = ''
      child.stderr.on('data', (chunk: Uint8Array) => {
        said += new TextDecoder().decode(chunk)
      })
      const own = () => readdirSync(temporary).filter((name) => name.startsWith('touchstone-'))
      await until('its folder and its start', async () => own().length === 1 && said.includes('starting 1 node'))
      child.kill('SIGINT')
      expect(await ended(child)).toBe(130)
      expect(said).toMatch(/error: interrupted \(SIGINT\) while breaking the network for [\d.]+ s; nothing was checked/)
      expect(said).toContain('hint:  the same faults again: npx devnet chaos --minutes 1 --seed 5 --nodes 1')
      expect(own()).toEqual([])
    },
    E2E_TIMEOUT_MS,
  )
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Splits as a shell does, for the quotes the banner uses. */
function words(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
}
