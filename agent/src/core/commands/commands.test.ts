import type { AgentView } from '@ai-comms/shared'
import { describe, expect, test } from 'vitest'
import { HubCallError, type HubCalls } from '../hub-calls.ts'
import { agentsCommand, tellAge } from './agents.ts'
import type { Command, CommandCall } from './command.ts'
import { parseCommandLine } from './command-line.ts'
import { helpCommand } from './help.ts'
import { infoCommands } from './info.ts'
import { runCommand } from './run-command.ts'

const NOW = Date.UTC(2026, 0, 1)

const view = (name: string, given: Partial<AgentView> = {}): AgentView => ({
  id: name,
  name,
  workspace: 'local',
  skills: ['sums'],
  connectedAt: new Date(NOW - 60_000).toISOString(),
  lastSeen: new Date(NOW - 5_000).toISOString(),
  inFlight: 0,
  protocol: 2,
  ...given,
})

/** A hub with two agents that keeps what it was asked. */
class FakeHub implements HubCalls {
  readonly asked: unknown[] = []
  agents = [view('atlas'), view('Network AI', { inFlight: 2, skills: [], workspace: '' })]

  async readHealth() {
    return { status: 'ok' as const, agents: this.agents.length, uptime: 7_200, version: '1' }
  }

  async listAgents() {
    return this.agents
  }

  async callAgent(task: { readonly target: object; readonly message: string }) {
    this.asked.push(task)
    if (task.message === 'fail') {
      throw new HubCallError('agent_not_found', 'No agent of this name is connected.', { suggestions: ['atlas'] })
    }
    return { agent: 'atlas', response: 'done', taskId: 't' }
  }

  async broadcast(message: string) {
    this.asked.push(message)
    return [
      { success: true as const, agent: 'atlas', response: 'well' },
      { success: false as const, agent: 'nova', error: 'The agent is gone.', code: 'agent_disconnected' as const },
    ]
  }

  async submitTask(): Promise<never> {
    throw new Error('Not asked for here')
  }

  async watchTask(): Promise<never> {
    throw new Error('Not asked for here')
  }

  async cancelTask(): Promise<never> {
    throw new Error('Not asked for here')
  }
}

const build = () => {
  const hub = new FakeHub()
  const commands: Command[] = []
  commands.push(
    helpCommand(() => commands),
    agentsCommand({
      hub,
      self: 'bolt',
      now: () => NOW,
      listAnnounced: () => [
        { name: 'ATLAS', workspace: '', skills: [], lastSeenAt: NOW },
        { name: 'pico', workspace: 'home', skills: ['lamps'], lastSeenAt: NOW - 7_200_000 },
      ],
    }),
    ...infoCommands({
      describeStatus: () => ['all well'],
      describeProviders: () => ['openai: awake'],
      describeSecurity: () => ['allowlist: 2'],
      readLogs: async (count) => [`last ${count}`],
      forget: (personId) => (personId === 'known' ? 3 : 0),
    }),
  )
  const said: string[] = []
  const give = async (text: string, given: { id?: string; isAdmin?: boolean } = {}) => {
    const line = parseCommandLine(text)
    if (line === undefined) throw new Error('No command')
    const call: CommandCall = {
      line,
      chat: { id: 'c', isGroup: false },
      speaker: { id: 'me', isAdmin: false, ...given },
      say: async (sentence) => void said.push(sentence),
      signal: new AbortController().signal,
    }
    return runCommand(commands, call)
  }
  return { hub, said, give }
}

describe('a command', () => {
  test('that does not exist is one line with the nearest, and help', async () => {
    const { give } = build()
    expect(await give('!agnets')).toEqual({
      text: 'There is no command !agnets. Did you mean !agents? !help lists them.',
      outcome: 'unknown',
    })
    expect((await give('!zzzzzzzz')).text).toBe('There is no command !zzzzzzzz. !help lists them.')
  })

  test('for admins does not exist for anybody else, and its try is told apart for the audit', async () => {
    const { give } = build()
    expect(await give('!logs')).toEqual({ text: 'There is no command !logs. !help lists them.', outcome: 'forbidden' })
    expect(await give('!logs 5', { isAdmin: true })).toEqual({ text: 'last 5', outcome: 'done' })
    expect((await give('!help')).text).not.toContain('logs')
    expect((await give('!help', { isAdmin: true })).text).toContain('!logs: ')
  })

  test('is explained on request', async () => {
    const { give } = build()
    expect((await give('!help !agents')).text).toContain('!agents send <name> <task>')
  })

  test('with a bug in it throws, so that it is not told as an answer', async () => {
    const broken: Command = {
      name: 'x',
      usage: [],
      summary: '',
      isForAdmins: false,
      run: async () => {
        throw new TypeError('bug')
      },
    }
    const line = parseCommandLine('!x')
    if (line === undefined) throw new Error('No command')
    const call = { line, chat: { id: 'c', isGroup: false }, speaker: { id: 'me', isAdmin: false } }
    const run = runCommand([broken], { ...call, say: async () => {}, signal: new AbortController().signal })
    await expect(run).rejects.toThrow(TypeError)
  })
})

describe('!agents', () => {
  test.each(['!agents', '!agents list', '!agents status'])(
    '%s shows the hub, everybody there, and who only announced itself',
    async (text) => {
      const { give } = build()
      expect((await give(text)).text.split('\n')).toEqual([
        'Hub: ok, 2 agent(s) online, up 2 h',
        '• atlas: local · sums · free · seen 5 s ago',
        '• Network AI: 2 in flight · seen 5 s ago',
        '• pico: not at the hub · home · lamps · heard 2 h ago',
      ])
    },
  )

  test('sends a task as it was written to the name in quotes, and says who answered', async () => {
    const { give, hub, said } = build()
    const { text } = await give('!agents send "Network AI" look at\n\n  the router')
    expect(hub.asked).toEqual([{ target: { agent: 'Network AI' }, message: 'look at\n\n  the router', sender: 'bolt' }])
    expect([said, text]).toEqual([['Asking Network AI …'], 'atlas: done'])
  })

  test('tells the near names that the hub knows', async () => {
    const { give } = build()
    expect(await give('!agents send atls fail')).toEqual({
      text: 'No agent of this name is connected. Did you mean atlas?',
      outcome: 'refused',
    })
  })

  test('asks everybody, and says who failed and why', async () => {
    const { give, hub } = build()
    expect((await give('!agents all how are you?')).text).toBe('atlas: well\n\nnova: (failed) The agent is gone.')
    expect(hub.asked).toEqual(['how are you?'])
  })

  test.each(['!agents send', '!agents send atlas', '!agents all', '!agents dance'])(
    '%s is shown how it is written',
    async (text) => {
      const { give, hub } = build()
      expect((await give(text)).text).toContain('Write it like this:')
      expect(hub.asked).toEqual([])
    },
  )

  test('takes a slip of the pen for what it is', async () => {
    const { give } = build()
    expect((await give('!agents lst')).text).toBe('!agents has no "lst". Did you mean !agents list?')
  })

  test.each([
    [0, '0 s ago'],
    [-5_000, '0 s ago'],
    [90_000, '2 min ago'],
    [7_200_000, '2 h ago'],
    [300_000_000, '3 days ago'],
  ])('tells an age of %i ms as %s', (ageMs, text) => {
    expect(tellAge(ageMs)).toBe(text)
  })
})

describe('what everybody may do with his own', () => {
  test('is to be forgotten', async () => {
    const { give } = build()
    expect((await give('!forget', { id: 'known' })).text).toBe('Forgotten: 3 exchange(s) with you.')
    expect((await give('!forget')).text).toBe('There was nothing to forget.')
  })

  test('the count of log lines has bounds', async () => {
    const { give } = build()
    for (const count of ['0', '201', 'many', '-1']) {
      expect((await give(`!logs ${count}`, { isAdmin: true })).text).toBe('!logs takes a number from 1 to 200.')
    }
  })
})
