/** Contracts that a network has from its start: known to `devnet send` and `devnet call` without an artifact. */
import { REGISTRY_ADDRESS, REGISTRY_INTERFACE } from '@touchstone/node/validator-registry'
import { bytesToHex, getAddress, parseAbi } from 'viem'
import { create2FactoryAddress, multicall3Address } from '../network/predeployAddresses.ts'
import type { KnownContract } from './knownContracts.ts'

/** docs/protocol/consensus.md, "Changes of the validator set". Nodes run it themselves: it has no code. */
export const validatorRegistry: KnownContract = {
  name: 'Validators',
  address: getAddress(bytesToHex(REGISTRY_ADDRESS)),
  abi: parseAbi(REGISTRY_INTERFACE),
}

/** Those of the build (contracts/predeploys), written out so that no command needs a build to read a log. */
const multicall3: KnownContract = {
  name: 'Multicall3',
  address: multicall3Address,
  abi: parseAbi([
    'struct Call { address target; bytes callData; }',
    'struct Call3 { address target; bool allowFailure; bytes callData; }',
    'struct Call3Value { address target; bool allowFailure; uint256 value; bytes callData; }',
    'struct Result { bool success; bytes returnData; }',
    'function aggregate(Call[] calls) payable returns (uint256 blockNumber, bytes[] returnData)',
    'function aggregate3(Call3[] calls) payable returns (Result[])',
    'function aggregate3Value(Call3Value[] calls) payable returns (Result[])',
    'function blockAndAggregate(Call[] calls) payable returns (uint256 blockNumber, bytes32 blockHash, Result[] returnData)',
    'function getBasefee() view returns (uint256)',
    'function getBlockHash(uint256 blockNumber) view returns (bytes32)',
    'function getBlockNumber() view returns (uint256)',
    'function getChainId() view returns (uint256)',
    'function getCurrentBlockCoinbase() view returns (address)',
    'function getCurrentBlockDifficulty() view returns (uint256)',
    'function getCurrentBlockGasLimit() view returns (uint256)',
    'function getCurrentBlockTimestamp() view returns (uint256)',
    'function getEthBalance(address addr) view returns (uint256)',
    'function getLastBlockHash() view returns (bytes32)',
    'function tryAggregate(bool requireSuccess, Call[] calls) payable returns (Result[])',
    'function tryBlockAndAggregate(bool requireSuccess, Call[] calls) payable returns (uint256 blockNumber, bytes32 blockHash, Result[] returnData)',
  ]),
}

const create2Factory: KnownContract = {
  name: 'Create2Factory',
  address: create2FactoryAddress,
  abi: parseAbi(['fallback() external payable']),
}

export const systemContracts: readonly KnownContract[] = [validatorRegistry, multicall3, create2Factory]

/** By its name as it is written, or its address in any case; null when there is none. */
export function findSystemContract(text: string): KnownContract | null {
  const wanted = text.toLowerCase()
  return systemContracts.find(({ name, address }) => name === text || address.toLowerCase() === wanted) ?? null
}
