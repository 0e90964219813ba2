/** Words that show that letters were moved, and words around them that make their sentences readable again. */
export const KEY_WORDS: readonly string[] = (
  'ignore ignoring disregard forget override bypass previous prior above earlier instructions instruction rules guidelines ' +
  'directives commands prompt prompts system reveal print show display output repeat hidden secret password everything ' +
  'anything nothing restrictions unrestricted unfiltered uncensored jailbreak developer pretend assistant ' +
  'your you were told before mode now follow message messages conversation original initial content policy policies ' +
  'answer respond response without limits limitations filters safety ethical ethics guidelines programming training ' +
  'question request should because please translate every single word verbatim text beginning first start started ' +
  'given from that this with have what tell about these those their must will can are not the and all any did ' +
  'administrator access private credentials configuration confidential disclose execute enabled enable activate ' +
  'unlimited freedom language model persona character roleplay simulate obey anymore longer free listen leak share ' +
  'where which when here there user users customer live lives current name names address email mail number phone birth date ' +
  'database bank balance account accounts letter letters word words line lines poem story page summary instead because about ' +
  'passphrase phrase passcode credentials creator owner master game play world imagine hypothetically scenario sentence quote ' +
  'complete confirm convince swap replace reverse order cipher base encode decode spell backwards french german spanish ' +
  'human humans model evil mode debug maintenance security audit update upgrade emergency company team boss president god ' +
  'share shares sharing private personal people person public information help need want must order list give hand over ' +
  'never always only just like also then than after behind under read said says speak talk call tells telling asked ask ' +
  'allowed forbidden bound stay keep start starting begins ending stands exactly full entire whole last next once twice ' +
  'real true false good best make made take took used uses using work task tasks step steps tool tools code block ' +
  'received listen orders directions regulations constraints boundaries anymore further actual actually simply ' +
  'current earlier stop doing instead say write key keys code token contents entire internal security'
)
  .split(' ')
  .filter((word, at, all) => word.length >= 4 && all.indexOf(word) === at)

const KNOWN = new Set(KEY_WORDS)
const WORD = /[a-z]{4,}/g

const countKnown = (text: string): number => {
  let known = 0
  for (const word of text.match(WORD) ?? []) if (KNOWN.has(word)) known += 1
  return known
}

/** Whether a reading says something that was not there before: a key word more. */
export const saysMore = (reading: string, part: string): boolean => countKnown(reading) > countKnown(part)
