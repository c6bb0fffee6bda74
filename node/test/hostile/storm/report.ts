/** The results of a storm so far. */
export interface StormReport {
  readonly seed: number
  readonly seconds: number
  readonly blocks: number
  /** A second, so far; before the attacks; and of the last line to this. */
  readonly rate: number
  readonly rateBefore: number
  readonly rateNow: number
  /** Milliseconds without a block while a quorum was up and a transfer waited, at most; in all, and since the last line. */
  readonly longestGap: number
  readonly longestGapNow: number
  /** Milliseconds of these gaps in which no node answered, at most: there may have been blocks that nobody saw. */
  readonly longestGapUnseen: number
  readonly longestGapNowUnseen: number
  /** Bytes of each node above what it had before the attacks, at most; null where there is no /proc. */
  readonly growth: readonly (number | null)[]
  readonly honest: Quarrels
  readonly transfers: {
    readonly acknowledged: number
    readonly mined: number
    readonly waiting: number
    readonly lost: number
    /** Milliseconds from acknowledgement to receipt, at most, since the last line. */
    readonly slowest: number
  }
  /** Times a node was killed and started. */
  readonly restarts: number
  readonly attacks: number
  /** Share of the time that the machine's processors were busy, 0 to 1, since the last line. */
  readonly busy: number | null
  /** Faults that need no bound: ended processes, different blocks, nodes that did not come back. */
  readonly broken: readonly string[]
}

/** The faults that the four nodes, which gave no reason, noted against each other, by their logs. */
export interface Quarrels {
  readonly bans: number
  readonly throttles: number
  readonly points: number
  /** Null when there are none. */
  readonly firstReason: string | null
}

const cell = (value: string | number, width: number) => String(value).padStart(width)
const seconds = (milliseconds: number) => (milliseconds / 1_000).toFixed(1)
const mebibytes = (bytes: number | null) => (bytes === null ? '-' : String(Math.round(bytes / 1024 / 1024)))

export function heading(gapBound: number, growthBound: number): string {
  const bounds = `gap ${seconds(gapBound)} s, growth ${mebibytes(growthBound)} MiB for each node, bans 0, throttles 0, points 0, lost 0`
  return (
    `bounds: ${bounds}\n` +
    '    s  blocks   /s  of before  gap s  unseen  of 5 s  growth MiB of each     bans thr pts  acknowledged   mined  waiting lost  slowest s  restarts  busy  attacks\n'
  )
}

export function line(report: StormReport, gapOfReference: number): string {
  const { honest, transfers } = report
  return [
    cell(Math.round(report.seconds), 5),
    cell(report.blocks, 8),
    cell(report.rateNow.toFixed(1), 5),
    cell(report.rateBefore === 0 ? '-' : `${Math.round((100 * report.rateNow) / report.rateBefore)} %`, 11),
    cell(seconds(report.longestGapNow), 7),
    cell(seconds(report.longestGapNowUnseen), 8),
    cell((report.longestGapNow / gapOfReference).toFixed(2), 8),
    '  ',
    report.growth.map((bytes) => cell(mebibytes(bytes), 5)).join(''),
    cell(honest.bans, 6),
    cell(honest.throttles, 4),
    cell(honest.points, 4),
    cell(transfers.acknowledged, 14),
    cell(transfers.mined, 8),
    cell(transfers.waiting, 9),
    cell(transfers.lost, 5),
    cell(seconds(transfers.slowest), 11),
    cell(report.restarts, 10),
    cell(report.busy === null ? '-' : `${Math.round(100 * report.busy)} %`, 6),
    cell(report.attacks, 9),
    '\n',
  ].join('')
}
