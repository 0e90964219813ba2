import { describe, expect, it } from 'vitest'
import { settle } from '../../test-support/fake-clock.ts'
import { ANNA, textFrom, useStage } from './stage.fixture.ts'

const ANNA_CHAT = { id: ANNA.number, isGroup: false }
const GROUP = '120363000000000000@g.us'
const BEN = { number: '15550001', lid: '901' }

const answerWith = (stage: ReturnType<typeof useStage>, text: string) =>
  stage.receive(async ({ chat, id }) => {
    await stage.messenger.send(chat, text, { answers: id })
    return 'finished'
  })

describe('a person who writes', () => {
  it('is answered where the question came from', async () => {
    await using stage = useStage()
    answerWith(stage, 'hello yourself')
    await stage.open()
    await stage.take(textFrom('A1', 'hello'))
    expect(stage.received).toMatchObject([{ id: 'A1-1', text: 'hello', chat: ANNA_CHAT, sender: { id: ANNA.number } }])
    expect(stage.socket().relayed).toMatchObject([{ address: '900@lid', text: 'hello yourself' }])
    expect(stage.socket().read).toEqual(['A1'])
    expect(stage.seen('whatsapp.received')).toEqual([
      { type: 'whatsapp.received', messageId: 'A1-1', chars: 5, lateMs: 0 },
    ])
  })

  it('is one person in one chat, by number and hidden', async () => {
    await using stage = useStage()
    await stage.open()
    await stage.take(textFrom('A1', 'one'))
    await stage.take(
      textFrom('A2', 'two', {
        key: { id: 'A2', remoteJid: `${ANNA.number}@s.whatsapp.net`, remoteJidAlt: '900@lid', fromMe: false },
      }),
    )
    expect(stage.received.map(({ chat }) => chat)).toEqual([ANNA_CHAT, ANNA_CHAT])
    await stage.messenger.send(ANNA_CHAT, 'back')
    await settle()
    expect(stage.socket().relayed.map(({ address }) => address)).toEqual([`${ANNA.number}@s.whatsapp.net`])
  })

  it('is read once, however often a message comes', async () => {
    await using stage = useStage()
    await stage.open()
    await stage.take(textFrom('A1', 'one'), textFrom('A1', 'one'))
    await stage.take(textFrom('A1', 'one'))
    expect(stage.received).toHaveLength(1)
    expect(stage.seen('whatsapp.dropped').map(({ why }) => why)).toEqual(['known', 'known'])
  })

  it('and may not is shown to whoever refuses, and leaves nothing behind', async () => {
    await using stage = useStage({
      admission: { allowed: new Set([ANNA.number]), blocked: new Set(), admins: new Set() },
    })
    await stage.open()
    await stage.take(textFrom('B1', 'let me in', {}, BEN))
    await stage.take(textFrom('B2', 'me too', { key: { id: 'B2', remoteJid: '902@lid', fromMe: false } }))
    await stage.take(textFrom('B3', 'me too', { key: { id: 'B3', remoteJid: '902@lid', fromMe: false } }))
    expect(stage.received.map(({ id, sender }) => [id, sender.id])).toEqual([
      ['B1', BEN.number],
      ['B2', '902@lid'],
      ['B3', '902@lid'],
    ])
    await stage.take(textFrom('B1', 'let me in', {}, BEN))
    expect(stage.received).toHaveLength(3)
    expect(stage.socket().read).toEqual([])
    expect(stage.stores.database.prepare('SELECT count(*) AS rows FROM inbox').get()).toEqual({ rows: 0 })
    expect(stage.seen('whatsapp.hidden-sender')).toEqual([{ type: 'whatsapp.hidden-sender', address: '902@lid' }])
  })

  it('into a group is answered there, with the question above the answer', async () => {
    await using stage = useStage({ takesGroups: true })
    Object.assign(stage.stores.auth.creds, { me: { id: '15550009:1@s.whatsapp.net', lid: '999:1@lid' }, account: {} })
    answerWith(stage, 'here')
    await stage.open()
    const mention = { extendedTextMessage: { text: '@999 where?', contextInfo: { mentionedJid: ['999@lid'] } } }
    const key = { id: 'G1', remoteJid: GROUP, participant: '900@lid', fromMe: false }
    await stage.take({ key: { ...key, participantAlt: `${ANNA.number}@s.whatsapp.net` }, message: mention })
    expect(stage.received).toMatchObject([{ text: '@Atlas where?', chat: { id: GROUP, isGroup: true } }])
    expect(stage.socket().relayed).toMatchObject([{ address: GROUP, text: '> here' }])
  })

  it('and goes on before the answer sees what it answers', async () => {
    await using stage = useStage()
    const ends = new Map<string, () => void>()
    stage.receive(async ({ chat, id, text }) => {
      await new Promise<void>((resolve) => ends.set(text, resolve))
      await stage.messenger.send(chat, `re: ${text}`, { answers: id })
      return 'finished'
    })
    await stage.open()
    await stage.take(textFrom('A1', 'one'))
    await stage.take(textFrom('A2', 'two'))
    for (const end of ends.values()) end()
    await settle()
    expect(stage.texts()).toEqual(['> re: one', 're: two'])
  })
})

describe('a restart', () => {
  it('brings again what was interrupted, and not what was finished or has its answer', async () => {
    await using before = useStage()
    before.receive(async ({ chat, id, text }) => {
      if (text === 'finished') return 'finished'
      if (text === 'answered') await before.messenger.send(chat, 'yes', { answers: id })
      return text === 'never' ? new Promise(() => undefined) : 'interrupted'
    })
    await before.open()
    for (const text of ['finished', 'answered', 'interrupted', 'never']) await before.take(textFrom(text, text))
    before.crash()
    await using after = useStage({}, before.folder)
    await after.start()
    expect(after.received.map(({ text, isResumed, id }) => [text, isResumed, id])).toEqual([
      ['interrupted', true, 'interrupted-3'],
      ['never', true, 'never-4'],
    ])
    expect(after.seen('whatsapp.resumed')).toEqual([{ type: 'whatsapp.resumed', messages: 2 }])
  })

  it('sends what was not taken, under the ids that it had', async () => {
    await using before = useStage()
    await before.open()
    before.socket().isAcknowledging = false
    await before.messenger.send(ANNA_CHAT, 'one')
    await before.messenger.send(ANNA_CHAT, 'two')
    await settle()
    const [sent] = before.socket().relayed
    before.crash()
    await using after = useStage({}, before.folder)
    await after.open()
    await settle()
    expect(after.texts()).toEqual(['one', 'two'])
    expect(after.socket().relayed[0]?.id).toBe(sent?.id)
  })

  it('finds again what was opened and never handed over', async () => {
    await using before = useStage()
    const key = { chat: '900@lid', sender: '900@lid', id: 'A1' }
    const digest = Buffer.from('digest')
    before.stores.arrivals.note({ ...key, stanza: '{"tag":"message"}', digests: [digest] }, before.clock.now() - 1)
    before.stores.arrivals.open(digest, Buffer.from('hello'))
    before.stores.arrivals.note({ ...key, id: 'A2', stanza: '{}', digests: [Buffer.from('sealed')] }, 1)
    before.crash()
    await using after = useStage({}, before.folder)
    await after.open()
    expect(after.socket().replayed).toEqual(['{"tag":"message"}'])
    expect(after.seen('whatsapp.recovered')).toEqual([{ type: 'whatsapp.recovered', messages: 1 }])
  })
})

describe('what comes too late', () => {
  const admission = { allowed: undefined, blocked: new Set<string>(), admins: new Set([BEN.number]) }
  const late = (stage: ReturnType<typeof useStage>, id: string) =>
    textFrom(id, id, { messageTimestamp: stage.clock.now() / 1_000 - 901 })

  it('is not answered, and told to the owner in one message', async () => {
    await using stage = useStage({ admission })
    await stage.open()
    await stage.take(late(stage, 'A1'))
    await stage.pass(4_000)
    await stage.take(late(stage, 'A2'))
    await stage.pass(5_000)
    expect(stage.received).toEqual([])
    expect(stage.socket().relayed).toMatchObject([
      { address: `${BEN.number}@s.whatsapp.net`, text: expect.stringContaining(`+${ANNA.number}: 2 messages`) },
    ])
    expect(stage.seen('whatsapp.late')).toEqual([{ type: 'whatsapp.late', messages: 2, people: 1, isTold: true }])
  })

  it('is told after a restart, of what was interrupted before it, too', async () => {
    await using before = useStage({ admission })
    before.receive(async () => 'interrupted')
    await before.open()
    await before.take(textFrom('A1', 'one'), late(before, 'A2'))
    before.crash()
    await using after = useStage({ admission }, before.folder)
    after.clock.pass(901_000)
    await after.open()
    await after.pass(5_000)
    expect(after.received).toEqual([])
    expect(after.texts()).toEqual([expect.stringContaining(': 2 messages')])
  })

  it('is told to nobody where there is no owner', async () => {
    await using stage = useStage()
    await stage.open()
    await stage.take(late(stage, 'A1'))
    await stage.pass(5_000)
    expect(stage.socket().relayed).toEqual([])
    expect(stage.seen('whatsapp.late')).toMatchObject([{ isTold: false }])
  })
})

describe('what nobody could open', () => {
  const sealed = (stage: ReturnType<typeof useStage>, chat: string) => {
    const attrs = { from: chat, t: `${stage.clock.now() / 1_000}`, sender_pn: `${ANNA.number}@s.whatsapp.net` }
    const stanza = JSON.stringify({ tag: 'message', attrs })
    stage.stores.arrivals.note({ chat, sender: chat, id: 'A1', stanza, digests: [] }, stage.clock.now())
  }

  it('is asked for again after two minutes, and taken when it comes after all', async () => {
    await using stage = useStage()
    await stage.open()
    sealed(stage, '900@lid')
    await stage.pass(119_000)
    expect(stage.received).toEqual([])
    await stage.pass(60_000)
    expect(stage.received).toMatchObject([
      { text: '[a message that could not be opened; ask for it again]', sender: { id: ANNA.number } },
    ])
    await stage.take(textFrom('A1', 'here it is'))
    await stage.pass(300_000)
    expect(stage.received.map(({ text }) => text)).toEqual([expect.stringContaining('ask for it again'), 'here it is'])
  })

  it('is not asked for in groups', async () => {
    await using stage = useStage()
    await stage.open()
    sealed(stage, GROUP)
    await stage.pass(300_000)
    expect(stage.received).toEqual([])
  })
})

describe('sending', () => {
  it('is held while there is no connection, and fails when there will be none', async () => {
    await using stage = useStage()
    await stage.start()
    expect(await stage.messenger.send(ANNA_CHAT, 'one')).toBe('held')
    stage.socket().listener.noteOpen()
    await settle()
    expect(await stage.messenger.send(ANNA_CHAT, 'two')).toBe('sent')
    await settle()
    expect(stage.texts()).toEqual(['one', 'two'])
    stage.socket().listener.noteClosed(403)
    expect([stage.messenger.state, stage.messenger.isOpen]).toEqual(['restricted', false])
    expect(stage.messenger.advice).toMatch(/restricted or banned/)
    expect(await stage.messenger.send(ANNA_CHAT, 'three')).toBe('failed')
  })

  it('fails for what cannot be sent: nothing, to nobody, a program’s text that is too long, more than fits', async () => {
    await using stage = useStage()
    await stage.open()
    expect(await stage.messenger.send(ANNA_CHAT, ' ')).toBe('failed')
    expect(await stage.messenger.send({ id: 'console', isGroup: false }, 'hello')).toBe('failed')
    expect(await stage.messenger.send(ANNA_CHAT, 'x'.repeat(65_001), { isForMachines: true })).toBe('failed')
    stage.socket().isAcknowledging = false
    const outcomes: string[] = []
    for (let each = 0; each < 202; each += 1) outcomes.push(await stage.messenger.send(ANNA_CHAT, 'hello'))
    expect(outcomes.indexOf('failed')).toBe(200)
    expect(stage.seen('whatsapp.outbox-full')).toHaveLength(2)
  })

  it('parts a long answer, and sends a program’s text in one piece', async () => {
    await using stage = useStage()
    await stage.open()
    const text = 'word '.repeat(1_500).trim()
    await stage.messenger.send(ANNA_CHAT, text)
    await settle()
    expect(stage.texts().join(' ')).toBe(text)
    expect(stage.texts().every((part) => part.length <= 3_500)).toBe(true)
    const count = stage.texts().length
    await stage.messenger.send(ANNA_CHAT, text, { isForMachines: true })
    await settle()
    expect(stage.texts().slice(count)).toEqual([text])
  })

  it('never throws, whatever the storage does', async () => {
    await using stage = useStage()
    await stage.open()
    stage.crash()
    expect(await stage.messenger.send(ANNA_CHAT, 'one')).toBe('failed')
    await stage.take(textFrom('A1', 'hello'))
    await stage.pass(60_000)
    expect(stage.received).toEqual([])
  })

  it('is finished before the end, if that is soon', async () => {
    await using stage = useStage()
    await stage.open()
    stage.socket().isAcknowledging = false
    await stage.messenger.send(ANNA_CHAT, 'one')
    const stopped = stage.messenger.stop()
    await settle()
    expect(stage.socket().isEnded).toBe(false)
    stage.socket().listener.noteAck(stage.socket().relayed[0]?.id ?? '', undefined)
    await stopped
    expect([stage.socket().isEnded, stage.messenger.state, stage.clock.alarms]).toEqual([true, 'stopped', 0])
    expect(await stage.messenger.send(ANNA_CHAT, 'two')).toBe('failed')
  })
})

describe('a chat', () => {
  it('is found for a person, however the number is written, and for nobody else', async () => {
    await using stage = useStage({ takesGroups: true })
    Object.assign(stage.stores.auth.creds, { me: { id: '15550009:1@s.whatsapp.net', lid: '999:1@lid' }, account: {} })
    await stage.stores.auth.keys.set({ 'lid-mapping': { [ANNA.number]: '900', '900_reverse': ANNA.number } })
    const { messenger } = stage
    for (const id of [ANNA.number, '+49 171 1234567', '900@lid', '900:3@lid', `${ANNA.number}@s.whatsapp.net`]) {
      expect(messenger.findChat(id)).toEqual(ANNA_CHAT)
    }
    expect(messenger.findChat('903@lid')).toEqual({ id: '903@lid', isGroup: false })
    expect(messenger.findChat(GROUP)).toEqual({ id: GROUP, isGroup: true })
    for (const id of ['console', '15550009', '999@lid', 'status@broadcast', '', 'Anna']) {
      expect(messenger.findChat(id)).toBeUndefined()
    }
  })

  it('shows that the agent writes, until it does not', async () => {
    await using stage = useStage()
    await stage.open()
    stage.messenger.showWorking(ANNA_CHAT, true)
    stage.messenger.showWorking(ANNA_CHAT, true)
    await stage.pass(10_000)
    await stage.messenger.showProgress(ANNA_CHAT, 'half of it')
    stage.messenger.showWorking(ANNA_CHAT, false)
    await stage.pass(60_000)
    const address = `${ANNA.number}@s.whatsapp.net`
    expect(stage.socket().typed).toEqual([address, address, `not ${address}`])
    expect(stage.socket().relayed).toEqual([])
  })

  it('does not show it for ever', async () => {
    await using stage = useStage()
    await stage.open()
    stage.messenger.showWorking(ANNA_CHAT, true)
    await stage.pass(3_600_000)
    expect(stage.socket().typed.length).toBeLessThan(100)
    expect(stage.socket().typed.at(-1)).toMatch(/^not /)
  })
})

describe('the numbers of the lists', () => {
  it('are learnt when the connection opens, those that are blocked first', async () => {
    await using stage = useStage({
      admission: {
        allowed: new Set([ANNA.number, '902@lid']),
        blocked: new Set(['15550002']),
        admins: new Set([BEN.number]),
      },
    })
    await stage.stores.auth.keys.set({ 'lid-mapping': { [BEN.number]: '901' } })
    await stage.open()
    expect(stage.socket().learnt).toEqual(['15550002', ANNA.number])
  })
})

describe('what is told', () => {
  it('holds no text, number or code', async () => {
    await using stage = useStage()
    answerWith(stage, 'the secret answer')
    await stage.start()
    stage.socket().listener.takeQr('https://wa.me/#secret')
    stage.socket().listener.noteOpen()
    await stage.take(textFrom('A1', 'the secret question'))
    await settle()
    expect(stage.texts()).toEqual(['the secret answer'])
    expect(JSON.stringify(stage.events)).not.toMatch(/secret|491711234567|900@/)
  })
})
