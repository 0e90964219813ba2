/** What a thinking model leaves in the text where its server has no better place for it. */
const THOUGHTS = /^\s*<(?<tag>think|thinking|reasoning)>[\s\S]*?<\/\k<tag>>\s*/i

/** An answer without the thoughts that stand before it. */
export const dropThoughts = (text: string): string => text.replace(THOUGHTS, '')
