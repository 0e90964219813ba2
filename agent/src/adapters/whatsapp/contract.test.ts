import { settle } from '../../test-support/fake-clock.ts'
import { describeMessenger, type Receive } from '../../test-support/messenger-contract.ts'
import { ANNA, textFrom, useStage } from './stage.fixture.ts'

describeMessenger('of WhatsApp', async () => {
  const stage = useStage()
  let written = 0
  let read = 0
  return {
    messenger: stage.messenger,
    personId: ANNA.number,
    hasParts: true,
    start: async (receive: Receive) => {
      stage.receive((message) => receive(message, stage.messenger))
      await stage.open()
    },
    write: (text: string) => {
      written += 1
      void stage.take(textFrom(`A${written}`, text))
    },
    read: async () => {
      for (;;) {
        const text = stage.texts()[read]
        if (text !== undefined) {
          read += 1
          return text
        }
        await settle()
      }
    },
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
})
