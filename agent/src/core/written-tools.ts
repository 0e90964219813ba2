import type { Tool, ToolCall } from './ports.ts'
import { dropThoughts } from './thoughts.ts'
import { readToolInput } from './tool-input.ts'

const toLine = ({ name, description, parameters }: Tool): string => JSON.stringify({ name, description, parameters })

/** A system prompt that offers tools in words, for a model that is not known to take them in any other way. */
export const writeTools = (system: string, tools: readonly Tool[]): string =>
  [
    system,
    '',
    'You are offered these tools, each on a line of JSON with the JSON schema of its input:',
    ...tools.map(toLine),
    'Answer either in words or, when a tool does what you are asked for, with exactly one JSON object and nothing before or after it:',
    '{"tool": "<name>", "input": {…}}',
    'Never write such an object otherwise, and never put words beside it.',
  ].join('\n')

const OPENING = /^```(?:json)?(?=[\s{])/i
const CLOSING = '```'

const dropFence = (text: string): string => {
  const opening = OPENING.exec(text)?.[0]
  return opening !== undefined && text.endsWith(CLOSING) ? text.slice(opening.length, -CLOSING.length) : text
}

/**
 * The call that an answer is, if it is one: after thoughts and inside of one fence nothing but an object of `tool` and
 * `input`, with the name of a tool that was offered. Anything else is words, also with such an object among them.
 */
export const readWrittenCall = (answer: string, tools: readonly Tool[]): ToolCall | undefined => {
  const { tool, input = {}, ...more } = readToolInput(dropFence(dropThoughts(answer).trim())) ?? {}
  if (typeof tool !== 'string' || Object.keys(more).length > 0) return undefined
  return tools.some(({ name }) => name === tool) ? { tool, input } : undefined
}
