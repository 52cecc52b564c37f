// Secrets at rest: sealed with a secret that the database does not hold, so that who copies the database alone has nothing.
// AES-256-GCM, bound to what it is kept for; without a secret it is kept as it is, and the directory's rights protect it.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '@hakiri/base/bytes';
import { ConfigError, type Environment } from './config.ts';

const PREFIX = 'sealed1.';
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SECRET_MIN_CHARS = 32;

export type Sealing = {
  /** `context` names what it is: what was sealed for one thing does not open as another. */
  seal(text: string, context: string): string;
  /** What was kept before there was a secret comes out as it is. @throws ConfigError when the secret is missing or another. */
  open(kept: string, context: string): string;
  /** Whether it should be sealed anew. */
  isPlain(kept: string): boolean;
};

/** HAKIRI_KEY_SECRET, or whichever `name` says; undefined when it is not set. @throws ConfigError when it is short. */
export function keySecret(env: Environment, name: string): string | undefined {
  const secret = env[name];
  if (secret === undefined || secret === '') return undefined;
  if (secret.length < SECRET_MIN_CHARS)
    throw new ConfigError(`${name} must have at least ${SECRET_MIN_CHARS} random characters.`);
  return secret;
}

export function createSealing(secret: string | undefined): Sealing {
  const keyOf = (known: string, salt: Uint8Array): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', known, salt, 'hakiri sealed secret', 32));

  return {
    seal: (text, context) => {
      if (secret === undefined) return text;
      const [salt, nonce] = [randomBytes(SALT_BYTES), randomBytes(NONCE_BYTES)];
      const cipher = createCipheriv('aes-256-gcm', keyOf(secret, salt), nonce).setAAD(utf8(context));
      const sealed = [cipher.update(utf8(text)), cipher.final()];
      return `${PREFIX}${toBase64Url(Buffer.concat([salt, nonce, ...sealed, cipher.getAuthTag()]))}`;
    },

    open: (kept, context) => {
      if (!kept.startsWith(PREFIX)) return kept;
      if (secret === undefined)
        throw new ConfigError(`The ${context} is sealed: start with the key secret it was sealed with.`);
      const bytes = fromBase64Url(kept.slice(PREFIX.length)) ?? new Uint8Array();
      const [salt, rest] = [bytes.subarray(0, SALT_BYTES), bytes.subarray(SALT_BYTES)];
      try {
        const decipher = createDecipheriv('aes-256-gcm', keyOf(secret, salt), rest.subarray(0, NONCE_BYTES))
          .setAAD(utf8(context))
          .setAuthTag(rest.subarray(-TAG_BYTES));
        const text = decipher.update(rest.subarray(NONCE_BYTES, -TAG_BYTES));
        return fromUtf8(Buffer.concat([text, decipher.final()]));
      } catch (cause) {
        throw new ConfigError(
          `The ${context} does not open: it was sealed with another key secret, or damaged.`,
          { cause },
        );
      }
    },

    isPlain: (kept) => secret !== undefined && !kept.startsWith(PREFIX),
  };
}
