import { readFileSync } from 'node:fs'
import { DockerfileParser } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'

/** One instruction, with what follows its name. */
export interface Instruction {
  readonly name: string
  readonly text: string
}

/** A stage of a build: everything from one `FROM` to the next. */
export interface Stage {
  readonly from: string
  readonly as: string | undefined
  readonly instructions: readonly Instruction[]
}

const FROM = /^(\S+)(?: AS (\S+))?$/

/** The stages of a Dockerfile, in its order. */
export const readDockerfile = (path: string): Stage[] => {
  const stages: { from: string; as: string | undefined; instructions: Instruction[] }[] = []
  for (const instruction of DockerfileParser.parse(readFileSync(path, 'utf8')).getInstructions()) {
    const name = instruction.getKeyword()
    const text = instruction.toString().slice(name.length).trim()
    if (name === 'FROM') {
      const [, from = '', as] = FROM.exec(text) ?? []
      stages.push({ from, as, instructions: [] })
    } else stages.at(-1)?.instructions.push({ name, text })
  }
  return stages
}

/** What the linter of Docker's language server finds wrong, a sentence each. */
export const lintDockerfile = (text: string): string[] =>
  validate(text).map(({ range, message }) => `line ${range.start.line + 1}: ${message}`)

/** The words of an instruction in its exec form. @throws {Error} when it is a shell line */
export const readExecForm = (text: string): string[] => {
  const words: unknown = JSON.parse(text)
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string'))
    throw new Error(`No exec form: ${text}`)
  return words
}

/** The variables of an `ENV`. @throws {Error} when one is quoted, which nobody reads here */
export const readEnvInstruction = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split(/\s+/).map((pair) => {
      const [, name = '', value = ''] = /^([A-Z_]+)=([^\s"'\\$]*)$/.exec(pair) ?? []
      if (name === '') throw new Error(`Cannot be read: ENV ${text}`)
      return [name, value]
    }),
  )
