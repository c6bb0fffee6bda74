/**
 * Multicall3: many calls in one, at the address 0xcA11bde05977b3631167028862bE2a173976CA11 at which clients look for it.
 * Functions, results and errors are those of https://github.com/mds1/multicall3. As there, any function may be called
 * while another one runs, because what is called in a bundle is often this contract itself.
 */

import { Address, block, Bytes, Bytes32, call, msg, require, revert, U256, u256 } from '@touchstone/contracts/as'

@struct class Call { target: Address; callData: Bytes }
@struct class Call3 { target: Address; allowFailure: bool; callData: Bytes }
@struct class Call3Value { target: Address; allowFailure: bool; value: U256; callData: Bytes }
@struct class Result { success: bool; returnData: Bytes }

@returns class Outputs { blockNumber: U256; returnData: Bytes[] }
@returns class BlockAndResults { blockNumber: U256; blockHash: Bytes32; returnData: Result[] }

const CALL_FAILED = 'Multicall3: call failed'

@contract
export class Multicall3 {
  @payable @reentrant aggregate(calls: Call[]): Outputs {
    const returnData: Bytes[] = []
    for (let i = 0; i < calls.length; i++) {
      const made = call(calls[i].target, calls[i].callData)
      require(made.success, CALL_FAILED)
      returnData.push(made.data)
    }
    return new Outputs(u256(block.number), returnData)
  }

  @payable @reentrant tryAggregate(requireSuccess: bool, calls: Call[]): Result[] {
    return this.all(requireSuccess, calls)
  }

  @payable @reentrant tryBlockAndAggregate(requireSuccess: bool, calls: Call[]): BlockAndResults {
    return this.blockAnd(requireSuccess, calls)
  }

  @payable @reentrant blockAndAggregate(calls: Call[]): BlockAndResults {
    return this.blockAnd(true, calls)
  }

  @payable @reentrant aggregate3(calls: Call3[]): Result[] {
    const results: Result[] = []
    for (let i = 0; i < calls.length; i++) {
      const made = call(calls[i].target, calls[i].callData)
      require(calls[i].allowFailure || made.success, CALL_FAILED)
      results.push(new Result(made.success, made.data))
    }
    return results
  }

  @payable @reentrant aggregate3Value(calls: Call3Value[]): Result[] {
    const results: Result[] = []
    // The sum that is sent may wrap where a call that is allowed to fail asks for more than there is, as in the original.
    let sent = U256.ZERO
    for (let i = 0; i < calls.length; i++) {
      sent = sent.wrappingAdd(calls[i].value)
      const made = call(calls[i].target, calls[i].callData, calls[i].value)
      require(calls[i].allowFailure || made.success, CALL_FAILED)
      results.push(new Result(made.success, made.data))
    }
    require(msg.value == sent, 'Multicall3: value mismatch')
    return results
  }

  @view @reentrant getBasefee(): U256 { return block.baseFee }
  @view @reentrant getBlockNumber(): U256 { return u256(block.number) }
  @view @reentrant getChainId(): U256 { return u256(block.chainId) }
  @view @reentrant getCurrentBlockCoinbase(): Address { return block.coinbase }
  /** Zero, as in every header of this chain. */
  @view @reentrant getCurrentBlockDifficulty(): U256 { return U256.ZERO }
  @view @reentrant getCurrentBlockGasLimit(): U256 { return u256(block.gasLimit) }
  @view @reentrant getCurrentBlockTimestamp(): U256 { return u256(block.timestamp) }
  @view @reentrant getEthBalance(addr: Address): U256 { return addr.balance }

  // The chain gives contracts no hashes of blocks. An invented one could be believed.
  @view @reentrant getBlockHash(blockNumber: U256): Bytes32 { return noHash() }
  @view @reentrant getLastBlockHash(): Bytes32 { return noHash() }

  private all(requireSuccess: bool, calls: Call[]): Result[] {
    const results: Result[] = []
    for (let i = 0; i < calls.length; i++) {
      const made = call(calls[i].target, calls[i].callData)
      require(!requireSuccess || made.success, CALL_FAILED)
      results.push(new Result(made.success, made.data))
    }
    return results
  }

  /** The hash of the block that a call runs in is zero for every contract of the EVM, too. */
  private blockAnd(requireSuccess: bool, calls: Call[]): BlockAndResults {
    return new BlockAndResults(u256(block.number), Bytes32.zero, this.all(requireSuccess, calls))
  }
}

function noHash(): Bytes32 {
  revert('Multicall3: this chain gives contracts no hashes of blocks')
  return Bytes32.zero
}
