/** Real clients against one network of four nodes in dev mode: whatever their installed versions can do, in tables. */
import { afterAll, beforeAll } from 'vitest'
import { testCast } from './clients/cast.ts'
import { testEthers } from './clients/ethersProviders.ts'
import { type Fixture, startFixture } from './clients/fixture.ts'
import { testPublicActions } from './clients/viemPublic.ts'
import { testWalletActions } from './clients/viemWallet.ts'
import { E2E_TIMEOUT_MS } from './harness.ts'

let fixture: Fixture
beforeAll(async () => {
  fixture = await startFixture()
}, E2E_TIMEOUT_MS)
afterAll(() => fixture?.network.dispose())

const at = () => fixture
testPublicActions(at)
testWalletActions(at)
testEthers(at)
testCast(at)
