import { describe, expect, it } from 'vitest'
import type { InboundMessage } from '../core/message.ts'
import type { MessageEnd, Messenger } from '../core/messenger.ts'

/** What a receiver does with a message. */
export type Receive = (message: InboundMessage, messenger: Messenger) => Promise<MessageEnd>

/** A messenger for one test, and the person at its other end. */
export interface OpenedMessenger extends AsyncDisposable {
  readonly messenger: Messenger
  /** Canonical id of the person. */
  readonly personId: string
  /** Whether its texts may be longer than one message of the channel. */
  readonly hasParts: boolean
  /** Starts it, and resolves when messages come and go. */
  start(receive: Receive): Promise<void>
  /** The person writes something. */
  write(text: string): void
  /** The next message that the person reads. */
  read(): Promise<string>
}

/** Keeps the messages that it gets, and is finished with them at once. */
const collect = () => {
  const messages: InboundMessage[] = []
  const waiting: (() => void)[] = []
  const receive: Receive = async (message) => {
    messages.push(message)
    for (const wake of waiting.splice(0)) wake()
    return 'finished'
  }
  const until = async (count: number): Promise<readonly InboundMessage[]> => {
    while (messages.length < count) await new Promise<void>((resolve) => waiting.push(resolve))
    return messages
  }
  return { receive, until }
}

const echo: Receive = async ({ id, chat, text }, messenger) => {
  await messenger.send(chat, `re: ${text}`, { answers: id })
  return 'finished'
}

/** What every human channel keeps to, whatever is at its other end. */
export const describeMessenger = (kind: string, open: () => Promise<OpenedMessenger>): void => {
  describe(`a messenger ${kind}`, () => {
    it('brings what a person writes, each text as a message of its own, in order', async () => {
      await using opened = await open()
      const { receive, until } = collect()
      await opened.start(receive)
      opened.write('one')
      opened.write('two words')
      const messages = await until(2)
      expect(messages.map(({ text }) => text)).toEqual(['one', 'two words'])
      expect(new Set(messages.map(({ id }) => id)).size).toBe(2)
      for (const message of messages) {
        expect(message).toMatchObject({ channel: opened.messenger.name, isAddressed: true, quote: undefined })
        expect(message.sender.id).toBe(opened.personId)
        expect(message).not.toHaveProperty('isResumed')
      }
    })

    it('takes an answer to the chat that the question came from', async () => {
      await using opened = await open()
      await opened.start(echo)
      opened.write('hello')
      expect(await opened.read()).toBe('re: hello')
    })

    it('finds the chat of a person, and writes there unasked', async () => {
      await using opened = await open()
      const { receive, until } = collect()
      await opened.start(receive)
      opened.write('hello')
      const [message] = await until(1)
      const chat = opened.messenger.findChat(opened.personId)
      expect(chat).toEqual(message?.chat)
      if (!chat) throw new Error('There is no chat')
      expect(['sent', 'held']).toContain(await opened.messenger.send(chat, 'by the way'))
      expect(await opened.read()).toBe('by the way')
    })

    it('knows nobody by a name that is no address, and fails to write there without a throw', async () => {
      await using opened = await open()
      await opened.start(echo)
      for (const nobody of ['', 'nobody in particular', '*']) {
        expect(opened.messenger.findChat(nobody)).toBeUndefined()
        const chat = { id: nobody, isGroup: false }
        expect(await opened.messenger.send(chat, 'hello')).toBe('failed')
        opened.messenger.showWorking(chat, true)
        await opened.messenger.showProgress(chat, 'half of it')
        opened.messenger.showWorking(chat, false)
      }
    })

    it('loses nothing of a text that is long for the channel, and parts none that is for a program', async () => {
      await using opened = await open()
      await opened.start(async () => 'finished')
      const chat = opened.messenger.findChat(opened.personId)
      if (!chat) throw new Error('There is no chat')
      const text = Array.from({ length: 1_200 }, (_, each) => `word${each}`).join(' ')
      await opened.messenger.send(chat, text)
      const parts: string[] = []
      while (!parts.join(' ').endsWith('word1199')) parts.push(await opened.read())
      expect(parts.join(' ')).toBe(text)
      expect(parts.length > 1).toBe(opened.hasParts)
      await opened.messenger.send(chat, text, { isForMachines: true })
      expect(await opened.read()).toBe(text)
    })

    it('shows that work goes on and that it is over, in the middle of answers', async () => {
      await using opened = await open()
      await opened.start(async (message, messenger) => {
        messenger.showWorking(message.chat, true)
        await messenger.showProgress(message.chat, 'half of it')
        await messenger.send(message.chat, 'all of it')
        messenger.showWorking(message.chat, false)
        return 'finished'
      })
      opened.write('hello')
      expect(await opened.read()).toBe('all of it')
    })

    it('neither brings nor sends anything after its end, and ends once', async () => {
      await using opened = await open()
      const { receive, until } = collect()
      await opened.start(receive)
      opened.write('hello')
      const [message] = await until(1)
      if (!message) throw new Error('There is no message')
      await opened.messenger.stop()
      await opened.messenger.stop()
      expect(opened.messenger.state).not.toBe('open')
      expect(await opened.messenger.send(message.chat, 'too late')).toBe('failed')
    })
  })
}
