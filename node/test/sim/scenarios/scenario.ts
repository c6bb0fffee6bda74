/** A scripted schedule that is known to be hard, with what must hold at its end. */
export interface ScenarioResult {
  /** What must hold, and whether it does. */
  readonly checks: readonly (readonly [what: string, holds: boolean])[]
  readonly trace: readonly string[]
}

export type Scenario = () => Promise<ScenarioResult>
