/** Base64url without padding (RFC 4648 5), text and hashes as bytes. */
import type { Bytes } from '@/media/bytes'
import { base64 } from '@/media/hash'

export function toBase64url(bytes: Bytes): string {
  return base64(bytes.slice().buffer).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** Error when it is no base64url. */
export function fromBase64url(text: string): Bytes {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text)
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}
