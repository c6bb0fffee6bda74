/** Runs jobs one after the other, in the order they were added. A job that throws is told to `onError`; the rest go on. */
export interface JobQueue {
  add(job: () => void | Promise<void>): void
  /** Jobs added and not finished. */
  size(): number
  /** Resolves when the queue is empty. */
  idle(): Promise<void>
}

export function createJobQueue(onError: (error: unknown) => void): JobQueue {
  let jobs: (() => void | Promise<void>)[] = []
  let running = 0
  let draining: Promise<void> = Promise.resolve()

  async function drain(): Promise<void> {
    while (jobs.length > 0) {
      const batch = jobs
      jobs = []
      running = batch.length
      for (const job of batch) {
        try {
          await job()
        } catch (error) {
          onError(error)
        }
        running -= 1
      }
    }
  }

  return {
    add(job) {
      jobs.push(job)
      if (running === 0 && jobs.length === 1) draining = drain()
    },
    size: () => jobs.length + running,
    idle: () => draining,
  }
}
