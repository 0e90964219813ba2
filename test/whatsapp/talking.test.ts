import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Person } from '../support/whatsapp-server/person.ts'
import { openStage } from './linked-agent.ts'

const ANNA = '15550000001'
const BEN = '15550000003'
const admission = (lists: { readonly allowed?: readonly string[]; readonly admins?: readonly string[] }) => ({
  allowed: lists.allowed && new Set(lists.allowed),
  blocked: new Set<string>(),
  admins: new Set(lists.admins),
})

describe('people and an agent', () => {
  it('say two hundred things to each other, in order and each once', { timeout: 60_000 }, async () => {
    await using stage = await openStage()
    const { anna, phone, agent } = stage
    const texts = Array.from({ length: 100 }, (_, each) => `m${each}`)
    for (const text of texts) await anna.say(phone, text)
    await anna.expectReply('echo: m99', 45_000)
    expect(agent.texts).toEqual(texts)
    expect(anna.messages.map(({ text }) => text)).toEqual(texts.map((text) => `echo: ${text}`))
    expect(anna.repeated).toEqual([])
  })

  it('understand each other although a message was garbled on its way, either way', async () => {
    await using stage = await openStage()
    const { server, anna, phone, agent } = stage
    const garbled = new Set<string>()
    server.faults.isGarbled = ({ from }) => garbled.size < 2 && !garbled.has(from) && garbled.add(from).has(from)
    await anna.say(phone, 'can you read this?')
    await anna.expectReply('echo: can you read this?')
    expect([...garbled].sort()).toEqual([ANNA, phone.number])
    expect(agent.events.seen.filter(({ type }) => type === 'whatsapp.sealed')).toHaveLength(1)
    expect(agent.texts).toHaveLength(1)
  })

  it('hear nothing twice when what was received is sent again', async () => {
    await using stage = await openStage()
    const { server, anna, phone, agent } = stage
    server.faults.areReceiptsLost = true
    await anna.say(phone, 'one')
    await anna.expectReply('echo: one')
    server.faults.areReceiptsLost = false
    phone.cut()
    await agent.reaches('waiting')
    await agent.reaches('open')
    await anna.say(phone, 'two')
    await anna.expectReply('echo: two')
    expect(agent.texts).toEqual(['one', 'two'])
    expect(anna.messages.map(({ text }) => text)).toEqual(['echo: one', 'echo: two'])
  })

  it('are one person in one chat, by number and hidden; whoever is not on the list of numbers is a stranger', async () => {
    await using stage = await openStage({ admission: admission({ allowed: [ANNA] }) })
    const { server, anna, phone, agent } = stage
    await using ben = await Person.join(server, { number: BEN, name: 'Ben' })
    await anna.say(phone, 'hidden')
    await anna.expectReply('echo: hidden')
    server.address(anna.phone, phone, 'pn')
    await anna.say(phone, 'by number')
    await anna.expectReply('echo: by number')
    await ben.say(phone, 'let me in')
    await agent.received.take(({ text }) => text === 'let me in', 'the stranger')
    expect(agent.received.seen.map(({ chat, sender }) => [chat.id, sender.id])).toEqual([
      [ANNA, ANNA],
      [ANNA, ANNA],
      [BEN, BEN],
    ])
    expect(agent.events.seen.filter(({ type }) => type === 'whatsapp.received')).toHaveLength(2)
    expect(JSON.stringify(agent.events.seen)).not.toMatch(/15550000|hidden|by number|let me in/)
  })

  it('meet in groups, where the agent hears what is said to it', async () => {
    await using stage = await openStage({ takesGroups: true })
    const { anna, phone, agent } = stage
    const group = await anna.createGroup('us', [phone])
    await anna.say(group, 'nobody is meant')
    const question = await anna.say(group, 'what do you think?', { mention: [phone] })
    const answer = await anna.expectReply('echo: @Atlas what do you think?')
    expect(answer).toMatchObject({ chat: group, quotedId: question.id })
    await anna.say(group, 'and why?', { quote: answer })
    await anna.expectReply('echo: and why?')
    expect(agent.received.seen).toMatchObject([
      { chat: { id: group, isGroup: true }, sender: { id: ANNA } },
      { quote: { from: 'Atlas', text: 'echo: @Atlas what do you think?' } },
    ])
  })

  it('are told apart from a backlog: its owner hears of that in one message', async () => {
    await using stage = await openStage({ admission: admission({ admins: [ANNA] }) })
    const { server, anna, phone, agent } = stage
    await using ben = await Person.join(server, { number: BEN, name: 'Ben' })
    server.faults.clockOffsetMs = -1_800_000
    await ben.say(phone, 'an old question')
    await ben.say(phone, 'an older one')
    await anna.expectReply(new RegExp(`While I was away[\\s\\S]*- \\+${BEN}: 2 messages$`))
    expect([agent.texts, ben.messages]).toEqual([[], []])
  })

  it('send files, which are described, and kept where the owner wants them', async () => {
    await using stage = await openStage({ mediaBytesMax: 100_000 })
    const { anna, phone, agent, folder } = stage
    await anna.sendDocument(phone, { fileName: 'plan.txt', bytes: Buffer.alloc(50_000, 'x'), caption: 'read this' })
    await anna.expectReply('echo: [document, plan.txt, text/plain, 50000 bytes]\nread this')
    await agent.tells(({ type }) => type === 'whatsapp.media-saved', 'the file')
    const media = join(folder.path, 'media')
    const [file = ''] = await readdir(media)
    expect((await readFile(join(media, file))).equals(Buffer.alloc(50_000, 'x'))).toBe(true)
  })
})

describe('a long answer', () => {
  const paragraphs = (count: number) =>
    Array.from({ length: count }, (_, each) => `${each} ${'word '.repeat(99)}word`).join('\n\n')
  const [parts, file] = [paragraphs(15), paragraphs(40)]
  const answer = ({ text }: { readonly text: string }) => (text === 'parts' ? parts : file)

  it('comes in up to three parts, beyond that in a file, and as a text where no file can be sent', async () => {
    await using stage = await openStage({ answer, bounds: { retryMsMin: 20, retryMsMax: 40 } })
    const { server, anna, phone } = stage
    await anna.say(phone, 'parts')
    const read = [await anna.expectReply(), await anna.expectReply(), await anna.expectReply()]
    expect(read.map(({ text }) => text).join('\n\n')).toBe(parts)
    await anna.say(phone, 'file')
    const sent = await anna.expectReply(/the whole answer is in the file/)
    expect(sent.fileName).toBe('answer.txt')
    expect((await anna.download(sent)).toString()).toBe(file)
    server.faults.mediaStatus = 503
    await anna.say(phone, 'file')
    expect((await anna.expectReply(/^0 word/, 15_000)).text).toBe(file)
  })
})

describe('a text of a program', () => {
  it('arrives as it is, however long a message may be, either way', async () => {
    await using stage = await openStage({ answer: () => undefined })
    const { anna, phone, agent } = stage
    const text = JSON.stringify({ aicomms: `é\n\n*_~${'ü'.repeat(60_000)}` })
    await anna.say(phone, text)
    const { chat } = await agent.received.take(() => true, 'the text')
    expect(agent.texts[0] === text).toBe(true)
    expect(await agent.messenger.send(chat, text, { isForMachines: true })).toBe('sent')
    expect((await anna.expectReply(/aicomms/)).text === text).toBe(true)
  })
})
