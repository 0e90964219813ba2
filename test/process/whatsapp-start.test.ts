import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ANSWER_MS_MAX, WhatsAppStage } from '../helpers/whatsapp-stage.ts'
import { makeIdentity } from '../support/whatsapp-server/identity.ts'

/** A newer revision of WhatsApp Web than any. */
const NEWEST = 1_099_999_999

/** What an agent says of its own accord when it ends, its warnings aside. */
const toSentences = (complaint: string): readonly string[] =>
  complaint.split('\n').filter((line) => line !== '' && !line.startsWith('Warning: '))

const torn: { readonly [how: string]: (file: string) => void } = {
  'is empty': (file) => truncateSync(file),
  'is cut off in the middle': (file) => truncateSync(file, 4_096 + 100),
  'has something else in the middle': (file) => {
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0xa5, 4_096, 12_288))
  },
}

describe.concurrent('an agent', { timeout: 180_000 }, () => {
  test('does not start beside another one of the same data folder, and says so in one sentence', async () => {
    await using stage = await WhatsAppStage.open()
    const anna = await stage.join('Anna')
    const { dataDir, link, phone, start } = stage.atlas
    await using first = await link()
    await using second = start()
    expect(await second.end()).toBe(1)
    expect(toSentences(second.complaint)).toEqual([expect.stringContaining(dataDir)])
    expect(second.terminal).toBe('')
    await anna.say(phone, 'Are you still there?')
    await anna.expectReply('Noted.', ANSWER_MS_MAX)
    expect(first.lines.seen).not.toContainEqual(expect.objectContaining({ code: 440 }))
  })

  test.each(Object.entries(torn))(
    'does not start where its link to WhatsApp %s: nothing is made in its place',
    async (_how, tear) => {
      await using stage = await WhatsAppStage.open()
      const { dataDir, link, start } = stage.atlas
      await using first = await link()
      expect(await first.stop()).toBe(0)
      const file = join(dataDir, 'whatsapp.sqlite')
      expect(statSync(file).mode & 0o777).toBe(0o600)
      tear(file)
      const before = readFileSync(file)
      const attempts = stage.server.seen.attempts.all.length
      await using second = start()
      expect(await second.end()).toBe(1)
      expect(toSentences(second.complaint)).toEqual([
        expect.stringMatching(/whatsapp\.sqlite is damaged .* link the agent anew\.$/),
      ])
      expect(second.terminal).toBe('')
      expect(readFileSync(file).equals(before)).toBe(true)
      expect(stage.server.seen.attempts.all).toHaveLength(attempts)
    },
  )

  test('speaks a newer version as soon as its own is refused, and says what to do when that is refused, too', async () => {
    await using stage = await WhatsAppStage.open()
    const { link, phone } = stage.atlas
    await using agent = await link()
    stage.server.faults.oldestRevision = NEWEST
    phone.cut()
    expect(await agent.logs(({ code }) => code === 405, 'the refusal')).toMatchObject({ state: 'connecting' })
    await agent.reaches('open')
    expect(stage.server.seen.attempts.all.slice(-2)).toMatchObject([
      { outcome: 405 },
      { outcome: 'welcome', revision: NEWEST },
    ])
    stage.server.faults.login = 405
    phone.cut()
    await agent.reaches('failed')
    const { body } = await agent.look('/health')
    expect(body).toMatchObject({ channel: { state: 'failed', advice: expect.stringContaining('Update the agent') } })
  })

  test('shows no QR where somebody else answers than WhatsApp', async () => {
    await using stage = await WhatsAppStage.open({ identity: makeIdentity() })
    await using agent = stage.atlas.start()
    expect(await agent.reaches('failed')).toMatchObject({ because: 'not-whatsapp', level: 50 })
    const { body } = await agent.look('/health')
    expect(body).toMatchObject({
      ready: false,
      channel: { advice: expect.stringContaining('cannot prove to be WhatsApp') },
    })
    expect(agent.terminal).toBe('')
  })
})
