import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { WhatsAppEvent } from '@ai-comms/agent'
import { expect, test } from 'vitest'
import { openDataFolder } from '../helpers/data-folder.ts'
import { endWithMe } from '../helpers/end-with-me.ts'
import { Inbox } from '../helpers/inbox.ts'
import { Person } from '../support/whatsapp-server/person.ts'
import { WhatsAppServer } from '../support/whatsapp-server/server.ts'

const PROGRAM = fileURLToPath(new URL('./fixtures/whatsapp-echo.ts', import.meta.url))
/** On a machine that does much else. */
const START_MS_MAX = 20_000
const MESSAGES = 60
const KILLS = 4

type Line = WhatsAppEvent | { readonly type: undefined; readonly qr: string }

class Program implements AsyncDisposable {
  readonly lines = new Inbox<Line>()
  readonly #child: ChildProcess

  constructor(server: WhatsAppServer, folder: string) {
    const { nodeArguments, environment } = server.childTrust
    const env = { PATH: process.env['PATH'], ...environment, WHATSAPP_WS_URL: server.url, DATA_DIR: folder }
    this.#child = spawn(process.execPath, [...nodeArguments, PROGRAM], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    endWithMe(this.#child)
    if (this.#child.stdout === null) throw new Error('The program has no output')
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.lines.put(JSON.parse(line)))
  }

  async isOpen(): Promise<void> {
    const isOpen = (line: Line) => line.type === 'whatsapp.state' && line.state === 'open'
    await this.lines.take(isOpen, 'an open connection', START_MS_MAX)
  }

  async qr(): Promise<string> {
    const line = await this.lines.take(({ type }) => type === undefined, 'a QR', START_MS_MAX)
    return 'qr' in line ? line.qr : ''
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}

test('an agent that is killed again and again in the middle of a conversation misses nothing and answers nothing twice', {
  timeout: 120_000,
}, async () => {
  await using server = await WhatsAppServer.start()
  await using folder = await openDataFolder()
  await using anna = await Person.join(server, { number: '15550000001', name: 'Anna' })
  const phone = server.addPhone({ number: '15550000002' })
  {
    await using first = new Program(server, folder.path)
    await phone.scan(await first.qr())
    await first.isOpen()
  }
  const texts = Array.from({ length: MESSAGES }, (_, each) => `m${each}`)
  const speak = async () => {
    for (const text of texts) {
      await anna.say(phone, text)
      await sleep(60)
    }
  }
  const speaking = speak()
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await using program = new Program(server, folder.path)
    await program.isOpen()
    // somewhere in the middle of what it does, each time somewhere else
    await sleep(37 * kill)
  }
  await using last = new Program(server, folder.path)
  await speaking
  for (const text of texts) await anna.expectReply(`echo: ${text}`, START_MS_MAX)
  await server.until('nothing to wait', () => phone.waiting === 0)
  expect(anna.messages.map(({ text }) => text).toSorted()).toEqual(texts.map((text) => `echo: ${text}`).toSorted())
  expect(last.lines.seen.filter(({ type }) => type === undefined)).toEqual([])
})
