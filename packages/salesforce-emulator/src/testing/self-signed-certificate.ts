import { type KeyObject, sign } from 'node:crypto';

/** A DER value: its tag, its length, its content. */
function der(tag: number, ...content: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(
    content.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : part)),
  );
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

/** A minimal self-signed X.509 certificate (RSA, SHA-256, until 2099) as PEM: Node can read them, not make them. */
export function selfSignedCertificate(publicKey: KeyObject, privateKey: KeyObject): string {
  const algorithm = der(0x30, '06092a864886f70d01010b0500');
  const name = der(0x30, der(0x31, der(0x30, '0603550403', der(0x0c, Buffer.from('test')))));
  const validity = der(
    0x30,
    der(0x17, Buffer.from('250101000000Z')),
    der(0x18, Buffer.from('20991231000000Z')),
  );
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const content = der(0x30, 'a003020102', '020101', algorithm, name, validity, name, spki);
  const signature = sign('sha256', content, privateKey);
  const certificate = der(0x30, content, algorithm, der(0x03, '00', signature));
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
