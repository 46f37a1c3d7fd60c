import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { z } from 'zod';

/** Only of AWS itself: whoever could name another host could sign for it. */
const snsUrl = (path: RegExp) =>
  z.string().refine((text) => {
    const url = URL.parse(text);
    if (url?.protocol !== 'https:' || !path.test(url.pathname)) return false;
    return /^sns\.[a-z0-9-]{1,32}\.amazonaws\.com(\.cn)?$/.test(url.host);
  }, 'must be an address of SNS');

const confirmation = { Token: z.string(), SubscribeURL: snsUrl(/^\/$/) };

const shared = {
  MessageId: z.string(),
  TopicArn: z.string(),
  Message: z.string(),
  Timestamp: z.string(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string(),
  SigningCertURL: snsUrl(/^\/SimpleNotificationService-[0-9a-f]+\.pem$/),
};

export const snsMessageSchema = z.discriminatedUnion('Type', [
  z.object({ Type: z.literal('Notification'), Subject: z.string().optional(), ...shared }),
  z.object({ Type: z.literal('SubscriptionConfirmation'), ...confirmation, ...shared }),
  z.object({ Type: z.literal('UnsubscribeConfirmation'), ...confirmation, ...shared }),
]);

export type SnsMessage = z.output<typeof snsMessageSchema>;

/** Whether the certificate's key signed the message, and may still. */
export function isSignedBy(message: SnsMessage, certificate: string, now: number): boolean {
  const { validFromDate, validToDate } = new X509Certificate(certificate);
  if (now < validFromDate.getTime() || now > validToDate.getTime()) return false;
  const algorithm = message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256';
  const signature = Buffer.from(message.Signature, 'base64');
  return verify(algorithm, Buffer.from(signedText(message)), createPublicKey(certificate), signature);
}

/** Names and values of what is signed, by the names' order, each on a line. */
export function signedText(message: SnsMessage): string {
  const { Message, MessageId, Timestamp, TopicArn, Type } = message;
  const fields = {
    Message,
    MessageId,
    ...(message.Type === 'Notification'
      ? { Subject: message.Subject }
      : { SubscribeURL: message.SubscribeURL }),
    Timestamp,
    ...(message.Type !== 'Notification' && { Token: message.Token }),
    TopicArn,
    Type,
  };
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}\n${value}\n`)
    .join('');
}
