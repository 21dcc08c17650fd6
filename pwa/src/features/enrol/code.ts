/** The code in what a camera read or a person typed: its letters, also at the end of a web address. */
export function codeOf(text: string): string {
  return (text.split('#').pop() ?? '').toUpperCase().replace(/[^A-Z0-9]/g, '')
}
