/** Mutants of what is shown and checked: certificates, evidence, admission of messages. */
import { mutantsOf } from '../mutant.ts'

export const proofMutants = [
  ...mutantsOf('proofs/certificate.ts', [
    ['takes a certificate without a quorum', 'certificates', 'if (!isQuorum(set, power)) {', 'if (power < 0n) {'],
    [
      'counts a validator as often as it is listed',
      'certificates',
      'if (index <= previous) return',
      'if (index < previous) return',
    ],
    ['takes indices in any order', 'certificates', 'if (index <= previous) return', 'if (index === previous) return'],
    [
      'takes indices beyond the set',
      'certificates',
      'if (index >= set.validators.length) {',
      'if (index > set.validators.length) {',
    ],
    [
      'does not check signatures',
      'certificates',
      'if (!verify(signature, message, set.validators[index]!.publicKey)) {',
      'if (index < 0) {',
    ],
    [
      'leaves out the signatures it does not need',
      'certificates',
      'for (const { index, signature } of certificate.signatures) {',
      'for (const { index, signature } of certificate.signatures.slice(0, 3)) {',
    ],
    [
      'takes prevotes for precommits',
      'certificates',
      "height, round, 'precommit', blockHash)",
      "height, round, 'prevote', blockHash)",
    ],
    [
      'takes the precommits of another height',
      'certificates',
      'chain.genesisHash, height, round,',
      'chain.genesisHash, 7n, round,',
    ],
    [
      'takes the precommits of another round',
      'certificates',
      'chain.genesisHash, height, round,',
      'chain.genesisHash, height, 2,',
    ],
    [
      "takes another chain's certificate by its id",
      'certificates',
      'if (certificate.chainId !== chain.chainId) {',
      'if (certificate.chainId < 0n) {',
    ],
    [
      'takes a block hash of any length',
      'certificates',
      'if (certificate.blockHash.length !== 32) return',
      'if (certificate.blockHash.length === 0) return',
    ],
    [
      'makes a certificate for nil',
      'certificates',
      'if (first === undefined || first.id === null) throw',
      'if (first === undefined) throw',
    ],
  ]),
  ...mutantsOf('signing/signBytes.ts', [
    ['signs for every chain', 'sign bytes', '  out.set(content.genesisHash, 23)\n', ''],
    ['signs for every height', 'sign bytes', '  view.setBigUint64(55, content.height, false)\n', ''],
    ['signs for every round', 'sign bytes', '  view.setUint32(63, content.round, false)\n', ''],
    ['signs for every step', 'sign bytes', '  out[22] = content.step\n', ''],
    ['signs for every valid round', 'sign bytes', '  view.setUint32(67, content.validRound + 1, false)\n', ''],
    ['signs nil and the zero hash alike', 'sign bytes', '    out[71] = 1\n', ''],
  ]),
  ...mutantsOf('proofs/evidence.ts', [
    [
      'takes one message twice for two',
      'evidence',
      'if (compareBytes(firstBytes, secondBytes) >= 0) return false',
      'if (compareBytes(firstBytes, secondBytes) > 0) return false',
    ],
    [
      'makes two of one evidence',
      'evidence',
      'if (compareBytes(firstBytes, secondBytes) >= 0) return false',
      'if (compareBytes(firstBytes, secondBytes) === 0) return false',
    ],
    [
      'checks the first signature of two',
      'evidence',
      'verify(first.signature, firstBytes, publicKey) && verify(second.signature, secondBytes, publicKey)',
      'verify(first.signature, firstBytes, publicKey)',
    ],
    [
      'checks the second signature of two',
      'evidence',
      'verify(first.signature, firstBytes, publicKey) && verify(second.signature, secondBytes, publicKey)',
      'verify(second.signature, secondBytes, publicKey)',
    ],
    [
      'blames whoever is named',
      'evidence',
      'set.validators[evidence.validator]?.publicKey',
      'set.validators[2]?.publicKey',
    ],
  ]),
  ...mutantsOf('proofs/evidenceWatch.ts', [
    [
      'passes evidence on unchecked',
      'evidence',
      "if (!verifyEvidence(evidence, set, genesisHash, verify)) return 'reject'",
      "if (!verifyEvidence(evidence, set, genesisHash, verify)) return 'accept'",
    ],
    [
      'checks evidence it has again',
      'evidence',
      "if (publicKey !== undefined && !record.wants(evidence, publicKey)) return 'ignore'",
      '',
    ],
    ['takes evidence of heights to come', 'evidence', "if (evidence.height > height) return 'ignore'", ''],
    [
      'does not gossip what it finds',
      'evidence',
      'if (await this.#keep(evidence, height)) this.#options.send(evidence)',
      'await this.#keep(evidence, height)',
    ],
    [
      'shows everything to each new peer at once',
      'evidence',
      'Math.max(EVIDENCE_DELAY, this.#next - clock.monotonic())',
      'EVIDENCE_DELAY',
    ],
  ]),
  ...mutantsOf('proofs/faultRecord.ts', [
    [
      'forgets evidence in a restart',
      'evidence',
      "await this.#store?.batch([{ type: 'put', key: storeKey(kept), value }], { sync: true })",
      '',
    ],
    ['forgets a fork in a restart', 'fork', 'fork === undefined ? null : decodeFork(fork.slice())', 'null'],
    ['replaces a fork by a later one', 'fork', '    if (this.#fork !== null) return\n', ''],
    [
      'lets one validator fill the record',
      'bounds',
      'return ofValidator.length < MAX_EVIDENCE_PER_VALIDATOR',
      'return true',
    ],
    ['keeps evidence without end', 'bounds', 'this.#evidence.size >= MAX_EVIDENCE || ', ''],
  ]),
  ...mutantsOf('proofs/certificateLog.ts', [
    [
      'follows a second chain silently',
      'fork',
      "if (own !== null) return { kind: 'fork', own }",
      "if (own !== null) return { kind: 'known' }",
    ],
    [
      'takes any second certificate for a fork',
      'fork',
      "if (!outcome.ok) return { kind: 'invalid', message: outcome.message }",
      '',
    ],
  ]),
  ...mutantsOf('engine.ts', [
    [
      'goes on after a fork when it is restarted',
      'fork',
      'if (fork === null) this.#heights.armStart()',
      'if (fork !== undefined) this.#heights.armStart()',
    ],
  ]),
  ...mutantsOf('halting.ts', [
    ['does not record a fork', 'fork', 'record.keepFork(halt.certificates)', 'Promise.resolve()'],
    [
      'does not show a fork to others',
      'fork',
      '  for (const certificate of halt.certificates) gossip.announce(certificate)\n',
      '',
    ],
  ]),
  ...mutantsOf('intake/verdicts.ts', [
    [
      'passes on messages that are not whole',
      'passing on',
      "return whole && isNews ? 'accept' : this.ignore()",
      "return isNews ? 'accept' : this.ignore()",
    ],
  ]),
  ...mutantsOf('intake/announcement.ts', [
    [
      'passes on certificates by a set that may have changed',
      'passing on',
      "settle(again || mayChange ? verdicts.ignore() : 'accept')",
      "settle(again ? verdicts.ignore() : 'accept')",
    ],
  ]),
  ...mutantsOf('intake/certifiedBlock.ts', [
    ['takes a block on another parent', 'fork', 'if (!heights.follows(block)) {', 'if (block === null) {'],
  ]),
  ...mutantsOf('heights/abstention.ts', [
    [
      'votes after it lost its record',
      'abstention',
      'if (isQuorum(set, set.totalPower - powerOf(set, self))) return true',
      'if (isQuorum(set, set.totalPower - powerOf(set, self))) return false',
    ],
    [
      'votes without its record before it knows what the others decided',
      'abstention',
      'return set.validators.length > 1 && !this.#couldSync',
      'return false',
    ],
  ]),
  ...mutantsOf('heights/heights.ts', [
    [
      'abstains for ever',
      'abstention',
      'if (this.#abstention.isEndedBy(timestamp, this.#headTimestamp)) await',
      'if (block.header.number < 0n) await',
    ],
    [
      'takes any decided height for a new one',
      'abstention',
      'if (this.#abstention.isEndedBy(timestamp, this.#headTimestamp)) await',
      'await',
    ],
    [
      'makes blocks without a pause after an empty one',
      'height start',
      'this.#isOneByOne = block.transactions.length === 1',
      'this.#isOneByOne = block.transactions.length <= 1',
    ],
  ]),
  ...mutantsOf('heights/startTime.ts', [
    [
      'counts its start without the drift of clocks',
      'abstention',
      'Math.max(this.#now, byClockOfToday) / 1000)) + MAX_CLOCK_DRIFT',
      'Math.max(this.#now, byClockOfToday) / 1000))',
    ],
    ['believes the clock it started with', 'abstention', 'Math.max(this.#now, byClockOfToday)', 'this.#now'],
    [
      "takes a parent's time for a new one",
      'abstention',
      'if (parent !== undefined && timestamp <= parent) return false',
      '',
    ],
  ]),
  ...mutantsOf('intake/peerFaults.ts', [
    [
      'does not hear a peer with faults at all',
      'passing on',
      'faults.count < MAX_FAULTS_PER_PEER || faults.quota.take(now)',
      'faults.count < MAX_FAULTS_PER_PEER',
    ],
    [
      'hears all that a peer with faults says',
      'bounds',
      'faults.count < MAX_FAULTS_PER_PEER || faults.quota.take(now)',
      'faults.count >= 0',
    ],
  ]),
  ...mutantsOf('admission/admission.ts', [
    [
      'takes votes unsigned',
      'admission',
      'if (!verifier.verify(signature, bytes, validator.publicKey)) {',
      'if (round < 0) {',
    ],
    [
      'takes proposals unsigned',
      'admission',
      'if (verifier.verify(signature, bytes, state.validators.validators[proposer]!.publicKey)) return null',
      'if (round >= 0) return null',
    ],
    [
      "does not take a proposal's polka",
      'admission',
      'admitVotes(state, polkaVotes(message), verifier,',
      'admitVotes(state, [], verifier,',
    ],
    ['passes on votes that it skipped', 'passing on', '      whole = false\n', ''],
    [
      'takes any signature of a known vote for the known one',
      'passing on',
      'if (known !== undefined && equalBytes(known.signature, signature)) continue',
      'if (known !== undefined) continue',
    ],
    [
      'passes on a proposal of a round that it does not look at',
      'passing on',
      "if (use === 'excess' ||",
      'if (use === null ||',
    ],
    [
      'passes on a known proposal with another signature',
      'passing on',
      'const fault = isSigned ? null : faultOfSignature(state, message, verifier)',
      'const fault = isSigned ? null : null',
    ],
    [
      'passes on a known proposal with another block',
      'passing on',
      'const read = readProposal(message, form)\n',
      'const read = isNew ? readProposal(message, form) : null!\n',
    ],
    [
      'keeps from others a new proposal whose polka it knows otherwise',
      'passing on',
      "isNew ? 'all' : 'new')",
      "'new')",
    ],
    ['verifies the polka of any proposal in full', 'passing on', "isNew ? 'all' : 'new')", "'all')"],
    [
      'verifies all far rounds of one message',
      'bounds',
      'const willBeLeft = isFarRound(state, round) && round < farthest.get(index)!',
      'const willBeLeft = farthest.size < 0',
    ],
  ]),
]
