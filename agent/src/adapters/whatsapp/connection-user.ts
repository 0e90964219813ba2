import type { WAMessage } from '@whiskeysockets/baileys'
import type { Complain } from './complain.ts'
import type { ConnectionUser } from './connection.ts'
import type { Courier } from './courier.ts'
import type { ObserveWhatsApp } from './events.ts'
import type { Intake } from './intake.ts'
import type { LiveSocket } from './live-socket.ts'
import type { Stores } from './stores.ts'

/** What the connection does for the rest of the room. */
export interface UserParts {
  readonly stores: Pick<Stores, 'arrivals' | 'auth'>
  readonly courier: Courier
  readonly intake: Intake
  readonly observe: ObserveWhatsApp
  readonly complain: Complain
  /** Numbers whose hidden addresses should be known, the most important first. */
  readonly numbers: readonly string[]
}

/** Numbers that are asked for at once: whoever asks for hundreds looks like somebody who collects them. */
const NUMBERS_MAX = 50

/** Passes on what a connection brings. */
export const createUser = ({ stores, courier, intake, observe, complain, numbers }: UserParts): ConnectionUser => {
  const attempt = (what: string, act: () => void) => {
    try {
      act()
    } catch (error) {
      complain(what, error)
    }
  }
  const recover = (socket: LiveSocket) => {
    const opened = stores.arrivals.listOpened(socket.startedAt)
    for (const { stanza } of opened) socket.replay(stanza)
    if (opened.length > 0) observe({ type: 'whatsapp.recovered', messages: opened.length })
  }
  const learn = (socket: LiveSocket) => {
    const unknown = numbers.filter((each) => stores.auth.findLid(each) === undefined).slice(0, NUMBERS_MAX)
    if (unknown.length === 0) return
    void socket.learnNumbers(unknown).catch((error: unknown) => complain('learn-numbers', error))
  }
  return {
    takeMessages: (messages: readonly WAMessage[]) => intake.take(messages),
    noteAck: (id, error) => attempt('note-ack', () => courier.noteAck(id, error)),
    noteDelivered: (id, state) => attempt('note-delivered', () => courier.noteDelivered(id, state)),
    noteOpen: (socket) => {
      attempt('recover', () => recover(socket))
      attempt('learn-numbers', () => learn(socket))
      attempt('deliver', () => courier.begin(socket))
    },
    noteLost: () => courier.pause(),
  }
}
