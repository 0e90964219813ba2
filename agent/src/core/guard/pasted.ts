/** The beginnings of requests: what a person, not a document, says. */
const REQUEST =
  /^(?:please |kindly |now |also |then |finally,? |actually,? |instead,? )?(?:add|write|provide|give|tell|show|use|reply|respond|answer|translate|include|integrate|insert|mention|suggest|recommend|analy[sz]e|determine|identify|explain|describe|list|create|generate|compose|summari[sz]e|compare|calculate|compute|evaluate|assess|find|search|send|forward|delete|remove|share|print|say|state|output|encode|shift|reverse|convert|replace|end|begin|start|classify|rate|detect|discuss|outline|highlight|promote|advertise|emphasi[sz]e|schedule|set|open|run|execute|help|what|which|who|when|where|why|how|can|could|would|should|is|are|do|does|in your (?:response|reply|answer))\b/
const REPLY = /\b(?:your|the) (?:response|reply|answer|output|summary)\b|^(?:reply|respond|answer)\b/
const TABLE = /^\||^[-=|+ ]{3,}$/
const LEAD_CHARS_MAX = 160
const LINE_CHARS_MAX = 240

const isRequest = (line: string): boolean =>
  line.length <= LINE_CHARS_MAX &&
  !TABLE.test(line) &&
  /\s\S+\s/.test(line) &&
  REQUEST.test(line) &&
  /[.?!"')]$/.test(line)

/** A sign in how a text is put together, with a score. */
export interface Pasted {
  readonly id: string
  readonly score: number
}

/**
 * A request hidden in what was pasted: after a line that asks for something to
 * be done with what follows, another request stands among lines that are none.
 */
export const findPasted = (folded: string): Pasted | undefined => {
  const end = folded.indexOf('\n')
  if (end < 0 || end > LEAD_CHARS_MAX || !/:\s*$/.test(folded.slice(0, end))) return undefined
  const lines = folded
    .slice(end + 1)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const requests = lines.filter(isRequest)
  const [first = ''] = requests
  if (requests.length !== 1 || lines.length < 2) return undefined
  if (REPLY.test(first)) return { id: 'pasted.reply', score: 0.6 }
  const isApart = first === lines[0] || first === lines.at(-1)
  return { id: 'pasted.request', score: isApart ? 0.45 : 0.3 }
}
