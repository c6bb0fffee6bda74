/** Calldata in, result out, and leaving early. */
import { HostExit } from '../../engine/engine.ts'
import { type Hook, hook } from './hook.ts'
import { readInk, writeInk } from './prices.ts'

export const inputHooks = {
  /** Copies all of the calldata to `dest`; its length was the entrypoint's argument. */
  read_args: hook('i', '', (frame, dest: number) => {
    frame.payBase('read_args')
    const { input } = frame.environment.frame
    frame.payInk(writeInk(frame.prices, input.length))
    frame.write(dest, input)
    return undefined
  }),

  /** Sets the output, or the revert data, of the frame; the last one counts. Does not end the frame. */
  write_result: hook('ii', '', (frame, data: number, length: number) => {
    frame.payBase('write_result')
    frame.payInk(2n * readInk(frame.prices, length >>> 0))
    frame.output = frame.read(data, length)
    return undefined
  }),

  /** Ends the frame at once: status 0 succeeds, any other reverts. */
  exit_early: hook('i', '', (_frame, status: number) => {
    throw new HostExit(status)
  }),
} satisfies Record<string, Hook>
