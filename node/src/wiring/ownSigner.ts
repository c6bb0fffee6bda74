/**
 * Opens this validator's signer and holds its record against the chain. A record that has forgotten a vote makes a
 * validator sign twice, so one that is damaged, of somebody else, or older than what the chain shows is refused.
 */
import { join } from 'node:path'
import type { ChainService } from '../chain/chainService.ts'
import { toHex } from '../codec/hex.ts'
import { forgottenHeight } from '../consensus/signing/forgottenHeight.ts'
import { openSigner, type Signer, type SigningKey } from '../consensus/signing/signer.ts'
import { openLevelStore } from '../runtime/levelStore.ts'

export interface OwnSignerOptions {
  readonly dataDir: string
  readonly key: SigningKey
  /** The key has never signed: its record begins now. */
  readonly isNew: boolean
  readonly chain: ChainService
}

export interface OwnSigner {
  readonly signer: Signer
  close(): Promise<void>
}

/** The record cannot be relied on. The message says what to do. */
export class SignerRecordError extends Error {
  override readonly name = 'SignerRecordError'
}

const WAY_OUT =
  'Do not start with an older copy of it. Move the directory away and set "validatorIsNew" to false: this validator ' +
  'then abstains until a block made since is decided without it, and begins a new record.'

/** @throws StoreError, SignerRecordError. */
export async function openOwnSigner({ dataDir, key, isNew, chain }: OwnSignerOptions): Promise<OwnSigner> {
  // A database of its own: the chain's can be deleted and synced again without forgetting votes.
  const directory = join(dataDir, 'signer')
  const store = await openLevelStore(directory, {
    isSmall: true,
    whenDamaged: `It is the record of this validator's signatures. ${WAY_OUT}`,
  })
  try {
    const signer = await openSigner({ store, key, genesisHash: chain.genesisHash }).catch((error: unknown) => {
      throw new SignerRecordError(`The record in ${directory} cannot be used. ${(error as Error).message}`)
    })
    // An empty record that was not called new abstains: it claims to know nothing.
    const claims = isNew || signer.isComplete()
    const certificate = (await chain.block('latest'))?.certificate ?? null
    const { genesisHash } = chain
    const forgotten = claims ? await forgottenHeight(signer, { certificate, genesisHash }) : null
    if (forgotten !== null) {
      const end = signer.last()?.height ?? null
      throw new SignerRecordError(
        `The record of signatures of this validator (${toHex(key.publicKey)}), in ${directory}, ` +
          `${end === null ? 'is empty' : `ends at height ${end}`}, but block ${forgotten} carries its signature. ${WAY_OUT}`,
      )
    }
    if (isNew) await signer.begin(null)
    return { signer, close: () => store.close() }
  } catch (error) {
    await store.close()
    throw error
  }
}
