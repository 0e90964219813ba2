import { proto, type WAMessage } from '@whiskeysockets/baileys'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readContent } from './read-content.ts'
import { type Reading, type ReadingParts, readMessage } from './read-message.ts'

const ANNA = '491711234567'
const ANNA_LID = '900@lid'
const GROUP = '120363000000000000@g.us'
const PARTS: ReadingParts = {
  own: ['15550009:4@s.whatsapp.net', '999:4@lid'],
  agent: 'Atlas',
  takesGroups: false,
  book: { findNumber: (lid) => (lid === '900' ? ANNA : undefined) },
}

const write = (
  message: proto.IMessage | undefined,
  key: Partial<WAMessage['key']> = {},
  rest: Partial<WAMessage> = {},
) =>
  ({
    key: {
      remoteJid: ANNA_LID,
      remoteJidAlt: `${ANNA}@s.whatsapp.net`,
      fromMe: false,
      id: 'A1',
      participant: '',
      ...key,
    },
    messageTimestamp: 1_700_000_000,
    pushName: 'Anna',
    ...(message ? { message } : {}),
    ...rest,
  }) satisfies WAMessage
const read = (message: proto.IMessage, key: Partial<WAMessage['key']> = {}, parts: Partial<ReadingParts> = {}) =>
  readMessage(write(message, key), { ...PARTS, ...parts })
const textOf = (reading: Reading) => (reading.kind === 'message' ? reading.message.text : reading.kind)
const why = (reading: Reading) => (reading.kind === 'ignored' ? reading.why : reading.kind)
const senderOf = (reading: Reading) => (reading.kind === 'message' ? reading.message.sender.id : why(reading))

describe('a message of WhatsApp', () => {
  it('is what a person wrote, when, and who: by number, wherever it came from', () => {
    expect(read({ conversation: 'hello' })).toEqual({
      kind: 'message',
      key: { chat: ANNA_LID, sender: ANNA_LID, id: 'A1' },
      content: { text: 'hello', description: '', media: undefined, context: undefined },
      message: {
        channel: 'whatsapp',
        chat: { id: ANNA, isGroup: false },
        sender: { id: ANNA, name: 'Anna' },
        text: 'hello',
        sentAt: 1_700_000_000_000,
        isAddressed: true,
        quote: undefined,
      },
    })
  })

  it.each([
    [{ remoteJid: `${ANNA}:7@s.whatsapp.net`, remoteJidAlt: ANNA_LID }, ANNA],
    [{ remoteJid: '900:7@lid', remoteJidAlt: undefined }, ANNA],
    [{ remoteJid: '901@lid', remoteJidAlt: undefined }, '901@lid'],
    [{ remoteJid: '901@lid', remoteJidAlt: '' }, '901@lid'],
    [{ remoteJid: '867051314767696@bot', remoteJidAlt: undefined }, 'unknown-sender'],
    [{ remoteJid: '', remoteJidAlt: undefined }, 'nameless'],
    [{ id: '' }, 'nameless'],
  ])('with the key %j is from %s', (key, sender) => {
    expect(senderOf(read({ conversation: 'hello' }, key as Partial<WAMessage['key']>))).toBe(sender)
  })

  it.each<[string, proto.IMessage, string]>([
    ['plain', { conversation: 'hello' }, 'hello'],
    ['formatted', { extendedTextMessage: { text: 'hello' } }, 'hello'],
    ['disappearing', { ephemeralMessage: { message: { extendedTextMessage: { text: 'hello' } } } }, 'hello'],
    ['seen once', { viewOnceMessageV2: { message: { imageMessage: { caption: 'look' } } } }, '[image]\nlook'],
    ['of a button', { buttonsResponseMessage: { selectedDisplayText: 'Yes' } }, 'Yes'],
    ['of a list', { listResponseMessage: { title: 'Second' } }, 'Second'],
    ['of a template', { templateButtonReplyMessage: { selectedDisplayText: 'Go' } }, 'Go'],
    ['of a form', { interactiveResponseMessage: { body: { text: 'Sent' } } }, 'Sent'],
    ['a picture', { imageMessage: {} }, '[image]'],
    ['a picture with words', { imageMessage: { caption: 'look' } }, '[image]\nlook'],
    ['a film', { videoMessage: { seconds: 3, caption: 'look' } }, '[video, 3 s]\nlook'],
    ['a round film', { ptvMessage: { seconds: 3 } }, '[video, 3 s]'],
    ['spoken', { audioMessage: { ptt: true, seconds: 12 } }, '[voice message, 12 s]'],
    ['music', { audioMessage: {} }, '[audio]'],
    ['a sticker', { stickerMessage: {} }, '[sticker]'],
    [
      'a document',
      {
        documentWithCaptionMessage: {
          message: {
            documentMessage: { fileName: 'a]\nb.pdf', mimetype: 'application/pdf', fileLength: 120, caption: 'read' },
          },
        },
      },
      '[document, a b.pdf, application/pdf, 120 bytes]\nread',
    ],
    [
      'a place',
      { locationMessage: { degreesLatitude: 1, degreesLongitude: 2, name: 'Home' } },
      '[location, 1 2, Home]',
    ],
    ['a contact', { contactMessage: { displayName: 'Ben' } }, '[contact, Ben]'],
    ['contacts', { contactsArrayMessage: { contacts: [{ displayName: 'Ben' }, {}] } }, '[2 contacts, Ben]'],
    ['a poll', { pollCreationMessageV3: { name: 'When?', options: [{ optionName: 'now' }] } }, '[poll, When?, now]'],
    ['an event', { eventMessage: { name: 'Party' } }, '[event, Party]'],
    ['an invitation', { groupInviteMessage: { groupName: 'Us' } }, '[invitation to a group, Us]'],
  ])('that is %s says so', (_kind, message, text) => {
    expect(textOf(read(message))).toBe(text)
  })

  it.each<[proto.IMessage, string]>([
    [{}, 'empty'],
    [{ conversation: '' }, 'empty'],
    [{ messageContextInfo: {} }, 'empty'],
    [{ protocolMessage: { type: 0 } }, 'protocol'],
    [{ reactionMessage: { text: '👍' } }, 'reaction'],
    [{ pollUpdateMessage: {} }, 'poll-vote'],
    [{ senderKeyDistributionMessage: { groupId: GROUP } }, 'keys'],
    [{ requestPaymentMessage: {} }, 'unreadable-kind'],
  ])('%j says nothing: %s', (message, silence) => {
    expect(why(read(message))).toBe(silence)
  })

  it.each([
    [{ remoteJid: 'status@broadcast', participant: ANNA_LID }, 'status'],
    [{ remoteJid: '1600000@broadcast', participant: ANNA_LID }, 'broadcast'],
    [{ remoteJid: '120363@newsletter' }, 'newsletter'],
    [{ remoteJid: GROUP, participant: ANNA_LID }, 'group'],
    [{ fromMe: true }, 'own'],
  ])('with the key %j is not looked at: %s', (key, ignored) => {
    expect(why(read({ conversation: 'hello' }, key))).toBe(ignored)
  })

  it('that could not be opened comes again', () => {
    const sealed = readMessage(write(undefined, {}, { messageStubType: 2, messageStubParameters: ['Bad MAC'] }), PARTS)
    expect(sealed).toEqual({ kind: 'sealed', key: { chat: ANNA_LID, sender: ANNA_LID, id: 'A1' } })
    expect(why(readMessage(write(undefined, {}, { messageStubType: 27 }), PARTS))).toBe('empty')
  })

  it('shows what it answers to, and whether the agent said that', () => {
    const answer = (participant: string) =>
      read({
        extendedTextMessage: {
          text: 'why?',
          contextInfo: { participant, stanzaId: 'B1', quotedMessage: { imageMessage: { caption: 'it is so' } } },
        },
      })
    expect(answer('15550009@s.whatsapp.net')).toMatchObject({
      message: { text: 'why?', quote: { from: 'Atlas', text: '[image]\nit is so' } },
    })
    expect(answer(ANNA_LID)).toMatchObject({ message: { quote: { from: undefined } } })
  })

  it('is bounded, text, name and quote', () => {
    const long = 'a'.repeat(70_000)
    const reading = readMessage(
      write(
        { extendedTextMessage: { text: long, contextInfo: { quotedMessage: { conversation: long } } } },
        {},
        { pushName: long },
      ),
      PARTS,
    )
    if (reading.kind !== 'message') throw new Error(reading.kind)
    const { text, sender, quote } = reading.message
    expect([text.length, sender.name?.length, quote?.text.length].map((chars) => (chars ?? 0) < 66_000)).toEqual([
      true,
      true,
      true,
    ])
    expect(quote?.text).toMatch(/characters left out\]$/)
  })
})

describe('a message in a group', () => {
  const inGroup = (text: string, contextInfo: proto.IContextInfo) =>
    read(
      { extendedTextMessage: { text, contextInfo } },
      { remoteJid: GROUP, remoteJidAlt: '', participant: '900:3@lid', participantAlt: `${ANNA}@s.whatsapp.net` },
      { takesGroups: true },
    )

  it('is one of its participant, and passed on when it names the agent', () => {
    expect(inGroup('@999 hello @9991', { mentionedJid: ['999@lid'] })).toMatchObject({
      key: { chat: GROUP, sender: ANNA_LID, id: 'A1' },
      message: { chat: { id: GROUP, isGroup: true }, sender: { id: ANNA }, text: '@Atlas hello @9991' },
    })
    expect(textOf(inGroup('@15550009 hello', { mentionedJid: ['15550009@s.whatsapp.net'] }))).toBe('@Atlas hello')
  })

  it('is the command that stands behind the name of the agent', () => {
    const mentionedJid = ['999@lid']
    expect(textOf(inGroup('@999 !agents send Nova hi @999', { mentionedJid }))).toBe('!agents send Nova hi @Atlas')
    expect(textOf(inGroup('@999, !help', { mentionedJid }))).toBe('!help')
    expect(textOf(inGroup('@900 @999 !help', { mentionedJid }))).toBe('@900 @Atlas !help')
    expect(textOf(inGroup('@9991 !help', { mentionedJid }))).toBe('@9991 !help')
  })

  it('is passed on when it answers to the agent, and not when it speaks to others', () => {
    expect(textOf(inGroup('yes', { participant: '999@lid', quotedMessage: { conversation: 'so?' } }))).toBe('yes')
    expect(why(inGroup('@900 hello', { mentionedJid: [ANNA_LID] }))).toBe('not-addressed')
    expect(why(inGroup('hello', {}))).toBe('not-addressed')
  })
})

describe('whatever somebody sends', () => {
  it('is read, or said to be nothing, and never throws', () => {
    const words = fc.record({ text: fc.string(), caption: fc.string(), name: fc.string(), seconds: fc.nat() })
    const { message } = fc.letrec<{ message: proto.IMessage }>((tie) => ({
      message: fc.record(
        {
          conversation: fc.string(),
          ...{ extendedTextMessage: words, imageMessage: words, documentMessage: words, audioMessage: words },
          ...{
            pollCreationMessage: words,
            locationMessage: words,
            contactsArrayMessage: words,
            protocolMessage: words,
          },
          ephemeralMessage: fc.record({ message: tie('message') }, { requiredKeys: [] }),
          viewOnceMessage: fc.record({ message: tie('message') }, { requiredKeys: [] }),
          buttonsMessage: words,
        },
        { requiredKeys: [] },
      ) as fc.Arbitrary<proto.IMessage>,
    }))
    fc.assert(
      fc.property(message, (any) => {
        // as it comes over the wire, with the types of the wire
        const wire = proto.Message.encode(proto.Message.fromObject(any)).finish()
        const content = readContent(proto.Message.decode(wire))
        expect(typeof content === 'string' || content.text !== '' || content.description !== '').toBe(true)
      }),
    )
  })
})
