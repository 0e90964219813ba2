import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Terminal, type TerminalOptions } from '../helpers/terminal.ts'

const PROGRAM = fileURLToPath(new URL('../../agent/src/test-support/console-program.ts', import.meta.url))

/** What the messenger itself tells a terminal: to move up, to erase, to colour, to mark pastes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const OWN = /\u001b\[(?:\d*[AKJ]|[\d;]+m|\?2004[hl])/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: and these
const CONTROLS = /[\u001b\u0007\u0008\u0080-\u009f\u202e]/

const useFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'ai-comms-console-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

const openChat = async (options: Partial<TerminalOptions> = {}, inputsFile = ''): Promise<Terminal> => {
  const terminal = await Terminal.open({ argv: [process.execPath, PROGRAM, inputsFile], ...options })
  await terminal.until('a prompt', ({ cursor }) => cursor.row === '>')
  return terminal
}

/** What stands in the rows of the prompt: all after the last thing that was said. */
const typed = ({ text }: Terminal) => text.slice(text.lastIndexOf('\n> ') + 3)

describe.concurrent('a person at a terminal', () => {
  test('types, corrects, and sends a message', async () => {
    await using chat = await openChat()
    chat.type('helo wörld')
    chat.press('home', 'right', 'right', 'right')
    chat.type('l')
    chat.press('end', 'ctrl-w')
    chat.type('日本')
    await chat.shows('> hello 日本')
    chat.press('enter')
    expect(await chat.told(1)).toEqual({ text: 'hello 日本' })
    await chat.shows(/\n\n> hello 日本\n>$/)
  })

  test('sees the cursor where the next character goes, whatever is before it', async () => {
    await using chat = await openChat({ columns: 20, rows: 10 })
    chat.type('日本語 😀 ไทย e\u0301 abcdefghij')
    await chat.shows('ij')
    chat.press('left', 'left')
    await chat.until('the cursor before ij', ({ cursor: { before, row } }) => row.slice(before.length) === 'ij')
    chat.press('home', 'right', 'delete')
    await chat.shows('> 日語 😀')
    chat.press('enter')
    expect(await chat.told(1)).toEqual({ text: '日語 😀 ไทย e\u0301 abcdefghij' })
  })

  test('erases a joined emoji with one key', async () => {
    await using chat = await openChat()
    chat.type('a👩🏽‍🚀🇵🇹')
    await chat.shows('🇵🇹')
    chat.press('backspace', 'backspace')
    await chat.until('> a alone', ({ cursor }) => cursor.row === '> a')
    chat.press('enter')
    expect(await chat.told(1)).toEqual({ text: 'a' })
  })

  test('fetches what was sent before with the arrow keys, after a restart too, and does not lose what is typed', async () => {
    using folder = useFolder()
    const file = join(folder.path, 'deep', 'inputs')
    {
      await using chat = await openChat({}, file)
      for (const [at, text] of ['first', 'second line one'].entries()) {
        chat.type(text)
        chat.press('enter')
        await chat.told(at + 1)
      }
    }
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await using chat = await openChat({}, file)
    chat.type('unsent')
    chat.press('up')
    await chat.until('the last input', ({ cursor }) => cursor.row === '> second line one')
    chat.press('up', 'up')
    await chat.until('the first input', ({ cursor }) => cursor.row === '> first')
    chat.press('down', 'down', 'down')
    await chat.until('what was typed', ({ cursor }) => cursor.row === '> unsent')
    chat.press('up', 'enter')
    expect(await chat.told(1)).toEqual({ text: 'second line one' })
  })

  test('pastes many lines as one message, which is sent when Enter is pressed and not before', async () => {
    await using chat = await openChat()
    await chat.until('marks around pastes', ({ marksPastes }) => marksPastes)
    chat.paste('def f():\n\treturn 1\n\nprint(f())\n')
    await chat.shows('print(f())')
    chat.type('# end')
    await chat.shows('# end')
    chat.press('enter')
    expect(await chat.told(1)).toEqual({ text: 'def f():\n\treturn 1\n\nprint(f())\n# end' })
  })

  test('pastes many lines as one message into a terminal that does not mark what is pasted', async () => {
    await using chat = await openChat()
    chat.type('one\rtwo\r\nthree\r')
    expect(await chat.told(1)).toEqual({ text: 'one\ntwo\nthree' })
  })

  test('writes several lines with Alt-Enter and walks through them with the arrow keys', async () => {
    await using chat = await openChat()
    chat.type('one')
    chat.press('alt-enter')
    chat.type('two')
    chat.press('up')
    chat.type('!')
    await chat.until('the mark in the first line', (terminal) => typed(terminal) === 'one!\n  two')
    chat.press('enter')
    expect(await chat.told(1)).toEqual({ text: 'one!\ntwo' })
  })

  test('pastes more than the screen holds and sees its end', async () => {
    await using chat = await openChat({ rows: 8 })
    const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`)
    await chat.until('marks around pastes', ({ marksPastes }) => marksPastes)
    chat.paste(lines.join('\n'))
    await chat.shows(/… 34 lines above\n {2}line 34[\s\S]*line 39$/)
    chat.press('enter')
    expect(await chat.told(1)).toEqual({ text: lines.join('\n') })
  })

  test('keeps what is being typed while an answer arrives above it', async () => {
    await using chat = await openChat()
    chat.type('half a sen')
    await chat.shows('half a sen')
    chat.press('left')
    chat.tell({ send: 'An answer\nof two lines.' })
    await chat.shows(/Nova: An answer\nof two lines\.\n\n> half a sen$/)
    chat.type('X')
    await chat.until('the text with the mark', ({ cursor }) => cursor.row === '> half a seXn')
    expect(chat.text.match(/half a se/g)).toHaveLength(1)
  })

  test('keeps what is being typed when the window becomes narrower and wider', async () => {
    await using chat = await openChat({ columns: 60 })
    chat.tell({ send: 'before' })
    await chat.shows('before')
    chat.type('a sentence that is rather long and fills more than one row of it')
    await chat.shows('of it')
    await chat.resize(30, 20)
    await chat.shows(/before\n\n> a sentence that is rather l\n {2}ong and fills more than one\n {3}row of it$/)
    await chat.resize(100, 20)
    await chat.shows(/before\n\n> a sentence that is rather long and fills more than one row of it$/)
    chat.type('.')
    await chat.shows('of it.')
  })

  test('sees a sign that work goes on, and progress in place of the progress before', async () => {
    await using chat = await openChat()
    chat.tell({ working: true, progress: 'step 1 of 3' })
    await chat.shows(/step 1 of 3\n. Nova is working/)
    chat.type('meanwhile')
    chat.tell({ progress: 'step 2 of 3' })
    await chat.shows(/^step 2 of 3\n. Nova is working.*\n> meanwhile$/m)
    expect(chat.text).not.toContain('step 1')
    const [sign] = /. Nova is/.exec(chat.text) ?? []
    await chat.until('another sign', ({ text }) => !text.includes(sign ?? ''))
    chat.tell({ send: 'Done.', working: false })
    await chat.shows(/\n\nNova: Done\.\n\n> meanwhile$/)
  })

  test('stops waiting with Ctrl-C, keeps what is typed, and still sees the answer', async () => {
    await using chat = await openChat()
    chat.tell({ working: true })
    await chat.shows('working…')
    chat.type('next')
    chat.press('ctrl-c')
    expect(await chat.told(1)).toEqual({ canceled: true })
    await chat.shows(/No longer waiting.*Ctrl-C again leaves\.\n> next$/)
    expect(chat.text).not.toContain('working…')
    chat.tell({ working: true, progress: 'more', send: 'Late.' })
    await chat.shows(/Nova: Late\.\n\n> next$/)
    expect(chat.text).not.toMatch(/working…|more/)
  })

  test('leaves with Ctrl-C twice, and is told so after the first', async () => {
    await using chat = await openChat()
    chat.type('dropped')
    chat.press('ctrl-c')
    await chat.shows(/Ctrl-C again leaves.*\n>$/)
    chat.press('ctrl-y')
    await chat.shows('> dropped')
    chat.press('ctrl-c')
    await chat.until('the second word of it', ({ text }) => text.match(/Ctrl-C again/g)?.length === 2)
    chat.press('ctrl-c')
    expect(await chat.ended()).toBe(0)
    expect(chat.marksPastes).toBe(false)
  })

  test('leaves with Ctrl-D, but not while something is typed', async () => {
    await using chat = await openChat()
    chat.type('ab')
    chat.press('left', 'ctrl-d')
    await chat.until('a alone', ({ cursor }) => cursor.row === '> a')
    chat.press('backspace', 'ctrl-d')
    expect(await chat.ended()).toBe(0)
    expect(chat.text).not.toMatch(/^>/m)
  })

  test('reads control characters of an answer, a paste and the log as signs, and is not at their mercy', async () => {
    await using chat = await openChat()
    const hostile = '\u001b]0;owned\u0007\u001b]52;c;cHduZWQ=\u0007\u001b[2J\u001b[1A\u009b31m\rgone\u0008\u202eabc'
    for (const order of [{ send: hostile }, { progress: hostile, working: true }, { notice: hostile }]) chat.tell(order)
    await chat.until('three times', ({ text }) => text.match(/␛\]0;owned␇␛\]52/g)?.length === 3)
    await chat.until('marks around pastes', ({ marksPastes }) => marksPastes)
    chat.type('\u001b[200~x\u0007y\u001b[201~')
    await chat.shows('> x␇y')
    expect(chat.bytes.replace(OWN, '')).not.toMatch(CONTROLS)
    expect(chat.text).toContain('Chat with Nova.')
  })

  test('puts the chat aside with Ctrl-Z, and finds it again as it was', async () => {
    await using shell = await Terminal.open({ argv: ['bash', '--norc', '--noprofile', '-i'] })
    const isAtShell = ({ cursor }: Terminal) => /[#$]$/.test(cursor.row)
    await shell.until('a shell', isAtShell)
    shell.type(`'${process.execPath}' '${PROGRAM}'\r`)
    await shell.until('a prompt', ({ cursor }) => cursor.row === '>')
    shell.type('half a sen')
    await shell.shows('> half a sen')
    shell.press('ctrl-z')
    await shell.until('the shell again', (terminal) => isAtShell(terminal) && terminal.text.includes('Stopped'))
    expect(shell.text).not.toContain('> half')
    shell.type('fg\r')
    await shell.until('what was typed', ({ cursor }) => cursor.row === '> half a sen')
    shell.type('tence')
    shell.press('enter')
    expect(await shell.told(1)).toEqual({ text: 'half a sentence' })
  })

  test.each([
    ['colours, unless NO_COLOR is set', {}, true],
    ['no colours when NO_COLOR is set', { NO_COLOR: '1' }, false],
  ])('sees %s', async (_name, env, isColored) => {
    await using chat = await openChat({ env })
    chat.tell({ send: 'hello', working: true })
    await chat.shows(/Nova: hello[\s\S]*working/)
    expect(chat.bytes.includes('\u001b[1;36mNova')).toBe(isColored)
  })

  test('at a terminal that cannot move its cursor has plain lines', async () => {
    await using chat = await openChat({ env: { TERM: 'dumb' } })
    chat.type('hello\n')
    expect(await chat.told(1)).toEqual({ text: 'hello' })
    chat.tell({ working: true, send: 'An answer.' })
    chat.tell({ working: false })
    await chat.shows(/An answer\.\n>$/)
    expect(chat.bytes).not.toContain('\u001b')
    chat.press('ctrl-d')
    expect(await chat.ended()).toBe(0)
  })
})
