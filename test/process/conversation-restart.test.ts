import { expect, test } from 'vitest'
import { ConversationStage, DESK } from '../helpers/conversation-stage.ts'
import type { ModelRequest, ModelScript } from '../helpers/model-server.ts'

const PLAN = {
  steps: [
    { id: 'find', agent: 'Atlas', skill: 'research', task: 'Find out what floats.', after: [] },
    { id: 'think', agent: 'Nova', skill: 'analysis', task: 'Compare the ways to bind it.', after: [] },
    { id: 'build', agent: 'Bolt', skill: 'coding', task: 'Write down how to build it.', after: ['find', 'think'] },
  ],
}

/** A model whose answer to Nova is held up until the test lets it go. */
const useScript = () => {
  const held = Promise.withResolvers<string>()
  const answerDesk = ({ system, question }: ModelRequest): string => {
    if (system.startsWith('You divide a task')) return JSON.stringify(PLAN)
    if (system.startsWith('A team of AI agents')) return 'A raft of cork, bound with hemp.'
    return question.includes('my name') ? 'Your name is Ada.' : 'Good evening, Ada.'
  }
  const script: ModelScript = (request) => {
    if (request.agent === DESK) return answerDesk(request)
    return request.agent === 'Nova' ? held.promise : `${request.agent} has done its step.`
  }
  return { script, release: () => held.resolve('Nova has done its step.') }
}

const REPORT =
  /A raft of cork, bound with hemp\.\n\nWho did what:\n✓ 1\. .*\n {3}Atlas\n✓ 2\. .*\n {3}Nova\n✓ 3\. .*\n {3}Bolt/

test.each(['while it is down', 'when it is back'])(
  'an agent that is killed in the middle of a team loses nothing and repeats nothing, and a step that ends %s counts',
  async (when) => {
    const { script, release } = useScript()
    await using stage = await ConversationStage.open(script)
    {
      await using chat = await stage.openChat()
      await chat.ask('Good evening, I am Ada.', `${DESK}: Good evening, Ada.`)
      await chat.ask('!group create "Raft" Atlas Bolt', 'The group "Raft" is made')
      chat.say('!team Find out how to build a raft')
      await chat.sees('The plan has 3 steps:')
      await stage.model.asked(({ agent }) => agent === 'Nova', 'the step of Nova')
      await chat.sees(/Team: 1 of 3 steps done · Nova works on 2/)
      await chat.kill()
    }
    expect(stage.model.requestsOf('Bolt')).toEqual([])
    if (when === 'while it is down') release()

    await using chat = await stage.openChat()
    release()
    await chat.shows(REPORT)
    for (const name of ['Atlas', 'Nova', 'Bolt']) expect(stage.model.requestsOf(name)).toHaveLength(1)
    const systems = stage.model.requestsOf(DESK).map(({ system }) => system)
    expect(systems.filter((system) => system.startsWith('You divide a task'))).toHaveLength(1)
    expect(systems.filter((system) => system.startsWith('A team of AI agents'))).toHaveLength(1)
    expect(chat.text.match(/Who did what/g)).toHaveLength(1)
    expect(chat.text).not.toContain('The plan has')

    await chat.ask('What is my name?', `${DESK}: Your name is Ada.`)
    const said = stage.model
      .requestsOf(DESK)
      .at(-1)
      ?.messages.map(({ role, content }) => `${role}: ${content}`)
    expect(said?.slice(1)).toEqual([
      expect.stringMatching(/^user: [\s\S]*Good evening, I am Ada\./),
      expect.stringMatching(/^assistant: [\s\S]*Good evening, Ada\./),
      expect.stringMatching(/^user: [\s\S]*What is my name\?/),
    ])
    await chat.ask('!groups', /^.*• Raft: Desk, Atlas and Bolt/m)
  },
  90_000,
)
