import type { Account } from './accounts.ts'
import type { SentMessage, Verdict } from './faults.ts'
import type { World } from './world.ts'

const MEMBERS_ONLY = 403
const NO_SUCH_GROUP = 404
const FLOODED = 429
const FIRST_CONTACT = 463

const judgeGroup = (world: World, jid: string, sender: Account): Verdict => {
  const group = world.groups.find(jid)
  if (group === undefined) return NO_SUCH_GROUP
  return group.members.has(sender) ? 'given' : MEMBERS_ONLY
}

const hasWritten = (world: World, from: Account, to: Account): boolean =>
  world.relayed.all.some(
    (message) => message.from === from.number && message.verdict === 'given' && world.directory.find(message.to) === to,
  )

const isFlooding = (world: World, sender: Account): boolean => {
  const { flood } = world.faults
  if (flood === undefined) return false
  const since = world.now - flood.windowMs
  const sent = world.relayed.all.filter(({ from, at }) => from === sender.number && at > since)
  return sent.length >= flood.messagesMax
}

/** What becomes of a message that somebody sends. */
export const judge = (world: World, sender: Account, message: SentMessage): Verdict => {
  const membership = message.to.endsWith('@g.us') ? judgeGroup(world, message.to, sender) : 'given'
  if (membership !== 'given') return membership
  const receiver = world.directory.find(message.to)
  const isFirst = receiver !== undefined && receiver !== sender && !hasWritten(world, receiver, sender)
  if (isFirst && world.faults.areFirstContactsRefused) return FIRST_CONTACT
  return isFlooding(world, sender) ? FLOODED : world.faults.toVerdict(message)
}
