/** Mutants of what the state machine counts with: votes, powers, turns. */
import { mutantsOf } from '../mutant.ts'

export const countingMutants = [
  ...mutantsOf('core/voteSet.ts', [
    [
      'counts the first message of a validator only',
      'equivocation',
      "if (!set.first.has(vote.validator) || tally !== undefined) return 'new'",
      "if (!set.first.has(vote.validator)) return 'new'\n  if (tally !== null) return 'excess'",
    ],
    ['counts a repeated vote again', 'counting', "if (tally?.votes.has(vote.validator)) return 'duplicate'", ''],
    [
      'counts an equivocator twice in all',
      'counting',
      'set: { ...set, tallies }, conflicting',
      'set: { ...set, tallies, power: set.power + power }, conflicting',
    ],
    ['gives no proof of two votes', 'evidence', 'conflicting: earlier }', 'conflicting: null }'],
    [
      'lets a validator bring up any number of values',
      'bounds',
      'introduced < MAX_INTRODUCED_VALUES',
      'introduced >= 0',
    ],
    [
      'counts a vote for all of the round',
      'counting',
      'power: (tally?.power ?? 0n) + power',
      'power: set.power + power',
    ],
    ['forgets a vote but not its power', 'counting', 'first, power: set.power - power }', 'first, power: set.power }'],
    [
      'gives votes in the order of arrival',
      'certificates',
      '[...votes.values()].sort((a, b) => a.validator - b.validator)',
      '[...votes.values()]',
    ],
  ]),
  ...mutantsOf('core/roundLog.ts', [
    [
      'counts a validator for each kind of message',
      'L55',
      '    if (!log.prevotes.first.has(validator)) power += powerOf(validators, validator)',
      '    power += powerOf(validators, validator)',
    ],
    [
      'does not count precommits for a later round',
      'L55',
      '    if (!log.prevotes.first.has(validator)) power +=',
      '    if (validator < 0) power +=',
    ],
    [
      'does not count the proposal for a later round',
      'L55',
      'if (proposer !== undefined && !log',
      'if (proposer === -1 && !log',
    ],
  ]),
  ...mutantsOf('core/futureRounds.ts', [
    [
      'keeps every far round',
      'bounds',
      'if (round <= horizon) return { rounds, farRounds }',
      'if (round >= 0) return { rounds, farRounds }',
    ],
    ['follows a validator back to an older far round', 'bounds', 'if (round < newest) return null', ''],
  ]),
  ...mutantsOf('core/validatorSet.ts', [
    [
      'takes exactly two thirds for a quorum',
      'quorum',
      'power * 3n > set.totalPower * 2n',
      'power * 3n >= set.totalPower * 2n',
    ],
    [
      'takes more than a half for a quorum',
      'quorum',
      'power * 3n > set.totalPower * 2n',
      'power * 2n > set.totalPower',
    ],
    ['needs everybody for a quorum', 'quorum', 'power * 3n > set.totalPower * 2n', 'power >= set.totalPower'],
    ['needs more than a third for f + 1', 'f + 1', 'power * 3n >= set.totalPower', 'power * 3n > set.totalPower'],
    ['takes a quarter for f + 1', 'f + 1', 'power * 3n >= set.totalPower', 'power * 4n >= set.totalPower'],
    [
      'takes a validator twice',
      'validator set',
      'if (validators.findIndex((other) => sameBytes(other.publicKey, publicKey)) !== index) {',
      'if (index < 0) {',
    ],
    ['takes a validator without power', 'validator set', 'if (power <= 0n) throw', 'if (power < 0n) throw'],
    ['takes an empty set', 'validator set', 'if (validators.length === 0) throw', 'if (validators.length < 0) throw'],
    ['finds nobody first', 'validator set', 'return index < 0 ? null : index', 'return index <= 0 ? null : index'],
  ]),
  ...mutantsOf('core/proposer.ts', [
    ['gives the turn by height alone', 'proposer', 'height + BigInt(round)', 'height'],
    ['gives the turn by round alone', 'proposer', '(height + BigInt(round))', 'BigInt(round)'],
    [
      'gives everyone the same turns whatever the power',
      'proposer',
      'return ownerOfSlot(weights, period, slot)',
      'return Number(slot) % weights.length',
    ],
    ['gives equal turns to the higher index', 'proposer', 'tie && other >= index', 'tie && other <= index'],
    ['gives all turns of a validator in a row', 'proposer', 'const due = 2n * turn + 1n', 'const due = 1n'],
  ]),
]
