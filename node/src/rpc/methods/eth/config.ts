import { bigintToBytes } from '../../../codec/bytes.ts'
import { toHex, toQuantity } from '../../../codec/hex.ts'
import { REGISTRY_ADDRESS } from '../../../execution/validatorRegistry/registryInterface.ts'
import { hasOperators } from '../../../types/genesis.ts'
import { defineMethod } from '../../method.ts'
import { ADDRESS, COUNT, dataOf, mapOf, NULL, QUANTITY, record } from '../../schema/schema.ts'

/** EIP-7910's names, by address less one. */
const PRECOMPILES = [
  'ECREC',
  'SHA256',
  'RIPEMD160',
  'ID',
  'MODEXP',
  'BN254_ADD',
  'BN254_MUL',
  'BN254_PAIRING',
  'BLAKE2F',
]

const precompiles = Object.fromEntries(
  PRECOMPILES.map((name, index) => [name, toHex(bigintToBytes(BigInt(index + 1), 20))]),
)

/** eth_config: EIP-7910. One set of rules from the genesis on; the fork id is the CRC of the genesis hash (EIP-6122). */
export const config = defineMethod({
  name: 'eth_config',
  kind: 'read',
  summary: 'EIP-7910: the rules in force, which are those of the genesis',
  differs: 'no forks: `next` and `last` are null, and so is `blobSchedule`',
  result: record({
    current: record({
      activationTime: COUNT,
      blobSchedule: NULL,
      chainId: QUANTITY,
      forkId: dataOf(4),
      precompiles: mapOf(ADDRESS),
      systemContracts: mapOf(ADDRESS),
    }),
    next: NULL,
    last: NULL,
  }),
  params: [],
  handle: ({ backend: { chain } }) => ({
    current: {
      activationTime: 0,
      blobSchedule: null,
      chainId: toQuantity(chain.genesis.chainId),
      forkId: toHex(bigintToBytes(BigInt(process.getBuiltinModule('node:zlib').crc32(chain.genesisHash)), 4)),
      precompiles,
      systemContracts: hasOperators(chain.genesis) ? { VALIDATOR_REGISTRY_ADDRESS: toHex(REGISTRY_ADDRESS) } : {},
    },
    next: null,
    last: null,
  }),
})
