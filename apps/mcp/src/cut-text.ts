/** The text with at most so many characters, the last of them `…` where something is left out. Halves no character. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text
  if (most < 1) return ''
  const last = text.charCodeAt(most - 2)
  const isHalf = last >= 0xd800 && last <= 0xdbff
  return `${text.slice(0, isHalf ? most - 2 : most - 1)}…`
}
