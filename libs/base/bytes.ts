// Bytes and their texts.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** @throws TypeError when the bytes are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

const lax = new TextDecoder('utf-8', { ignoreBOM: true });
const REPLACEMENT = '\uFFFD';
const REPLACEMENT_BYTES = encoder.encode(REPLACEMENT);

/** The text, or where the first byte is that no UTF-8 has there. */
export function readUtf8(
  bytes: Uint8Array,
): { kind: 'text'; text: string } | { kind: 'broken'; offset: number; line: number } {
  try {
    return { kind: 'text', text: fromUtf8(bytes) };
  } catch {
    const { offset, line } = faultIn(bytes);
    return { kind: 'broken', offset, line };
  }
}

/** What is before the first replacement stands in the bytes as it is; one that was written is none. */
function faultIn(bytes: Uint8Array): { offset: number; line: number } {
  let [offset, line] = [0, 1];
  for (const part of lax.decode(bytes).split(REPLACEMENT)) {
    offset += utf8(part).length;
    line += part.split('\n').length - 1;
    if (!REPLACEMENT_BYTES.every((byte, index) => bytes[offset + index] === byte)) break;
    offset += REPLACEMENT_BYTES.length;
  }
  return { offset, line };
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Bytes of one's own. `slice` does not do for that: on a Buffer, which is a Uint8Array too, it shares memory. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

export function toBase64Url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Undefined when the text is not base64url. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined;
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) =>
      char.charCodeAt(0),
    );
  } catch {
    return undefined;
  }
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** SHA-256 as lower-case hex. Web Crypto, so it runs in browsers too. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes.slice())));
}
