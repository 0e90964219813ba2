import { describeConversationStore, describeSeenStore } from '../test-support/conversation-contract.ts'
import { MemoryConversationStore } from './memory-conversation-store.ts'
import { MemorySeenStore } from './memory-seen-store.ts'

describeConversationStore('in memory', (bounds) => ({
  store: new MemoryConversationStore(bounds),
  [Symbol.dispose]: () => {},
}))

describeSeenStore('in memory', (bounds) => ({ store: new MemorySeenStore(bounds), [Symbol.dispose]: () => {} }))
