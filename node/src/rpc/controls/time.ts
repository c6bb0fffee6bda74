/** Dev controls of the times of blocks. */
import { toQuantity } from '../../codec/hex.ts'
import { required } from '../method.ts'
import { BOOLEAN, NULL, QUANTITY } from '../schema/schema.ts'
import { control, operate } from './control.ts'
import { asUint64 } from './numbers.ts'

const home = 'time'

export const timeControls = [
  ...control({
    ...{ home, result: QUANTITY, names: ['evm_increaseTime', 'anvil_increaseTime', 'touchstone_increaseTime'] },
    summary: 'moves the times of blocks on by so many seconds; how far they are from the clocks then',
    params: [required('seconds', asUint64)],
    async handle(dev, _, seconds) {
      const before = dev.settings().timeOffset
      await operate(dev, { kind: 'addTime', seconds })
      const ahead = before + seconds
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
    names: [
      'anvil_setBlockTimestampInterval',
      'hardhat_setBlockTimestampInterval',
      'touchstone_setBlockTimestampInterval',
    ],
    summary: 'puts so many seconds between blocks, whatever the clocks say',
    params: [required('seconds', asUint64)],
    async handle(dev, _, seconds) {
      await operate(dev, { kind: 'timestampInterval', seconds })
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
