/** The first `most` characters. A copy where it is cut: a slice would keep the whole text in memory for as long as it lives. */
export function firstCharacters(text: string, most: number): string {
  return text.length <= most ? text : Buffer.from(text.slice(0, most), 'utf16le').toString('utf16le')
}
