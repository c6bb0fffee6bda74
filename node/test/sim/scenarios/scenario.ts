/** A scripted schedule that is known to be hard, with what must hold at its end. */
export interface ScenarioResult {
  /** The claims that must hold, and whether they do. */
  readonly checks: readonly (readonly [what: string, holds: boolean])[]
  readonly trace: readonly string[]
}

export type Scenario = () => Promise<ScenarioResult>
