/** Which spellings are the same word: as unicode61 folds them, and as Unicode composes them. */
// oxlint-disable-next-line no-control-regex
const TERMINAL_CODE = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]{0,2000}(?:\u0007|\u001b\\))/g

/** The text as a person saw it: letters composed, and no colour codes, which would stick to the word (`31merror`). */
export function readable(text: string): string {
  const plain = text.includes('\u001b') ? text.replace(TERMINAL_CODE, '') : text
  return /[\u0300-\uffff]/.test(plain) ? plain.normalize('NFC') : plain
}

const folded = new Map<string, string>()

function foldCharacter(character: string): string {
  const [base = '', mark, more] = character.normalize('NFD')
  if (/\p{M}/u.test(base)) return ''
  if (mark && !more && /[a-z]/i.test(base)) return base.toLowerCase()
  const upper = character.toUpperCase()
  return character === 'ı' || upper.length > character.length ? character.toLowerCase() : upper.toLowerCase()
}

/** Case and diacritics as unicode61 folds them (`remove_diacritics 1`). */
export function fold(word: string): string {
  // oxlint-disable-next-line no-control-regex
  if (/^[\0-\x7f]*$/.test(word)) return word.toLowerCase()
  let out = ''
  for (const character of word) {
    let to = folded.get(character)
    if (to === undefined) folded.set(character, (to = foldCharacter(character)))
    out += to
  }
  return out
}
