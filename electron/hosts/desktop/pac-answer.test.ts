import { expect, test } from 'vitest';
import { proxyIn } from './pac-answer.ts';

test.each<[string, string | null]>([
  ['DIRECT', null],
  ['', null],
  ['PROXY proxy.example:8080', 'http://proxy.example:8080'],
  ['PROXY proxy.example:8080; DIRECT', 'http://proxy.example:8080'],
  ['DIRECT; PROXY proxy.example:8080', null],
  ['HTTPS secure.example:443;PROXY proxy.example:8080', 'https://secure.example'],
  ['SOCKS5 socks.example:1080', 'socks5://socks.example:1080'],
  ['SOCKS old.example:1080; PROXY proxy.example:80', 'http://proxy.example'],
  ['SOCKS old.example:1080', null],
  ['PROXY [::1]:3128', 'http://[::1]:3128'],
  ['PROXY', null],
  ['PROXY a b:c:d', 'http://a'],
  ['nonsense; proxy lower.example:1', 'http://lower.example:1'],
])('an answer of %j is the proxy %j', (answer, proxy) => {
  expect(proxyIn(answer)).toBe(proxy);
});
