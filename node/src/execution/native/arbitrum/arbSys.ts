/** ArbSys, 0x64: what contracts ask about the chain. There is no chain below this one, so nothing can be sent there. */
import { addressWord, wordOf } from '../../solidityAbi.ts'
import { type NativeFunction, nativeContract } from '../nativeContract.ts'

/** ArbOS 31, the first with Stylus version 2; ArbSys adds 55. */
const ARBOS_VERSION = 55 + 31
/** Arbitrum's offset between the address of a contract of the chain below and the sender it is here. */
const ALIAS_OFFSET = 0x1111000000000000000000000000000000001111n

const refused = (signature: string, why: string): NativeFunction => ({
  signature,
  isPayable: true,
  run: (frame) => frame.refuse(why),
})
const NO_LAYER_BELOW = 'this chain settles on no other: nothing can be sent to one'

export const arbSys = nativeContract('ArbSys', [
  { signature: 'arbBlockNumber()', run: ({ context }) => wordOf(context.block.number) },
  { signature: 'arbChainID()', run: ({ context }) => wordOf(context.config.chainId) },
  { signature: 'arbOSVersion()', run: () => wordOf(ARBOS_VERSION) },
  { signature: 'getStorageGasAvailable()', run: () => wordOf(0) },
  { signature: 'isTopLevelCall()', run: ({ message }) => wordOf(message.depth <= 1 ? 1 : 0) },
  { signature: 'wasMyCallersAddressAliased()', run: () => wordOf(0) },
  { signature: 'myCallersAddressWithoutAliasing()', run: ({ context }) => addressWord(context.origin) },
  {
    signature: 'mapL1SenderContractAddressToL2Alias(address,address)',
    run(frame, args) {
      const sender = frame.given(args.uint(0, (1n << 160n) - 1n))
      return wordOf(BigInt.asUintN(160, sender + ALIAS_OFFSET))
    },
  },
  refused('arbBlockHash(uint256)', 'this chain gives contracts no hashes of blocks'),
  refused('withdrawEth(address)', NO_LAYER_BELOW),
  refused('sendTxToL1(address,bytes)', NO_LAYER_BELOW),
  refused('sendMerkleTreeState()', NO_LAYER_BELOW),
])
