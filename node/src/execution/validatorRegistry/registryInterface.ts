/** Where the validator registry is, and its interface in Solidity's words: for its callers. */
import { bigintToBytes } from '../../codec/bytes.ts'

/** 20 bytes: 0x...0801. No key signs for it, and no code can be put there. */
export const REGISTRY_ADDRESS = bigintToBytes(0x801n, 20)

/** The interface that viem and ethers parse, and that registryAbi.ts encodes by hand. */
export const REGISTRY_INTERFACE = [
  'struct Validator { bytes32 publicKey; uint64 power; address feeRecipient; address operator; }',
  'struct Change { uint64 id; bytes32 publicKey; uint64 power; address feeRecipient; address operator; uint64 height; uint64 approvedPower; bool isScheduled; }',
  'function propose(bytes32 publicKey, uint64 power, address feeRecipient, address operator, uint64 height) returns (uint64 id)',
  'function approve(uint64 id)',
  'function validators() view returns (Validator[])',
  'function changes() view returns (Change[])',
  'event ChangeProposed(uint64 indexed id, bytes32 indexed publicKey, uint64 power, uint64 height, address proposer)',
  'event ChangeApproved(uint64 indexed id, address indexed operator, uint64 approvedPower)',
  'event ChangeScheduled(uint64 indexed id, bytes32 indexed publicKey, uint64 power, uint64 height)',
] as const
