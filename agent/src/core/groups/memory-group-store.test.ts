import { describeGroupStore } from '../../test-support/group-store-contract.ts'
import { MemoryGroupStore } from './memory-group-store.ts'

describeGroupStore('in memory', () => ({ store: new MemoryGroupStore(), [Symbol.dispose]: () => {} }))
