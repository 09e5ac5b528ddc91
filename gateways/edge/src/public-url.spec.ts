import { expect, it } from 'vitest';
import { publicUrlSetting } from './public-url.ts';

it.each([
  ['https://edge-1.example.org', 'wss://edge-1.example.org/v1/ws'],
  ['http://192.0.2.7:8080/', 'ws://192.0.2.7:8080/v1/ws'],
])('the address of the WebSocket at %s', (url, socketUrl) => {
  expect(publicUrlSetting.parse(url)).toBe(socketUrl);
});

it.each(['edge-1.example.org', 'ftp://edge-1.example.org', 'https://example.org/edge-1', 'https://e.org/?a'])(
  'is not made of %s',
  (url) => {
    expect(publicUrlSetting.safeParse(url).error?.issues[0]?.message).toMatch(/^must /);
  },
);
