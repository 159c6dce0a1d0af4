/** How the system's storage stands: as it should, without a keyring, with the constant password, or with another key than before. */
const state = process.env['LONGSHORE_STAND_IN_SAFE_STORAGE'] ?? 'works';
const works = state !== 'unavailable';
const turn = (bytes: Uint8Array): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0x5a));

function encrypt(text: string): Buffer {
  if (!works)
    throw new Error(
      'Error while encrypting the text provided to safeStorage.encryptString. Encryption is not available.',
    );
  return turn(Buffer.from(text));
}
function decrypt(bytes: Buffer): string {
  if (!works || state === 'fails')
    throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptString.');
  return turn(bytes).toString('utf8');
}

/** Electron's `safeStorage` ("safeStorage"; the errors are those of shell/browser/api/electron_api_safe_storage.cc). */
export const safeStorage = {
  isEncryptionAvailable: (): boolean => works,
  isAsyncEncryptionAvailable: (): Promise<boolean> => Promise.resolve(works),
  getSelectedStorageBackend: (): string => (state === 'basic_text' ? 'basic_text' : 'gnome_libsecret'),
  encryptString: encrypt,
  decryptString: decrypt,
  encryptStringAsync: async (text: string): Promise<Buffer> => Promise.resolve(encrypt(text)),
  decryptStringAsync: async (bytes: Buffer): Promise<{ result: string; shouldReEncrypt: boolean }> =>
    Promise.resolve({ result: decrypt(bytes), shouldReEncrypt: false }),
};
