/** Base64url without padding (RFC 4648 5), and bytes side by side. */
import { base64 } from '@/media/hash'

export type Bytes = Uint8Array<ArrayBuffer>

export function toBase64url(bytes: Bytes): string {
  return base64(bytes.slice().buffer).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Error when it is no base64url. */
export function fromBase64url(text: string): Bytes {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
}

export function joined(...parts: Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text)
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}
