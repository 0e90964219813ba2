/** The beginnings of requests: what a person, not a document, says. */
const REQUEST =
  /^(?:please |kindly |now |also |then |finally,? |actually,? |instead,? )?(?:add|write|provide|give|tell|show|use|reply|respond|answer|translate|include|integrate|insert|mention|suggest|recommend|analy[sz]e|determine|identify|explain|describe|list|create|generate|compose|summari[sz]e|compare|calculate|compute|evaluate|assess|find|search|send|forward|delete|remove|share|print|say|state|output|encode|read|check|review|fix|proofread|edit|rewrite|rephrase|shorten|improve|shift|reverse|convert|replace|end|begin|start|classify|rate|detect|discuss|outline|highlight|promote|advertise|emphasi[sz]e|enhance|enrich|express|render|deliver|present|incorporate|embed|weave|append|supplement|phrase|craft|format|make|put|encrypt|schedule|set|open|run|execute|help|what|which|who|when|where|why|how|can|could|would|should|is|are|do|does|in your (?:response|reply|answer|summary|output))\b/
const REPLY = /\b(?:your|the) (?:response|reply|answer|output|summary)\b|^(?:reply|respond|answer)\b/
const TABLE = /^\||^[-=|+ ]{3,}$/
const LEAD_CHARS_MAX = 160
const LINE_CHARS_MAX = 240
/** Lines into which sentences are broken. */
const BROKEN_CHARS_MIN = 50
const BROKEN_CHARS_MAX = 100

const isRequest = (line: string): boolean =>
  line.length <= LINE_CHARS_MAX &&
  !TABLE.test(line) &&
  /\s\S+\s/.test(line) &&
  REQUEST.test(line) &&
  (/[.?!"')]$/.test(line) || REPLY.test(line))

/** A lead with what it is about behind it on the same line, quoted or marked up. */
const INLINE =
  /^[^\n:<]{0,200}\b(?:this|these|following|based on|given|article|text|code|mail|email)\b[^\n:<]{0,80}:\s?['"“‘<{[(]/
/** Where a sentence of it begins. */
const SENTENCE = /[.!?;:>#]\s+|<!--|\n|["'“]/
/** What speaks to whoever reads, and not of the matter. */
const ADDRESS =
  /^(?:(?:please|kindly|now|also|instead|actually|assistant|ai|note to (?:the )?(?:ai|assistant|model))\b[,:]? ?)*(?:ignore|disregard|forget|skip|override|do not (?:translate|summari[sz]e|answer)|say|state|print|output|respond|reply|tell|answer)\b/

const hasAddress = (folded: string): boolean =>
  folded
    .split(SENTENCE)
    .slice(2)
    .some((sentence) => ADDRESS.test(sentence.trim()))

/** A sign in how a text is put together, with a score. */
export interface Pasted {
  readonly id: string
  readonly score: number
}

/** Whoever asks questions about a text puts them behind it. */
const QUESTIONS = /\b(?:questions?|exercises?|tasks?|problems?|instructions?|steps?|requests?|prompts?)\b/

/** A line that asks for something to be done with what follows. */
const isLead = (line: string): boolean => /:\s*$/.test(line) && REQUEST.test(line) && !QUESTIONS.test(line)

/** What people ask each other in mails, of whoever was greeted. */
const MAIL =
  /^(?:please|can you|could you|would you|will you|where|when|how are|should (?:i|we)|do you|are you|is (?:it|there))\b/
const GREETING =
  /^(?:hi|hey|hello|dear|hallo|hola|bonjour|good (?:morning|afternoon|evening)|team|all|everyone|colleagues)\b/

/** Headings, lists, code: a page that tells how something is done asks for things itself. */
const MANUAL = /^(?:#{1,6} |```|~~~|[-*+•] |\d{1,2}[.)] |<[a-z!/]|\[?!?\[)/
/** Whether a line goes on in the next one, as in a text that is broken into lines. */
const isBroken = (line: string): boolean =>
  line.length >= BROKEN_CHARS_MIN && line.length <= BROKEN_CHARS_MAX && !/[.!?:;|)"'>*-]$/.test(line)

/**
 * A request hidden in what was pasted: after a line that asks for something to
 * be done with what follows, another request stands among lines that are none.
 */
export const findPasted = (folded: string): Pasted | undefined => {
  if (INLINE.test(folded) && hasAddress(folded)) return { id: 'pasted.inline', score: 0.3 }
  const end = folded.indexOf('\n')
  if (end < 0 || end > LEAD_CHARS_MAX || !isLead(folded.slice(0, end))) return undefined
  const written = folded
    .slice(end + 1)
    .split('\n')
    .map((line) => line.trim())
  const lines = written.filter((line) => line !== '')
  const requests = written.filter((line, at) => isRequest(line) && !isBroken(written[at - 1] ?? ''))
  const [first = ''] = requests
  if (requests.length !== 1 || lines.length < 2) return undefined
  if (REPLY.test(first)) return { id: 'pasted.reply', score: 0.6 }
  if (lines.some((line) => MANUAL.test(line))) return undefined
  if (MAIL.test(first) && lines.some((line) => GREETING.test(line))) return { id: 'pasted.mail', score: 0.2 }
  const isApart = first === lines[0] || first === lines.at(-1)
  return { id: 'pasted.request', score: isApart ? 0.45 : 0.3 }
}
