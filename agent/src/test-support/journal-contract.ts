import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Answer, JournalBounds, TaskJournal } from '../core/ports.ts'

/** A response of a task. */
export const response = (requestId: string, text = 'ok'): Answer => ({
  type: 'task-response',
  requestId,
  response: text,
})

/** A failure of a task. */
export const failure = (requestId: string, retryable: boolean): Answer => ({
  type: 'task-error',
  requestId,
  error: 'no',
  code: 'agent_error',
  retryable,
})

/** Bounds so small that a test meets them. */
export const SMALL: JournalBounds = { tasksMax: 3, charsMax: 100, keepMs: 1_000 }

/** A journal for one test. */
export type OpenJournal = (bounds: JournalBounds) => { readonly journal: TaskJournal } & Disposable

/** What every journal keeps to, whatever it writes on. */
export const describeJournal = (kind: string, open: OpenJournal): void => {
  describe(`a journal ${kind}`, () => {
    it('knows nothing of a task that it was not told of', () => {
      using opened = open(SMALL)
      expect(opened.journal.find('t1', 0)).toBeUndefined()
      opened.journal.forget(['t1'])
      opened.journal.probe()
      expect(opened.journal.purge(0)).toBe(false)
    })

    it('knows which delivery was accepted last, until it is forgotten', () => {
      using opened = open(SMALL)
      opened.journal.accept('t1', 1, 0)
      opened.journal.accept('t2', 1, 0)
      opened.journal.accept('t1', 3, 1)
      expect(opened.journal.find('t1', 1)).toEqual({ state: 'accepted', attempt: 3 })
      opened.journal.forget(['t1', 't2', 'nobody'])
      expect(opened.journal.find('t1', 1)).toBeUndefined()
      expect(opened.journal.find('t2', 1)).toBeUndefined()
    })

    it('gives an answer back as it was, and no word of forgetting takes it away', () => {
      using opened = open({ ...SMALL, charsMax: 1_000 })
      const texts = ['', 'two\nlines', 'a\u0000b', '∀ 🧪 "quoted" \\', "'; DROP TABLE answer; --"]
      for (const text of texts) {
        opened.journal.accept('t1', 1, 0)
        opened.journal.end(response('t1', text), 2, 0)
        opened.journal.forget(['t1'])
        expect(opened.journal.find('t1', 0)).toEqual({ state: 'ended', attempt: 2, answer: response('t1', text) })
      }
      opened.journal.end(failure('t2', true), 1, 0)
      expect(opened.journal.find('t2', 0)).toEqual({ state: 'ended', attempt: 1, answer: failure('t2', true) })
    })

    it('lets go of an answer when a later delivery is accepted', () => {
      using opened = open(SMALL)
      opened.journal.end(failure('t1', true), 1, 0)
      opened.journal.accept('t1', 2, 0)
      expect(opened.journal.find('t1', 0)).toEqual({ state: 'accepted', attempt: 2 })
      opened.journal.forget(['t1'])
      expect(opened.journal.find('t1', 0)).toBeUndefined()
    })

    it('forgets after its time, what was finished and what was not', () => {
      using opened = open(SMALL)
      opened.journal.accept('t1', 1, 0)
      opened.journal.end(response('t2'), 1, 0)
      expect(opened.journal.find('t1', 999)).toBeDefined()
      expect(opened.journal.find('t2', 999)).toBeDefined()
      expect(opened.journal.find('t1', 1_000)).toBeUndefined()
      expect(opened.journal.find('t2', 1_000)).toBeUndefined()
      opened.journal.end(response('t3'), 1, 999)
      opened.journal.purge(1_000)
      // what is purged is gone even for whoever asks with an earlier time
      expect(opened.journal.find('t1', 0)).toBeUndefined()
      expect(opened.journal.find('t2', 0)).toBeUndefined()
      expect(opened.journal.find('t3', 1_000)).toBeDefined()
    })

    it('purges until nothing old is left, however much there is', () => {
      using opened = open({ tasksMax: 1_000, charsMax: 1_000_000, keepMs: 1_000 })
      const ids = Array.from({ length: 250 }, (_, index) => `t${index}`)
      for (const id of ids) opened.journal.end(response(id), 1, 0)
      let steps = 1
      while (opened.journal.purge(1_000)) steps += 1
      expect(steps).toBeLessThan(10)
      expect(ids.filter((id) => opened.journal.find(id, 0))).toEqual([])
    })

    it('lets what ended first go when it is full, by number and by size', () => {
      using opened = open(SMALL)
      const { journal } = opened
      for (const id of ['t1', 't2', 't3', 't4']) journal.end(response(id), 1, 0)
      expect(['t1', 't2', 't3', 't4'].filter((id) => journal.find(id, 0))).toEqual(['t2', 't3', 't4'])
      journal.end(response('t5', 'x'.repeat(97)), 1, 0)
      expect(['t2', 't3', 't4', 't5'].filter((id) => journal.find(id, 0))).toEqual(['t4', 't5'])
      journal.accept('t6', 1, 0)
      journal.end(response('t6', 'x'.repeat(101)), 1, 0)
      expect(['t4', 't5', 't6'].filter((id) => journal.find(id, 0))).toEqual(['t4', 't5'])
    })

    it('lets what was accepted first go when more is open than it may hold', () => {
      using opened = open(SMALL)
      for (const id of ['t1', 't2', 't3', 't4']) opened.journal.accept(id, 1, 0)
      expect(['t1', 't2', 't3', 't4'].filter((id) => opened.journal.find(id, 0))).toEqual(['t2', 't3', 't4'])
    })

    const step = fc.record({
      act: fc.constantFrom('accept', 'end', 'end', 'forget', 'purge'),
      id: fc.nat(6),
      chars: fc.nat(60),
      later: fc.nat(400),
    })

    it('stays within its bounds and always knows the newest, whatever it is told', () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
          using opened = open(SMALL)
          const { journal } = opened
          const ids = [0, 1, 2, 3, 4, 5, 6].map((each) => `t${each}`)
          let now = 0
          for (const { act, id, chars, later } of steps) {
            now += later
            const text = 'x'.repeat(chars)
            if (act === 'accept') journal.accept(`t${id}`, 1, now)
            else if (act === 'end') journal.end(response(`t${id}`, text), 1, now)
            else if (act === 'forget') journal.forget([`t${id}`])
            else journal.purge(now)
            const found = ids.map((each) => journal.find(each, now))
            if (act === 'end') expect(found[id]).toMatchObject({ answer: { response: text } })
            if (act === 'accept') expect(found[id]).toMatchObject({ state: 'accepted' })
            const ended = found.flatMap((each) => (each?.state === 'ended' ? [each.answer] : []))
            const all = ended.reduce((sum, each) => sum + ('response' in each ? String(each.response).length : 0), 0)
            expect(ended.length).toBeLessThanOrEqual(3)
            expect(found.filter((each) => each?.state === 'accepted').length).toBeLessThanOrEqual(3)
            expect(all).toBeLessThanOrEqual(100)
          }
        }),
        { numRuns: 30 },
      )
    })
  })
}
