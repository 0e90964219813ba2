import type { Observe } from '../events.ts'
import type { Messenger } from '../messenger.ts'

/** What those who speak to people need of a messenger. */
export type Speech = Pick<Messenger, 'name' | 'findChat' | 'send' | 'showProgress'>

/** A messenger whose sends are never lost in silence: what it could not send is told. */
export const watchSends = (messenger: Speech, observe: Observe): Speech => ({
  name: messenger.name,
  findChat: (personId) => messenger.findChat(personId),
  showProgress: (chat, text) => messenger.showProgress(chat, text),
  send: async (chat, text, options) => {
    const outcome = await messenger.send(chat, text, options)
    if (outcome === 'failed') observe({ type: 'message.unsent', channel: messenger.name })
    return outcome
  },
})
