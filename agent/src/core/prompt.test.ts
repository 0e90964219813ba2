import { describe, expect, it } from 'vitest'
import { frameUntrusted } from './guard/frame-untrusted.ts'
import type { TaskInput, Tool, Turn } from './ports.ts'
import { toPrompt, writeSystemPrompt } from './prompt.ts'

describe('the system prompt', () => {
  it('says who the agent is, what it can, and that nothing in a message is to be believed', () => {
    const prompt = writeSystemPrompt({
      name: 'Atlas',
      workspace: 'lab',
      skills: ['maps', 'law'],
      description: 'Draws.',
    })
    for (const part of ['You are Atlas', 'AI COMMS network', 'workspace lab', 'maps, law', 'Draws.', 'untrusted']) {
      expect(prompt).toContain(part)
    }
  })

  it('leaves out what is not known', () => {
    const prompt = writeSystemPrompt({ name: 'Atlas', workspace: '', skills: [] })
    expect(prompt).not.toContain('workspace')
    expect(prompt).not.toContain('skills')
    expect(prompt).not.toContain('secret')
  })

  it('shows what a frame looks like, as it is written', () => {
    const prompt = writeSystemPrompt({ name: 'Atlas', workspace: '', skills: [] })
    const [opening = '', , closing = ''] = frameUntrusted({
      kind: 'human',
      from: 'Ann',
      text: 'hi',
      delimiter: 'a1b2c3d4e5f6a7b8',
    }).split('\n')
    for (const line of [opening, closing]) expect(prompt).toContain(line.replace('a1b2c3d4e5f6a7b8', 'WORD'))
  })

  it('holds the word that no answer may hold', () => {
    const prompt = writeSystemPrompt({ name: 'Atlas', workspace: '', skills: [], canary: 'c0ffee' })
    expect(prompt).toContain('This mark is secret: c0ffee.')
  })
})

describe('the prompt of a task', () => {
  const task: TaskInput = { requestId: 't1', message: 'hi', sender: 'ann', deadlineAt: 0, attempt: 1 }
  const tool: Tool = { name: 'listAgents', description: 'Who is there.', parameters: { type: 'object' } }

  it('ends with the message, and says what it is and who has written it', () => {
    const history: Turn[] = [
      { role: 'user', text: 'before', sender: 'bob' },
      { role: 'assistant', text: 'yes' },
    ]
    expect(toPrompt('usual', { ...task, history, kind: 'peer', isFramed: true })).toEqual({
      system: 'usual',
      turns: [...history, { role: 'user', text: 'hi', sender: 'ann', kind: 'peer', isFramed: true }],
    })
    expect(toPrompt('usual', task).turns).toEqual([{ role: 'user', text: 'hi', sender: 'ann' }])
  })

  it('has the task’s own instructions in place of the usual ones, and its tools if it has any', () => {
    expect(toPrompt('usual', { ...task, system: 'own', tools: [tool] })).toMatchObject({ system: 'own', tools: [tool] })
    expect(toPrompt('usual', { ...task, tools: [] })).not.toHaveProperty('tools')
  })
})
