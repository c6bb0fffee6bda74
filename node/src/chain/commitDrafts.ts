/**
 * Commits blocks, and makes ready what a commit writes once the block was executed, while its votes are on their way: the
 * commit then adds the certificate and writes.
 *
 * Made ready is only what the commit would make itself. Nothing but commits changes what it was read from, and none comes
 * between, but that states are let go and pinned meanwhile: what depends on these is made again where a write of theirs
 * came since. Of one block at a time, the newest: those of rounds that failed are never committed as a rule.
 *
 * Why it is so: docs/rationale/chain.md.
 */
import type { KeyValueStore, StoreOperation } from '../runtime/keyValueStore.ts'
import type { Candidate } from './candidate.ts'
import { type Certified, type CommitDraft, draftCommit, nodeWrites, wholeBatch } from './commit.ts'
import type { StatePruner } from './statePruner.ts'
import type { WrittenKeys } from './writtenKeys.ts'

export interface CommitDraftsOptions {
  readonly store: KeyValueStore
  readonly pruner: StatePruner
  /** On a chain in dev mode. */
  readonly writtenKeys: WrittenKeys | null
}

interface Ready {
  readonly candidate: Candidate
  readonly draft: CommitDraft
  readonly keptKeys: readonly Uint8Array[]
  readonly nodes: Nodes | null
}

/** Right as long as {@link StatePruner.writes} is the same. */
interface Nodes {
  readonly operations: readonly StoreOperation[]
  readonly writes: number
}

export class CommitDrafts {
  readonly #store: KeyValueStore
  readonly #pruner: StatePruner
  readonly #writtenKeys: WrittenKeys | null
  #ready: Ready | null = null

  constructor({ store, pruner, writtenKeys }: CommitDraftsOptions) {
    this.#store = store
    this.#pruner = pruner
    this.#writtenKeys = writtenKeys
  }

  /**
   * Makes the commit of a candidate ready; another one's is forgotten. Not beside a commit. A store that cannot be read is
   * left to the commit, which reads it again.
   */
  async prepare(candidate: Candidate): Promise<void> {
    if (this.#ready?.candidate === candidate) return
    this.#ready = null
    try {
      const made = await this.#make(candidate)
      const { writes } = this.#pruner
      const nodes = writes === null ? null : { operations: await this.#nodes(candidate), writes }
      this.#ready = { ...made, nodes }
    } catch (error) {
      if (!isStoreError(error)) throw error
    }
  }

  /**
   * Writes a candidate on the head. `onWrite` is called when the store is about to change. Returns the receipts as
   * records.ts encodes them. @throws StoreError, and what letting states go failed with.
   */
  async commit(candidate: Candidate, certified: Certified, onWrite: () => void): Promise<Uint8Array> {
    const ready = this.#ready?.candidate === candidate ? this.#ready : null
    this.#ready = null
    const { draft, keptKeys } = ready ?? (await this.#make(candidate))
    await this.#pruner.commit(candidate.changes.goneNodes.length, async () => {
      const isCurrent = ready?.nodes != null && ready.nodes.writes === this.#pruner.writes
      const nodes = isCurrent ? ready.nodes.operations : await this.#nodes(candidate)
      onWrite()
      await this.#store.batch(wholeBatch(candidate, draft, nodes, certified), { sync: true })
    })
    this.#writtenKeys?.add(keptKeys)
    return draft.receipts
  }

  async #make(candidate: Candidate): Promise<Pick<Ready, 'candidate' | 'draft' | 'keptKeys'>> {
    const keptKeys = this.#writtenKeys?.unwritten(candidate.changes.keys) ?? []
    return { candidate, keptKeys, draft: await draftCommit(this.#store, candidate, { keptKeys }) }
  }

  #nodes(candidate: Candidate): Promise<readonly StoreOperation[]> {
    return nodeWrites(this.#store, candidate, { counted: this.#pruner.isCounted })
  }
}

/** The store is handed in, so its error is known by its name. */
function isStoreError(error: unknown): boolean {
  return error instanceof Error && error.name === 'StoreError'
}
