import { toHex, toQuantity } from '../../../codec/hex.ts'
import { blockReference } from '../../decode/blockReference.ts'
import { arrayOf } from '../../decode/decoder.ts'
import { address, slot } from '../../decode/hex.ts'
import { defineMethod, required, withDefault } from '../../method.ts'
import { PROOF } from '../../schema/results.ts'

/** eth_getProof: EIP-1186. */
export const getProof = defineMethod({
  name: 'eth_getProof',
  kind: 'read',
  pace: 'slow',
  summary: 'EIP-1186, at any height this node has',
  differs: 'keys are 32 bytes each in the answer',
  result: PROOF,
  params: ({ limits }) => [
    required('address', address),
    required('storageKeys', arrayOf(slot, limits.maxProofKeys, 'maxProofKeys')),
    withDefault('block', blockReference, 'latest'),
  ],
  async handle({ backend }, account, keys, block) {
    const proof = await backend.chain.proof(account, keys, block)
    return {
      address: toHex(proof.address),
      accountProof: proof.accountProof.map(toHex),
      balance: toQuantity(proof.account.balance),
      codeHash: toHex(proof.account.codeHash),
      nonce: toQuantity(proof.account.nonce),
      storageHash: toHex(proof.account.storageRoot),
      storageProof: proof.storageProof.map((entry) => ({
        key: toHex(entry.key),
        value: toQuantity(entry.value),
        proof: entry.proof.map(toHex),
      })),
    }
  },
})
