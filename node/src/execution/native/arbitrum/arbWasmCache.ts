/** ArbWasmCache, 0x72. Every node keeps what it runs as it likes, at no price: there are no managers of a cache, and nothing to bid for. */
import { concatBytes } from '../../../codec/bytes.ts'
import { wordOf } from '../../solidityAbi.ts'
import { type NativeFunction, nativeContract } from '../nativeContract.ts'

const NO = wordOf(0)
const EMPTY_LIST = concatBytes(wordOf(32), wordOf(0))
const WHY = 'this chain has no cache that anybody manages'

const refused = (signature: string): NativeFunction => ({ signature, run: (frame) => frame.refuse(WHY) })

export const arbWasmCache = nativeContract('ArbWasmCache', [
  { signature: 'isCacheManager(address)', run: () => NO },
  { signature: 'allCacheManagers()', run: () => EMPTY_LIST },
  { signature: 'codehashIsCached(bytes32)', run: () => NO },
  ...['cacheCodehash(bytes32)', 'cacheProgram(address)', 'evictCodehash(bytes32)'].map(refused),
])
