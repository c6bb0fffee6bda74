/** The duties of every native contract: it reads nothing before that is paid, and keeps no more than it needs. */
import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../codec/bytes.ts'
import { ForwardedState } from '../../state/forwardedState.ts'
import { applyMessage } from '../applyMessage.ts'
import { intrinsicGas } from '../fees.ts'
import { selectorOf } from '../solidityAbi.ts'
import { ALICE, address, newWorld, type World, word } from '../testing/puppet.ts'
import { ARB_INFO_ADDRESS, ARB_WASM_ADDRESS } from './arbitrum/addresses.ts'
import { NATIVE_CALL_GAS, NATIVE_INPUT_WORD_GAS } from './nativeContract.ts'

const PROGRAM = address(0xbeefn)

class ReadsNoted extends ForwardedState {
  readonly reads: string[] = []

  override storage(at: Uint8Array, key: Uint8Array): Uint8Array {
    this.reads.push('slot')
    return super.storage(at, key)
  }
  override code(at: Uint8Array): Uint8Array {
    this.reads.push('code')
    return super.code(at)
  }
  override balance(at: Uint8Array): bigint {
    this.reads.push('balance')
    return super.balance(at)
  }
}

const call = (signature: string, ...words: readonly Uint8Array[]) => concatBytes(selectorOf(signature), ...words)

/** Runs a call that has so much gas when the function begins to work. */
function send({ state, block, config }: World, to: Uint8Array, data: Uint8Array, gas: bigint, value = 0n) {
  const noted = new ReadsNoted(state)
  const entry = NATIVE_CALL_GAS + NATIVE_INPUT_WORD_GAS * BigInt(Math.ceil(data.length / 32))
  const message = { to, data, accessList: [] }
  const gasLimit = intrinsicGas(message) + entry + gas
  const applied = applyMessage(noted, { ...message, from: ALICE, value, gasLimit, gasPrice: 0n }, block, config)
  return { ...applied, reads: noted.reads }
}

describe('a native contract', () => {
  it.each([
    ['a slot', ARB_WASM_ADDRESS, call('codehashVersion(bytes32)', word(1n)), 2_100n],
    ['an account', ARB_INFO_ADDRESS, call('getBalance(address)', word(0xbeefn)), 2_600n],
    ['a code', ARB_INFO_ADDRESS, call('getCode(address)', word(0xbeefn)), 2_600n],
  ])('has %s paid before it reads it', (_, to, data, price) => {
    const world = newWorld()
    world.place(PROGRAM)
    const short = send(world, to, data, price - 1n)
    expect(short).toMatchObject({ kind: 'failure', reads: [], message: expect.stringMatching(/^out of gas: /) })
    expect(send(world, to, data, price).reads).not.toEqual([])
  })

  it('logs copies: a view would keep all of the calldata as long as the log', () => {
    const world = newWorld()
    world.place(PROGRAM)
    const codeHash = world.state.codeHash(PROGRAM)
    expect(send(world, ARB_WASM_ADDRESS, call('activateProgram(address)', word(0xbeefn)), 200_000n).kind).toBe(
      'success',
    )
    const keepalive = call('codehashKeepalive(bytes32)', codeHash, new Uint8Array(3_200))
    const log = send(world, ARB_WASM_ADDRESS, keepalive, 50_000n).logs.at(-1)!
    expect(log.topics[1]).toEqual(codeHash)
    for (const part of [...log.topics, log.data]) expect(part.buffer.byteLength).toBe(32)
  })

  it('refuses value that its balance has no room for: credits wrap, and it could not give it back', () => {
    const world = newWorld()
    world.place(PROGRAM)
    world.state.setBalance(ARB_WASM_ADDRESS, 2n ** 256n - 1n)
    const before = world.state.balance(ALICE)
    const sent = send(world, ARB_WASM_ADDRESS, call('activateProgram(address)', word(0xbeefn)), 200_000n, 5n)
    expect(sent).toMatchObject({ kind: 'revert', message: expect.stringContaining('full') })
    expect([world.state.balance(ALICE), world.state.balance(ARB_WASM_ADDRESS)]).toEqual([before, 2n ** 256n - 1n])
  })
})
