/** Mutants of what a validator remembers: the signer, its record, and what is done with it after a restart. */
import { mutantsOf } from '../mutant.ts'

export const memoryMutants = [
  ...mutantsOf('signing/signer.ts', [
    [
      'signs below what it signed',
      'signer',
      'if (newest !== null && compare(content, newest) <= 0) return',
      'if (newest !== null && compare(content, newest) === 0) return',
    ],
    [
      'signs two things at one position',
      'signer',
      'compare(content, newest) <= 0) return',
      'compare(content, newest) < 0) return',
    ],
    [
      'gives an old signature for other bytes',
      'signer',
      'if (known !== undefined && equalBytes(known.signBytes, bytes)) return',
      'if (known !== undefined) return',
    ],
    [
      'does not sign the same bytes again',
      'signer',
      'if (known !== undefined && equalBytes(known.signBytes, bytes)) return',
      'if (known === null) return',
    ],
    [
      'does not wait for the disk',
      'signer',
      '        await store.batch(operations, { sync: true })\n        begun',
      '        void store.batch(operations, { sync: true })\n        begun',
    ],
    [
      'does not sync',
      'signer',
      'await store.batch(operations, { sync: true })\n        begun',
      'await store.batch(operations, { sync: false })\n        begun',
    ],
    [
      'forgets everything in a restart',
      'signer',
      'messages.push(decodeSigned(value.slice()))',
      'decodeSigned(value.slice())',
    ],
    [
      'does not write what it signs',
      'signer',
      "        { type: 'put', key: messageKey(content), value: encodeSigned(message) },\n",
      '',
    ],
    [
      'does not write its lock',
      'signer',
      '        ...keep(LOCKED_KEY, content.height, newHeight ? stale(locked) : locked, request.locked),\n',
      '',
    ],
    [
      'does not write its valid value',
      'signer',
      '        ...keep(VALID_KEY, content.height, newHeight ? stale(valid) : valid, request.valid),\n',
      '',
    ],
    [
      'writes the first lock of a height only',
      'signer',
      'return after.round === before?.round ? []',
      'return before !== null && before.round >= 0 ? []',
    ],
    ['takes the lock of another height', 'signer', 'return height === newest.height ? value : null', 'return value'],
    [
      'keeps the record of another key or chain for its own',
      'signer',
      'if (identity !== undefined) checkIdentity(identity, key, genesisHash)',
      '',
    ],
    [
      'ranks steps of a round alike',
      'signer',
      'return a.round - b.round || a.step - b.step',
      'return a.round - b.round',
    ],
    [
      'ranks rounds before heights',
      'signer',
      'if (a.height !== b.height) return',
      'if (a.height !== b.height && a.round === b.round) return',
    ],
    ['keeps what it signed for ever', 'signer', '        ...(newHeight ? forget(messages) : []),\n', ''],
    [
      'signs while it writes',
      'signer',
      "if (isWriting) throw new Error('signer: asked to sign while it writes what it signed')",
      '',
    ],
    ['signs on when a write has failed', 'signer', '        failure = error\n', ''],
    ['writes the same again', 'signer', '      unwritten = []\n', ''],
    ['takes an empty record for a complete one', 'abstention', 'isComplete: () => begun', 'isComplete: () => true'],
  ]),
  ...mutantsOf('heights/voting.ts', [
    ['restores no lock', 'restart', 'locked: roundValue(locked)', 'locked: null'],
    [
      'restores the position of its first message',
      'restart',
      'const { round, step } = signed.at(-1)!.content',
      'const { round, step } = signed[0]!.content',
    ],
    [
      'asks to sign a vote without its lock',
      'restart',
      '        validRound: -1,\n        blockHash: hashOf(id),\n        contentsHash: null,\n      },\n      locked: this.#keep(state, blocks, state.locked),',
      '        validRound: -1,\n        blockHash: hashOf(id),\n        contentsHash: null,\n      },\n      locked: null,',
    ],
  ]),
  ...mutantsOf('heights/heightRun.ts', [
    [
      'restarts without memory',
      'restart',
      'this.#restored = self === null ? null : restored',
      'this.#restored = restored === null ? null : null',
    ],
    ['does not count its own votes again', 'restart', "if (vote !== null) inputs.push({ kind: 'vote', vote })", ''],
    [
      'does not restore the polka of its lock',
      'restart',
      "      inputs.push(...keptPolka(height, kept).map((vote): Input => ({ kind: 'vote', vote })))\n",
      '',
    ],
    [
      'has no timeout after a restart',
      'restart',
      "    if (this.#state.step === 'propose') this.#timers.schedule('propose', round)\n",
      '',
    ],
    [
      'sends a vote that the signer refused',
      'signer',
      '    const signed = voting.vote(state, this.blocks, type, round, id)\n    if (!signed.ok) {',
      '    const signed = voting.vote(state, this.blocks, type, round, id)\n    if (signed === null) {',
    ],
    [
      'sends what it signed before it is on disk',
      'signer',
      'if (isSigned) await this.#context.voting?.flush()',
      'if (isSigned) void this.#context.voting?.flush()',
    ],
    [
      'shows votes of its own before they are on disk',
      'signer',
      '    if (isSigned) await this.#context.voting?.flush()\n    if (this.#ended) return\n    this.#state = state\n',
      '    this.#state = state\n    if (isSigned) await this.#context.voting?.flush()\n    if (this.#ended) return\n',
    ],
    [
      'acts on what it signed though it was stopped meanwhile',
      'signer',
      'if (isSigned) await this.#context.voting?.flush()\n    if (this.#ended) return\n',
      'if (isSigned) await this.#context.voting?.flush()\n',
    ],
    [
      'writes a vote without the lock that comes with it',
      'signer',
      'return this.#vote(state, effect.type',
      'return this.#vote(this.#state, effect.type',
    ],
  ]),
  ...mutantsOf('heights/stepTimers.ts', [
    [
      'votes down a block it is still executing',
      'slow execution',
      "if (timed === 'propose' && isOccupied(round)) {",
      "if (timed === 'propose' && round < 0) {",
    ],
  ]),
]
