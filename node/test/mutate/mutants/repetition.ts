/** The repetition of messages: without it a network heals by its timeouts, or not. */
import { mutantsOf } from '../mutant.ts'

export const repetitionMutants = [
  ...mutantsOf('heights/repetition.ts', [
    [
      'leaves a new peer waiting for the next repetition',
      'repetition',
      'if (this.#next === null || this.#next.at > due) this.arm(REBROADCAST_TO_PEER)',
      'void due',
    ],
    [
      'puts a repetition off for each new peer',
      'repetition',
      'this.#next === null || this.#next.at > due',
      'this.#next === null || this.#next.at > 0',
    ],
    [
      'repeats for each new peer at once',
      'repetition',
      'if (this.#next === null || this.#next.at > due) this.arm(REBROADCAST_TO_PEER)',
      'if (due > 0) this.#repeat()',
    ],
  ]),
  ...mutantsOf('intake/votes.ts', [
    [
      'answers every late vote',
      'repetition',
      'if (message.round < run.state.round && message.attempt > 0)',
      'if (message.round < run.state.round)',
    ],
  ]),
  ...mutantsOf('gossip/gossip.ts', [
    [
      'leaves who is rounds behind to its timeouts',
      'repetition',
      'votesOf(state, [round, state.round])',
      'votesOf(state, [round])',
    ],
    [
      'does not answer the votes of a lower round',
      'repetition',
      'votesOf(state, [round, state.round])',
      'votesOf(state, [state.round])',
    ],
    [
      'answers as if it were in the lower round itself',
      'repetition',
      'this.#encodeRound(state, votes, false)',
      'this.#encodeRound({ ...state, round }, votes, false)',
    ],
    [
      'answers a lower round to everybody',
      'repetition',
      "this.#network.send(peer, 'consensus', this.#encodeRound(state, votes, false), NEWEST_ANSWER).catch(this.#notSent)",
      "this.#publish('consensus', this.#encodeRound(state, votes, false), NEWEST_ANSWER)",
    ],
    [
      'lets equivocators fill its messages',
      'repetition',
      'all.filter((vote) => isFirst(set, vote))',
      'all.filter((vote) => isFirst(set, vote) || true)',
    ],
  ]),
  ...mutantsOf('engine.ts', [
    [
      'has no certificate to show after a restart',
      'repetition',
      '    if (options.head > 0n) this.#queue.add(() => this.#certificates.restore(options.head))\n',
      '',
    ],
  ]),
]
