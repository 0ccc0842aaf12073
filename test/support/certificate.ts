import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A certificate of 127.0.0.1 that vouches for itself, in files as a server wants it. */
export interface Certificate extends AsyncDisposable {
  /** Arguments for a redis-server that speaks TLS on `port` and nothing else. */
  serverArgs(port: number): string[];
  /** For clients: whom to believe. */
  readonly ca: Buffer;
}

/** Makes a new one, with the program `openssl`. */
export async function makeCertificate(): Promise<Certificate> {
  const directory = await mkdtemp(join(tmpdir(), 'adaptive-pool-tls-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = ['-keyout', key, '-out', cert, '-days', '2'];
  await promisify(execFile)('openssl', ['req', ...kind, ...subject, ...files]);
  const server = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
  // Clients show none.
  server.push('--tls-auth-clients', 'no');
  return {
    serverArgs: (port) => ['--port', '0', '--tls-port', String(port), ...server],
    ca: await readFile(cert),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
