/** foundry's cast: every command that asks a node for something. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { keccak256 } from 'viem'
import { describe, expect, it } from 'vitest'
import { E2E_TIMEOUT_MS } from '../harness.ts'
import { chain, type Fixture, SUPPLY, stranger, TRANSFERRED } from './fixture.ts'
import { type Row, testTable } from './table.ts'

const NODE = 4
/** Nobody else in these tables sends from them. */
const [KEYED, UNLOCKED] = [6, 7]
/** Its package for a platform holds one program; what npm runs is a script that looks for it. */
const PLATFORMS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-amd64/bin/cast',
  'linux-arm64': 'linux-arm64/bin/cast',
  'darwin-x64': 'darwin-amd64/bin/cast',
  'darwin-arm64': 'darwin-arm64/bin/cast',
  'win32-x64': 'win32-amd64/bin/cast.exe',
}

interface CastAt extends Fixture {
  /** What it prints. @throws Error with what it complains of */
  readonly cast: (...words: string[]) => Promise<string>
}

const run = promisify(execFile)

/** Null where its package was not installed, which npm takes for no failure on platforms that it has no program for. */
function program(): string | null {
  const file = PLATFORMS[`${process.platform}-${process.arch}`]
  if (file === undefined) return null
  try {
    const path = createRequire(import.meta.url).resolve(`@foundry-rs/cast-${file}`)
    return existsSync(path) ? path : null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null
    throw error
  }
}

const symbolOf = ({ token }: Fixture) => ['call', token, 'symbol()(string)']
/**
 * cast runs these on an EVM of its own, to which our code is an unknown instruction. It prints that as a trace and ends
 * with 0, so what it prints is the complaint. `cast trace` and `cast rpc debug_traceTransaction` ask the node.
 */
const ownEvm = /OpcodeNotFound/
const complaint = async (output: Promise<string>) => {
  throw new Error(await output)
}
const noNames = /resolver|resolve ENS name/
const needsEtherscan = /Etherscan API key|etherscan\.io/

const rows: Readonly<Record<string, Row<CastAt>>> = {
  async 'access-list'({ cast, token, address }) {
    const list = await cast('access-list', '--from', address(0), token, 'transfer(address,uint256)', stranger, '1')
    expect(list.toLowerCase()).toContain(token.toLowerCase())
  },
  async admin({ cast, token }) {
    expect(await cast('admin', token)).toMatch(/^0x0{40}$/)
  },
  async age({ cast }) {
    expect(await cast('age')).toMatch(/ 20\d\d UTC$/)
  },
  async balance({ cast, address }) {
    expect(await cast('balance', address(9), '--block', '0')).toBe('10000000000000000000000')
  },
  async 'base-fee'({ cast }) {
    expect(await cast('base-fee')).toMatch(/^\d+$/)
  },
  async block({ cast, transfer }) {
    const block = JSON.parse(await cast('block', String(transfer.blockNumber), '--json'))
    expect(block).toMatchObject({ hash: transfer.blockHash, transactions: [transfer.transactionHash] })
    expect(await cast('block', 'latest', '--full')).toMatch(/stateRoot/)
  },
  async 'block-number'({ cast, transfer }) {
    expect(BigInt(await cast('block-number'))).toBeGreaterThanOrEqual(transfer.blockNumber)
  },
  async call(at) {
    const { cast, token, address } = at
    expect(await cast(...symbolOf(at))).toBe('"GLD"')
    const tooMuch = ['transfer(address,uint256)', stranger, String(SUPPLY * 2n)]
    await expect(cast('call', '--from', address(0), token, ...tooMuch)).rejects.toThrow(/custom error 0xe450d38c/)
    expect(await cast('call', '--trace', ...symbolOf(at).slice(1))).toMatch(ownEvm)
  },
  async chain({ cast }) {
    // Of a block 0 that it does not know.
    expect(await cast('chain')).toBe('unknown')
  },
  async 'chain-id'({ cast }) {
    expect(await cast('chain-id')).toBe(String(chain.id))
  },
  async client({ cast }) {
    expect(await cast('client')).toMatch(/^anvil-compatible\/touchstone\/v\d/)
  },
  async code({ cast, token, artifact }) {
    expect(await cast('code', token)).toBe(artifact.deployedBytecode)
  },
  async codehash({ cast, token, artifact }) {
    expect(await cast('codehash', token)).toBe(keccak256(artifact.deployedBytecode))
  },
  async codesize({ cast, token, artifact }) {
    expect(await cast('codesize', token)).toBe(String((artifact.deployedBytecode.length - 2) / 2))
  },
  async 'erc20-token'({ cast, token }) {
    expect(await cast('erc20-token', 'name', token)).toBe('Gold')
    expect(BigInt((await cast('erc20-token', 'balance', token, stranger)).split(' ')[0]!)).toBeGreaterThanOrEqual(
      TRANSFERRED,
    )
  },
  async estimate({ cast, address }) {
    expect(await cast('estimate', '--from', address(1), stranger, '--value', '1')).toBe('21000')
    const evm = cast('estimate', '--create', '0x6080604052')
    await expect(evm).rejects.toThrow(/EVM bytecode\? This chain runs WebAssembly/)
  },
  async 'find-block'({ cast, transfer }) {
    const timestamp = await cast('block', String(transfer.blockNumber), '--field', 'timestamp')
    expect(Number(await cast('find-block', timestamp))).toBeGreaterThan(0)
  },
  async 'gas-price'({ cast }) {
    expect(BigInt(await cast('gas-price'))).toBeGreaterThan(1_000_000_000n)
  },
  async implementation({ cast, token }) {
    expect(await cast('implementation', token)).toMatch(/^0x0{40}$/)
  },
  async logs({ cast, token, transfer }) {
    const event = 'Transfer(address indexed,address indexed,uint256)'
    const range = ['--from-block', String(transfer.blockNumber), '--to-block', String(transfer.blockNumber)]
    const logs = JSON.parse(await cast('logs', '--address', token, event, ...range, '--json'))
    expect(logs).toMatchObject([{ transactionHash: transfer.transactionHash, removed: false }])
  },
  'lookup-address': [noNames, ({ cast, address }) => cast('lookup-address', address(0))],
  'resolve-name': [noNames, ({ cast }) => cast('resolve-name', 'touchstone.eth')],
  async mktx({ cast, privateKey }) {
    expect(await cast('mktx', '--private-key', privateKey(KEYED), stranger, '--value', '1')).toMatch(/^0x02f8/)
  },
  async nonce({ cast, address }) {
    expect(Number(await cast('nonce', address(0)))).toBeGreaterThan(1)
  },
  async proof({ cast, token }) {
    const { storageProof } = JSON.parse(await cast('proof', token, '2'))
    expect(BigInt(storageProof[0].value)).toBe(SUPPLY)
  },
  async publish({ cast, privateKey }) {
    const signed = await cast('mktx', '--private-key', privateKey(KEYED), stranger, '--value', '1')
    expect(JSON.parse(await cast('publish', signed))).toMatchObject({ status: '0x1' })
    await expect(cast('publish', signed)).rejects.toThrow(/already known|nonce too low/)
  },
  async receipt({ cast, transfer: { transactionHash, blockHash } }) {
    expect(JSON.parse(await cast('receipt', transactionHash, '--json'))).toMatchObject({ blockHash, status: '0x1' })
  },
  async rpc({ cast, token }) {
    expect(await cast('rpc', 'eth_chainId')).toBe('"0x7a69"')
    expect(await cast('rpc', 'eth_getStorageAt', token, '0x2', 'latest')).toMatch(/f4240"$/)
  },
  run: [ownEvm, ({ cast, transfer }) => complaint(cast('run', '--quick', transfer.transactionHash))],
  async send({ cast, token, address, privateKey }) {
    const key = ['--private-key', privateKey(KEYED)]
    const unlocked = ['--unlocked', '--from', address(UNLOCKED)]
    for (const from of [key, [...key, '--legacy'], unlocked, [...unlocked, '--sync']]) {
      const receipt = JSON.parse(await cast('send', ...from, '--json', stranger, '--value', '1'))
      expect(receipt).toMatchObject({ status: '0x1', gasUsed: '0x5208' })
    }
    const approved = await cast('send', ...unlocked, '--json', token, 'approve(address,uint256)', stranger, '5')
    expect(JSON.parse(approved).logs).toHaveLength(1)
    const tooMuch = cast('send', ...unlocked, token, 'transfer(address,uint256)', stranger, '1')
    await expect(tooMuch).rejects.toThrow(/custom error 0xe450d38c/)
  },
  async storage({ cast, token }) {
    expect(BigInt(await cast('storage', token, '2'))).toBe(SUPPLY)
  },
  async 'storage-root'({ cast, token }) {
    expect(await cast('storage-root', token)).toMatch(/^0x[0-9a-f]{64}$/)
  },
  async trace({ cast, token, transfer }) {
    const trace = JSON.parse(await cast('trace', transfer.transactionHash))
    expect(trace).toMatchObject([{ type: 'call', action: { to: token }, traceAddress: [] }])
  },
  async tx({ cast, transfer: { transactionHash, blockHash } }) {
    expect(JSON.parse(await cast('tx', transactionHash, '--json'))).toMatchObject({ blockHash, type: '0x2' })
  },
  async 'tx-pool'({ cast, address }) {
    expect(JSON.parse(await cast('tx-pool', 'status'))).toEqual({ pending: '0x0', queued: '0x0' })
    for (const what of ['content', 'inspect'])
      expect(JSON.parse(await cast('tx-pool', what))).toEqual({ pending: {}, queued: {} })
    expect(JSON.parse(await cast('tx-pool', 'content-from', '--from', address(0)))).toEqual({ pending: {}, queued: {} })
  },
  'creation-code': [needsEtherscan, ({ cast, token }) => cast('creation-code', token)],
  'constructor-args': [needsEtherscan, ({ cast, token }) => cast('constructor-args', token)],
}

/**
 * The rest computes something, asks another service (openchain.xyz, Etherscan), or is for another chain (OP stack, Tempo).
 */
const ASKS_NO_NODE = new Set(
  `4byte 4byte-calldata 4byte-event abi-encode abi-encode-event address-zero artifact b2e-payload batch-mktx batch-send bind
  calldata completions compute-address concat-hex create2 da-estimate decode-abi decode-calldata decode-error decode-event
  decode-string decode-transaction disassemble format-bytes32-string format-units from-bin from-fixed-point from-rlp
  from-utf8 from-wei hash-message hash-zero help index index-erc7201 interface keccak keychain max-int max-uint min-int
  namehash pad parse-bytes32-address parse-bytes32-string parse-units pretty-calldata recover-authority selectors shl shr
  sig sig-event source tip20-token to-ascii to-base to-bytes32 to-check-sum-address to-dec to-fixed-point to-hex to-hexdata
  to-int256 to-rlp to-uint256 to-unit to-utf8 to-wei upload-signature wallet`.split(/\s+/),
)

export function testCast(fixture: () => Fixture): void {
  describe('cast', () => {
    const path = program()
    if (path === null) {
      it.skip(
        `is not there: @foundry-rs/cast has no program for ${process.platform}-${process.arch}, or npm left it out`,
      )
      return
    }
    // Whatever its user has set (keys, chains, an Etherscan key) must decide nothing here.
    const env = (at: Fixture) => ({ PATH: process.env['PATH'], HOME: at.network.dataDir, ETH_RPC_URL: at.rpc(NODE) })
    const cast = async (...words: string[]) => {
      const { stdout } = await run(path, [...words], { env: env(fixture()), timeout: E2E_TIMEOUT_MS }).catch(
        (error) => {
          throw new Error(`cast ${words.join(' ')}: ${error.stderr}${error.stdout}`, { cause: error })
        },
      )
      return stdout.trim()
    }
    let at: CastAt | null = null
    testTable(
      rows,
      () => Object.keys(rows),
      () => (at ??= { ...fixture(), cast }),
    )

    it('has no command that this table leaves out', async () => {
      const help = await cast('--help')
      const listed = help.slice(help.indexOf('Commands:'), help.indexOf('Options:')).matchAll(/^ {2}(\w\S*)/gm)
      const commands = [...listed].map(([, name]) => name!)
      expect(commands.filter((name) => !ASKS_NO_NODE.has(name)).sort()).toEqual(Object.keys(rows).sort())
    })
  })
}
