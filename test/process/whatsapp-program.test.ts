import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openDataFolder } from '../helpers/data-folder.ts'
import { endWithMe } from '../helpers/end-with-me.ts'
import { Inbox } from '../helpers/inbox.ts'
import { Person } from '../support/whatsapp-server/person.ts'
import { WhatsAppServer } from '../support/whatsapp-server/server.ts'

const PROGRAM = fileURLToPath(new URL('./fixtures/echo-program.ts', import.meta.url))
/** On a machine that does much else. */
const START_MS_MAX = 15_000

interface Line {
  readonly qr?: string
  readonly open?: string
  readonly bytes?: number
}

class Program implements AsyncDisposable {
  readonly lines = new Inbox<Line>()
  readonly #child: ChildProcess

  constructor(server: WhatsAppServer, folder: string) {
    const { nodeArguments, environment } = server.childTrust
    const env = { PATH: process.env['PATH'], ...environment, WHATSAPP_WS_URL: server.url, DATA_DIR: folder }
    this.#child = spawn(process.execPath, [...nodeArguments, PROGRAM], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    endWithMe(this.#child)
    if (this.#child.stdout === null) throw new Error('The program has no output')
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      if (line.startsWith('{"')) this.lines.put(JSON.parse(line))
    })
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}

test('a program of its own is linked, answers, is killed, and answers what it missed without being linked again', async () => {
  await using server = await WhatsAppServer.start()
  await using folder = await openDataFolder()
  await using anna = await Person.join(server, { number: '15550000001' })
  const phone = server.addPhone({ number: '15550000002' })
  await using program = new Program(server, folder.path)
  const { qr = '' } = await program.lines.take((line) => line.qr !== undefined, 'a QR code', START_MS_MAX)
  await phone.scan(qr)
  await anna.say(phone, 'hello')
  await anna.expectReply('echo: hello', START_MS_MAX)
  await anna.sendDocument(phone, { fileName: 'a.txt', bytes: Buffer.alloc(5_000, 'a') })
  await program.lines.take(({ bytes }) => bytes === 5_000, 'the document')
  await server.until('nothing to wait', () => phone.waiting === 0)
  await program.kill()
  await server.until('the program to be gone', () => !phone.isOnline)
  await anna.say(phone, 'are you there?')
  await server.until('it to wait', () => phone.waiting === 1)
  await using next = new Program(server, folder.path)
  await anna.expectReply('echo: are you there?', START_MS_MAX)
  expect(next.lines.seen.filter((line) => line.qr !== undefined)).toEqual([])
  expect(next.lines.seen).toContainEqual({ open: '15550000002:1@s.whatsapp.net' })
})
