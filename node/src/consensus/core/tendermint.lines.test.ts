/**
 * One directed test, or more, for every line of Algorithm 1 that can be broken by itself. Four validators of power 1;
 * this node is validator 3, the proposer of round r is validator r mod 4.
 */
import { describe, expect, it } from 'vitest'
import { FUTURE_ROUND_WINDOW } from './futureRounds.ts'
import { FUTURE_PROPOSAL_ROUNDS, newHeight, step, useOfProposalIn } from './tendermint.ts'
import { HEIGHT, Machine, SELF, SIGNATURE, VALIDATORS } from './testing/testMachine.ts'

const votesOf = (effects: readonly string[]) => effects.filter((effect) => /^(prevote|precommit)/.test(effect))

/** In round 1, locked on A since round 0. */
function lockedOnA(): Machine {
  const machine = new Machine().start().valid('A').valid('B').proposal(0, 'A').prevotes(0, 'A', [0, 1, SELF])
  machine.precommits(0, null, [0, 1, 2]).timeout('precommit', 0)
  machine.did()
  expect(machine.state.round).toBe(1)
  expect(machine.state.locked).toEqual({ id: 'A', round: 0 })
  return machine
}

describe('lines 10-21: start of a round', () => {
  it('10, 12, 13, 21: starts round 0 in step propose and waits for the proposal', () => {
    const machine = new Machine().start()
    expect(machine.did()).toEqual(['round 0', 'schedule propose 0'])
    expect(machine.state).toMatchObject({ round: 0, step: 'propose' })
  })

  it('10: does nothing but record before the start', () => {
    const machine = new Machine().valid('A').proposal(0, 'A').prevotes(0, 'A', [0, 1, 2]).precommits(0, 'A', [0])
    expect(machine.did()).toEqual([])
    expect(machine.start().did()).toContain('prevote 0 A')
  })

  it('10: once', () => {
    const machine = lockedOnA().start()
    expect(machine.did()).toEqual([])
    expect(machine.state.round).toBe(1)
  })

  it('14, 18: the proposer asks for a value when it has none', () => {
    expect(new Machine(0).start().did()).toEqual(['round 0', 'propose 0', 'schedule propose 0'])
  })

  it('14: nobody else proposes', () => {
    expect(new Machine(2).start().did()).not.toContain('propose 0')
  })

  it('15, 16, 19: the proposer proposes its valid value again, with its round', () => {
    const machine = new Machine(1).start().valid('A').proposal(0, 'A').prevotes(0, 'A', [0, 1, 2])
    machine.precommits(0, null, [0, 2, 3]).timeout('precommit', 0)
    expect(machine.did()).toContain('propose 1 A@0')
  })
})

describe('lines 22-27: a new value', () => {
  it('22, 24: prevotes for a valid proposal of the proposer', () => {
    const machine = new Machine().start().proposal(0, 'A')
    expect(machine.did()).toContain('validate A')
    expect(machine.valid('A').did()).toEqual(['prevote 0 A'])
  })

  it('22: not for one that is not the proposer', () => {
    const machine = new Machine().start().valid('A').proposal(0, 'A', -1, { validator: 1 })
    expect(votesOf(machine.did())).toEqual([])
  })

  it('22: not for a proposal of another round', () => {
    expect(votesOf(new Machine().start().valid('A').proposal(1, 'A').did())).toEqual([])
  })

  it('22, 27: once, and not after the step is over', () => {
    const machine = new Machine().start().valid('A').timeout('propose', 0)
    machine.did()
    expect(votesOf(machine.proposal(0, 'A').did())).toEqual([])
    expect(machine.state.step).toBe('prevote')
  })

  it('23, 26: nil for an invalid value', () => {
    expect(new Machine().start().proposal(0, 'A').valid('A', false).did()).toContain('prevote 0 nil')
  })

  it('23, 26: nil for a value whose time is too far ahead', () => {
    const machine = new Machine().start().valid('A').proposal(0, 'A', -1, { timely: false })
    expect(machine.did()).toContain('prevote 0 nil')
  })

  it('23: nil for a new value while locked on another (hidden-lock safety)', () => {
    expect(votesOf(lockedOnA().proposal(1, 'B').did())).toEqual(['prevote 1 nil'])
  })

  it('23: the locked value itself, when proposed as new', () => {
    expect(votesOf(lockedOnA().proposal(1, 'A').did())).toEqual(['prevote 1 A'])
  })
})

describe('lines 28-33: a value proposed again', () => {
  /** In round 2, not locked. */
  const inRound2 = () => {
    const machine = new Machine().start().valid('A').valid('B')
    machine.precommits(0, null, [0, 1, 2]).timeout('precommit', 0)
    machine.precommits(1, null, [0, 1, 2]).timeout('precommit', 1)
    machine.did()
    return machine
  }

  it('28, 30: prevotes for it when its round has a polka', () => {
    expect(votesOf(inRound2().prevotes(1, 'B', [0, 1, 2]).proposal(2, 'B', 1).did())).toEqual(['prevote 2 B'])
  })

  it('28: waits while there is no polka', () => {
    const machine = inRound2().prevotes(1, 'B', [0, 1]).proposal(2, 'B', 1)
    expect(votesOf(machine.did())).toEqual([])
    expect(votesOf(machine.prevotes(1, 'B', [2]).did())).toEqual(['prevote 2 B'])
  })

  it('28: a polka of another round, or for another value, is none', () => {
    const machine = inRound2().prevotes(0, 'B', [0, 1, 2]).prevotes(1, 'A', [0, 1, 2]).proposal(2, 'B', 1)
    expect(votesOf(machine.did())).toEqual([])
  })

  it('28: the valid round must be below the round', () => {
    const machine = inRound2().prevotes(2, 'B', [0, 1, 2]).proposal(2, 'B', 2)
    expect(votesOf(machine.did())).toEqual([])
  })

  it('28: not after the precommit of the round', () => {
    const machine = inRound2().timeout('propose', 2).timeout('prevote', 2)
    machine.did()
    expect(votesOf(machine.prevotes(1, 'B', [0, 1, 2]).proposal(2, 'B', 1).did())).toEqual([])
  })

  it('29, 32: nil for an invalid value', () => {
    const machine = inRound2().valid('C', false).prevotes(1, 'C', [0, 1, 2]).proposal(2, 'C', 1)
    expect(votesOf(machine.did())).toEqual(['prevote 2 nil'])
  })

  it('29: nil when the polka is older than the lock', () => {
    const machine = new Machine().start().valid('A').valid('B').prevotes(0, 'B', [0, 1, 2])
    machine.precommits(0, null, [0, 1, 2]).timeout('precommit', 0)
    machine.proposal(1, 'A').prevotes(1, 'A', [0, 1, SELF])
    expect(machine.state.locked).toEqual({ id: 'A', round: 1 })
    machine.precommits(1, null, [0, 1, 2]).timeout('precommit', 1)
    machine.did()
    expect(votesOf(machine.proposal(2, 'B', 0).did())).toEqual(['prevote 2 nil'])
  })

  it('29: a polka of the lock round or later unlocks', () => {
    const machine = lockedOnA().prevotes(1, 'B', [0, 1, 2])
    machine.precommits(1, null, [0, 1, 2]).timeout('precommit', 1)
    machine.did()
    expect(votesOf(machine.proposal(2, 'B', 1).did())).toEqual(['prevote 2 B'])
  })

  it('29: of the lock round itself, too (only with more than a third faulty are there two)', () => {
    const machine = lockedOnA().prevotes(0, 'B', [0, 1, 2])
    machine.did()
    expect(votesOf(machine.proposal(1, 'B', 0).did())).toEqual(['prevote 1 B'])
  })

  it('29: the locked value itself, whatever the polka', () => {
    const machine = new Machine().start().valid('A').prevotes(0, 'A', [0, 1, 2])
    machine.precommits(0, null, [0, 1, 2]).timeout('precommit', 0)
    machine.proposal(1, 'A').prevotes(1, 'A', [0, 1, SELF])
    machine.precommits(1, null, [0, 1, 2]).timeout('precommit', 1)
    machine.did()
    expect(votesOf(machine.proposal(2, 'A', 0).did())).toEqual(['prevote 2 A'])
  })

  it('29: its time is not judged again', () => {
    const machine = inRound2().prevotes(1, 'B', [0, 1, 2]).proposal(2, 'B', 1, { timely: false })
    expect(votesOf(machine.did())).toEqual(['prevote 2 B'])
  })

  it('33: the step is over afterwards', () => {
    const machine = inRound2().prevotes(1, 'B', [0, 1, 2]).proposal(2, 'B', 1)
    machine.did()
    expect(machine.state.step).toBe('prevote')
    expect(votesOf(machine.timeout('propose', 2).did())).toEqual([])
  })
})

describe('lines 34-35: prevote timeout', () => {
  const prevoting = () => {
    const machine = new Machine().start().timeout('propose', 0)
    machine.did()
    return machine
  }

  it('34, 35: with prevotes of a quorum for anything, in step prevote', () => {
    const machine = prevoting().prevotes(0, 'A', [0]).prevotes(0, 'B', [1])
    expect(machine.did()).toEqual([])
    expect(machine.prevotes(0, null, [SELF]).did()).toEqual(['schedule prevote 0'])
  })

  it('34: for the first time only', () => {
    const machine = prevoting().prevotes(0, 'A', [0]).prevotes(0, 'B', [1]).prevotes(0, null, [SELF])
    machine.did()
    expect(machine.prevotes(0, 'C', [2]).did()).toEqual([])
  })

  it('34: not in step propose', () => {
    const machine = new Machine().start()
    machine.did()
    expect(machine.prevotes(0, 'A', [0]).prevotes(0, 'B', [1]).prevotes(0, null, [2]).did()).toEqual([])
  })

  it('34: an equivocator counts once', () => {
    const machine = prevoting().prevotes(0, 'A', [0]).prevotes(0, 'B', [0]).prevotes(0, 'A', [1])
    expect(machine.did()).toEqual(['conflicting-votes'])
  })
})

describe('lines 36-43: a polka', () => {
  it('36-41: locks and precommits in step prevote', () => {
    const machine = new Machine().start().valid('A').proposal(0, 'A').prevotes(0, 'A', [0, SELF])
    machine.did()
    expect(machine.prevotes(0, 'A', [1]).did()).toContain('precommit 0 A')
    expect(machine.state).toMatchObject({
      step: 'precommit',
      locked: { id: 'A', round: 0 },
      valid: { id: 'A', round: 0 },
    })
  })

  it('36: needs more than two thirds', () => {
    const machine = new Machine().start().valid('A').proposal(0, 'A').prevotes(0, 'A', [0, SELF])
    expect(machine.state.locked).toBeNull()
  })

  it('36: needs the proposal', () => {
    const machine = new Machine().start().valid('A').timeout('propose', 0).prevotes(0, 'A', [0, 1, 2])
    expect(machine.state.locked).toBeNull()
    expect(machine.proposal(0, 'A').state.locked).toEqual({ id: 'A', round: 0 })
  })

  it('36: not for an invalid value', () => {
    const machine = new Machine().start().valid('A', false).proposal(0, 'A').prevotes(0, 'A', [0, 1, 2])
    expect(machine.state).toMatchObject({ locked: null, valid: null, step: 'prevote' })
  })

  it('36: not in step propose', () => {
    // Proposed again on a polka of round 0 that is not here: the node cannot prevote, and must not lock.
    const machine = new Machine().start().valid('A').precommits(0, null, [0, 1, 2]).timeout('precommit', 0)
    machine.proposal(1, 'A', 0).prevotes(1, 'A', [0, 1, 2])
    expect(machine.state).toMatchObject({ step: 'propose', locked: null, valid: null })
  })

  it('36: prevotes of another round are no polka', () => {
    const machine = lockedOnA().proposal(1, 'B').prevotes(0, 'B', [0, 1, 2])
    expect(machine.state.locked).toEqual({ id: 'A', round: 0 })
  })

  it('36: for the first time only', () => {
    const machine = new Machine().start().valid('A').proposal(0, 'A').prevotes(0, 'A', [0, 1, SELF])
    machine.did()
    expect(votesOf(machine.prevotes(0, 'A', [2]).did())).toEqual([])
  })

  it('37, 42, 43: after precommitting nil only the valid value changes', () => {
    const machine = new Machine().start().valid('A').proposal(0, 'A').prevotes(0, 'A', [0, SELF]).prevotes(0, null, [1])
    machine.timeout('prevote', 0)
    machine.did()
    machine.prevotes(0, 'A', [2])
    expect(votesOf(machine.did())).toEqual([])
    expect(machine.state).toMatchObject({ locked: null, valid: { id: 'A', round: 0 } })
  })

  it('38, 39: a newer polka moves the lock', () => {
    const machine = lockedOnA().proposal(1, 'B').prevotes(1, 'B', [0, 1, 2])
    expect(votesOf(machine.did())).toEqual(['prevote 1 nil', 'precommit 1 B'])
    expect(machine.state).toMatchObject({ locked: { id: 'B', round: 1 }, valid: { id: 'B', round: 1 } })
  })

  it('36: an equivocating proposer: the proposal with the polka counts, whichever came first', () => {
    const machine = new Machine().start().valid('A').valid('B').proposal(0, 'A').proposal(0, 'B')
    expect(machine.did()).toContain('conflicting-proposals')
    expect(machine.prevotes(0, 'B', [0, 1, 2]).did()).toContain('precommit 0 B')
  })
})

describe('lines 44-46: a polka for nil', () => {
  it('44-46: precommits nil', () => {
    const machine = new Machine().start().timeout('propose', 0).prevotes(0, null, [0, 1])
    machine.did()
    expect(votesOf(machine.prevotes(0, null, [SELF]).did())).toEqual(['precommit 0 nil'])
    expect(machine.state.step).toBe('precommit')
  })

  it('44: prevotes for a value are not for nil', () => {
    const machine = new Machine().start().timeout('propose', 0).prevotes(0, null, [0, 1]).prevotes(0, 'A', [2])
    expect(machine.state.step).toBe('prevote')
  })

  it('44: in step prevote only', () => {
    const machine = new Machine().start().prevotes(0, null, [0, 1, 2])
    expect(votesOf(machine.did())).toEqual([])
  })
})

describe('lines 47-48: precommit timeout', () => {
  it('47, 48: with precommits of a quorum for anything, in any step, once', () => {
    const machine = new Machine().start()
    machine.did()
    machine.precommits(0, 'A', [0]).precommits(0, null, [1])
    expect(machine.did()).toEqual([])
    expect(machine.precommits(0, 'B', [2]).did()).toEqual(['schedule precommit 0'])
    expect(machine.precommits(0, null, [SELF]).did()).toEqual([])
  })

  it('47: of the current round', () => {
    const machine = lockedOnA()
    expect(machine.precommits(0, null, [SELF]).did()).toEqual([])
  })
})

describe('lines 49-54: decision', () => {
  it('49, 51: decides with the proposal and precommits of a quorum', () => {
    const machine = new Machine().start().valid('A').proposal(0, 'A').precommits(0, 'A', [0, 1])
    expect(machine.state.decision).toBeNull()
    expect(machine.precommits(0, 'A', [2]).did()).toContain('decide A@0')
    expect(machine.state.decision).toEqual({ id: 'A', round: 0 })
  })

  it('49: in any round, also one that is over', () => {
    const machine = lockedOnA().precommits(0, 'A', [0, 1, 2])
    expect(machine.did()).toContain('decide A@0')
  })

  it('49: also before the height is started here', () => {
    expect(new Machine().valid('A').proposal(0, 'A').precommits(0, 'A', [0, 1, 2]).did()).toContain('decide A@0')
  })

  it('49: not with precommits of two rounds', () => {
    const machine = lockedOnA().proposal(1, 'A').precommits(0, 'A', [SELF, 2]).precommits(1, 'A', [0])
    expect(machine.state.decision).toBeNull()
  })

  it('49: not with prevotes', () => {
    const machine = new Machine().start().valid('A').proposal(0, 'A').prevotes(0, 'A', [0, 1, 2])
    expect(machine.state.decision).toBeNull()
  })

  it('49: not without the proposal, and as soon as it comes', () => {
    const machine = new Machine().start().valid('A').precommits(0, 'A', [0, 1, 2])
    expect(machine.state.decision).toBeNull()
    expect(machine.proposal(0, 'A').did()).toContain('decide A@0')
  })

  it('49: a precommit for nil decides nothing', () => {
    const machine = new Machine().start().valid('A').proposal(0, 'A').precommits(0, null, [0, 1, 2])
    expect(machine.state.decision).toBeNull()
  })

  it('50: not an invalid value, and asks when it is not known', () => {
    const machine = new Machine().proposal(0, 'A').precommits(0, 'A', [0, 1, 2])
    expect(machine.did()).toEqual(['validate A'])
    expect(machine.valid('A', false).state.decision).toBeNull()
  })

  it('51: once; nothing happens afterwards', () => {
    const machine = new Machine().start().valid('A').proposal(0, 'A').precommits(0, 'A', [0, 1, 2])
    machine.did()
    machine.precommits(0, 'A', [SELF]).timeout('precommit', 0).prevotes(0, 'A', [0, 1, 2])
    expect(machine.did()).toEqual([])
  })

  it('53: messages of another height do not count', () => {
    const machine = new Machine().start().valid('A').proposal(0, 'A')
    machine.votes('precommit', 0, 'A', [0, 1, 2], HEIGHT - 1n)
    expect(machine.state.decision).toBeNull()
    const waiting = new Machine().start().valid('A')
    const statement = { round: 0, id: 'A', validRound: -1, contentsHash: new Uint8Array(32) }
    const proposal = { ...statement, validator: 0, signature: SIGNATURE, timely: true }
    waiting.input({ kind: 'proposal', proposal: { ...proposal, height: HEIGHT + 1n } })
    expect(votesOf(waiting.did())).toEqual([])
  })

  it('53: nothing of the height before is left', () => {
    expect(newHeight(HEIGHT + 1n, VALIDATORS, SELF)).toMatchObject({
      round: -1,
      locked: null,
      valid: null,
      decision: null,
      rounds: new Map(),
    })
  })
})

describe('lines 55-56: a later round', () => {
  it('55, 56: starts it with messages of f + 1, of any kind', () => {
    const machine = new Machine().start()
    machine.did()
    expect(machine.prevotes(5, null, [0]).did()).toEqual([])
    expect(machine.precommits(5, 'A', [2]).did()).toEqual(['round 5', 'schedule propose 5'])
  })

  it('55: a proposal counts as a message', () => {
    const machine = new Machine().start().proposal(1, 'A').prevotes(1, null, [0])
    expect(machine.state.round).toBe(1)
  })

  it('55: one validator is not f + 1, however much it sends', () => {
    const machine = new Machine().start().prevotes(5, null, [0]).precommits(5, null, [0]).prevotes(5, 'A', [0])
    expect(machine.state.round).toBe(0)
  })

  it('55: messages of different later rounds do not add up', () => {
    expect(new Machine().start().prevotes(5, null, [0]).prevotes(6, null, [1]).state.round).toBe(0)
  })

  it('55: an earlier round starts nothing', () => {
    const machine = new Machine().start().prevotes(5, null, [0, 1])
    machine.did()
    expect(machine.prevotes(3, null, [0, 1, 2]).did()).toEqual([])
    expect(machine.state.round).toBe(5)
  })

  it('55: works however far ahead, and keeps one far round of each validator', () => {
    const machine = new Machine().start()
    for (let round = FUTURE_ROUND_WINDOW + 1; round < 500; round++) machine.prevotes(round, null, [0])
    expect(machine.state.rounds.size).toBe(1)
    expect(machine.prevotes(499, null, [2]).state.round).toBe(499)
  })

  it('a far round that is forgotten is forgotten in full', () => {
    const machine = new Machine().start().prevotes(100, null, [0]).precommits(100, 'A', [0]).prevotes(200, null, [0])
    expect([...machine.state.rounds.keys()]).toEqual([200])
    expect(machine.prevotes(100, null, [2]).state.round).toBe(0)
    expect(machine.prevotes(150, null, [0]).state.round).toBe(0)
    expect([...machine.state.rounds.keys()]).toEqual([200, 100])
  })
})

describe('lines 57-67: timeouts', () => {
  it('57, 59, 60: propose: prevotes nil', () => {
    const machine = new Machine().start()
    machine.did()
    expect(machine.timeout('propose', 0).did()).toEqual(['prevote 0 nil'])
    expect(machine.state.step).toBe('prevote')
  })

  it('58: not in another step or round', () => {
    const machine = new Machine().start().valid('A').proposal(0, 'A')
    machine.did()
    expect(machine.timeout('propose', 0).did()).toEqual([])
    expect(lockedOnA().timeout('propose', 0).did()).toEqual([])
  })

  it('61, 63, 64: prevote: precommits nil', () => {
    const machine = new Machine().start().timeout('propose', 0)
    machine.did()
    expect(machine.timeout('prevote', 0).did()).toEqual(['precommit 0 nil'])
    expect(machine.state.step).toBe('precommit')
  })

  it('62: not in another step or round', () => {
    const machine = new Machine().start()
    machine.did()
    expect(machine.timeout('prevote', 0).did()).toEqual([])
    const precommitted = new Machine().start().timeout('propose', 0).timeout('prevote', 0)
    precommitted.did()
    expect(precommitted.timeout('prevote', 0).did()).toEqual([])
    const later = lockedOnA().timeout('propose', 1)
    later.did()
    expect(later.timeout('prevote', 0).did()).toEqual([])
  })

  it('65, 67: precommit: starts the next round, from any step', () => {
    expect(new Machine().start().timeout('precommit', 0).state.round).toBe(1)
  })

  it('66: not in another round', () => {
    expect(lockedOnA().timeout('precommit', 0).state.round).toBe(1)
  })

  it('the lock is kept from round to round', () => {
    const machine = lockedOnA().timeout('precommit', 1).timeout('precommit', 2)
    expect(machine.state.locked).toEqual({ id: 'A', round: 0 })
  })
})

describe('a restart', () => {
  it('goes on in the round and step, and with the values, that were saved', () => {
    const locked = { id: 'A', round: 1 }
    const valid = { id: 'B', round: 2 }
    const state = newHeight(HEIGHT, VALIDATORS, SELF, { round: 5, step: 'prevote', locked, valid })
    expect(state).toMatchObject({ round: 5, step: 'prevote', locked, valid, decision: null })
    expect(step(state, { kind: 'start' }).effects).toEqual([])
  })
})

describe('a node that only follows', () => {
  it('decides, and votes for nothing', () => {
    const machine = new Machine(null).start().valid('A').proposal(0, 'A').prevotes(0, 'A', [0, 1, 2])
    machine.precommits(0, 'A', [0, 1, 2])
    const did = machine.did()
    expect(votesOf(did)).toEqual([])
    expect(did).toContain('decide A@0')
  })
})

describe('conflicting and surplus messages', () => {
  it('a proposal too many is taken when f + 1 voted for it', () => {
    const machine = new Machine().start().proposal(0, 'A').proposal(0, 'B')
    expect(useOfProposalIn(machine.state, { round: 0, id: 'C', validRound: -1 })).toBe('excess')
    machine.prevotes(0, 'C', [0, 1])
    expect(useOfProposalIn(machine.state, { round: 0, id: 'C', validRound: -1 })).toBe('new')
  })

  it('proposals of far rounds are not kept', () => {
    const state = new Machine().start().state
    const round = FUTURE_PROPOSAL_ROUNDS + 1
    expect(useOfProposalIn(state, { round, id: 'A', validRound: -1 })).toBe('excess')
    expect(useOfProposalIn(state, { round: round - 1, id: 'A', validRound: -1 })).toBe('new')
  })

  it('an equivocator is counted for each value it voted for', () => {
    const machine = new Machine().start().valid('A').proposal(0, 'A').prevotes(0, 'B', [1]).prevotes(0, 'A', [0, SELF])
    machine.did()
    expect(machine.prevotes(0, 'A', [1]).did()).toEqual(['conflicting-votes', 'precommit 0 A'])
  })
})
