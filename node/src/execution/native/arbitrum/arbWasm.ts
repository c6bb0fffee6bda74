/**
 * ArbWasm, 0x71: activation of Stylus programs, as nitro's precompiles/ArbWasm.go. Here it validates again, records,
 * costs no fee, gives back all wei, and nothing depends on it.
 */
import { concatBytes } from '../../../codec/bytes.ts'
import { MAX_UINT64 } from '../../../codec/rlpFields.ts'
import { DEFAULT_LIMITS, FREE_PAGES, INK_PER_GAS, PAGE_GAS } from '../../contractHost.ts'
import { loadPrice, type ModuleSizes, NO_MODULE, warmLoadPrice } from '../../fees.ts'
import { MAX_WARM_CODES } from '../../limits.ts'
import { loadCode } from '../../loadCode.ts'
import { type Arguments, selectorOf, topicOf, wordOf } from '../../solidityAbi.ts'
import { isFragment } from '../../storedCode.ts'
import { type NativeFrame, type NativeFunction, nativeContract } from '../nativeContract.ts'
import {
  type Activation,
  activationLog,
  activationOf,
  decodeActivation,
  encodeActivation,
  STYLUS_VERSION,
} from './activation.ts'

const PROGRAM_NOT_WASM = selectorOf('ProgramNotWasm()')
const PROGRAM_NOT_ACTIVATED = selectorOf('ProgramNotActivated()')
const PROGRAM_UP_TO_DATE = selectorOf('ProgramUpToDate()')
const PROGRAM_LIFETIME_EXTENDED = topicOf('ProgramLifetimeExtended(bytes32,uint256)')

/** Validates what is at the address and records it. The result, ABI-encoded, is its version and a fee of 0. */
function activate(frame: NativeFrame, program: Uint8Array): Uint8Array {
  const { state } = frame.context
  const code = frame.code(program)
  if (code.length === 0 || isFragment(code)) return frame.revert(PROGRAM_NOT_WASM)
  const codeHash = state.codeHash(program)
  if (decodeActivation(frame.load(codeHash)) !== null) return frame.revert(PROGRAM_UP_TO_DATE)
  const loading = loadCode(frame.context, program, code, frame.gasLeft, null)
  if (!loading.ok) return frame.fail(loading.reason)
  frame.charge(loading.gas)
  frame.store(codeHash, encodeActivation(activationOf(loading.contract)))
  const { topics, data } = activationLog(codeHash, program)
  frame.log(topics, data)
  return concatBytes(wordOf(STYLUS_VERSION), wordOf(0))
}

function activation(frame: NativeFrame, codeHash: Uint8Array): Activation {
  return decodeActivation(frame.load(codeHash)) ?? frame.revert(PROGRAM_NOT_ACTIVATED)
}

function ofHash(signature: string, view: (activation: Activation) => Uint8Array): NativeFunction {
  return { signature, run: (frame, args) => view(activation(frame, frame.given(args.word(0)))) }
}

function ofProgram(
  signature: string,
  view: (activation: Activation, storedBytes: number) => Uint8Array,
): NativeFunction {
  const run = (frame: NativeFrame, args: Arguments) => {
    const program = frame.given(args.address(0))
    const code = frame.code(program)
    return view(activation(frame, frame.context.state.codeHash(program)), code.length)
  }
  return { signature, run }
}

function constant(signature: string, ...values: readonly (bigint | number)[]): NativeFunction {
  const result = concatBytes(...values.map(wordOf))
  return { signature, run: () => result }
}

/** Of a cold load and of a warm one, where a transaction has none of its allowance left. */
const initGas = (module: ModuleSizes, storedBytes: number): readonly bigint[] => {
  const sizes = { ...module, storedBytes }
  return [loadPrice(sizes, 0n).gas, warmLoadPrice(sizes, 0n).gas]
}

export const arbWasm = nativeContract('ArbWasm', [
  {
    signature: 'activateProgram(address)',
    isPayable: true,
    run(frame, args) {
      const result = activate(frame, frame.given(args.address(0)))
      frame.giveBack(frame.message.value)
      return result
    },
  },
  {
    signature: 'codehashKeepalive(bytes32)',
    isPayable: true,
    run(frame, args) {
      const codeHash = frame.given(args.word(0))
      activation(frame, codeHash)
      frame.log([PROGRAM_LIFETIME_EXTENDED, codeHash], wordOf(0))
      frame.giveBack(frame.message.value)
      return new Uint8Array(0)
    },
  },
  constant('stylusVersion()', STYLUS_VERSION),
  ofHash('codehashVersion(bytes32)', ({ version }) => wordOf(version)),
  ofHash('codehashAsmSize(bytes32)', ({ moduleBytes }) => wordOf(moduleBytes)),
  ofProgram('programVersion(address)', ({ version }) => wordOf(version)),
  ofProgram('programMemoryFootprint(address)', ({ pages }) => wordOf(pages)),
  ofProgram('programInitGas(address)', (activation, storedBytes) =>
    concatBytes(...initGas(activation, storedBytes).map(wordOf)),
  ),
  // A program never expires.
  ofProgram('programTimeLeft(address)', () => wordOf(MAX_UINT64)),
  constant('inkPrice()', INK_PER_GAS),
  constant('maxStackDepth()', DEFAULT_LIMITS.stackBytes),
  constant('freePages()', FREE_PAGES),
  constant('pageGas()', PAGE_GAS),
  constant('pageRamp()', 0),
  constant('pageLimit()', DEFAULT_LIMITS.memoryPages),
  constant('minInitGas()', ...initGas(NO_MODULE, 0)),
  constant('initCostScalar()', 100),
  constant('expiryDays()', 0xffff),
  constant('keepaliveDays()', 0),
  constant('blockCacheSize()', MAX_WARM_CODES),
])
