import type { Command } from './command.ts'
import { findUsable } from './run-command.ts'

/** `!help`: what this very speaker may write. */
export const helpCommand = (readCommands: () => readonly Command[]): Command => ({
  name: 'help',
  usage: ['!help', '!help <command>'],
  summary: 'what you may write here',
  isForAdmins: false,
  run: async ({ line, speaker }) => {
    const usable = findUsable(readCommands(), speaker)
    const wanted = line.words[0]?.text.replace(/^!/, '').toLowerCase()
    const one = usable.find(({ name }) => name === wanted)
    if (one !== undefined) return [`!${one.name}: ${one.summary}`, ...one.usage.map((usage) => `  ${usage}`)].join('\n')
    const lines = usable.map(({ name, summary }) => `!${name}: ${summary}`)
    return ['Write in your own words, or a command:', ...lines, '!help <command> shows how it is written.'].join('\n')
  },
})
