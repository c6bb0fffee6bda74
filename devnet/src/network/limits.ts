/** One machine runs them all, and each two of them have a link: 20 nodes are 380 proxies. */
export const maxNodeCount = 20
