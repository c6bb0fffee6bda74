/** ArbOwnerPublic, 0x6b. The chain has no owner. */
import { concatBytes } from '../../../codec/bytes.ts'
import { MAX_CODE_FRAGMENTS } from '../../limits.ts'
import { wordOf } from '../../solidityAbi.ts'
import { nativeContract } from '../nativeContract.ts'

const ZERO = wordOf(0)
const EMPTY_LIST = concatBytes(wordOf(32), ZERO)
const FRAGMENTS = wordOf(MAX_CODE_FRAGMENTS)

export const arbOwnerPublic = nativeContract('ArbOwnerPublic', [
  { signature: 'isChainOwner(address)', run: () => ZERO },
  { signature: 'getAllChainOwners()', run: () => EMPTY_LIST },
  // Base fees are burnt.
  { signature: 'getNetworkFeeAccount()', run: () => ZERO },
  { signature: 'getInfraFeeAccount()', run: () => ZERO },
  { signature: 'getBrotliCompressionLevel()', run: () => ZERO },
  { signature: 'getScheduledUpgrade()', run: () => concatBytes(ZERO, ZERO) },
  { signature: 'isCalldataPriceIncreaseEnabled()', run: () => ZERO },
  { signature: 'getMaxStylusContractFragments()', run: () => FRAGMENTS },
  { signature: 'rectifyChainOwner(address)', run: (frame) => frame.refuse('this chain has no owner') },
])
