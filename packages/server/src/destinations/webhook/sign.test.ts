import { expect, test } from 'vitest';
import { readSigningKey, sign } from './sign.ts';

/* The vector of the reference libraries of Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks). */
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const message = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  at: new Date(1_614_265_330_000),
  body: '{"test": 2432232314}',
};
const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const keyOf = (text: string): Buffer => readSigningKey(text) ?? Buffer.alloc(0);

test('a request is signed as Standard Webhooks says', () => {
  expect(sign(message, [keyOf(secret)])).toEqual({
    'webhook-id': message.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': signature,
  });
});

test('by each of two secrets while they are exchanged, the present one first', () => {
  const other = keyOf(`whsec_${Buffer.alloc(32, 7).toString('base64')}`);
  const { 'webhook-signature': signatures } = sign(message, [other, keyOf(secret)]);
  expect(signatures.split(' ')).toEqual([expect.stringMatching(/^v1,.{44}$/), signature]);
  expect(signatures.startsWith(signature)).toBe(false);
});

test.each([
  ['without its prefix', secret.replace('whsec_', '')],
  ['too short', `whsec_${Buffer.alloc(16).toString('base64')}`],
  ['too long', `whsec_${Buffer.alloc(65).toString('base64')}`],
  ['no base64', `whsec_${'ä'.repeat(32)}`],
  ['of another kind', secret.replace('whsec_', 'whsk_')],
  ['nothing', ''],
])('a secret that is %s is none', (_what, text) => {
  expect(readSigningKey(text)).toBeUndefined();
});
