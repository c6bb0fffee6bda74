/** Dev controls of the times of blocks. */
import { toQuantity } from '../../codec/hex.ts'
import { invalidParams } from '../errors.ts'
import { required } from '../method.ts'
import { BOOLEAN, NULL, QUANTITY } from '../schema/schema.ts'
import { control, operate } from './control.ts'
import { asUint64 } from './numbers.ts'

const home = 'time'
/** In a second. */
const MILLISECONDS = 1_000n

export const timeControls = [
  ...control({
    ...{ home, result: QUANTITY, names: ['evm_increaseTime', 'anvil_increaseTime', 'touchstone_increaseTime'] },
    summary: 'moves the times of blocks on by so many seconds; how far they are from the clocks then',
    params: [required('seconds', asUint64)],
    async handle(dev, { backend }, seconds) {
      const before = dev.settings().timeOffset
      // An interval may have put the newest block ahead of where the clocks are: it is from there that time moves on.
      const lag = backend.chain.head().header.timestamp - (dev.clock() + before)
      const added = lag > 0n ? lag + seconds : seconds
      await operate(dev, { kind: 'addTime', seconds: added })
      const ahead = before + added
      return toQuantity(ahead < 0n ? 0n : ahead)
    },
  }),
  ...control({
    ...{ home, result: QUANTITY, names: ['evm_setTime', 'anvil_setTime', 'touchstone_setTime'] },
    summary: 'gives blocks from the next on times as if it were this one, Unix seconds',
    differs: 'no block is earlier than its parent',
    params: [required('timestamp', asUint64)],
    async handle(dev, _, timestamp) {
      await operate(dev, { kind: 'setTime', timestamp, clock: dev.clock() })
      return toQuantity(timestamp)
    },
  }),
  ...control({
    ...{ home, result: NULL },
    names: ['evm_setNextBlockTimestamp', 'anvil_setNextBlockTimestamp', 'touchstone_setNextBlockTimestamp'],
    summary: 'gives the next block this time, Unix seconds, and those after it times from there',
    params: [required('timestamp', asUint64)],
    async handle(dev, _, timestamp) {
      await operate(dev, { kind: 'nextTimestamp', timestamp, clock: dev.clock() })
      return null
    },
  }),
  ...control({
    ...{ home, result: NULL },
    names: ['anvil_setBlockTimestampInterval', 'touchstone_setBlockTimestampInterval'],
    summary: 'puts so many seconds between blocks, whatever the clocks say',
    params: [required('seconds', asUint64)],
    async handle(dev, _, seconds) {
      await operate(dev, { kind: 'timestampInterval', seconds })
      return null
    },
  }),
  ...control({
    ...{ home, result: NULL },
    names: ['hardhat_setBlockTimestampInterval'],
    summary: 'the same in milliseconds, as test clients send it under this name; whole seconds',
    params: [required('milliseconds', asUint64)],
    async handle(dev, _, milliseconds) {
      if (milliseconds % MILLISECONDS !== 0n)
        throw invalidParams(
          `an interval of ${milliseconds} ms: times of blocks are whole seconds, so a multiple of 1000`,
        )
      await operate(dev, { kind: 'timestampInterval', seconds: milliseconds / MILLISECONDS })
      return null
    },
  }),
  ...control({
    ...{ home, result: BOOLEAN, params: [] },
    names: [
      'anvil_removeBlockTimestampInterval',
      'hardhat_removeBlockTimestampInterval',
      'touchstone_removeBlockTimestampInterval',
    ],
    summary: 'ends it',
    async handle(dev) {
      const was = dev.settings().timestampInterval > 0n
      await operate(dev, { kind: 'timestampInterval', seconds: 0n })
      return was
    },
  }),
]
