/** Node's errors as HostFailures: the text C's strerror gives (glibc), and the number. */
import { HostFailure } from '../environment.ts';

/** THE table of texts, by the name of the error. */
const TEXTS: Readonly<Record<string, string>> = {
  E2BIG: 'Argument list too long', EACCES: 'Permission denied', EADDRINUSE: 'Address already in use', EAGAIN: 'Resource temporarily unavailable',
  EBADF: 'Bad file descriptor', EBUSY: 'Device or resource busy', EDQUOT: 'Disk quota exceeded', EEXIST: 'File exists', EFAULT: 'Bad address',
  EFBIG: 'File too large', EINTR: 'Interrupted system call', EINVAL: 'Invalid argument', EIO: 'Input/output error', EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links', EMFILE: 'Too many open files', EMLINK: 'Too many links', ENAMETOOLONG: 'File name too long',
  ENFILE: 'Too many open files in system', ENODEV: 'No such device', ENOENT: 'No such file or directory', ENOEXEC: 'Exec format error',
  ENOMEM: 'Cannot allocate memory', ENOSPC: 'No space left on device', ENOSYS: 'Function not implemented', ENOTDIR: 'Not a directory',
  ENOTEMPTY: 'Directory not empty', ENOTSUP: 'Operation not supported', ENOTTY: 'Inappropriate ioctl for device', ENXIO: 'No such device or address',
  EOVERFLOW: 'Value too large for defined data type', EPERM: 'Operation not permitted', EPIPE: 'Broken pipe', EROFS: 'Read-only file system',
  ESPIPE: 'Illegal seek', ETXTBSY: 'Text file busy', EXDEV: 'Invalid cross-device link',
};

export function failureOf(error: unknown): HostFailure {
  if (error instanceof HostFailure) return error;
  const { code = '', errno = 0, message = '' } = error as NodeJS.ErrnoException;
  return new HostFailure(TEXTS[code] ?? message, Math.abs(errno), { cause: error });
}

/** Runs an operation; Node's error becomes a HostFailure. */
export function attempt<Result>(operation: () => Result): Result {
  try {
    return operation();
  } catch (error) {
    throw failureOf(error);
  }
}
