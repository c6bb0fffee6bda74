/** One machine runs them all, and each two of them have a link: 20 nodes are 380 proxies. */
export const maxNodeCount = 20

export const greatestPort = 65_535

/** A node that begins with a snapshot answers once it has all of it: gigabytes over links made slow take their time. */
export const snapshotTimeoutMs = 3_600_000
