import { expect, it } from 'vitest'
import { StorageError } from '../../core/failures.ts'
import { ANNA, BEN, HIDDEN, toStatus, toTextMessage } from '../../test-support/cloud-deliveries.ts'
import { answerPage, GRAPH_ACCOUNT, refuseWith, takeAndBreak } from '../../test-support/graph-server.ts'
import { CLOUD_SECRETS, type CloudLife, useCloud } from '../../test-support/set-up-cloud.ts'
import { type CloudEvent, createComplain } from './events.ts'

const SAID = 'the code of my safe is 4711'

/** A life in which everything happens that is told of. */
const liveThrough = async (life: CloudLife, { graph, clock }: Awaited<ReturnType<typeof useCloud>>) => {
  const chat = { id: ANNA, isGroup: false }
  const contacts = [{ wa_id: ANNA, profile: { name: 'Anna Schmidt' } }]
  const message = toTextMessage(SAID, clock.now(), ANNA, { from_user_id: HIDDEN })
  await life.deliver({ messages: [message, { ...message, type: 'reaction' }, {}], contacts })
  await life.deliver({ messages: [message, toTextMessage(SAID, clock.now() - 1_000_000, BEN)] })
  await life.post('{}', { 'x-hub-signature-256': 'sha256=no' })
  await fetch(`${life.url}?hub.mode=subscribe&hub.verify_token=${CLOUD_SECRETS.verifyToken}&hub.challenge=1`)
  const faults = [refuseWith(131_047), refuseWith(131_042), refuseWith(131_056), takeAndBreak, answerPage(502)]
  for (const fault of faults) graph.fail(fault)
  for (let count = 0; count < 3; count += 1) {
    await life.messenger.send(chat, SAID)
    await life.until(count < 2 ? 'cloud.given-up' : 'cloud.refused')
  }
  await life.pass(2_000)
  await life.until('cloud.in-doubt')
  const [taken] = graph.taken
  if (taken) await life.deliver({ statuses: [toStatus(taken, 'sent'), toStatus(taken, 'read')] })
  graph.fail(refuseWith(131_009), 'typing')
  life.messenger.showWorking(chat, true)
  await life.until('cloud.typing-failed')
  for (let count = 0; count < 201; count += 1)
    await life.messenger.send({ id: BEN, isGroup: false }, `${SAID} ${count}`)
  graph.accessToken = 'another'
  await life.messenger.send(chat, SAID)
  while (life.messenger.state === 'open') await life.pass(1_000)
  const complain = createComplain((event) => life.observe(event))
  complain('test', new Error(`${SAID} of ${ANNA}`))
  complain('test', `${SAID} of ${ANNA}`)
  complain('test', new StorageError('SQLITE_FULL', new Error(SAID)))
}

it('nothing that is told holds a text, a number, a name, an id that hides one, or a secret', async () => {
  await using cloud = await useCloud({ admission: { admins: new Set([BEN]) } })
  const life = await cloud.start()
  await liveThrough(life, cloud)
  await life.messenger.stop()
  const told = JSON.stringify(life.events)
  const secrets = [SAID, 'safe', ANNA, BEN, 'Schmidt', HIDDEN, 'wamid', ...Object.values(CLOUD_SECRETS)]
  for (const secret of [...secrets, GRAPH_ACCOUNT.accessToken, GRAPH_ACCOUNT.phoneNumberId]) {
    expect(told).not.toContain(secret)
    // Meta's ids have the number in base64, at any of three offsets
    for (const before of ['', ' ', '  ']) {
      const encoded = Buffer.from(`${before}${secret}`)
        .toString('base64')
        .replace(/=+$/, '')
        .slice(before.length + 1, -1)
      expect(told).not.toContain(encoded)
    }
  }
  const types: readonly CloudEvent['type'][] = [
    ...(['cloud.state', 'cloud.listening', 'cloud.webhook-verified', 'cloud.webhook-refused'] as const),
    ...(['cloud.received', 'cloud.dropped', 'cloud.unreadable', 'cloud.late'] as const),
    ...(['cloud.sending', 'cloud.accepted', 'cloud.refused', 'cloud.in-doubt', 'cloud.outside-window'] as const),
    ...(['cloud.given-up', 'cloud.delivered', 'cloud.outbox-full', 'cloud.typing-failed'] as const),
    ...(['cloud.storage-failed', 'cloud.broken'] as const),
  ]
  expect(new Set(life.events.map(({ type }) => type))).toEqual(new Set(types))
})
