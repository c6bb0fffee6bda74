/** Every method this server answers. A name that is not here is answered -32601. */

import { blockControls } from './controls/blocks.ts'
import { poolControls } from './controls/pool.ts'
import { stateControls } from './controls/state.ts'
import { stateFileControls } from './controls/stateFiles.ts'
import { timeControls } from './controls/time.ts'
import type { RpcMethod } from './method.ts'
import { codeByHash } from './methods/debug/codeByHash.ts'
import { executionWitness } from './methods/debug/executionWitness.ts'
import { getRawBlock as debugGetRawBlock } from './methods/debug/getRawBlock.ts'
import { getRawHeader } from './methods/debug/getRawHeader.ts'
import { getRawReceipts } from './methods/debug/getRawReceipts.ts'
import { getRawTransaction } from './methods/debug/getRawTransaction.ts'
import { storageRangeAt } from './methods/debug/storageRangeAt.ts'
import { traceBlockByHash } from './methods/debug/traceBlockByHash.ts'
import { traceBlockByNumber } from './methods/debug/traceBlockByNumber.ts'
import { traceCall } from './methods/debug/traceCall.ts'
import { traceTransaction } from './methods/debug/traceTransaction.ts'
import { accounts } from './methods/eth/accounts.ts'
import { baseFee } from './methods/eth/baseFee.ts'
import { blobBaseFee } from './methods/eth/blobBaseFee.ts'
import { blockNumber } from './methods/eth/blockNumber.ts'
import { call } from './methods/eth/call.ts'
import { capabilities } from './methods/eth/capabilities.ts'
import { chainId } from './methods/eth/chainId.ts'
import { coinbase } from './methods/eth/coinbase.ts'
import { config } from './methods/eth/config.ts'
import { createAccessList } from './methods/eth/createAccessList.ts'
import { estimateGas } from './methods/eth/estimateGas.ts'
import { feeHistory } from './methods/eth/feeHistory.ts'
import { fillTransaction } from './methods/eth/fillTransaction.ts'
import { gasPrice } from './methods/eth/gasPrice.ts'
import { getAccount } from './methods/eth/getAccount.ts'
import { getAccountInfo } from './methods/eth/getAccountInfo.ts'
import { getBalance } from './methods/eth/getBalance.ts'
import { getBlockByHash } from './methods/eth/getBlockByHash.ts'
import { getBlockByNumber } from './methods/eth/getBlockByNumber.ts'
import { getBlockReceipts } from './methods/eth/getBlockReceipts.ts'
import { getBlockTransactionCountByHash } from './methods/eth/getBlockTransactionCountByHash.ts'
import { getBlockTransactionCountByNumber } from './methods/eth/getBlockTransactionCountByNumber.ts'
import { getCode } from './methods/eth/getCode.ts'
import { getFilterChanges } from './methods/eth/getFilterChanges.ts'
import { getFilterLogs } from './methods/eth/getFilterLogs.ts'
import { getLogs } from './methods/eth/getLogs.ts'
import { getProof } from './methods/eth/getProof.ts'
import { getRawTransactionByBlockHashAndIndex } from './methods/eth/getRawTransactionByBlockHashAndIndex.ts'
import { getRawTransactionByBlockNumberAndIndex } from './methods/eth/getRawTransactionByBlockNumberAndIndex.ts'
import { getRawTransactionByHash } from './methods/eth/getRawTransactionByHash.ts'
import { getStorageAt } from './methods/eth/getStorageAt.ts'
import { getStorageValues } from './methods/eth/getStorageValues.ts'
import { getTransactionByBlockHashAndIndex } from './methods/eth/getTransactionByBlockHashAndIndex.ts'
import { getTransactionByBlockNumberAndIndex } from './methods/eth/getTransactionByBlockNumberAndIndex.ts'
import { getTransactionByHash } from './methods/eth/getTransactionByHash.ts'
import { getTransactionBySenderAndNonce } from './methods/eth/getTransactionBySenderAndNonce.ts'
import { getTransactionCount } from './methods/eth/getTransactionCount.ts'
import { getTransactionReceipt } from './methods/eth/getTransactionReceipt.ts'
import { getUncleByBlockHashAndIndex } from './methods/eth/getUncleByBlockHashAndIndex.ts'
import { getUncleByBlockNumberAndIndex } from './methods/eth/getUncleByBlockNumberAndIndex.ts'
import { getUncleCountByBlockHash } from './methods/eth/getUncleCountByBlockHash.ts'
import { getUncleCountByBlockNumber } from './methods/eth/getUncleCountByBlockNumber.ts'
import { maxPriorityFeePerGas } from './methods/eth/maxPriorityFeePerGas.ts'
import { newBlockFilter } from './methods/eth/newBlockFilter.ts'
import { newFilter } from './methods/eth/newFilter.ts'
import { newPendingTransactionFilter } from './methods/eth/newPendingTransactionFilter.ts'
import { pendingTransactions } from './methods/eth/pendingTransactions.ts'
import { protocolVersion } from './methods/eth/protocolVersion.ts'
import { requestAccounts } from './methods/eth/requestAccounts.ts'
import { sendRawTransaction } from './methods/eth/sendRawTransaction.ts'
import { sendRawTransactionSync } from './methods/eth/sendRawTransactionSync.ts'
import { sendTransaction } from './methods/eth/sendTransaction.ts'
import { sendTransactionSync } from './methods/eth/sendTransactionSync.ts'
import { sign } from './methods/eth/sign.ts'
import { signTransaction } from './methods/eth/signTransaction.ts'
import { signTypedData_v4 } from './methods/eth/signTypedData_v4.ts'
import { simulateV1 } from './methods/eth/simulateV1.ts'
import { subscribe } from './methods/eth/subscribe.ts'
import { syncing } from './methods/eth/syncing.ts'
import { uninstallFilter } from './methods/eth/uninstallFilter.ts'
import { unsubscribe } from './methods/eth/unsubscribe.ts'
import { listening as netListening } from './methods/net/listening.ts'
import { peerCount as netPeerCount } from './methods/net/peerCount.ts'
import { version as netVersion } from './methods/net/version.ts'
import { getApiLevel } from './methods/ots/getApiLevel.ts'
import { getBlockDetails } from './methods/ots/getBlockDetails.ts'
import { getBlockDetailsByHash } from './methods/ots/getBlockDetailsByHash.ts'
import { getBlockTransactions } from './methods/ots/getBlockTransactions.ts'
import { getContractCreator } from './methods/ots/getContractCreator.ts'
import { getInternalOperations } from './methods/ots/getInternalOperations.ts'
import { getTransactionBySenderAndNonce as otsGetTransactionBySenderAndNonce } from './methods/ots/getTransactionBySenderAndNonce.ts'
import { getTransactionError } from './methods/ots/getTransactionError.ts'
import { hasCode } from './methods/ots/hasCode.ts'
import { searchTransactionsAfter } from './methods/ots/searchTransactionsAfter.ts'
import { searchTransactionsBefore } from './methods/ots/searchTransactionsBefore.ts'
import { traceTransaction as otsTraceTransaction } from './methods/ots/traceTransaction.ts'
import { sign as personalSign } from './methods/personal/sign.ts'
import { discoverOf } from './methods/rpc/discover.ts'
import { modulesOf } from './methods/rpc/modules.ts'
import { evidence as touchstoneEvidence } from './methods/touchstone/evidence.ts'
import { genesis as touchstoneGenesis } from './methods/touchstone/genesis.ts'
import { getCertificate as touchstoneGetCertificate } from './methods/touchstone/getCertificate.ts'
import { getHandovers as touchstoneGetHandovers } from './methods/touchstone/getHandovers.ts'
import { getRawBlock as touchstoneGetRawBlock } from './methods/touchstone/getRawBlock.ts'
import { status as touchstoneStatus } from './methods/touchstone/status.ts'
import { validators as touchstoneValidators } from './methods/touchstone/validators.ts'
import { block as traceBlock } from './methods/trace/block.ts'
import { call as callTrace } from './methods/trace/call.ts'
import { filter as traceFilter } from './methods/trace/filter.ts'
import { get as traceGet } from './methods/trace/get.ts'
import { replayBlockTransactions as traceReplayBlockTransactions } from './methods/trace/replayBlockTransactions.ts'
import { replayTransaction as traceReplayTransaction } from './methods/trace/replayTransaction.ts'
import { transaction as transactionTrace } from './methods/trace/transaction.ts'
import { content as txpoolContent } from './methods/txpool/content.ts'
import { contentFrom as txpoolContentFrom } from './methods/txpool/contentFrom.ts'
import { inspect as txpoolInspect } from './methods/txpool/inspect.ts'
import { status as txpoolStatus } from './methods/txpool/status.ts'
import { clientVersion as web3ClientVersion } from './methods/web3/clientVersion.ts'
import { sha3 as web3Sha3 } from './methods/web3/sha3.ts'

export const METHODS: ReadonlyMap<string, RpcMethod> = new Map(
  [
    accounts,
    protocolVersion,
    pendingTransactions,
    getTransactionBySenderAndNonce,
    getStorageValues,
    getAccountInfo,
    getAccount,
    config,
    baseFee,
    blobBaseFee,
    capabilities,
    personalSign,
    signTypedData_v4,
    signTransaction,
    sign,
    sendTransactionSync,
    sendTransaction,
    requestAccounts,
    blockNumber,
    call,
    chainId,
    coinbase,
    createAccessList,
    estimateGas,
    feeHistory,
    fillTransaction,
    gasPrice,
    getBalance,
    getBlockByHash,
    getBlockByNumber,
    getBlockReceipts,
    getBlockTransactionCountByHash,
    getBlockTransactionCountByNumber,
    getCode,
    getFilterChanges,
    getFilterLogs,
    getLogs,
    getProof,
    getRawTransactionByBlockHashAndIndex,
    getRawTransactionByBlockNumberAndIndex,
    getRawTransactionByHash,
    getStorageAt,
    getTransactionByBlockHashAndIndex,
    getTransactionByBlockNumberAndIndex,
    getTransactionByHash,
    getTransactionCount,
    getTransactionReceipt,
    getUncleByBlockHashAndIndex,
    getUncleByBlockNumberAndIndex,
    getUncleCountByBlockHash,
    getUncleCountByBlockNumber,
    maxPriorityFeePerGas,
    newBlockFilter,
    newFilter,
    newPendingTransactionFilter,
    sendRawTransaction,
    sendRawTransactionSync,
    simulateV1,
    subscribe,
    syncing,
    uninstallFilter,
    unsubscribe,
    netListening,
    netPeerCount,
    netVersion,
    ...blockControls,
    ...poolControls,
    ...stateControls,
    ...stateFileControls,
    ...timeControls,
    discoverOf(() => METHODS.values()),
    modulesOf(() => METHODS.values()),
    codeByHash,
    executionWitness,
    storageRangeAt,
    debugGetRawBlock,
    getRawHeader,
    getRawReceipts,
    getRawTransaction,
    traceBlockByHash,
    traceBlockByNumber,
    traceCall,
    traceTransaction,
    traceBlock,
    callTrace,
    traceFilter,
    traceGet,
    traceReplayBlockTransactions,
    traceReplayTransaction,
    transactionTrace,
    getApiLevel,
    getBlockDetails,
    getBlockDetailsByHash,
    getBlockTransactions,
    getContractCreator,
    getInternalOperations,
    otsGetTransactionBySenderAndNonce,
    getTransactionError,
    hasCode,
    searchTransactionsAfter,
    searchTransactionsBefore,
    otsTraceTransaction,
    touchstoneEvidence,
    touchstoneGenesis,
    touchstoneGetCertificate,
    touchstoneGetHandovers,
    touchstoneGetRawBlock,
    touchstoneStatus,
    touchstoneValidators,
    txpoolContent,
    txpoolContentFrom,
    txpoolInspect,
    txpoolStatus,
    web3ClientVersion,
    web3Sha3,
  ].map((method) => [method.name, method]),
)
