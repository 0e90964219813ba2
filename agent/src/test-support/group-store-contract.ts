import { describe, expect, it } from 'vitest'
import type { GroupMessage, GroupStore, KeptGroup } from '../core/groups/ports.ts'

/** A group of two. */
export const keptGroup = (groupId: string, more: Partial<KeptGroup> = {}): KeptGroup => ({
  charter: {
    ...{ groupId, name: `Group ${groupId}`, mode: 'parallel', creator: 'atlas_001', version: 1 },
    members: [
      { agentId: 'atlas_001', agentName: 'Atlas' },
      { agentId: 'nova_001', agentName: 'Nova', chats: { whatsapp: '44' } },
    ],
  },
  state: 'member',
  owner: 'mia',
  ...more,
})

/** Something that somebody said. */
export const said = (writer: string, sequence: number, clock: number, text = 'hi', groupId = 'g1'): GroupMessage => ({
  ...{ groupId, writer, sequence, clock, text, author: writer },
  kind: 'agent',
  question: '1:atlas',
})

const mark = (agentId: string, have: number) => ({ agentId, have, acked: 0, confirmed: 0 })

/** A store for one test. */
export type OpenGroupStore = () => { readonly store: GroupStore } & Disposable

/** What every store of groups keeps to, whatever it writes on. */
export const describeGroupStore = (kind: string, open: OpenGroupStore): void => {
  describe(`a store of groups ${kind}`, () => {
    it('knows nothing at first', () => {
      using opened = open()
      expect(opened.store.list()).toEqual([])
      expect(opened.store.messages('g1')).toEqual([])
      expect(opened.store.marks('g1')).toEqual([])
    })

    it('keeps groups in the order in which they came, each as it was saved last', () => {
      using opened = open()
      opened.store.save(keptGroup('g1'))
      opened.store.save(keptGroup('g2'))
      opened.store.save(keptGroup('g1', { state: 'gone', owner: 'ben' }))
      expect(opened.store.list()).toEqual([keptGroup('g1', { state: 'gone', owner: 'ben' }), keptGroup('g2')])
    })

    it('keeps messages in the order of the transcript, whatever the order in which they came, and each once', () => {
      using opened = open()
      const messages = [said('b', 1, 2), said('a', 1, 2), said('a', 2, 5, 'two\nlines ∀ 🧪 "quoted"'), said('b', 2, 3)]
      for (const message of messages) opened.store.add(message, mark(message.writer, message.sequence), 10)
      opened.store.add(said('a', 1, 9, 'another text'), mark('a', 2), 10)
      const [b1, a1, a2, b2] = messages
      expect(opened.store.messages('g1')).toEqual([a1, b1, b2, a2])
      expect(opened.store.messages('g2')).toEqual([])
      expect(opened.store.marks('g1')).toEqual([mark('a', 2), mark('b', 2)])
    })

    it('lets the first messages of a group go when there are too many, of that group only', () => {
      using opened = open()
      opened.store.add(said('a', 1, 1, 'other', 'g2'), mark('a', 1), 3)
      for (let index = 1; index <= 5; index++) opened.store.add(said('a', index, index), mark('a', index), 3)
      expect(opened.store.messages('g1').map(({ sequence }) => sequence)).toEqual([3, 4, 5])
      opened.store.add(said('b', 1, 1), mark('b', 1), 3)
      expect(opened.store.messages('g1').map(({ writer }) => writer)).toEqual(['a', 'a', 'a'])
      expect(opened.store.messages('g2')).toHaveLength(1)
    })

    it('keeps the newest mark of each member', () => {
      using opened = open()
      opened.store.saveMark('g1', { agentId: 'a', have: 1, acked: 2, confirmed: 3 })
      opened.store.saveMark('g1', { agentId: 'a', have: 4, acked: 5, confirmed: 6 })
      opened.store.saveMark('g2', mark('a', 9))
      expect(opened.store.marks('g1')).toEqual([{ agentId: 'a', have: 4, acked: 5, confirmed: 6 }])
    })

    it('forgets a group with everything in it, and nothing else', () => {
      using opened = open()
      for (const groupId of ['g1', 'g2']) {
        opened.store.save(keptGroup(groupId))
        opened.store.add(said('a', 1, 1, 'hi', groupId), mark('a', 1), 3)
      }
      opened.store.remove('g1')
      expect(opened.store.list()).toEqual([keptGroup('g2')])
      expect(opened.store.messages('g1')).toEqual([])
      expect(opened.store.marks('g1')).toEqual([])
      expect(opened.store.messages('g2')).toHaveLength(1)
    })
  })
}
