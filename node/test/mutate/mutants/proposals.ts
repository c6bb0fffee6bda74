/**
 * Mutants of proposals as lists: what is checked of a list, how its block is put together, whom its transactions come from.
 */
import { mutantsOf } from '../mutant.ts'

export const proposalMutants = [
  ...mutantsOf('signing/signBytes.ts', [
    [
      'signs for every list',
      'proposals',
      '  if (content.contentsHash !== null) out.set(content.contentsHash, 104)\n',
      '',
    ],
  ]),
  ...mutantsOf('wire/contents.ts', [
    [
      'takes lists of more bytes than a block has',
      'proposals',
      'if (length === 0 || bytes > MAX_BLOCK_BYTES) {',
      'if (length === 0) {',
    ],
    [
      'takes lists of transactions without bytes',
      'proposals',
      'if (length === 0 || bytes > MAX_BLOCK_BYTES) {',
      'if (bytes > MAX_BLOCK_BYTES) {',
    ],
  ]),
  ...mutantsOf('proposals/proposedBlocks.ts', [
    [
      'takes a head with another hash than the signed one',
      'proposals',
      'if (!equalBytes(head.hash, message.blockHash)) {',
      'if (head.hash.length !== 32) {',
    ],
    [
      'takes transactions that are not in the list',
      'proposals',
      'if (keyOf(transaction.hash) === listed[index]!.key) return transaction',
      'if (listed[index] !== undefined) return transaction',
    ],
    [
      'gives peers transactions of another list for the block',
      'proposals',
      'if (equalBytes(known.contentsHash, contentsHash)) return known.block',
      'if (known.contentsHash.length === contentsHash.length) return known.block',
    ],
  ]),
  ...mutantsOf('proposals/blockForm.ts', [
    [
      'puts together what the header does not commit to',
      'proposals',
      'if (!equalBytes(root, header.transactionsRoot)) {',
      'if (root.length !== 32) {',
    ],
  ]),
  ...mutantsOf('proposals/assemblies.ts', [
    [
      'takes any list for that of a block it knows',
      'proposals',
      'if (equalBytes(encodeContents(known.transactions), message.contents)) return',
      'if (known.transactions.length >= 0) return',
    ],
    ['forgets which lists are no block', 'proposals', 'if (this.#bad.size < MAX_BAD_LISTS) this.#bad.add(name)', ''],
    [
      'waits for blocks without end',
      'proposals',
      'if (this.#waiting.size < MAX_ASSEMBLIES) return true',
      'return true',
    ],
    [
      'gives peers transactions of another list that waits',
      'proposals',
      'if (name.endsWith(list)) return assembly',
      'if (list.length > 1) return assembly',
    ],
    [
      'has no room for this round when proposals of the next came first',
      'proposals',
      'if (fullest === undefined || (fullest[0] > round && fullest[1].length <= own + 1)) return false',
      'if (fullest === undefined || fullest[0] > round) return false',
    ],
    [
      'gives up what waits for the round under way',
      'proposals',
      'if (rounds.includes(current) || rounds.includes(round)) continue',
      'if (rounds.includes(round)) continue',
    ],
    ['waits for a block in one round only', 'proposals', '      waiting.messages.push(message)\n', ''],
  ]),
  ...mutantsOf('proposals/assembly.ts', [
    [
      'takes any transaction that a peer gives',
      'proposals',
      'if (raw.length !== length || keyOf(keccak256(raw)) !== key) {',
      'if (raw.length > MAX_PARTS_BYTES) {',
    ],
    ['keeps what came for one block from the others', 'proposals', '      onFetched(transaction)\n', ''],
    [
      'asks at once for what comes by itself',
      'proposals',
      'if (missing <= FETCH_AT_ONCE_BYTES) {',
      'if (missing > 0) {',
    ],
    [
      'waits as long as single transactions come by themselves',
      'proposals',
      'if ((missing - this.#missingBytes) * FETCH_PROGRESS >= missing) this.start()',
      'if (missing > this.#missingBytes) this.start()',
    ],
    [
      'asks nobody but who gives single transactions',
      'proposals',
      "if (given !== 'all') this.#putLast(peer, source)",
      '',
    ],
    [
      'keeps the places of silent peers',
      'proposals',
      '      isLate = true\n      this.#asked -= 1\n      this.#late += 1\n',
      '',
    ],
    [
      'asks for what nobody has as fast as it can',
      'proposals',
      'if (source.isAsked || source.retryAt > now) continue',
      'if (source.isAsked) continue',
    ],
  ]),
  ...mutantsOf('proposals/partRequests.ts', [
    [
      'gives transactions without end to who asks',
      'proposals',
      'if (raw === undefined || (answer.length > 0 && bytes + raw.length > MAX_PARTS_BYTES)) break',
      'if (raw === undefined) break',
    ],
    [
      'takes places twice',
      'proposals',
      'if (indexes[at]! <= indexes[at - 1]!)',
      'if (indexes[at]! < indexes[at - 1]!)',
    ],
  ]),
  ...mutantsOf('heights/statements.ts', [
    [
      'checks any number of proposals of a round',
      'proposals',
      'if (stated < MAX_STATEMENTS_PER_ROUND) return true',
      'return true',
    ],
    [
      'takes two lists for one block for the same proposal',
      'proposals',
      '{keyOf(proposal.contentsHash)}`',
      '{proposal.round}`',
    ],
  ]),
]
