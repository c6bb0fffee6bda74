/** The output of `npm run hostile -- --storm`, and its exit code: 1 where a bound is passed. */
import { gapBound, growthBound, STORM_GAP, stormFaults } from './bounds.ts'
import { heading, line } from './report.ts'
import { runStorm, type StormOptions } from './storm.ts'

/** `isJson`: a line of JSON for each report, the last with the bounds and what went wrong. */
export async function runStormCommand(options: StormOptions, isJson: boolean): Promise<number> {
  const write = (text: string) => void process.stdout.write(text)
  const bounds = { gap: gapBound(), growth: growthBound(options.actors) }
  const title = heading(bounds.gap, bounds.growth)
  if (!isJson) write(title)
  const report = await runStorm({
    ...options,
    progress: (report) => write(isJson ? `${JSON.stringify(report)}\n` : line(report, STORM_GAP)),
    log: (text) => !isJson && write(`${text}\n`),
  })
  const faults = stormFaults(report, options.actors)
  if (isJson) {
    write(`${JSON.stringify({ ...report, bounds, faults })}\n`)
  } else {
    const { rate, longestGap, longestGapUnseen } = report
    const whole = { ...report, rateNow: rate, longestGapNow: longestGap, longestGapNowUnseen: longestGapUnseen }
    write(`in all, seed ${options.seed}\n${title}${line(whole, STORM_GAP)}`)
    for (const fault of faults) write(`FAULT: ${fault}\n`)
  }
  return faults.length > 0 ? 1 : 0
}
