import { describeJournal } from '../test-support/journal-contract.ts'
import { MemoryJournal } from './memory-journal.ts'

describeJournal('in memory', (bounds) => ({ journal: new MemoryJournal(bounds), [Symbol.dispose]: () => {} }))
