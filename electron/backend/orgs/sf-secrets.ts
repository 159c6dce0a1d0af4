import { createDecipheriv } from 'node:crypto';

/**
 * The official CLI's encryption (sfdx-core, `src/crypto/crypto.ts`): AES-256-GCM; an encrypted text is the initialisation vector and
 * the ciphertext in hex, a colon, and the tag in hex. Of a key of 32 characters those characters are the key, and so are the
 * vector's 12 (v1); one of 64 characters is hex, as is the vector's 24 (v2).
 */
const ENCRYPTED = /^[0-9a-f]{12,}:[0-9a-f]{32}$/;

/** Whether a text is one that the official CLI has encrypted; older versions kept some as they were. */
export function isEncrypted(text: string): boolean {
  return ENCRYPTED.test(text);
}

/** Null if the key does not open it. */
export function decrypted(text: string, key: string): string | null {
  const [sealed = '', tag = ''] = text.split(':');
  const isHex = key.length === 64;
  const split = isHex ? 24 : 12;
  try {
    const decipher = createDecipheriv(
      'aes-256-gcm',
      Buffer.from(key, isHex ? 'hex' : 'utf8'),
      Buffer.from(sealed.slice(0, split), isHex ? 'hex' : 'utf8'),
      { authTagLength: 16 },
    );
    decipher.setAuthTag(Buffer.from(tag, 'hex'));
    return decipher.update(sealed.slice(split), 'hex', 'utf8') + decipher.final('utf8');
  } catch {
    // Of another length, or not the key of this text: to its owner that is the same.
    return null;
  }
}
