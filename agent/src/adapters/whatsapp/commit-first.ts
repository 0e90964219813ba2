import { AsyncLocalStorage } from 'node:async_hooks'
import type { MakeRepository } from './remember-opened.ts'

/**
 * Makes each step with the keys of a conversation a transaction of its own, one after the other, and on disk before
 * anybody uses what came of it. Baileys seals a message within a transaction that it commits only after it has sent the
 * message: whoever is killed in between has forgotten a conversation that its other side goes on with. And since sealing
 * and opening do not wait for each other there, one could undo the step of the other.
 */
export const commitFirst =
  (make: MakeRepository): MakeRepository =>
  (auth, logger, toLids) => {
    const repository = make(auth, logger, toLids)
    // Baileys knows its transaction by the asynchronous context: in that of this moment there is none
    const outside = AsyncLocalStorage.snapshot()
    let last: Promise<unknown> = Promise.resolve()
    const alone = <Value>(act: () => Promise<Value>): Promise<Value> => {
      const step = outside(() => last.then(act))
      // whoever asked hears of a failure; the next step does not depend on it
      last = step.catch(() => undefined)
      return step
    }
    return {
      ...repository,
      encryptMessage: (options) => alone(() => repository.encryptMessage(options)),
      decryptMessage: (options) => alone(() => repository.decryptMessage(options)),
      encryptGroupMessage: (options) => alone(() => repository.encryptGroupMessage(options)),
      decryptGroupMessage: (options) => alone(() => repository.decryptGroupMessage(options)),
      injectE2ESession: (options) => alone(() => repository.injectE2ESession(options)),
      processSenderKeyDistributionMessage: (options) =>
        alone(() => repository.processSenderKeyDistributionMessage(options)),
      getSenderKeyDistributionMessage: (options) => alone(() => repository.getSenderKeyDistributionMessage(options)),
      hasSenderKey: (options) => alone(() => repository.hasSenderKey(options)),
      getSessionInfo: (jid) => alone(() => repository.getSessionInfo(jid)),
      validateSession: (jid) => alone(() => repository.validateSession(jid)),
      migrateSession: (from, to) => alone(() => repository.migrateSession(from, to)),
      deleteSession: (jids) => alone(() => repository.deleteSession(jids)),
    }
  }
