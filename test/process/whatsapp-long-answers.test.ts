import { expect, test } from 'vitest'
import { ANSWER_MS_MAX, WhatsAppStage } from '../helpers/whatsapp-stage.ts'

const toParagraphs = (count: number) =>
  Array.from({ length: count }, (_, each) => `Paragraph ${each}: ${'word '.repeat(99)}word`).join('\n\n')
const PARTS = toParagraphs(15)
const FILE = toParagraphs(40)

// alone in its process: of several media hosts, OpenSSL takes the one that started last for all of them
test('a long answer comes in three messages at most, and a longer one as a file', { timeout: 120_000 }, async () => {
  await using stage = await WhatsAppStage.open({
    script: ({ question }) => (question.includes('a whole book') ? FILE : PARTS),
  })
  const anna = await stage.join('Anna')
  const { link, phone } = stage.atlas
  await using _agent = await link()
  await anna.say(phone, 'Tell me in three parts')
  const parts = []
  for (let part = 0; part < 3; part += 1) parts.push(await anna.expectReply(/^/, ANSWER_MS_MAX))
  expect(parts.map(({ text }) => text).join('\n\n')).toBe(PARTS)
  expect(parts.every(({ text }) => text.length <= 3_500)).toBe(true)
  await anna.say(phone, 'Tell me in a whole book')
  const sent = await anna.expectReply(/the whole answer is in the file/, ANSWER_MS_MAX)
  expect(sent.fileName).toBe('answer.txt')
  expect((await anna.download(sent)).toString()).toBe(FILE)
  expect(anna.messages).toHaveLength(4)
})
