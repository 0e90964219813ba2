import { describe, expect, it } from 'vitest'
import { Discovery, NAMES_MAX, PEERS_MAX } from './discovery.ts'

const setUp = () => new Discovery({ agentId: 'atlas_001', agentName: 'Atlas' })
const announce = (agentId: string, agentName: string, isProven = true, chats?: Record<string, string>) => ({
  peer: { agentId, agentName, ...(chats ? { chats } : {}) },
  workspace: 'w',
  skills: ['analysis'],
  isProven,
})

describe('discovery', () => {
  it('knows a peer by id and by name once it announced itself', () => {
    const discovery = setUp()
    expect(discovery.register(announce('nova_001', 'Nova'), 5)).toBe('registered')
    expect(discovery.findPeer('nova_001')).toEqual({ agentId: 'nova_001', agentName: 'Nova' })
    expect(discovery.findPeer('NOVA')?.agentId).toBe('nova_001')
    expect(discovery.findPeer('bolt')).toBeUndefined()
    expect(discovery.list()).toEqual([
      { name: 'Nova', agentId: 'nova_001', workspace: 'w', skills: ['analysis'], lastSeenAt: 5 },
    ])
  })

  it('lets nobody take an id, nor this agent’s own id or name', () => {
    const discovery = setUp()
    discovery.register(announce('nova_001', 'Nova'), 0)
    expect(discovery.register(announce('nova_001', 'Eve'), 1)).toBe('conflict')
    expect(discovery.register(announce('atlas_001', 'Eve'), 1)).toBe('conflict')
    expect(discovery.register(announce('eve_001', 'atlas'), 1)).toBe('conflict')
    expect(discovery.findPeer('nova_001')?.agentName).toBe('Nova')
  })

  it('lets a proven member have a new id, and nobody who is not proven take its name', () => {
    const discovery = setUp()
    discovery.register(announce('nova_001', 'Nova', true, { whatsapp: '44' }), 0)
    expect(discovery.register(announce('nova_666', 'Nova', false), 1)).toBe('conflict')
    expect(discovery.register(announce('nova_001', 'Nova', false, { whatsapp: '666' }), 1)).toBe('conflict')
    expect(discovery.register(announce('nova_002', 'Nova'), 2)).toBe('registered')
    expect(discovery.size).toBe(1)
    expect(discovery.findPeer('Nova')).toEqual({ agentId: 'nova_002', agentName: 'Nova', chats: { whatsapp: '44' } })
  })

  it('counts the sessions of a name, and forgets the hub with the link', () => {
    const discovery = setUp()
    const joined = { event: 'agent-joined', name: 'Nova', workspace: '', skills: [] } as const
    expect(discovery.presenceOf('nova')).toBe('unknown')
    discovery.notePresence(joined, 1)
    discovery.notePresence(joined, 2)
    discovery.notePresence({ event: 'agent-left', name: 'Nova' }, 3)
    expect(discovery.presenceOf('nova')).toBe('unknown')
    discovery.noteName('NOVA', 3)
    expect(discovery.presenceOf('nova')).toBe('present')
    discovery.notePresence({ event: 'agent-left', name: 'Nova' }, 4)
    expect(discovery.presenceOf('nova')).toBe('left')
    expect(discovery.list()).toMatchObject([{ name: 'Nova', isOnline: false, lastSeenAt: 4 }])
    discovery.forgetPresence()
    expect(discovery.presenceOf('nova')).toBe('unknown')
  })

  it('knows from the hub’s list who is not there, and forgets nobody who came while it was asked for', () => {
    const discovery = setUp()
    const hub = { workspace: '', skills: [], inFlight: 0, lastSeen: '2026-01-01T00:00:00.000Z', protocol: 2 }
    const joined = { event: 'agent-joined', workspace: '', skills: [] } as const
    discovery.notePresence({ ...joined, name: 'Gone' }, 1)
    discovery.notePresence({ ...joined, name: 'Newcomer' }, 3)
    discovery.noteHub([{ ...hub, name: 'Nova' }], 2, 4)
    const presences = ['Nova', 'Newcomer', 'Gone', 'Nobody'].map((name) => discovery.presenceOf(name))
    expect(presences).toEqual(['present', 'present', 'left', 'left'])
    discovery.forgetPresence()
    expect(discovery.presenceOf('Nobody')).toBe('unknown')
  })

  it('puts the hub’s list and the announcements together', () => {
    const discovery = setUp()
    discovery.register(announce('nova_001', 'Nova'), 5)
    discovery.register(announce('bolt_001', 'Bolt'), 6)
    const hub = { workspace: 'x', skills: ['s'], inFlight: 2, lastSeen: '2026-01-01T00:00:00.000Z', protocol: 2 }
    const list = discovery.list([
      { name: 'nova', ...hub },
      { name: 'nova', ...hub },
    ])
    expect(list).toEqual([
      { name: 'Bolt', agentId: 'bolt_001', workspace: 'w', skills: ['analysis'], lastSeenAt: 6 },
      {
        ...{ name: 'nova', agentId: 'nova_001', workspace: 'x', skills: ['s'], isOnline: true, inFlight: 4 },
        lastSeenAt: Date.UTC(2026, 0, 1),
      },
    ])
  })

  it('suggests names that look like the one that was meant', () => {
    const discovery = setUp()
    discovery.register(announce('nova_001', 'Nova'), 5)
    discovery.notePresence({ event: 'agent-joined', name: 'Bolt', workspace: '', skills: [] }, 0)
    expect(discovery.findNear('noav')).toEqual(['Nova'])
    expect(discovery.findNear('bol')).toEqual(['Bolt'])
  })

  it('is bounded: who was silent longest makes room, a member never for a stranger', () => {
    const discovery = setUp()
    for (let index = 0; index < PEERS_MAX; index++) discovery.register(announce(`id${index}`, `n${index}`), index)
    expect(discovery.register(announce('stranger', 'Stranger', false), PEERS_MAX)).toBe('full')
    discovery.notePresence({ event: 'agent-joined', name: 'n0', workspace: '', skills: [] }, PEERS_MAX)
    expect(discovery.register(announce('member', 'Member'), PEERS_MAX)).toBe('registered')
    expect(discovery.size).toBe(PEERS_MAX)
    expect(discovery.findPeer('id0')).toBeDefined()
    expect(discovery.findPeer('id1')).toBeUndefined()
    for (let index = 0; index < 2 * NAMES_MAX; index++) {
      discovery.notePresence({ event: 'agent-joined', name: `x${index}`, workspace: '', skills: [] }, 0)
    }
    expect(discovery.list().length).toBeLessThanOrEqual(NAMES_MAX + PEERS_MAX)
  })
})
