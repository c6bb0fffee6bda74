/**
 * The chain on one thread: final blocks in the database, the state of any of them, and blocks to come.
 *
 * Invariants: the head is the newest block committed; the flat tables hold the head's state; candidates are on the head.
 * Everything but the commit is synchronous, since contracts read state while they run. While a commit is on its way to
 * the disk, reads go through the trie: the flat tables change somewhere between its start and its end.
 */
import { equalBytes, keyOf } from '../codec/bytes.ts'
import { toHex } from '../codec/hex.ts'
import { type NextHeader, nextHeader } from '../execution/dev/nextHeader.ts'
import type { EngineName, ExecutionConfig } from '../execution/executionConfig.ts'
import { createProgramCache, type ProgramCache } from '../execution/programCache.ts'
import type { KeyValueStore } from '../runtime/keyValueStore.ts'
import { type JournaledState, openState } from '../state/journaledState.ts'
import type { Block } from '../types/block.ts'
import type { Certificate } from '../types/certificate.ts'
import type { Genesis } from '../types/genesis.ts'
import type { Handover } from '../types/handover.ts'
import type { Header } from '../types/header.ts'
import { ZERO_HASH } from '../types/headerCodec.ts'
import type { SenderTransaction } from '../types/transaction.ts'
import { buildBlock } from './buildBlock.ts'
import { Candidates } from './candidate.ts'
import {
  type BlockEvent,
  type BuildRequest,
  type BuiltBlock,
  ChainError,
  type Head,
  type NextRules,
  type ValidationOutcome,
  type ValidatorActivation,
} from './chainService.ts'
import { genesisBatch } from './commit.ts'
import { CommitDrafts } from './commitDrafts.ts'
import { ChainDatabase } from './database.ts'
import type { Diverged } from './diverged.ts'
import { type ExecutionFault, faultText, stopText } from './executionFault.ts'
import { FlatCache } from './flatCache.ts'
import { checkGenesisCode, uncheckedGenesis } from './genesisBlock.ts'
import { expectState, type KeptStates } from './keptStates.ts'
import { MAX_LEFT_OUT } from './limits.ts'
import { countNodes } from './nodeCensus.ts'
import { SecondLine, type SecondLineOptions } from './secondLine.ts'
import { SettingsReader } from './settingsReader.ts'
import { checkedHead, holdsWholeChain } from './startChecks.ts'
import { StatePins } from './statePins.ts'
import { StatePruner } from './statePruner.ts'
import { executeCandidate, staticFault, type Validated } from './validateBlock.ts'
import { activationsAfter, RegistryReader } from './validatorSets.ts'
import { WrittenKeys } from './writtenKeys.ts'

export interface ChainOptions extends Omit<SecondLineOptions, 'config'> {
  /** Empty, or made by this chain. The chain closes it. */
  readonly store: KeyValueStore
  readonly genesis: Genesis
  readonly engine: EngineName
  /** Receives what contracts print while they run. */
  readonly debug?: ExecutionConfig['debug']
  /** Told of each block that came out otherwise here. */
  readonly onDivergence?: (diverged: Diverged) => void
  /**
   * Newest blocks whose states are kept; null for all of them, which is the default. In dev mode those of snapshots
   * are, too.
   */
  readonly keepStates?: number | null
  /** Told before the nodes of a large state are counted, which takes a while: once, when a node begins to let states go. */
  readonly onCounting?: () => void
  /** Told when states went. */
  readonly onPruned?: (states: KeptStates) => void
  /** Where compiled contracts are kept; one of its own by default. */
  readonly programs?: ProgramCache
}

/** A block that was made final. */
export interface Committed extends Omit<BlockEvent, 'rules'> {
  /** As records.ts encodes them. */
  readonly encodedReceipts: Uint8Array
}

type Invalid = Extract<Validated, { ok: false }>

/**
 * Opens the chain in the store; writes block 0 into an empty one.
 * @throws DatabaseError when the store holds another chain, another layout, or less than it should.
 */
export async function openChain(options: ChainOptions): Promise<Chain> {
  const database = new ChainDatabase(options.store)
  const genesisBlock = uncheckedGenesis(options.genesis)
  const genesisHash = genesisBlock.block.hash
  if (!holdsWholeChain(database, genesisHash)) {
    checkGenesisCode(options.genesis)
    const keptKeys = options.genesis.dev === undefined ? [] : genesisBlock.changes.keys
    const operations = await genesisBatch(options.store, genesisBlock, { counted: true, keptKeys })
    await options.store.batch(operations, { sync: true })
  }
  const head = checkedHead(database)
  const isDev = options.genesis.dev !== undefined
  const isToBeCounted = options.keepStates != null && database.states() === null
  if (isToBeCounted || database.isUnfinishedCount()) {
    options.onCounting?.()
    await countNodes(database, head, { isDev })
  }
  const rootAt = (number: bigint) => database.header(number)!.header.stateRoot
  const pins = isDev ? await StatePins.open({ store: options.store, rootAt }) : null
  return new Chain(options, database, genesisHash, head, pins)
}

export class Chain {
  readonly genesis: Genesis
  readonly genesisHash: Uint8Array
  readonly database: ChainDatabase
  /** See {@link ChainService.base}. */
  readonly base: bigint
  readonly config: ExecutionConfig
  readonly #candidates = new Candidates()
  readonly #registries: RegistryReader
  readonly #settings: SettingsReader
  readonly #secondLine: SecondLine
  readonly #onDivergence: NonNullable<ChainOptions['onDivergence']>
  readonly #pruner: StatePruner
  readonly #drafts: CommitDrafts
  #head: Head
  /** The flat tables, which this chain alone writes to. */
  readonly #flat: FlatCache
  /** The root the flat tables hold; null while that is not certain. */
  #flatRoot: Uint8Array | null

  /** Use {@link openChain}. */
  constructor(
    options: ChainOptions,
    database: ChainDatabase,
    genesisHash: Uint8Array,
    head: Head,
    pins: StatePins | null,
  ) {
    this.genesis = options.genesis
    this.genesisHash = genesisHash
    this.database = database
    this.base = database.base()
    this.config = {
      chainId: options.genesis.chainId,
      schedule: options.genesis.schedule,
      engine: options.engine,
      programs: options.programs ?? createProgramCache(),
      ...(options.debug === undefined ? {} : { debug: options.debug }),
    }
    this.#registries = new RegistryReader(options.genesis)
    this.#settings = new SettingsReader(options.genesis)
    this.#secondLine = new SecondLine({ ...options, config: this.config })
    this.#onDivergence = options.onDivergence ?? (() => {})
    this.#pruner = new StatePruner({
      store: options.store,
      states: database.states(),
      keep: options.keepStates == null ? null : BigInt(options.keepStates),
      head: head.header.number,
      pins,
      onPruned: options.onPruned,
    })
    this.#drafts = new CommitDrafts({
      store: options.store,
      pruner: this.#pruner,
      writtenKeys: options.genesis.dev === undefined ? null : new WrittenKeys(),
    })
    this.#head = head
    this.#flat = new FlatCache(database.flat)
    this.#flatRoot = head.header.stateRoot
  }

  get head(): Head {
    return this.#head
  }

  get states(): KeptStates {
    return this.#pruner.states
  }

  /** @throws ChainError `state-pruned`. */
  expectState(header: Header): void {
    expectState(this.#pruner.states.oldest, header)
  }

  /** The state after a block. @throws ChainError `state-pruned`. */
  stateAt(header: Header): JournaledState {
    this.expectState(header)
    const root = header.stateRoot
    const flat = this.#flatRoot !== null && equalBytes(root, this.#flatRoot) ? this.#flat : undefined
    return openState({ root, nodes: this.database, codes: this.database, flat })
  }

  /** @throws ChainError `unknown-block` when the parent is not the head: the caller is behind. */
  build(request: BuildRequest): BuiltBlock {
    const parent = this.#head
    if (!equalBytes(request.parentHash, parent.hash)) {
      throw new ChainError(
        'unknown-block',
        `cannot build on ${toHex(request.parentHash)}: the head is block ${parent.header.number} ${toHex(parent.hash)}`,
      )
    }
    let offered: readonly SenderTransaction[] = request.transactions.filter((tx) => this.#secondLine.mayPropose(tx))
    for (let leftOut = 0; ; leftOut++) {
      const built = this.#secondLine.run(parent.header.number + 1n, offered, (config, watch) => {
        const state = this.stateAt(parent.header)
        const validators = this.#registries.fields(state, parent.header.number + 1n)
        const next = this.#nextHeader(state, parent)
        return buildBlock({ ...request, transactions: offered }, parent, state, next, validators, config, watch)
      })
      if (built.ok) {
        const { candidate, rejected } = built.value
        this.#candidates.add(candidate)
        return { block: candidate.block, rejected }
      }
      const { fault } = built
      if (offered.length === 0) throw new Error(`not even an empty block can be built here: ${faultText(fault)}`)
      this.#secondLine.report(fault, 'left-out')
      offered = leftOut === MAX_LEFT_OUT ? [] : without(offered, fault)
    }
  }

  /** See {@link ChainService.validate}. */
  validate(block: Block, senders: readonly Uint8Array[], hasItsRoot = false): ValidationOutcome {
    const checked = this.#check(block, senders, hasItsRoot)
    if (!('fault' in checked)) {
      if (checked.ok) return checked
      if (checked.unequal.length > 0) this.#diverged('proposal', block, senders, checked)
      return { ok: false, reason: checked.reason }
    }
    this.#secondLine.report(checked.fault, 'voted-against')
    return { ok: false, reason: `it cannot be executed here: ${faultText(checked.fault)}` }
  }

  /** The block is a candidate when it is valid. `fault`: nobody can say that it is not. */
  #check(
    block: Block,
    senders: readonly Uint8Array[],
    hasItsRoot = false,
  ): { readonly ok: true } | Invalid | { readonly fault: ExecutionFault } {
    if (this.#candidates.get(block.hash) !== undefined) return { ok: true }
    if (this.database.isCanonical(block.hash, block.header.number)) return { ok: true }
    const parent = this.#head
    const outcome = this.#secondLine.run(block.header.number, block.transactions, (config, watch): Validated => {
      const state = this.stateAt(parent.header)
      const validators = this.#registries.fields(state, parent.header.number + 1n)
      const next = this.#nextHeader(state, parent)
      const fault = staticFault(block, senders, parent, next, validators, hasItsRoot)
      if (fault !== null) return { ok: false, reason: fault, unequal: [] }
      return executeCandidate(block, senders, state, config, watch)
    })
    if (!outcome.ok) return { fault: outcome.fault }
    if (!outcome.value.ok) return outcome.value
    this.#candidates.add(outcome.value.candidate)
    return { ok: true }
  }

  #diverged(kind: Diverged['kind'], block: Block, senders: readonly Uint8Array[], { reason, unequal }: Invalid): void {
    const { engine } = this.config
    this.#onDivergence({ kind, block, senders, parentRoot: this.#head.header.stateRoot, engine, reason, unequal })
  }

  /** A block that was built or validated on the head; null when there is none with this hash, or not any more. */
  candidate(hash: Uint8Array): Block | null {
    return this.#candidates.get(hash)?.block ?? null
  }

  /** Makes ready what the commit of the block that was executed last will write. One call at a time, not beside a commit. */
  async prepareCommit(): Promise<void> {
    const candidate = this.#candidates.newest()
    if (candidate !== undefined) await this.#drafts.prepare(candidate)
  }

  /**
   * Makes a block final; null when it already was. One call at a time.
   * @throws ChainError `unknown-block` when blocks before it are missing here.
   * @throws Error when a certificate names what cannot be: a block that does not validate, or a second one of a height.
   * More than a third of the voting power is then faulty, or this node computes something else: it must stop.
   */
  async finalize(block: Block, certificate: Certificate, senders: readonly Uint8Array[]): Promise<Committed | null> {
    const { number } = block.header
    if (number <= this.#head.header.number) {
      if (this.database.isCanonical(block.hash, number)) return null
      throw new Error(`a second block ${number} has a certificate: ${toHex(block.hash)}; another one is final here`)
    }
    if (number > this.#head.header.number + 1n) {
      throw new ChainError('unknown-block', `block ${number} cannot follow block ${this.#head.header.number}`)
    }
    if (certificate.height !== number || !equalBytes(certificate.blockHash, block.hash)) {
      throw new Error(`the certificate given for block ${number} ${toHex(block.hash)} is another block's`)
    }
    const outcome = this.#check(block, senders)
    if ('fault' in outcome) {
      this.#secondLine.report(outcome.fault, 'stops')
      throw new Error(stopText(outcome.fault))
    }
    if (!outcome.ok) {
      this.#diverged('certified', block, senders, outcome)
      throw new Error(`block ${number} ${toHex(block.hash)} has a certificate but is invalid here: ${outcome.reason}`)
    }
    const candidate = this.#candidates.get(block.hash)!
    const certified = { certificate, handover: this.#handover(block, certificate) }
    const encodedReceipts = await this.#drafts.commit(candidate, certified, () => {
      this.#flatRoot = null
    })
    this.database.followNodes(candidate.changes)
    this.#flat.follow(candidate.changes)
    this.#head = { header: block.header, hash: block.hash }
    this.#flatRoot = block.header.stateRoot
    this.#candidates.clear()
    this.#pruner.headIs(number)
    return { block: candidate.block, receipts: candidate.receipts, encodedReceipts }
  }

  /** The set of the height after the block, and those scheduled after it. */
  validatorsAfter(header: Header): readonly ValidatorActivation[] {
    return activationsAfter(this.#registries.at(this.stateAt(header)), this.genesis, header.number)
  }

  /** The rules that the state after the block settles for the blocks after it. */
  rulesAfter(header: Header): NextRules {
    const state = this.stateAt(header)
    const validators = activationsAfter(this.#registries.at(state), this.genesis, header.number)
    return { validators, dev: this.#settings.at(state) }
  }

  #nextHeader(parentState: JournaledState, { header }: Head): NextHeader {
    return nextHeader(header, this.genesis, this.#settings.at(parentState))
  }

  /** The validators of the next height are settled by the state before the block. */
  #handover({ header }: Block, certificate: Certificate): Handover | null {
    if (equalBytes(header.mixHash, ZERO_HASH)) return null
    const [, next] = this.validatorsAfter(this.#head.header)
    if (next === undefined)
      throw new Error(`block ${header.number} names validators of the next height, the state none`)
    return { header, certificate, validators: next.validators }
  }

  /** Lets go what states may go, now; they go by themselves, too. */
  pruneStates(): Promise<void> {
    return this.#pruner.finish()
  }

  async close(): Promise<void> {
    await this.#pruner.stop()
    await this.database.store.close()
  }
}

/** A fault outside every transaction could be anyone's: then none is tried again. */
function without(offered: readonly SenderTransaction[], { transaction }: ExecutionFault): readonly SenderTransaction[] {
  if (transaction === null) return []
  const left = keyOf(transaction.hash)
  return offered.filter(({ hash }) => keyOf(hash) !== left)
}
