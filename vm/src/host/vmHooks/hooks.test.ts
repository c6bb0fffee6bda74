/** Each host function by itself: what it reads and writes, what it takes, what it refuses. */
import { describe, expect, it, vi } from 'vitest'
import { HostExit, HostTrap } from '../../engine/engine.ts'
import { block, FakeFrame, frameContext } from '../testing/fakeEnvironment.ts'
import { type HookName, hookPrices, keccakInk, powInk, readInk, writeInk } from './prices.ts'

const prices = hookPrices('stylus')
const OUTSIDE = 0x7fff_0000
const gas = (amount: bigint): bigint => amount * 10_000n

function trapOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (error instanceof HostTrap) return error.code
    throw error
  }
  return 'none'
}

describe('every pointer', () => {
  /** Arguments with every pointer valid, and which of them are pointers. */
  const pointers: Partial<Record<HookName, { args: (number | bigint)[]; pointers: number[] }>> = {
    read_args: { args: [0], pointers: [0] },
    write_result: { args: [0, 4], pointers: [0] },
    storage_load_bytes32: { args: [0, 32], pointers: [0, 1] },
    storage_cache_bytes32: { args: [0, 32], pointers: [0, 1] },
    transient_load_bytes32: { args: [0, 32], pointers: [0, 1] },
    transient_store_bytes32: { args: [0, 32], pointers: [0, 1] },
    call_contract: { args: [0, 32, 4, 64, 1n, 128], pointers: [0, 1, 3, 5] },
    delegate_call_contract: { args: [0, 32, 4, 1n, 128], pointers: [0, 1, 4] },
    static_call_contract: { args: [0, 32, 4, 1n, 128], pointers: [0, 1, 4] },
    create1: { args: [0, 4, 32, 64, 96], pointers: [0, 2, 3, 4] },
    create2: { args: [0, 4, 32, 64, 96, 128], pointers: [0, 2, 3, 4, 5] },
    emit_log: { args: [0, 64, 1], pointers: [0] },
    account_balance: { args: [0, 32], pointers: [0, 1] },
    account_code: { args: [0, 0, 10, 64], pointers: [0, 3] },
    account_code_size: { args: [0], pointers: [0] },
    account_codehash: { args: [0, 32], pointers: [0, 1] },
    block_basefee: { args: [0], pointers: [0] },
    block_coinbase: { args: [0], pointers: [0] },
    contract_address: { args: [0], pointers: [0] },
    msg_sender: { args: [0], pointers: [0] },
    msg_value: { args: [0], pointers: [0] },
    tx_origin: { args: [0], pointers: [0] },
    tx_gas_price: { args: [0], pointers: [0] },
    math_div: { args: [0, 32], pointers: [0, 1] },
    math_mod: { args: [0, 32], pointers: [0, 1] },
    math_pow: { args: [0, 32], pointers: [0, 1] },
    math_add_mod: { args: [0, 32, 64], pointers: [0, 1, 2] },
    math_mul_mod: { args: [0, 32, 64], pointers: [0, 1, 2] },
    native_keccak256: { args: [0, 4, 32], pointers: [0, 2] },
  }
  for (const [name, { args, pointers: positions }] of Object.entries(pointers)) {
    it(`of ${name} outside the memory traps`, () => {
      const hook = name as HookName
      expect(trapOf(() => new FakeFrame().call(hook, ...args))).toBe('none')
      for (const position of positions) {
        for (const pointer of [OUTSIDE, 65_535, -1]) {
          const bad = args.map((arg, i) => (i === position ? pointer : arg))
          expect(trapOf(() => new FakeFrame().call(hook, ...bad))).toBe('out-of-bounds-memory')
        }
      }
    })
  }

  it('of read_return_data outside the memory traps when there is something to copy', () => {
    const frame = new FakeFrame()
    expect(frame.call('read_return_data', OUTSIDE, 0, 10).result).toBe(0)
    frame.frame.returnData = Uint8Array.of(1)
    expect(trapOf(() => frame.call('read_return_data', OUTSIDE, 0, 10))).toBe('out-of-bounds-memory')
  })

  it('with a length of 4 GiB is priced before it is read', () => {
    const frame = new FakeFrame({}, gas(1_000_000n))
    expect(trapOf(() => frame.call('write_result', 0, -1))).toBe('out-of-gas')
  })
})

describe('without fuel', () => {
  for (const name of Object.keys(prices.base) as HookName[]) {
    if (name === 'exit_early') continue
    it(`${name} runs out of gas and changes nothing`, () => {
      const frame = new FakeFrame({}, 1n)
      expect(trapOf(() => frame.call(name, 0, 0, 0, 0, 0, 0))).toBe('out-of-gas')
      expect(frame.environment.stores).toEqual([])
      expect(frame.environment.logs).toEqual([])
    })
  }
})

describe('input and output', () => {
  it('read_args copies the calldata', () => {
    const frame = new FakeFrame({ input: new Uint8Array(100).fill(3) })
    expect(frame.call('read_args', 10).ink).toBe(prices.base.read_args + writeInk(prices, 100))
    expect(frame.bytes.slice(9, 111)).toEqual(Uint8Array.of(0, ...new Uint8Array(100).fill(3), 0))
  })
  it('write_result keeps the last output', () => {
    const frame = new FakeFrame()
    frame.put(0, [1, 2, 3])
    expect(frame.call('write_result', 0, 3).ink).toBe(prices.base.write_result + 2n * readInk(prices, 3))
    frame.call('write_result', 1, 2)
    expect(frame.frame.output).toEqual(Uint8Array.of(2, 3))
  })
  it('exit_early ends the frame with its status', () => {
    expect(() => new FakeFrame().call('exit_early', 3)).toThrow(HostExit)
  })
})

describe('storage', () => {
  it('is loaded once, then read from the cache', () => {
    const frame = new FakeFrame()
    frame.environment.slots.set('00'.repeat(32), new Uint8Array(32).fill(9))
    expect(frame.call('storage_load_bytes32', 0, 64).ink).toBe(prices.base.storage_load_bytes32 + gas(2_105n))
    expect(frame.bytes[64]).toBe(9)
    expect(frame.call('storage_load_bytes32', 0, 64).ink).toBe(prices.base.storage_load_bytes32)
    expect(frame.environment.loads).toBe(1)
  })
  it('holds writes back until they are flushed, and reads see them', () => {
    const frame = new FakeFrame()
    frame.putWord(32, 77n)
    frame.call('storage_cache_bytes32', 0, 32)
    expect(frame.environment.stores).toEqual([])
    frame.call('storage_load_bytes32', 0, 64)
    expect(frame.word(64)).toBe(77n)
    expect(frame.environment.loads).toBe(0)
    expect(frame.call('storage_flush_cache', 0).ink).toBe(prices.base.storage_flush_cache + gas(20_000n))
    expect(frame.environment.stores).toEqual([['00'.repeat(32), `${'00'.repeat(31)}4d`]])
    expect(frame.call('storage_flush_cache', 0).ink).toBe(prices.base.storage_flush_cache)
  })
  it('stores nothing for a value that was read and written back', () => {
    const frame = new FakeFrame()
    frame.call('storage_load_bytes32', 0, 64)
    frame.call('storage_cache_bytes32', 0, 64)
    frame.call('storage_flush_cache', 0)
    expect(frame.environment.stores).toEqual([])
  })
  it('is read anew after a flush that clears', () => {
    const frame = new FakeFrame()
    frame.call('storage_load_bytes32', 0, 64)
    frame.call('storage_flush_cache', 0)
    frame.call('storage_load_bytes32', 0, 64)
    expect(frame.environment.loads).toBe(1)
    frame.call('storage_flush_cache', 1)
    frame.call('storage_load_bytes32', 0, 64)
    expect(frame.environment.loads).toBe(2)
  })
  it('is stored in the order in which slots were first touched, whatever was written first', () => {
    const frame = new FakeFrame()
    const slot = (key: bigint): void => frame.putWord(0, key)
    const write = (key: bigint, value: bigint): void => {
      slot(key)
      frame.putWord(32, value)
      frame.call('storage_cache_bytes32', 0, 32)
    }
    slot(3n)
    frame.call('storage_load_bytes32', 0, 64)
    write(2n, 7n)
    write(1n, 7n)
    write(3n, 7n)
    write(2n, 8n)
    frame.call('storage_flush_cache', 0)
    write(1n, 9n)
    write(3n, 9n)
    frame.call('storage_flush_cache', 1)
    frame.call('storage_flush_cache', 0)
    const stores = frame.environment.stores.map((words) => words.map((word) => Number(`0x${word}`)))
    expect(stores).toEqual([
      [3, 7],
      [2, 8],
      [1, 7],
      [3, 9],
      [1, 9],
    ])
  })
  it('has slots that a flush does not look at where nothing was written to them since', () => {
    const frame = new FakeFrame({}, 10n ** 12n)
    const looked = vi.fn()
    // What every look at a value goes through: its first byte.
    const value = new Proxy(new Uint8Array(32), {
      get(bytes, name) {
        looked()
        return Reflect.get(bytes, name, bytes)
      },
    })
    const { storage, environment } = frame.frame
    vi.spyOn(frame.environment, 'storageLoad').mockReturnValue({ value, gas: 100n })
    storage.load(environment, new Uint8Array(32))
    storage.flush(
      environment,
      false,
      () => 10n ** 6n,
      () => {},
    )
    expect(looked).not.toHaveBeenCalled()
    storage.write(new Uint8Array(32), new Uint8Array(32).fill(1))
    storage.flush(
      environment,
      false,
      () => 10n ** 6n,
      () => {},
    )
    expect(looked).toHaveBeenCalled()
  })
  it('needs gas for the worst case before it looks', () => {
    const left = (amount: bigint, base: bigint) => new FakeFrame({}, gas(amount) + base)
    expect(trapOf(() => left(2_114n, prices.base.storage_load_bytes32).call('storage_load_bytes32', 0, 32))).toBe(
      'out-of-gas',
    )
    expect(trapOf(() => left(2_115n, prices.base.storage_load_bytes32).call('storage_load_bytes32', 0, 32))).toBe(
      'none',
    )
    expect(trapOf(() => left(2_309n, prices.base.storage_cache_bytes32).call('storage_cache_bytes32', 0, 32))).toBe(
      'out-of-gas',
    )
    expect(trapOf(() => left(2_310n, prices.base.storage_cache_bytes32).call('storage_cache_bytes32', 0, 32))).toBe(
      'none',
    )
    expect(trapOf(() => left(2_299n, prices.base.storage_flush_cache).call('storage_flush_cache', 0))).toBe(
      'out-of-gas',
    )
  })
  it('cannot be flushed in a static call, though it may be cached', () => {
    const frame = new FakeFrame({ isStatic: true })
    frame.putWord(32, 1n)
    frame.call('storage_cache_bytes32', 0, 32)
    expect(trapOf(() => frame.call('storage_flush_cache', 0))).toBe('host')
  })
  it('that is transient is written at once, and not in a static call', () => {
    const frame = new FakeFrame()
    frame.putWord(32, 5n)
    expect(frame.call('transient_store_bytes32', 0, 32).ink).toBe(prices.base.transient_store_bytes32 + gas(100n))
    expect(frame.call('transient_load_bytes32', 0, 64).ink).toBe(prices.base.transient_load_bytes32 + gas(100n))
    expect(frame.word(64)).toBe(5n)
    expect(trapOf(() => new FakeFrame({ isStatic: true }).call('transient_store_bytes32', 0, 32))).toBe('host')
  })
})

describe('calls', () => {
  it('pass everything on and give 0, the length and the return data', () => {
    const frame = new FakeFrame()
    frame.put(0, new Uint8Array(20).fill(0xbb))
    frame.put(32, [1, 2, 3, 4])
    frame.putWord(64, 9n)
    const { result, ink } = frame.call('call_contract', 0, 32, 4, 64, -1n, 128)
    expect(result).toBe(0)
    expect(ink).toBe(prices.base.call_contract + 2n * readInk(prices, 4) + gas(1_000n))
    const [request] = frame.environment.calls
    expect(request).toMatchObject({ kind: 'call', value: 9n, gasRequested: 2n ** 64n - 1n })
    expect(request?.address).toEqual(new Uint8Array(20).fill(0xbb))
    expect(request?.input).toEqual(Uint8Array.of(1, 2, 3, 4))
    expect(frame.bytes.slice(128, 132)).toEqual(Uint8Array.of(3, 0, 0, 0))
    expect(frame.call('return_data_size').result).toBe(3)
    const read = frame.call('read_return_data', 200, 1, 10)
    expect(read).toEqual({ result: 2, ink: prices.base.read_return_data + writeInk(prices, 2) })
    expect(frame.bytes.slice(200, 203)).toEqual(Uint8Array.of(8, 9, 0))
    expect(frame.call('read_return_data', 200, 5, 10).result).toBe(0)
  })
  it('that fail in any way give 2', () => {
    const frame = new FakeFrame()
    frame.environment.callResult = { success: false, output: Uint8Array.of(1), gasUsed: 5n }
    expect(frame.call('delegate_call_contract', 0, 0, 0, 5n, 64).result).toBe(2)
    expect(frame.call('static_call_contract', 0, 0, 0, 5n, 64).result).toBe(2)
    expect(frame.environment.calls.map(({ kind, value }) => [kind, value])).toEqual([
      ['delegatecall', 0n],
      ['staticcall', 0n],
    ])
    expect(frame.call('return_data_size').result).toBe(1)
  })
  it('with value trap in a static call', () => {
    const frame = new FakeFrame({ isStatic: true })
    expect(trapOf(() => frame.call('call_contract', 0, 0, 0, 64, 1n, 128))).toBe('none')
    frame.putWord(64, 1n)
    expect(trapOf(() => frame.call('call_contract', 0, 0, 0, 64, 1n, 128))).toBe('host')
  })
  it('tell the chain the gas left after what was paid', () => {
    const frame = new FakeFrame({}, gas(100_000n))
    frame.call('call_contract', 0, 0, 0, 64, 5n, 128)
    const paid = prices.base.call_contract + 2n * readInk(prices, 0)
    expect(frame.environment.calls[0]?.gasLeft).toBe((gas(100_000n) - paid) / 10_000n)
  })
  it('count grown memory before they start another frame', () => {
    const frame = new FakeFrame({}, gas(10_000_000n), 140, 'touchstone/1')
    const { ink } = frame.call('call_contract', 0, 0, 0, 64, 5n, 128)
    expect(frame.environment.pages).toEqual({ open: 139, ever: 139, held: 0 })
    const own = hookPrices('touchstone/1')
    const without = own.base.call_contract + 2n * readInk(own, 0) + gas(1_000n)
    expect(ink).toBeGreaterThan(without)
    expect(frame.call('call_contract', 0, 0, 0, 64, 5n, 128).ink).toBe(without)
    frame.frame.close()
    expect(frame.environment.pages.open).toBe(-1)
  })
})

describe('creations', () => {
  it('give the address', () => {
    const frame = new FakeFrame()
    frame.put(0, [0xaa, 0xbb])
    frame.putWord(32, 3n)
    frame.putWord(64, 99n)
    frame.call('create2', 0, 2, 32, 64, 96, 128)
    const [request] = frame.environment.creates
    expect(request?.code).toEqual(Uint8Array.of(0xaa, 0xbb))
    expect(request?.value).toBe(3n)
    expect(request?.salt?.[31]).toBe(99)
    expect(frame.bytes.slice(96, 117)).toEqual(Uint8Array.of(...new Uint8Array(20).fill(0xad), 0))
    frame.call('create1', 0, 2, 32, 96, 128)
    expect(frame.environment.creates[1]?.salt).toBeNull()
  })
  it('that fail give the zero address and the revert data', () => {
    const frame = new FakeFrame()
    frame.put(96, new Uint8Array(20).fill(1))
    frame.environment.createResult = { address: null, output: Uint8Array.of(6, 6), gasUsed: 1n }
    frame.call('create1', 0, 2, 32, 96, 128)
    expect(frame.bytes.slice(96, 116)).toEqual(new Uint8Array(20))
    expect(frame.bytes[128]).toBe(2)
    expect(frame.frame.returnData).toEqual(Uint8Array.of(6, 6))
  })
  it('trap in a static call', () => {
    expect(trapOf(() => new FakeFrame({ isStatic: true }).call('create1', 0, 2, 32, 96, 128))).toBe('host')
  })
})

describe('logs', () => {
  it('take their topics from the front', () => {
    const frame = new FakeFrame()
    frame.putWord(0, 1n)
    frame.putWord(32, 2n)
    frame.put(64, [7])
    const { ink } = frame.call('emit_log', 0, 65, 2)
    expect(ink).toBe(prices.base.emit_log + readInk(prices, 65) + gas(375n * 3n + 8n))
    const [log] = frame.environment.logs
    expect(log?.topics.map((topic) => topic[31])).toEqual([1, 2])
    expect(log?.data).toEqual(Uint8Array.of(7))
  })
  it('with too many topics, or too few bytes for them, or in a static call, trap', () => {
    expect(trapOf(() => new FakeFrame().call('emit_log', 0, 400, 5))).toBe('host')
    expect(trapOf(() => new FakeFrame().call('emit_log', 0, 400, -1))).toBe('host')
    expect(trapOf(() => new FakeFrame().call('emit_log', 0, 31, 1))).toBe('host')
    expect(trapOf(() => new FakeFrame({ isStatic: true }).call('emit_log', 0, 0, 0))).toBe('host')
  })
})

describe('accounts', () => {
  it('show balance, code, size and hash', () => {
    const frame = new FakeFrame()
    expect(frame.call('account_balance', 0, 32).ink).toBe(prices.base.account_balance + gas(2_600n))
    expect(frame.word(32)).toBe(12_345n)
    const code = frame.call('account_code', 0, 4, 100, 64)
    expect(code).toEqual({ result: 2, ink: prices.base.account_code + gas(3_300n) + writeInk(prices, 6) })
    expect(frame.bytes.slice(64, 67)).toEqual(Uint8Array.of(9, 9, 0))
    expect(frame.call('account_code', 0, -1, -1, 64).result).toBe(0)
    expect(frame.call('account_code_size', 0)).toEqual({ result: 6, ink: prices.base.account_code_size + gas(3_300n) })
    const own = new FakeFrame({}, 10n ** 12n, 1, 'touchstone/1')
    const size = own.call('account_code_size', 0)
    expect(size.ink).toBe(hookPrices('touchstone/1').base.account_code_size + gas(2_600n))
    frame.call('account_codehash', 0, 128)
    expect(frame.bytes.slice(128, 160)).toEqual(new Uint8Array(32).fill(0xcc))
  })
})

describe('context', () => {
  it('is what the chain says', () => {
    const frame = new FakeFrame({ reentrant: true })
    const number = (name: HookName) => frame.call(name).result
    expect(number('block_number')).toBe(block.number)
    expect(number('block_timestamp')).toBe(block.timestamp)
    expect(number('block_gas_limit')).toBe(block.gasLimit)
    expect(number('chainid')).toBe(31_337n)
    expect(number('msg_reentrant')).toBe(1)
    expect(new FakeFrame().call('msg_reentrant').result).toBe(0)
    expect(number('tx_ink_price')).toBe(10_000)
    const word = (name: HookName) => {
      frame.call(name, 0)
      return frame.word(0)
    }
    expect(word('block_basefee')).toBe(block.baseFee)
    expect(word('msg_value')).toBe(5n)
    expect(word('tx_gas_price')).toBe(frameContext.gasPrice)
    const address = (name: HookName) => {
      frame.call(name, 0)
      return frame.bytes.slice(0, 20)
    }
    expect(address('block_coinbase')).toEqual(block.coinbase)
    expect(address('contract_address')).toEqual(frameContext.self)
    expect(address('msg_sender')).toEqual(frameContext.caller)
    expect(address('tx_origin')).toEqual(frameContext.origin)
  })
  it('gives what is left after paying', () => {
    const frame = new FakeFrame({}, 1_000_000n)
    expect(frame.call('evm_gas_left').result).toBe(99n)
    expect(frame.call('evm_ink_left').result).toBe(1_000_000n - 2n * 8_400n)
  })
  it('gives unsigned numbers above 2^63 as the i64 of the same bits', () => {
    const frame = new FakeFrame({ block: { ...block, timestamp: 2n ** 64n - 1n } })
    expect(frame.call('block_timestamp').result).toBe(-1n)
  })
})

describe('arithmetic', () => {
  const MAX = 2n ** 256n - 1n
  const two = (name: HookName, a: bigint, b: bigint) => {
    const frame = new FakeFrame()
    frame.putWord(0, a)
    frame.putWord(32, b)
    const { ink } = frame.call(name, 0, 32)
    expect(frame.word(32)).toBe(b)
    return { value: frame.word(0), ink }
  }
  const three = (name: HookName, a: bigint, b: bigint, n: bigint) => {
    const frame = new FakeFrame()
    frame.putWord(0, a)
    frame.putWord(32, b)
    frame.putWord(64, n)
    frame.call(name, 0, 32, 64)
    return frame.word(0)
  }
  it('divides, with 0 for a divisor of 0', () => {
    expect(two('math_div', 7n, 2n)).toEqual({ value: 3n, ink: prices.base.math_div })
    expect(two('math_div', MAX, 1n).value).toBe(MAX)
    expect(two('math_div', 7n, 0n).value).toBe(0n)
    expect(two('math_mod', 7n, 4n).value).toBe(3n)
    expect(two('math_mod', 7n, 0n).value).toBe(0n)
  })
  it('raises to powers modulo 2^256', () => {
    expect(two('math_pow', 3n, 5n)).toEqual({ value: 243n, ink: prices.base.math_pow + powInk(prices, 1) })
    expect(two('math_pow', 0n, 0n)).toEqual({ value: 1n, ink: prices.base.math_pow + powInk(prices, 0) })
    expect(two('math_pow', 2n, 256n).value).toBe(0n)
    expect(two('math_pow', MAX, MAX)).toEqual({ value: MAX, ink: prices.base.math_pow + powInk(prices, 32) })
  })
  it('adds and multiplies modulo n without overflow', () => {
    expect(three('math_add_mod', MAX, MAX, 10n)).toBe((2n * MAX) % 10n)
    expect(three('math_mul_mod', MAX, MAX, 12n)).toBe((MAX * MAX) % 12n)
    expect(three('math_add_mod', 1n, 2n, 0n)).toBe(0n)
    expect(three('math_mul_mod', 1n, 2n, 0n)).toBe(0n)
  })
  it('hashes what it is pointed to', () => {
    const frame = new FakeFrame()
    frame.put(0, [1, 2, 3])
    expect(frame.call('native_keccak256', 0, 3, 64).ink).toBe(keccakInk(prices, 3))
    expect(frame.bytes.slice(64, 71)).toEqual(Uint8Array.of(0, 0, 0, 3, 1, 2, 3))
  })
})

describe('what a frame holds beside its memory', () => {
  const fill = (frame: FakeFrame, from: number, to: number): void => {
    for (let key = from; key < to; key++) {
      frame.putWord(0, BigInt(key))
      frame.call('storage_cache_bytes32', 0, 32)
    }
  }

  it('counts cached slots as pages until the cache is cleared', () => {
    const frame = new FakeFrame({}, 10n ** 12n, 1, 'touchstone/1')
    const { pages } = frame.environment
    fill(frame, 1, 128)
    expect(pages.open).toBe(0)
    fill(frame, 128, 129)
    expect(pages.open).toBe(1)
    fill(frame, 1, 300)
    expect(pages.open).toBe(2)
    frame.call('storage_flush_cache', 0)
    expect(pages.open).toBe(2)
    frame.call('storage_flush_cache', 1)
    expect(pages).toEqual({ open: 0, ever: 2, held: 0 })
  })
  it('fails where the transaction would hold too much, and gives everything back', () => {
    const frame = new FakeFrame({}, 10n ** 12n, 1, 'touchstone/1')
    const { environment } = frame
    environment.pages.open = 511
    environment.pages.ever = 512
    fill(frame, 0, 255)
    expect(environment.pages.open).toBe(512)
    expect(() => fill(frame, 255, 256)).toThrow(/would hold over 512 pages/)
    frame.frame.close()
    // The fake frame's one page of memory was never opened.
    expect(environment.pages.open).toBe(511 - 1)
  })
  it('counts return data as pages until the next call, and gives them back when it cannot pay', () => {
    const frame = new FakeFrame({}, 10n ** 12n, 1, 'touchstone/1')
    const { environment } = frame
    const returning = (bytes: number, ever = 512): void => {
      environment.pages.ever = ever
      environment.callResult = { success: true, output: new Uint8Array(bytes), gasUsed: 0n }
      frame.call('call_contract', 0, 0, 0, 0, 0n, 0)
    }
    returning(65_536 * 3 - 1)
    expect(environment.pages.open).toBe(2)
    returning(65_535)
    expect(environment.pages.open).toBe(0)
    environment.pages.open = 510
    frame.fuel = 10n ** 9n
    expect(() => returning(65_536 * 2, 0)).toThrow(/out of gas/)
    frame.frame.close()
    expect(environment.pages.open).toBe(510 - 1)
  })
  it('costs nothing in schedule stylus, and has the same bound', () => {
    const frame = new FakeFrame()
    const { pages } = frame.environment
    fill(frame, 0, 256)
    expect(pages).toEqual({ open: 0, ever: 0, held: 2 })
    pages.open = 100
    pages.held = 412
    expect(() => fill(frame, 256, 384)).toThrow(/over 128 pages of memory, or over 512 with those of tables/)
    frame.frame.close()
    expect(pages).toEqual({ open: 100 - 1, ever: 0, held: 412 - 2 })
  })
})

describe('pay_for_memory_grow', () => {
  it('costs its base price where the instruction pays for growth', () => {
    const frame = new FakeFrame({}, 10n ** 12n, 1, 'touchstone/1')
    const base = hookPrices('touchstone/1').base.pay_for_memory_grow
    expect([0, 100].map((pages) => frame.call('pay_for_memory_grow', pages).ink)).toEqual([base, base])
  })
  it('charges pages modulo 2^16 in schedule stylus, whether or not they are added', () => {
    const frame = new FakeFrame()
    const pay = (pages: number): bigint => frame.call('pay_for_memory_grow', pages).ink
    expect([pay(0), pay(0x10000), pay(2), pay(1)]).toEqual([8_400n, 8_400n, 0n, gas(1_000n)])
    expect(frame.environment.pages).toEqual({ open: 3, ever: 3, held: 0 })
    expect(() => pay(126)).toThrow(/over 128 pages/)
    frame.frame.close()
    expect(frame.environment.pages).toEqual({ open: -1, ever: 3, held: 0 })
  })
  it('leaves nothing for calls to count', () => {
    const frame = new FakeFrame({}, 10n ** 12n, 4)
    frame.call('pay_for_memory_grow', 3)
    const { ink } = frame.call('call_contract', 0, 0, 0, 64, 5n, 128)
    expect(ink).toBe(prices.base.call_contract + 2n * readInk(prices, 0) + gas(1_000n))
  })
})
