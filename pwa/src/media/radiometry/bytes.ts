/** Reading numbers out of bytes; every read outside them is a fault of the caller (RangeError). */
import type { Bytes } from '../bytes'

export function viewOf(data: Bytes): DataView<ArrayBuffer> {
  return new DataView(data.buffer, data.byteOffset, data.byteLength)
}

/** Whether the letters (Latin-1) stand at this place. */
export function stands(data: Bytes, text: string, at = 0): boolean {
  if (at < 0 || at + text.length > data.length) return false
  for (let i = 0; i < text.length; i += 1) if (data[at + i] !== text.charCodeAt(i)) return false
  return true
}

/** The first place of the letters (Latin-1) from `from` on and before `to`, or -1. */
export function find(data: Bytes, text: string, from = 0, to = data.length): number {
  const first = text.charCodeAt(0)
  const last = Math.min(to, data.length) - text.length
  for (let at = data.indexOf(first, from); at >= 0 && at <= last; at = data.indexOf(first, at + 1)) {
    if (stands(data, text, at)) return at
  }
  return -1
}

/** `count` numbers of 16 bits; the caller knows that they are there. */
export function words(data: Bytes, at: number, count: number, little: boolean): Uint16Array {
  const view = viewOf(data)
  const found = new Uint16Array(count)
  for (let i = 0; i < count; i += 1) found[i] = view.getUint16(at + 2 * i, little)
  return found
}

/** Text up to its zero byte, without what cannot be shown; null when nothing is left. */
export function printable(text: string): string | null {
  const clean = text.split('\0', 1)[0]!.replace(/(?!\n)[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, '').trim()
  return clean || null
}
