/** Bounds of what joins the rooms into one node. */

/** Milliseconds that a dev control waits for its block before it says that it is late. */
export const DEV_BLOCK_WAIT = 20_000
