/** Bounds of a proof file: a verifier does not trust the author of the file. */

/**
 * Bytes of the file, as JSON. A receipt is in it twice, in hex: one of 8 MB does not fit. With 30 million gas the
 * largest has 4 MB.
 */
export const MAX_PROOF_FILE_BYTES = 32 * 1024 * 1024
/** Changes of the validator set between the genesis and the block; each costs its signatures. */
export const MAX_PROOF_HANDOVERS = 4_096
/** Storage slots of one file. */
export const MAX_PROOF_SLOTS = 1_024
