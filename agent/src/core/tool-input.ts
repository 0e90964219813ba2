/** Most characters of what a model hands to a tool: room for any message, and a model that goes on has lost its way. */
export const TOOL_INPUT_CHARS_MAX = 65_536
/** Deepest nesting of an input. No tool asks for as much, and whoever walks through far more of it runs out of stack. */
const LEVELS_MAX = 16

const isShallow = (value: unknown, levels = LEVELS_MAX): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1)))

/** An object that a model has written for a tool. */
export type ToolInput = Readonly<Record<string, unknown>>

/** Whether a value is an object within the bounds of an input. What is in it is for the tool to judge. */
export const isToolInput = (value: unknown): value is ToolInput =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  isShallow(value) &&
  JSON.stringify(value).length <= TOOL_INPUT_CHARS_MAX

/** The object that a text is, within the bounds of an input; undefined when it is anything else. */
export const readToolInput = (text: string): ToolInput | undefined => {
  if (text.length > TOOL_INPUT_CHARS_MAX) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isToolInput(value) ? value : undefined
  } catch {
    // a slip of the model, or words
    return undefined
  }
}
