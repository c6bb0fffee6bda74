/** Where a new network has the contracts that clients and deployment tools look for (predeploys.ts). */

/** The address at which viem, ethers and wagmi know it. */
export const multicall3Address = '0xcA11bde05977b3631167028862bE2a173976CA11'
/** The address at which viem, foundry and hardhat know it. */
export const create2FactoryAddress = '0x4e59b44847b379578588920cA78FbF26c0B4956C'
