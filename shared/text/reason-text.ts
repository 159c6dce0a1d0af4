/** The system's own code in words, where there are some. */
export function reasonText(reason: string): string {
  const words: Record<string, string> = {
    ENOENT: 'it was moved or deleted',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of its path is not a folder',
    EEXIST: 'a part of its path is not a folder',
    EROFS: 'the disk is read-only',
    ENOSPC: 'the disk is full',
    EDQUOT: 'your share of the disk is used up',
    EFBIG: 'it would be too large for the disk',
    ELOCKED: 'another program keeps it locked',
    EIO: 'the disk failed',
    ECONNREFUSED: 'the connection was refused',
    ECONNRESET: 'the connection was cut',
    ENOTFOUND: 'the address does not exist',
    EAI_AGAIN: 'no network',
    ETIMEDOUT: 'no answer',
    UND_ERR_SOCKET: 'the connection was cut',
    UND_ERR_CONNECT_TIMEOUT: 'no answer',
    UND_ERR_HEADERS_TIMEOUT: 'no answer',
  };
  return Object.hasOwn(words, reason) ? (words[reason] ?? reason) : reason;
}
