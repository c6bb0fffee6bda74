/** Topics of the logs of dev mode (docs/protocol/dev.md): hashes of the events' signatures. */
import { keccak256 } from '../../crypto/keccak.ts'

/** Of the log that says which snapshot was kept. */
export const SNAPSHOT_TOPIC = keccak256(new TextEncoder().encode('Snapshot(uint256)'))

/** Of the log that has nodes drop a transaction from their pools. */
export const DROPPED_TOPIC = keccak256(new TextEncoder().encode('Dropped(bytes32)'))
