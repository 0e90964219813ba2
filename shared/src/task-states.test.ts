import { describe, expect, test } from 'vitest'
import { isTerminal, mayMove, TASK_MOVES, TASK_STATES, type TaskState } from './task-states.ts'

describe('the states of a task', () => {
  test('nothing leaves an end, and everything else can reach one', () => {
    for (const state of TASK_STATES) {
      const ends = TASK_MOVES[state].filter(isTerminal)
      if (isTerminal(state)) expect(TASK_MOVES[state]).toEqual([])
      else expect(ends).toEqual(expect.arrayContaining(['failed', 'canceled', 'rejected']))
    }
    expect(TASK_STATES.filter(isTerminal)).toEqual(['completed', 'failed', 'canceled', 'rejected'])
  })

  test('a task is completed only by somebody who works on it', () => {
    expect(TASK_STATES.filter((state) => mayMove(state, 'completed'))).toEqual(['working'])
  })

  test('no state moves to itself, and moves lead to states of the table', () => {
    for (const state of TASK_STATES) {
      expect(mayMove(state, state)).toBe(false)
      for (const next of TASK_MOVES[state]) expect(TASK_STATES).toContain<TaskState>(next)
    }
  })
})
