import { describeTeamStore } from '../../test-support/team-store-contract.ts'
import { MemoryTeamStore } from './memory-team-store.ts'

describeTeamStore('in memory', (bounds) => ({ store: new MemoryTeamStore(bounds), [Symbol.dispose]: () => {} }))
