/**
 * ArbWasmCache, 0x72. Its storage says which codes are warm (warmCodes.ts), by a rule and at no price: there are no
 * managers of a cache, and nothing to bid for.
 */
import { concatBytes } from '../../../codec/bytes.ts'
import { wordOf } from '../../solidityAbi.ts'
import { isWarmEntry } from '../../warmCodes.ts'
import { type NativeFunction, nativeContract } from '../nativeContract.ts'

const [NO, YES] = [wordOf(0), wordOf(1)]
const EMPTY_LIST = concatBytes(wordOf(32), wordOf(0))
const WHY = 'this chain has no cache that anybody manages'

const refused = (signature: string): NativeFunction => ({ signature, run: (frame) => frame.refuse(WHY) })

export const arbWasmCache = nativeContract('ArbWasmCache', [
  { signature: 'isCacheManager(address)', run: () => NO },
  { signature: 'allCacheManagers()', run: () => EMPTY_LIST },
  {
    signature: 'codehashIsCached(bytes32)',
    run(frame, args) {
      const codeHash = frame.given(args.word(0))
      return isWarmEntry(frame.load(codeHash)) ? YES : NO
    },
  },
  ...['cacheCodehash(bytes32)', 'cacheProgram(address)', 'evictCodehash(bytes32)'].map(refused),
])
