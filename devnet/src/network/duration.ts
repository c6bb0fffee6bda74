/** Durations as a command line has them. */

/** Milliseconds: `100ms`, `1.5s`, or a bare number of milliseconds; NaN for any other text. */
export function millisecondsIn(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text) ?? []
  // Shifted as text: 1.001 times 1,000 is a little less than 1,001.
  return digits === undefined ? Number.NaN : Number(unit === 's' ? `${digits}e3` : digits)
}
