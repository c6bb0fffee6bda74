/** ArbInfo, 0x65: an account's balance and code. */
import { concatBytes } from '../../../codec/bytes.ts'
import { bytesTail, wordOf } from '../../solidityAbi.ts'
import { NATIVE_INPUT_WORD_GAS, nativeContract } from '../nativeContract.ts'

export const arbInfo = nativeContract('ArbInfo', [
  {
    signature: 'getBalance(address)',
    run: (frame, args) => wordOf(frame.balance(frame.given(args.address(0)))),
  },
  {
    signature: 'getCode(address)',
    run(frame, args) {
      const code = frame.code(frame.given(args.address(0)))
      frame.charge(NATIVE_INPUT_WORD_GAS * BigInt(Math.ceil(code.length / 32)))
      return concatBytes(wordOf(32), bytesTail(code))
    },
  },
])
