/**
 * The tables of gas.md that set prices beside Arbitrum's, for modules of others, which stay as they are: each row is
 * what the code charges and what nitro's formulas give. And their goal: a transfer of a token in Rust costs at most 1.2
 * times as much as there.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { initCodeOf, inspectModule } from '@touchstone/contracts'
import { bytesToHex, encodeAbiParameters, encodeFunctionData, hexToBytes, parseAbi, parseAbiParameters } from 'viem'
import { describe, expect, it } from 'vitest'
import { type Applied, applyMessage } from '../../node/src/execution/applyMessage.ts'
import { newWorld } from '../../node/src/execution/testing/puppet.ts'
import { keepWarm } from '../../node/src/execution/warmCodes.ts'
import { readForeignTokens } from '../../node/testing/foreignTokens.ts'
import { judgeForArbitrum } from '../src/contracts/arbitrum.ts'
import { type ModuleFile, readModuleFile } from '../src/contracts/moduleFile.ts'
import { modulePrices } from '../src/contracts/modulePrices.ts'
import { root, textOf } from './documents/repository.ts'

const MOST_TIMES = 1.2
const SENDER = hexToBytes('0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266')
const RECEIVER = hexToBytes('0x70997970c51812dc3a010c7d01b50e0d17dc79c8')
const ERC20 = parseAbi(['function transfer(address to, uint256 value) returns (bool)'])
const CONSTRUCTOR = parseAbiParameters('string, string, uint256, address')
const COUNTERS = [
  ['counter in Rust', 'counter.wasm'],
  ['counter in C', 'counter-c.wasm'],
] as const
const TOKENS = [
  ['ERC-20 of stylus-sdk', 'erc20/stylus-sdk.code'],
  ["ERC-20 of OpenZeppelin's crate", 'erc20/openzeppelin-stylus.code'],
] as const

const spaced = (gas: number | bigint): string => String(gas).replace(/\B(?=(\d{3})+$)/g, ' ')
const times = (gas: bigint, others: bigint): number => Number(gas) / Number(others)
const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** Gas before the first instruction of a call, here and there. */
function startsOf(path: string) {
  const file: ModuleFile = readModuleFile(join(root, 'contracts/foreign', path))
  const report = inspectModule(file.wasm)
  const { cachedCall, uncachedCall } = judgeForArbitrum(file, report).charges
  const { starting, loading, warmLoading } = modulePrices(file, report)!.calling
  return {
    size: `${spaced(file.wasm.length)} bytes, functions: ${report.functions.length}`,
    there: { warm: BigInt(cachedCall), cold: BigInt(uncachedCall) },
    here: { warm: warmLoading + starting, cold: loading + starting },
  }
}

/** Gas of a transfer between two that hold some, the code warm and cold. */
function transfersOf(code: Uint8Array, schedule: string) {
  const { state, block, config } = newWorld()
  const send = (to: Uint8Array | null, data: Uint8Array): Applied => {
    const outer = { from: SENDER, to, value: 0n, data, accessList: [], gasLimit: 30_000_000n, gasPrice: 0n }
    const applied = applyMessage(state, outer, block, { ...config, schedule })
    expect(applied.message).toBeNull()
    state.endTransaction()
    return applied
  }
  const words = encodeAbiParameters(CONSTRUCTOR, ['Silver', 'SLV', 10n ** 24n, bytesToHex(SENDER)])
  const creation = Uint8Array.from([...initCodeOf(code, 'construct'), ...hexToBytes(words)])
  const token = send(null, creation).contractAddress
  const args = [bytesToHex(RECEIVER), 10n ** 18n] as const
  const transfer = hexToBytes(encodeFunctionData({ abi: ERC20, functionName: 'transfer', args }))
  send(token, transfer)
  const cold = send(token, transfer)
  keepWarm(state, cold.loaded)
  return { cold: cold.gasUsed, warm: send(token, transfer).gasUsed }
}

const page = textOf('docs/protocol/gas.md').split('\n')
const rowOf = (start: string): string | undefined => page.find((line) => line.startsWith(`| ${start}`))

describe('gas.md has, beside what Arbitrum charges,', () => {
  it.each([...COUNTERS, ...TOKENS])('what comes before a call of the %s', (label, path) => {
    const { size, there, here } = startsOf(path)
    const figures = [there.warm, there.cold, here.warm, here.cold].map(spaced)
    expect(rowOf(`${label}, `)).toBe(row(`${label}, ${size}`, ...figures))
  })

  it.each(TOKENS)('what a transfer of the %s costs, and that is no more than it may be', (label, path) => {
    const { code } = readForeignTokens().find((token) => sameBytes(token.code, path))!
    const { there, here } = startsOf(path)
    const ours = transfersOf(code, 'touchstone/1')
    const inInk = transfersOf(code, 'stylus')
    const theirs = { warm: inInk.warm - here.warm + there.warm, cold: inInk.cold - here.cold + there.cold }
    const cells = (['warm', 'cold'] as const).flatMap((kind) => [
      spaced(theirs[kind]),
      spaced(ours[kind]),
      times(ours[kind], theirs[kind]).toFixed(2),
    ])
    expect(rowOf(`${label} `)).toBe(row(label, ...cells))
    expect(times(ours.warm, theirs.warm)).toBeLessThanOrEqual(MOST_TIMES)
  })
})

function sameBytes(code: Uint8Array, path: string): boolean {
  return Buffer.compare(code, readFileSync(join(root, 'contracts/foreign', path))) === 0
}
