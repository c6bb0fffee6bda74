/** Time for the parts that may depend on it. Consensus results never do; a simulation hands in its own. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds of a clock that never goes back. */
  monotonic(): number
  /** Runs `task` once after `milliseconds`; the returned function cancels it. */
  after(milliseconds: number, task: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, task) {
    if (milliseconds <= 0) return soon(task)
    const timer = setTimeout(task, milliseconds)
    return () => clearTimeout(timer)
  },
}

/** After what has come to this process by now; a timer of Node takes a millisecond or two at least. */
function soon(task: () => void): () => void {
  const immediate = setImmediate(task)
  return () => clearImmediate(immediate)
}

/** The system's, for what nobody waits for: a process with nothing else to do ends before such a task is due. */
export const backgroundClock: Clock = {
  ...systemClock,
  after(milliseconds, task) {
    const timer = setTimeout(task, milliseconds)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
