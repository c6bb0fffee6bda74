/** Events. */
import { HostTrap } from '../../engine/engine.ts'
import { type Hook, hook } from './hook.ts'
import { refusalsTrap } from './hookFrame.ts'
import { readInk } from './prices.ts'

const MAX_TOPICS = 4

export const logHooks = {
  /** The first 32 x `topics` bytes are the topics, the rest is the log's data. */
  emit_log: hook('iii', '', (frame, data: number, length: number, topics: number) => {
    frame.payBase('emit_log')
    const count = topics >>> 0
    const size = length >>> 0
    if (count > MAX_TOPICS) throw new HostTrap('host', `emit_log: ${count} topics, at most ${MAX_TOPICS} are allowed`)
    if (size < count * 32) {
      throw new HostTrap('host', `emit_log: ${size} bytes cannot hold ${count} topics of 32 bytes`)
    }
    frame.payInk(readInk(frame.prices, size))
    const bytes = frame.read(data, length)
    const words = Array.from({ length: count }, (_, i) => bytes.slice(32 * i, 32 * i + 32))
    frame.payGas(refusalsTrap(() => frame.environment.emitLog(words, bytes.slice(32 * count))).gas)
    return undefined
  }),
} satisfies Record<string, Hook>
